/**
 * CODEOWNERS: who must review a file. The last line that matches a file decides, even if it names nobody.
 * https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 * https://docs.gitlab.com/user/project/codeowners/reference/
 */
import { matchesPath } from './code-path.ts'

/** The places where hosts look for the file; the first existing one is used. */
export const CODE_OWNERS_FILES = ['.github/CODEOWNERS', '.gitlab/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']

/** GitHub ignores a larger file. */
const MAX_FILE_CHARS = 3_000_000
const MAX_LINES = 20_000
/** People do not write longer rules. */
const MAX_LINE_CHARS = 2_000
const MAX_OWNERS = 15

type Rule = { readonly globs: readonly string[]; readonly owners: readonly string[] }

/** `@user`, `@org/team` or an e-mail address, as written, each once, in the order of the files. */
export function codeOwnersOf(text: string, files: readonly string[]): readonly string[] {
  if (text.length > MAX_FILE_CHARS) return []
  const sections = sectionsOf(text)
  const owners = files.flatMap(file =>
    sections.flatMap(rules => rules.findLast(({ globs }) => globs.some(glob => matchesPath(glob, file)))?.owners ?? []),
  )
  return [...new Set(owners)].slice(0, MAX_OWNERS)
}

/** GitLab has sections, each of which decides separately. A file without sections is one section. */
function sectionsOf(text: string): readonly (readonly Rule[])[] {
  const sections: Rule[][] = [[]]
  let defaults: readonly string[] = []
  for (const line of text.split(/\r?\n/, MAX_LINES)) {
    const trimmed = line.trim()
    if (trimmed.length > MAX_LINE_CHARS) continue
    const section = /^\^?\[[^\]]{1,200}\](?:\[\d+\])?(.*)$/.exec(trimmed)
    if (section !== null) {
      sections.push([])
      defaults = ownersIn(wordsOf(section[1] ?? ''))
      continue
    }
    const [pattern, ...rest] = wordsOf(trimmed)
    // A line with only a comment, or a negation, which GitHub does not support and skips.
    if (pattern === undefined || pattern.startsWith('!')) continue
    const owners = ownersIn(rest)
    sections.at(-1)?.push({ globs: globsOf(pattern), owners: rest.length === 0 ? defaults : owners })
  }
  return sections
}

/** The words of a line up to a comment. A backslash escapes a space or `#`. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = []
  for (const [word] of line.matchAll(/(?:\\.|[^\s\\])+/g)) {
    if (word.startsWith('#')) break
    words.push(word.replace(/\\(.)/g, '$1'))
  }
  return words
}

const OWNER = /^(@[A-Za-z0-9][\w./-]{0,200}|[^\s@]{1,100}@[A-Za-z0-9.-]{1,200})$/
const ownersIn = (words: readonly string[]): readonly string[] => words.filter(word => OWNER.test(word))

/** As in .gitignore: a pattern without an inner slash matches at any depth, and a folder matches everything below it. */
function globsOf(pattern: string): readonly string[] {
  const isFolder = pattern.endsWith('/')
  const bare = pattern.replace(/^\//, '').replace(/\/$/, '')
  const anchored = pattern.startsWith('/') || bare.includes('/')
  const glob = anchored ? bare : `**/${bare}`
  if (bare === '') return ['**']
  if (isFolder) return [`${glob}/**/*`]
  // `docs/*` matches the files of the folder, and nothing deeper.
  return glob.endsWith('*') ? [glob] : [glob, `${glob}/**`]
}
