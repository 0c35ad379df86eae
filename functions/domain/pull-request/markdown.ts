/**
 * Markdown for Git hosts. Outside text is in code spans and code blocks alone: there, neither host reads mentions, references,
 * closing keywords, quick actions or HTML.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
 * https://docs.gitlab.com/user/project/quick_actions/
 */
import { neutralText, shortened } from '../../../core/base/index.ts'

const MAX_PIECE_CHARS = 600
const MAX_BLOCK_CHARS = 20_000

/** One line in a code span. Backticks are replaced: nothing in it can end it. */
export function span(text: string): string {
  const plain = shortened(neutralText(text, 2 * MAX_PIECE_CHARS), MAX_PIECE_CHARS).replaceAll('`', "'")
  return plain === '' ? '`–`' : `\`${plain}\``
}

/** Lines in a code block. The fence is longer than any in the text. */
export function block(text: string, language: 'json' | 'diff'): string {
  const plain = shortened(
    text.replaceAll('\r', '').replace(/[\p{Cf}\p{Co}\p{Cs}]|(?!\n|\t)\p{Cc}/gu, ''),
    MAX_BLOCK_CHARS,
  )
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(Math.max(3, longest + 1))
  return `${fence}${language}\n${plain}\n${fence}`
}

/** For a title and a commit message, where nothing is code: letters, digits and what names and ARNs have, no `@` and no `#`. */
export const bare = (text: string): string => shortened(text.replace(/[^\w+=,./:*-]+/g, '_'), 80)

/** Only a plain address becomes a link. */
export const linkTo = (text: string, url: string): string | null =>
  /^https:\/\/[a-z0-9.-]+\/[\w.~%/?=&+-]{0,400}$/i.test(url) ? `[${text}](${url})` : null
