/**
 * Markdown for GitHub and GitLab. Outside text is in code spans and code blocks alone, but for plain words: there, neither host reads
 * mentions, references, closing keywords, quick actions or HTML. Escaping does not help against these.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
 * https://docs.gitlab.com/user/project/quick_actions/
 */
import { linkableUrl, neutralText, shortened } from '../../../core/base/index.ts'

const PLAIN_WORD = /^["'(]*[\p{L}\p{N}][\p{L}\p{N}'’-]*["').,;:]*$/u
const AROUND_WORD = /^(["'(]*)(.*?)(["').,;:]*)$/su

/** One line. */
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
 * Sentences with commands. A command follows "Run:" and extends to the end of its line: it becomes a block of its own, whole and easy to
 * copy. `indent`: of the list item that they belong to.
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

/** A command that is cut is another command. */
const MAX_COMMAND_CHARS = 40_000

/** No line of the code closes it, and what cannot be seen is not in it. https://spec.commonmark.org/0.31.2/#fenced-code-blocks */
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
 * Markdown in a cell of a table. A pipe divides cells unless an odd number of backslashes stands before it, in code too: of an odd
 * number in the text itself, one is not shown. https://github.github.com/gfm/#example-200
 */
export const tableCell = (markdown: string): string =>
  markdown
    .replaceAll('\n', ' ')
    .replace(/(\\*)\|/g, (_, before: string) => `${before}${before.length % 2 === 0 ? '\\' : ''}|`)

/** For a title and a commit message, where nothing is code: letters, digits and what names and ARNs have, no `@` and no `#`. */
export const bare = (text: string): string => shortened(text.replace(/[^\w+=,./:*-]+/g, '_'), 80)

/** Where a message of Slack is, or of the local bot, whose name nobody can own (RFC 2606). */
export const SLACK_HOSTS = ['*.slack.com', '*.slack-gov.com', 'workspace.example']

/** Null for an address that becomes no link. `text` is our own. */
export function linkTo(text: string, url: string, hosts?: readonly string[]): string | null {
  const address = linkableUrl(url, hosts)
  return address === null ? null : `[${text}](${address})`
}

function word(text: string): string {
  if (text === '' || PLAIN_WORD.test(text)) return text
  const [, before = '', name = '', after = ''] = AROUND_WORD.exec(text) ?? []
  if (name === '') return inlineCode(text)
  // A bracket that the name opens is a part of it.
  const open = name.split('(').length - name.split(')').length
  const own = Math.max(0, Math.min(open, after.length - after.replace(/^\)+/, '').length))
  return `${before}${inlineCode(name + after.slice(0, own))}${after.slice(own)}`
}
