/** Without the characters of `of` at its end. A regular expression would try at every run of them: quadratic. */
export function withoutTrailing(text: string, of: string): string {
  let end = text.length
  while (end > 0 && of.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}
