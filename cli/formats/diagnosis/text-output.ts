/** One analysis for a terminal: what to do, why, and with --verbose how that is known. */

import { diffLines } from 'diff'
import { asPlainText, neutralText } from '../../../core/base/index.ts'
import type { Evidence } from '../../../core/diagnosis/index.ts'
import type { PolicyDocument } from '../../../core/iam/index.ts'
import type { GuardrailFinding, PolicyChange, Verification } from '../../../core/patch/index.ts'
import { type Run, runLine } from '../../../core/runs/index.ts'
import { proofLine } from '../../../functions/domain/card/index.ts'
import type { Analysis } from '../../../functions/workflows/index.ts'
import { type AnsiStyles, ansiStyles } from '../../ansi.ts'
import { jsonText } from '../../json-text.ts'
import { nextOf, targetText } from './next-steps.ts'
import { timelineLines } from './timeline-text.ts'

export type TextOptions = {
  readonly colour: boolean
  readonly nowMs: number
  /** A remark on the number of approvers. */
  readonly note: string | null
  /** Where the denial is in a text; null for a record. */
  readonly place: string | null
  readonly run?: Run | null
  /** Also the evidence, what was not seen, the checks and the digests. */
  readonly isVerbose: boolean
}

/** What to do stands first, then what else there is to do, then why. */
export function diagnosisText(analysis: Analysis, options: TextOptions): string {
  const ink = ansiStyles(options.colour)
  const { diagnosis, patch, followUps, verification, refusal, handOver } = analysis
  const { isVerbose } = options
  const [first, ...more] = nextOf(analysis)
  return [
    first === undefined ? '' : `${ink.bold(stepLines(first, ink, '').join(''))}`,
    first?.command === null && handOver?.kind === 'caller' ? statementText(handOver.change.after) : '',
    ...(patch === null ? [] : [...patch.changes, ...followUps].map(change => changeText(change, ink, isVerbose))),
    patch === null || verification === null ? '' : approvalLine(verification, options.note),
    section(ink.bold(causeLine(diagnosis)), [plain(diagnosis.summary)]),
    deniedText(analysis, ink, options),
    section(
      'Around it',
      [...runLines(options.run ?? null), ...(analysis.timeline == null ? [] : timelineLines(analysis.timeline))].map(
        line => `- ${plain(line)}`,
      ),
    ),
    section(
      'Next',
      more.flatMap(step => stepLines(step, ink, '- ').map(line => line.trimEnd())),
    ),
    ...(isVerbose ? proofText(analysis, options.note, ink) : [notSeenLine(diagnosis)]),
    patch === null && refusal !== null && isVerbose
      ? block(ink.yellow(`No patch: ${refusal.code === 'unknown' ? 'the cause is not known' : refusal.code}`), [
          ...(refusal.message === diagnosis.summary ? [] : [plain(refusal.message)]),
          ...(refusal.owner === null ? [] : [`Owner: ${plain(refusal.owner)}`]),
        ])
      : '',
  ]
    .filter(part => part !== '')
    .join('\n')
}

function runLines(run: Run | null): readonly string[] {
  const line = run === null ? null : runLine(run)
  return line === null ? [] : [line, ...(run?.url == null ? [] : [run.url])]
}

const statementText = ({ Statement }: PolicyDocument): string =>
  section(
    'Statement',
    jsonText(Statement[0] ?? null, 2)
      .split('\n')
      .map(plainLine),
  )

/** Keeps the indentation. */
const plainLine = (line: string): string => `${/^ */.exec(line)?.[0] ?? ''}${plain(line)}`

type Next = ReturnType<typeof nextOf>[number]

function stepLines({ do: text, command, who }: Next, ink: AnsiStyles, mark: string): readonly string[] {
  return [
    `${mark}${plain(text)}${who === null || text.includes(who) ? '' : ` (${plain(who)})`}\n`,
    ...(command === null ? [] : [`    ${ink.cyan(plain(command))}\n`]),
  ]
}

function notSeenLine({ unknowns }: Analysis['diagnosis']): string {
  if (unknowns.length === 0) return ''
  return `Not seen: ${unknowns.map(({ fact }) => plain(fact)).join(', ')} (--verbose says why)\n`
}

function proofText({ diagnosis, patch, verification }: Analysis, note: string | null, ink: AnsiStyles): string[] {
  return [
    section('Evidence', diagnosis.evidence.map(evidenceLine)),
    section(
      'Not seen',
      diagnosis.unknowns.map(({ fact, why }) => `- ${plain(fact)}: ${plain(why)}`),
    ),
    patch === null
      ? ''
      : `${ink.dim(`patch digest ${patch.digest} (what is approved, and what the audit log records)`)}\n`,
    verification === null
      ? ''
      : checksText(verification, patch === null ? null : approvalText(verification, note), ink),
  ]
}

/** AWS's own words name the cause where no policy was read. */
function causeLine({ cause, verdict }: Analysis['diagnosis']): string {
  if (verdict === 'not-enough-evidence') return `Cause: ${cause === 'unknown' ? 'not known' : `${cause}, as AWS says`}`
  return `Cause: ${cause} (${verdict})`
}

const approvalLine = (verification: Verification, note: string | null): string =>
  `${approvalText(verification, note)}\n`

/** Untrusted text on one line, without escape sequences, control or direction-changing characters. */
const plain = (text: string) => neutralText(text)

/** Empty without lines. */
function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : block(title, lines)
}

function block(title: string, lines: readonly string[]): string {
  return `${title}\n${lines.map(line => `  ${line}\n`).join('')}`
}

function deniedText(
  { denial }: Analysis,
  ink: AnsiStyles,
  { nowMs, place }: Pick<TextOptions, 'nowMs' | 'place'>,
): string {
  const { principal, call, timeMs } = denial
  const on = denial.resource === null ? '' : ` on ${plain(denial.resource)}`
  const by =
    principal.arn ??
    principal.roleArn ??
    principal.name ??
    (principal.kind === 'unknown' ? 'an unnamed caller' : `an unnamed ${principal.kind}`)
  const where = [denial.accountId, denial.region, call.eventName, denial.via === null ? null : `via ${denial.via}`]
  return section(ink.bold(ink.red(`Denied: ${denial.action}${on}`)), [
    ...(place === null ? [] : [place]),
    `by ${plain(by)}`,
    ...(timeMs === null ? [] : [`at ${new Date(timeMs).toISOString()}${age(nowMs - timeMs)}`]),
    ...(where.some(part => part !== null)
      ? [
          `in ${where
            .filter(part => part !== null)
            .map(plain)
            .join(', ')}`,
        ]
      : []),
    ...(denial.message === '' ? [] : [ink.dim(`"${plain(denial.message)}"`)]),
  ])
}

const HOUR_MS = 3_600_000

function age(ageMs: number): string {
  if (ageMs <= 24 * HOUR_MS) return ''
  const hours = Math.floor(ageMs / HOUR_MS)
  const long = hours < 72 ? `${hours} hours` : `${Math.floor(hours / 24)} days`
  return ` (${long} ago: policies may have changed since, and rolemedic does not act on denials that old)`
}

function evidenceLine({ policyType, policy, attachedTo, statement, sid, finding }: Evidence): string {
  // The finding itself begins with "AWS says".
  if (policyType === 'aws') return `- ${plain(finding)}${policy === null ? '' : ` (${plain(policy)})`}`
  const where = [
    policyType,
    policy === null ? null : `"${policy}"`,
    attachedTo === null ? null : `of ${attachedTo}`,
    statement === null ? null : `statement ${statement + 1}${sid === null ? '' : ` (${sid})`}`,
  ]
  return `- ${plain(where.filter(part => part !== null).join(' '))}: ${plain(finding)}`
}

/** `isVerbose`: with its digest. */
export function changeText(change: PolicyChange, ink: AnsiStyles, isVerbose: boolean): string {
  const title = change.required ? 'Patch' : 'Next step, not part of this patch'
  const lines = diffLines(pretty(change.before), pretty(change.after)).flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .map(line => (added ? ink.green(`+ ${line}`) : removed ? ink.red(`- ${line}`) : `  ${line}`)),
  )
  return section(ink.bold(`${title}: ${plain(targetText(change.target))}`), [
    ...lines,
    ...(isVerbose ? [ink.dim(`change digest ${change.digest}`)] : []),
  ])
}

function pretty(document: PolicyDocument | null): string {
  if (document === null) return ''
  return `${jsonText(document, 2)}\n`
}

export function approvalText({ risk, approvers }: Verification, note: string | null): string {
  return `risk ${risk}, ${approvers === 1 ? 'one approver' : `${approvers} approvers`}${note === null ? '' : ` (${plain(note)})`}`
}

/** `approval`: null if a guardrail refused the patch, so that nobody can approve it. */
export function checksText(verification: Verification, approval: string | null, ink: AnsiStyles): string {
  const { before, after, guardrails } = verification
  return section('Checks', [
    `the denied request: ${before} before, ${after} after`,
    plain(asPlainText(proofLine(verification).text)),
    ...(approval === null ? [] : [approval]),
    ...guardrails.filter(({ outcome }) => outcome !== 'pass').map(finding => guardrailLine(finding, ink)),
    `${guardrails.filter(({ outcome }) => outcome === 'pass').length} guardrails passed`,
  ])
}

function guardrailLine({ id, outcome, detail, link }: GuardrailFinding, ink: AnsiStyles): string {
  const page = link === undefined ? '' : ` ${plain(link)}`
  const line = `${outcome === 'refuse' ? 'refuses' : 'warns'} ${id}${detail === null ? '' : `: ${plain(detail)}`}${page}`
  return outcome === 'refuse' ? ink.red(line) : ink.yellow(line)
}
