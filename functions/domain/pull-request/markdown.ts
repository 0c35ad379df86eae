/**
 * Markdown for GitHub and GitLab. Except for plain words, outside text is only in code spans and code blocks, where neither
 * host interprets mentions, references, closing keywords, quick actions or HTML. Escaping does not prevent these.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
 * https://docs.gitlab.com/user/project/quick_actions/
 */
import { linkableUrl, neutralText, shortened } from '../../../core/base/index.ts'

const PLAIN_WORD = /^["'(]*[\p{L}\p{N}][\p{L}\p{N}'’-]*["').,;:]*$/u
const AROUND_WORD = /^(["'(]*)(.*?)(["').,;:]*)$/su

/** Text as a code span on one line. */
export function inlineCode(text: string, maxChars = 2_048): string {
  const plain = shortened(neutralText(text, maxChars + 1), maxChars)
  if (plain === '') return '(empty)'
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `${fence}${plain}${fence}` : `${fence} ${plain} ${fence}`
}

export function sentence(text: string): string {
  return neutralText(text, 2_048).split(' ').map(word).join(' ')
}

/**
 * Formats sentences with commands. A command follows "Run:" and extends to the end of its line. It becomes a separate code
 * block, which is easy to copy. `indent`: the indentation of the enclosing list item.
 */
export function withCommands(text: string, indent = ''): string {
  const blocks: string[] = []
  let words: string[] = []
  const flush = () => {
    if (words.length > 0) blocks.push(words.join(' '))
    words = []
  }
  for (const line of text.split('\n')) {
    const [before = '', ...commands] = line.split(/ ?\bRun: /)
    if (before.trim() !== '') words.push(sentence(before))
    if (commands.length > 0) flush()
    for (const command of commands) blocks.push(codeBlock(neutralText(command, MAX_COMMAND_CHARS), 'sh'))
  }
  flush()
  return blocks.join('\n\n').replaceAll(/\n(?=.)/g, `\n${indent}`)
}

/** Above any real command, because a truncated command is another command. */
const MAX_COMMAND_CHARS = 40_000

/**
 * A code block that no line of the code can close, without invisible characters.
 * https://spec.commonmark.org/0.31.2/#fenced-code-blocks
 */
export function codeBlock(code: string, language: string, maxChars = Number.POSITIVE_INFINITY): string {
  const plain = shortened(
    code.replaceAll('\r', '').replace(/[\p{Cf}\p{Co}\p{Cs}]|(?!\n|\t)\p{Cc}/gu, ''),
    maxChars,
  ).trimEnd()
  const longest = Math.max(2, ...[...plain.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${plain}\n${fence}`
}

/**
 * Markdown for a table cell. A pipe separates cells unless an odd number of backslashes precedes it, also in code. If the text
 * itself has an odd number, one of them is not shown.
 * https://github.github.com/gfm/#example-200
 */
export const tableCell = (markdown: string): string =>
  markdown
    .replaceAll('\n', ' ')
    .replace(/(\\*)\|/g, (_, before: string) => `${before}${before.length % 2 === 0 ? '\\' : ''}|`)

/**
 * For titles and commit messages, which have no code formatting: keeps only letters, digits and characters of names and ARNs,
 * without `@` and `#`.
 */
export const bare = (text: string): string => shortened(text.replace(/[^\w+=,./:*-]+/g, '_'), 80)

/** A link, or null for a URL that must not become one. `text` is rolemedic's own. */
export function linkTo(text: string, url: string, hosts?: readonly string[]): string | null {
  const address = linkableUrl(url, hosts)
  return address === null ? null : `[${text}](${address})`
}

function word(text: string): string {
  if (text === '' || PLAIN_WORD.test(text)) return text
  const [, before = '', name = '', after = ''] = AROUND_WORD.exec(text) ?? []
  if (name === '') return inlineCode(text)
  // A bracket that the name opens is part of it.
  const open = name.split('(').length - name.split(')').length
  const own = Math.max(0, Math.min(open, after.length - after.replace(/^\)+/, '').length))
  return `${before}${inlineCode(name + after.slice(0, own))}${after.slice(own)}`
}
