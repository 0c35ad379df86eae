/** Splits TypeScript or JavaScript into code and text, so that words and identifiers are checked separately. */

export type SplitSource = {
  /** The source with blanks instead of comments and strings. */
  readonly code: string
  /** The source with blanks instead of everything but comments and strings. */
  readonly text: string
}

/** Keeps line breaks, so that positions in both halves are positions in the source. */
export function splitSource(source: string): SplitSource {
  const isText = new Uint8Array(source.length)
  const mark = (from: number, to: number) => isText.fill(1, from, to)
  /** Nesting depth of braces at which each open template continues. */
  const templates: number[] = []
  let braces = 0
  let previous = ''
  let at = 0

  const template = (from: number): number => {
    let end = from
    while (end < source.length) {
      if (source[end] === '\\') end += 2
      else if (source[end] === '`') {
        mark(from, end)
        previous = '`'
        return end + 1
      } else if (source[end] === '$' && source[end + 1] === '{') {
        mark(from, end)
        templates.push(braces)
        previous = '{'
        return end + 2
      } else end += 1
    }
    return end
  }

  while (at < source.length) {
    const char = source[at] ?? ''
    const next = source[at + 1] ?? ''
    if (char === '/' && (next === '/' || next === '*')) {
      const close = next === '/' ? source.indexOf('\n', at) : source.indexOf('*/', at) + 2
      const end = close < at ? source.length : close
      mark(at, end)
      at = end
    } else if (char === "'" || char === '"') {
      const end = closing(source, at, char)
      mark(at + 1, end)
      previous = char
      at = end + 1
    } else if (char === '`') at = template(at + 1)
    else if (char === '}' && templates.at(-1) === braces) {
      templates.pop()
      at = template(at + 1)
    } else if (char === '/' && startsRegex(previous)) {
      const end = regexEnd(source, at)
      mark(at + 1, end)
      previous = '/'
      at = end + 1
    } else {
      if (char === '{') braces += 1
      if (char === '}') braces -= 1
      if (/[\w$]/.test(char)) {
        const [word = char] = /^[\w$]+/.exec(source.slice(at, at + 100)) ?? []
        previous = word
        at += word.length
      } else {
        if (!/\s/.test(char)) previous = char
        at += 1
      }
    }
  }

  const half = (wanted: number) => {
    let part = ''
    for (let index = 0; index < source.length; index += 1) {
      const char = source[index] ?? ''
      part += isText[index] === wanted || char === '\n' ? char : ' '
    }
    return part
  }
  return { code: half(0), text: half(1) }
}

function closing(source: string, from: number, quote: string): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1
    else if (source[at] === quote || source[at] === '\n') return at
  }
  return source.length
}

/** A slash divides after a value, and starts a regular expression elsewhere. */
function startsRegex(previous: string): boolean {
  return /^(return|typeof|case|in|of|await|void|delete|=>|[^\w$)\]}`'"/]|)$/.test(previous)
}

function regexEnd(source: string, from: number): number {
  let inClass = false
  for (let at = from + 1; at < source.length; at += 1) {
    const char = source[at]
    if (char === '\n') return at
    if (char === '\\') at += 1
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass) return at
  }
  return source.length
}
