/** One analysis for a terminal: what was denied, why, what would change, what was checked. */

import { diffLines } from 'diff'
import { asPlainText, neutralText, never } from '../../../core/base/index.ts'
import type { Evidence } from '../../../core/diagnosis/index.ts'
import type { PolicyDocument } from '../../../core/iam/index.ts'
import type { GuardrailFinding, PolicyChange, Target, Verification } from '../../../core/patch/index.ts'
import { proofLine } from '../../../functions/domain/card/index.ts'
import type { Analysis } from '../../../functions/workflows/index.ts'
import { type AnsiStyles, ansiStyles } from '../../ansi.ts'
import { jsonText } from '../../json-text.ts'

/** `note`: a remark on the number of approvers. */
export function diagnosisText(
  analysis: Analysis,
  options: { readonly colour: boolean; readonly nowMs: number; readonly note: string | null },
): string {
  const ink = ansiStyles(options.colour)
  const { diagnosis, patch, followUps, verification, refusal } = analysis
  return [
    denied(analysis, ink, options.nowMs),
    section(ink.bold(`Cause: ${diagnosis.cause} (${diagnosis.verdict})`), [plain(diagnosis.summary)]),
    section('Evidence', diagnosis.evidence.map(evidenceLine)),
    section(
      'Not seen',
      diagnosis.unknowns.map(({ fact, why }) => `- ${plain(fact)}: ${plain(why)}`),
    ),
    section(
      'Next',
      diagnosis.nextSteps.flatMap(({ text, command, owner }) => [
        `- ${plain(text)}${owner === null || text.includes(owner) ? '' : ` (${plain(owner)})`}`,
        ...(command === null ? [] : [`    ${ink.cyan(plain(command))}`]),
      ]),
    ),
    ...(patch === null ? [] : [...patch.changes, ...followUps].map(change => changeText(change, ink))),
    patch === null
      ? ''
      : `${ink.dim(`patch digest ${patch.digest} (what is approved, and what the audit log records)`)}\n`,
    verification === null
      ? ''
      : checksText(verification, patch === null ? null : approvalText(verification, options.note), ink),
    patch === null && refusal !== null
      ? block(ink.yellow(`No patch: ${refusal.code === 'unknown' ? 'the cause is not known' : refusal.code}`), [
          ...(refusal.message === diagnosis.summary ? [] : [plain(refusal.message)]),
          ...(refusal.owner === null || diagnosis.nextSteps.some(({ owner }) => owner === refusal.owner)
            ? []
            : [`Owner: ${plain(refusal.owner)}`]),
        ])
      : '',
  ]
    .filter(part => part !== '')
    .join('\n')
}

/** Untrusted text on one line, without escape sequences, control or direction-changing characters. */
const plain = (text: string) => neutralText(text)

/** Empty without lines. */
function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : block(title, lines)
}

function block(title: string, lines: readonly string[]): string {
  return `${title}\n${lines.map(line => `  ${line}\n`).join('')}`
}

function denied({ denial }: Analysis, ink: AnsiStyles, nowMs: number): string {
  const { principal, call, timeMs } = denial
  const on = denial.resource === null ? '' : ` on ${plain(denial.resource)}`
  const by =
    principal.arn ??
    principal.roleArn ??
    principal.name ??
    (principal.kind === 'unknown' ? 'an unnamed caller' : `an unnamed ${principal.kind}`)
  const where = [denial.accountId, denial.region, call.eventName, denial.via === null ? null : `via ${denial.via}`]
  return section(ink.bold(ink.red(`Denied: ${denial.action}${on}`)), [
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

export function changeText(change: PolicyChange, ink: AnsiStyles): string {
  const title = change.required ? 'Patch' : 'Next step, not part of this patch'
  const lines = diffLines(pretty(change.before), pretty(change.after)).flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .map(line => (added ? ink.green(`+ ${line}`) : removed ? ink.red(`- ${line}`) : `  ${line}`)),
  )
  return section(ink.bold(`${title}: ${targetText(change.target)}`), [
    ...lines,
    ink.dim(`change digest ${change.digest}`),
  ])
}

function pretty(document: PolicyDocument | null): string {
  if (document === null) return ''
  return `${jsonText(document, 2)}\n`
}

function targetText(target: Target): string {
  const { kind, accountId } = target
  const name = plain(target.name)
  const policy = plain(target.policyName ?? '')
  switch (kind) {
    case 'role-inline-policy':
      return `inline policy ${policy} of role ${name} in ${accountId}`
    case 'user-inline-policy':
      return `inline policy ${policy} of user ${name} in ${accountId}`
    case 'managed-policy':
      return `managed policy ${name} in ${accountId}`
    case 'role-trust-policy':
      return `trust policy of role ${name} in ${accountId}`
    case 'permission-set-inline-policy':
      return `inline policy of permission set ${name} in ${accountId}`
    default:
      return never(kind)
  }
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
