/** The tests of the rows of the threat model, as their files have them. */

export type AttackTests = {
  /** By id, each file that has its test. */
  readonly files: ReadonlyMap<string, readonly string[]>
  /** Lines by which a test may not run, or may not be the one that it seems. */
  readonly odd: readonly string[]
}

const IMPORT = /^import \{ attack \} from '(?:\.\.?\/)+(?:attacks\/)?attack\.ts'$/
/** The formatter indents by nesting: this is directly in a `describe`, which is directly in its file. */
const PLAIN = /^ {2}attack\('([A-Z]\d+)', (?:async )?\(\) =>/
const MENTION = /\battack\b(?! from)(?=\s*(?:[=.(,;)}]|as\b|$))/
/** On the level of the tests, these would decide whether the next one is there. */
const DECIDES = /^ {2}(?:if|for|while|switch|try|return|throw)\b/

/** `files`: the text of each test file by its path. */
export function attackTests(files: ReadonlyMap<string, string>): AttackTests {
  const found = new Map<string, string[]>()
  const odd: string[] = []
  for (const [file, text] of files) {
    if (!/^import [^\n]*\/attack\.ts'$/m.test(text)) continue
    let isInDescribe = false
    for (const line of text.split('\n')) {
      if (/^[^\s})/]/.test(line)) isInDescribe = line.startsWith("describe('") && line.endsWith(', () => {')
      const [, id] = PLAIN.exec(line) ?? []
      if (id !== undefined && isInDescribe) found.set(id, [...(found.get(id) ?? []), file])
      else if ((MENTION.test(line) && !IMPORT.test(line)) || (isInDescribe && DECIDES.test(line)))
        odd.push(`${file}: ${line.trim()}`)
    }
  }
  return { files: found, odd }
}
