/** Diagnoses as one comment on a pull request or merge request: what was denied, why, the fix, and who can apply it. */

import { plural } from '../../../core/base/index.ts'
import { parseArn, parseEntityArn, parseRoleArn, parseSessionArn, withoutSecrets } from '../../../core/iam/index.ts'
import {
  type CodeFormat,
  changeAs,
  commentAs,
  fenceOf,
  type HandOver,
  handOverAs,
  remarksOn,
  type Target,
} from '../../../core/patch/index.ts'
import { codeBlock, inlineCode, sentence, withCommands } from '../../../functions/domain/pull-request/index.ts'
import type { DiagnosisJson } from '../../use-cases/comment/parse-diagnoses.ts'
import { COMMENT_MARK, hintsComment, hintsMarkdown, type ShownHint } from '../hint/hint-text.ts'
import { changeBlock, MAX_COMMENT_CHARS } from './change-block.ts'

export type CommentOptions = {
  /** The language of the repository. Null: unknown. */
  readonly format: CodeFormat | null
  readonly hints: readonly ShownHint[]
}

export function commentText(diagnoses: readonly DiagnosisJson[], options: CommentOptions): string {
  if (diagnoses.length === 0) return hintsComment(options.hints)
  const head = `${COMMENT_MARK}\n### Access to a role was denied: ${plural(diagnoses.length, 'denial')}\n`
  let text = head
  for (const [index, one] of diagnoses.entries()) {
    const next = `\n${section(one, options.format)}`
    const left = diagnoses.length - index
    if (text.length + next.length > MAX_COMMENT_CHARS)
      return `${text}\n${plural(left, 'more denial')}: see the log of the job.\n`
    text += next
  }
  const hints = options.hints.length === 0 ? '' : `\n${hintsMarkdown(options.hints)}`
  return text.length + hints.length > MAX_COMMENT_CHARS ? text : text + hints
}

function section(one: DiagnosisJson, format: CodeFormat | null): string {
  const { denial, diagnosis, patches, verification, refusal } = one
  const { call, accountId, region } = denial
  const handedOver = patches.length === 0 ? handOverIn(one) : null
  const where = [accountId, region].flatMap(part => (part === null ? [] : [inlineCode(part)]))
  return lines([
    `#### ${inlineCode(denial.action)} on ${denial.resource === null ? 'an unnamed role' : inlineCode(denial.resource)}`,
    '',
    `- **Who:** ${who(denial.principal, diagnosis.evidence)}`,
    ...(call.eventName === null ? [] : [`- **Call:** ${inlineCode(call.eventName)}`]),
    ...(where.length === 0 ? [] : [`- **Where:** ${where.join(', ')}`]),
    `- **Cause:** ${inlineCode(diagnosis.cause)} (${sentence(diagnosis.verdict)}). ${sentence(diagnosis.summary)}`,
    ...diagnosis.unknowns.map(({ fact, why }) => `- **Not seen:** ${sentence(fact)}: ${sentence(why)}`),
    ...(refusal === null ? [] : [whatToDo(one, refusal.message, handedOver !== null)]),
    ...(refusal === null || refusal.owner === null ? [] : [`- **Ask:** ${sentence(refusal.owner)}`]),
    ...(verification === null || patches.length === 0
      ? []
      : [
          `- **Fix:** ${sentence(verification.risk)} risk, ${plural(verification.approvers, 'approver')}; nothing was changed`,
        ]),
    ...patches.flatMap(change => [...patch(change), ...asCode(one, change, format)]),
    ...(handedOver === null ? [] : handOverCode(handedOver, format ?? 'cli')),
  ])
}

/**
 * Omits the session name, which is often a person's e-mail address. A session ARN lacks the path of its role, so the role ARN
 * is shown only if the path is known.
 */
function who(
  { arn, roleArn, kind }: DiagnosisJson['denial']['principal'],
  evidence: DiagnosisJson['diagnosis']['evidence'],
): string {
  const session = arn === null ? null : parseSessionArn(arn)
  if (session === null)
    return inlineCode(roleArn ?? arn?.replace(/(:(?:assumed-role|federated-user)\/[^/]+)\/.*/, '$1') ?? kind)
  const { roleName, accountId } = session
  const read = evidence.flatMap(({ policy, attachedTo }) => (policy === null ? [] : [attachedTo]))
  const role = [...read, roleArn]
    .map(one => (one === null ? null : parseRoleArn(one)))
    .find(one => one?.name === roleName && one.accountId === accountId && (one.path !== '/' || read.includes(one.text)))
  return role == null ? `role ${inlineCode(roleName)} of account ${inlineCode(accountId)}` : inlineCode(role.text)
}

/** A cause that is not proved leaves something to do. */
function whatToDo({ diagnosis: { verdict }, next }: DiagnosisJson, message: string, isBelow: boolean): string {
  const steps = next.map((step, index) => (isBelow && index === 0 ? withoutHandOver(step) : step))
  const printed = steps
    .map(({ do: what, command }) => (command === null ? what : `${what} Run: ${command}\n`))
    .join(' ')
  const text = printed === '' ? message : printed
  const isOpen = verdict === 'likely' || verdict === 'not-enough-evidence'
  return `- **${isOpen ? 'Next' : 'No fix possible here'}:** ${withCommands(text.replaceAll('\n ', '\n').trimEnd(), '  ')}`
}

/** What is most likely missing is below, in the language of the repository. */
const withoutHandOver = (step: DiagnosisJson['next'][number]): DiagnosisJson['next'][number] => ({
  ...step,
  do: step.do.replace(/ most likely lacks: \{.{1,4000}\}\./, ' most likely lacks, which is below.'),
  command: null,
})

/** The suggestion of a diagnosis that no policy proves. */
function handOverIn({ denial, suggestion, refusal }: DiagnosisJson): HandOver | null {
  if (suggestion == null || refusal?.code === 'role-gone') return null
  const { statement, attachTo } = suggestion
  if (statement.Principal !== undefined) return { kind: 'trust', role: attachTo, statement }
  const policyName = `rolemedic-${statement.Sid?.replace(/^Rolemedic/, '') ?? 'grant'}`
  const arn = parseEntityArn(attachTo ?? '')
  const target: Target =
    arn === null
      ? { kind: 'managed-policy', accountId: denial.accountId ?? '', name: policyName, policyName: null, arn: '' }
      : {
          kind: arn.kind === 'role' ? 'role-inline-policy' : 'user-inline-policy',
          ...{ accountId: arn.accountId, name: arn.name, policyName, arn: arn.text },
        }
  return { kind: 'caller', change: { target, before: null, after: { Version: '2012-10-17', Statement: [statement] } } }
}

const handOverCode = (handOver: HandOver, format: CodeFormat): readonly string[] =>
  fenced(`${commentAs(format, remarksOn(handOver))}\n${handOverAs(format, handOver)}`, format)

type Patch = DiagnosisJson['patches'][number]

function patch({ target, before, after, required }: Patch): readonly string[] {
  const policy = target.policyName === null ? '' : `, policy ${inlineCode(target.policyName)}`
  return [
    '',
    `${required ? 'Change' : 'Needed next'}: ${sentence(target.kind.replaceAll('-', ' '))} of ${inlineCode(target.name)}${policy}, account ${inlineCode(target.accountId)}`,
    '',
    changeBlock(before, after),
  ]
}

/** The change in the language of the repository, without the secrets of a trust policy. */
function asCode(one: DiagnosisJson, { target, before, after }: Patch, format: CodeFormat | null): readonly string[] {
  const arn = format === null ? null : targetArn(one, target)
  if (format === null || arn === null) return []
  return fenced(changeAs(format, { target: { ...target, arn }, before, after: withoutSecrets(after) }), format)
}

const fenced = (code: string, format: CodeFormat): readonly string[] => ['', codeBlock(code, fenceOf(format))]

/** The ARN of the target, from elsewhere in the output, because the target has no path. Null: it is not in the output. */
function targetArn({ denial, diagnosis }: DiagnosisJson, target: Patch['target']): string | null {
  const { resource, principal } = denial
  const others = diagnosis.evidence.flatMap(({ policy, attachedTo }) => [policy, attachedTo])
  const named = [...others, resource, principal.roleArn, principal.arn].find(text => {
    const arn = parseArn(text ?? '')
    return arn?.service === 'iam' && arn.accountId === target.accountId && isNamed(arn.resource, target)
  })
  if (named !== undefined && named !== null) return named
  // The code of these kinds does not contain the ARN.
  return target.kind === 'role-inline-policy' || target.kind === 'user-inline-policy' ? '' : null
}

const isNamed = (resource: string, { kind, name }: Patch['target']): boolean =>
  resource.startsWith(kind === 'managed-policy' ? 'policy/' : kind === 'user-inline-policy' ? 'user/' : 'role/') &&
  (kind === 'permission-set-inline-policy' || resource.endsWith(`/${name}`))

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`
