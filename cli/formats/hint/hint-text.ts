/** A hint for a terminal, as comments of code, and in a comment of a pull request. Line 1 is what to do. */
import { neutralText, plural } from '../../../core/base/index.ts'
import { type CodeFormat, commentAs } from '../../../core/patch/index.ts'
import { inlineCode, sentence } from '../../../functions/domain/pull-request/index.ts'
import { ansiStyles } from '../../ansi.ts'
import type { HintOutput } from '../../outputs/hint.ts'

export type ShownHint = Pick<HintOutput, 'line' | 'says' | 'next'>

/** The mark by which the next run finds its comment. */
export const COMMENT_MARK = '<!-- rolemedic -->'

const MAX_CHARS = 1_000
const plain = (text: string): string => neutralText(text, MAX_CHARS)
const byWhom = (who: string | null): string => (who === null ? '' : ` (${plain(who)})`)

export function hintText({ line, says, next }: ShownHint, options: { readonly colour: boolean }): string {
  const ink = ansiStyles(options.colour)
  const [first, ...others] = next
  const place = line === null ? '' : ` (line ${line})`
  return [
    ...(first === undefined ? [] : [ink.bold(`${plain(first.do)}${byWhom(first.who)}`), ...commandLine(first.command)]),
    `Why: ${plain(says)}${place}`,
    ...others.flatMap(one => [`- ${plain(one.do)}${byWhom(one.who)}`, ...commandLine(one.command)]),
    '',
  ].join('\n')

  function commandLine(command: string | null): readonly string[] {
    return command === null ? [] : [`    ${ink.cyan(plain(command))}`]
  }
}

export const hintAsCode = ({ line, says, next }: ShownHint, format: CodeFormat): string =>
  `${commentAs(format, [
    `${plain(says)}${line === null ? '' : ` (line ${line})`}`,
    ...next.flatMap(one => [
      `Next: ${plain(one.do)}${byWhom(one.who)}`,
      ...(one.command === null ? [] : [`$ ${plain(one.command)}`]),
    ]),
  ])}\n`

export function hintsMarkdown(hints: readonly ShownHint[]): string {
  return hints
    .map(({ line, says, next }) =>
      [
        `#### ${sentence(says)}${line === null ? '' : ` (line ${line} of the log)`}`,
        '',
        ...next.map(
          one =>
            `- ${sentence(one.do)}${one.who === null ? '' : ` (${sentence(one.who)})`}${one.command === null ? '' : ` ${inlineCode(plain(one.command))}`}`,
        ),
        '',
      ].join('\n'),
    )
    .join('\n')
}

/** The comment on a log without a denial. */
export const hintsComment = (hints: readonly ShownHint[]): string =>
  `${COMMENT_MARK}\n### No AWS credentials for a role: ${plural(hints.length, 'hint')}\n\n${hintsMarkdown(hints)}`
