/** Removes all trailing characters that are in `of`. A regular expression would take quadratic time on long runs. */
export function withoutTrailing(text: string, of: string): string {
  let end = text.length
  while (end > 0 && of.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}
