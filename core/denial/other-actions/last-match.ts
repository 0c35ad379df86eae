const MAX_MATCHES = 200

/** The last match of `form`, a global one, that begins before `end`. */
export function lastBefore(text: string, form: RegExp, end = text.length): RegExpExecArray | null {
  form.lastIndex = 0
  let found: RegExpExecArray | null = null
  for (
    let match = form.exec(text), count = 0;
    match !== null && count < MAX_MATCHES;
    match = form.exec(text), count += 1
  ) {
    if (match.index >= end) break
    found = match
  }
  return found
}
