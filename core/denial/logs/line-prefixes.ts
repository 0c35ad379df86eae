/** What build services, terminals and posts put before each line, and what is no part of it. */
import { withoutTerminalSequences } from '../../base/index.ts'

/**
 * Time stamps of GitHub, GitLab, Jenkins, CodeBuild and `ts`, which would split a wrapped sentence. `gh run view --log` puts
 * job and step before them, Azure DevOps a marker after them.
 */
const STAMP = String.raw`\ufeff?\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z?\]?(?: \d\d[OE]\+?)? ?(?:##\[[a-z]{1,20}\])?`
const LINE_STAMP = new RegExp(
  String.raw`^(?:${STAMP}|\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? )`,
  'gm',
)
const JOB_STAMP = new RegExp(String.raw`^(?:[^\t\r\n]{1,120}\t){1,2}${STAMP}`, 'gm')
/** Prefixes of quoted lines, diffs and failed tests, also where a part of a text ends behind one. */
const LINE_MARK = /^(?:(?:> ?){1,4}|[+,] {0,80}|E {1,8})(?=\S|(?![\s\S]))/gm

const TIME = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`
const STEP = String.raw`(?:\[[^\]\r\n]{1,120}\][ \t])?`
/** The program that writes to syslog. Not the name of an error, nor AWS's "User: ". */
const TAG = String.raw`(?!(?:User|\w{0,60}(?:[Ee]rror|Exception|Denied)): )[\w./@-]{1,60}`
/** What comes before every line of one stream. Read only where a line beside has the same. */
const SHARED = new RegExp(
  [
    // Compose and other runners of many containers.
    String.raw`[\w.-]{1,60} {1,40}\| ?`,
    // Jenkins and TeamCity, and Terragrunt, which runs one Terraform for each unit.
    String.raw`\[${TIME}\](?:[A-Za-z ]?:)?[ \t]{1,4}${STEP}`,
    String.raw`${TIME}[ \t]{1,4}(?:[A-Z]{4,6} {1,3})?${STEP}(?:(?:terraform|tofu): )?`,
    // Terratest: https://github.com/terraform-aws-modules/terraform-aws-eks/issues/145
    String.raw`[\w./-]{1,120} \d{4}-\d\d-\d\dT${TIME}(?:Z|[+-]\d\d:\d\d) \w{1,40}\.go:\d{1,5}: `,
    // aws logs tail, and syslog in its three forms: https://www.rfc-editor.org/rfc/rfc5424
    String.raw`\d{4}-\d\d-\d\dT${TIME}[+-]\d\d:?\d\d (?:[^\s:]{1,300} )?(?:${TAG}(?:\[[\w.]{1,20}\])?: )?`,
    String.raw`[A-Z][a-z]{2} [ \d]\d ${TIME} [\w.-]{1,100} ${TAG}(?:\[\d{1,9}\])?: `,
    String.raw`<\d{1,3}>1(?: [^\s[\]]{1,100}){5} (?:-|\[[^\]\r\n]{0,300}\]) `,
    // Log files of containers: https://kubernetes.io/docs/concepts/cluster-administration/logging/
    String.raw`\d{4}-\d\d-\d\dT${TIME}(?:Z|[+-]\d\d:\d\d) std(?:out|err) [FP] `,
    // kubectl logs --prefix, and branches of a pipeline.
    String.raw`\[(?!Container\])[\w./:@ -]{1,100}\] `,
    // Comments.
    String.raw`[ \t]{0,12}(?:#{1,6}|\/{2,3}|--| \*) {1,12}`,
    // CodeBuild's console and cat -n count lines.
    String.raw` {0,6}\d{1,6}(?: {0,2}\||\t) ?`,
  ]
    .map(form => `^(?:${form})`)
    .join('|'),
  'gm',
)

const ESCAPE = '\u001b'
const COLOUR = new RegExp(String.raw`${ESCAPE}\[[0-9;]{0,20}m`, 'g')

/** Lines without what they share with a line beside but for its digits, and without colours. Keeps line breaks. */
export function withoutSharedPrefixes(raw: string): string {
  const text = raw.includes(ESCAPE) ? raw.replace(COLOUR, '') : raw
  let before = { at: 0, next: -1 }
  return text.replace(SHARED, (prefix: string, at: number) => {
    const length = prefix.trimEnd().length
    LINE.lastIndex = at
    const next = LINE.test(text) ? LINE.lastIndex : -1
    const isShared =
      (next !== -1 && isLike(text, at, next, length)) || (before.next === at && isLike(text, at, before.at, length))
    before = { at, next }
    return isShared ? '' : prefix
  })
}

/** A terminal, and a progress bar, ends a line with a carriage return. */
const LINE = /[^\r\n]{0,20000}(?:\r\n|[\r\n])/y

/** Two places are equal for so many characters of the first, but for their numbers and how many blanks are in a run; blanks follow. */
function isLike(text: string, one: number, other: number, length: number): boolean {
  let at = other
  for (let index = one; index < one + length; index += 1, at += 1) {
    const run = runAt(text, index)
    if (run === null ? text[index] !== text[at] : runAt(text, at) !== run) return false
    if (run === null) continue
    while (runAt(text, index + 1) === run) index += 1
    while (runAt(text, at + 1) === run) at += 1
  }
  return ' \t\r\n'.includes(text[at] ?? '\n')
}

function runAt(text: string, at: number): 'number' | 'blanks' | null {
  const code = text.charCodeAt(at)
  if (code === 32) return 'blanks'
  return code >= 48 && code <= 57 ? 'number' : null
}

/** A frame on the left, or marks of quotes. */
const LEFT_MARGIN = /^(?:[ \t]{0,9}[\u2502\u2503\u2551] ?|[ \t]{0,9}(?:(?:>|&gt;) ?){1,4})/gm
/** A frame on the right, with the blanks that fill its line. */
const RIGHT_MARGIN = /(?<![ \t])[ \t]{1,400}[\u2502\u2503\u2551][ \t\r]{0,9}$/gm

export const withoutMargins = (text: string): string => text.replace(LEFT_MARGIN, '').replace(RIGHT_MARGIN, '')

export function withoutStamps(text: string): string {
  return withoutTerminalSequences(text).replace(JOB_STAMP, '').replace(LINE_STAMP, '')
}

export const withoutStampsAndMarks = (text: string): string => withoutStamps(text).replace(LINE_MARK, '')
