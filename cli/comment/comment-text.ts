/** Diagnoses as one comment on a pull request or merge request: what was denied, why, the fix, who can apply it. */

import { plural } from '../../functions/domain/base/rich-text.ts'
import { cut, difference } from '../../functions/domain/card/documents.ts'
import { parseArn, parseRoleArn, parseSessionArn } from '../../functions/domain/iam/arn.ts'
import { withoutSecrets } from '../../functions/domain/iam/policy/secrets.ts'
import { type CodeFormat, changeAs, fenceOf } from '../../functions/domain/patch/export/code.ts'
import { inlineCode, sentence, withCommands } from './markdown.ts'
import type { DiagnosisJson } from './parse-diagnoses.ts'

/** The next run finds its comment by this mark. */
const COMMENT_MARK = '<!-- rolemedic -->'
/** GitHub allows 65,536 characters in a comment; the workflow step adds a link. */
const MAX_CHARS = 60_000
const MAX_DIFF_LINES = 60

export type CommentOptions = {
  /** The language of the repository; null where it is not known. */
  readonly format: CodeFormat | null
  /** For each diagnosis, the code of what is to be handed to an administrator. */
  readonly handOvers?: readonly (string | null)[]
}

export function commentText(diagnoses: readonly DiagnosisJson[], options: CommentOptions): string {
  const head = `${COMMENT_MARK}\n### Access to a role was denied: ${plural(diagnoses.length, 'denial')}\n`
  let text = head
  for (const [index, one] of diagnoses.entries()) {
    const next = `\n${section(one, options.format, options.handOvers?.[index] ?? null)}`
    const left = diagnoses.length - index
    if (text.length + next.length > MAX_CHARS)
      return `${text}\n${plural(left, 'more denial')}: see the log of the job.\n`
    text += next
  }
  return text
}

function section(one: DiagnosisJson, format: CodeFormat | null, handOver: string | null): string {
  const { denial, diagnosis, patches, verification, refusal } = one
  const { call, accountId, region } = denial
  const where = [accountId, region].flatMap(part => (part === null ? [] : [inlineCode(part)]))
  return lines([
    `#### ${inlineCode(denial.action)} on ${denial.resource === null ? 'an unnamed role' : inlineCode(denial.resource)}`,
    '',
    `- **Who:** ${who(denial.principal, diagnosis.evidence)}`,
    ...(call.eventName === null ? [] : [`- **Call:** ${inlineCode(call.eventName)}`]),
    ...(where.length === 0 ? [] : [`- **Where:** ${where.join(', ')}`]),
    `- **Cause:** ${inlineCode(diagnosis.cause)} (${sentence(diagnosis.verdict)}). ${sentence(diagnosis.summary)}`,
    ...diagnosis.unknowns.map(({ fact, why }) => `- **Not seen:** ${sentence(fact)}: ${sentence(why)}`),
    ...(refusal === null ? [] : [whatToDo(diagnosis, refusal.message)]),
    ...(refusal === null || refusal.owner === null ? [] : [`- **Ask:** ${sentence(refusal.owner)}`]),
    ...(verification === null || patches.length === 0
      ? []
      : [
          `- **Fix:** ${sentence(verification.risk)} risk, ${plural(verification.approvers, 'approver')}; nothing was changed`,
        ]),
    ...patches.flatMap(change => [...patch(change), ...asCode(one, change, format)]),
    ...(handOver === null || format === null ? [] : fenced(handOver, format)),
  ])
}

/**
 * Omits the session name, which is often a person's e-mail address. A session ARN lacks the path of its role, so a role ARN
 * built from it may be wrong: it is shown only if the path was seen.
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

/** A cause that is not proved leaves something to do. The message begins with the summary, which is already above. */
function whatToDo({ verdict, summary }: DiagnosisJson['diagnosis'], message: string): string {
  const rest = message.startsWith(`${summary} `) ? message.slice(summary.length + 1) : message
  const isOpen = verdict === 'likely' || verdict === 'not-enough-evidence'
  return `- **${isOpen ? 'Next' : 'No fix possible here'}:** ${withCommands(rest)}`
}

type Patch = DiagnosisJson['patches'][number]

function patch({ target, before, after, required }: Patch): readonly string[] {
  const policy = target.policyName === null ? '' : `, policy ${inlineCode(target.policyName)}`
  const { lines: shown, left } = cut(difference(before, after), MAX_DIFF_LINES)
  return [
    '',
    `${required ? 'Change' : 'Needed next'}: ${sentence(target.kind.replaceAll('-', ' '))} of ${inlineCode(target.name)}${policy}, account ${inlineCode(target.accountId)}`,
    '',
    '```diff',
    ...shown.map(({ sign, text }) => `${sign} ${text}`.trimEnd()),
    ...(left === 0 ? [] : [`… ${plural(left, 'more line')}`]),
    '```',
  ]
}

/** The same change in the language of the repository, without the secrets of a trust policy. */
function asCode(one: DiagnosisJson, { target, before, after }: Patch, format: CodeFormat | null): readonly string[] {
  const arn = format === null ? null : targetArn(one, target)
  if (format === null || arn === null) return []
  return fenced(changeAs(format, { target: { ...target, arn }, before, after: withoutSecrets(after) }), format)
}

function fenced(code: string, format: CodeFormat): readonly string[] {
  return ['', `\`\`\`${fenceOf(format)}`, code.trimEnd(), '```']
}

/** The output names a target without its path: an ARN that stands elsewhere in it has one. Null where none does. */
function targetArn({ denial, diagnosis }: DiagnosisJson, target: Patch['target']): string | null {
  const { resource, principal } = denial
  const others = diagnosis.evidence.flatMap(({ policy, attachedTo }) => [policy, attachedTo])
  const named = [...others, resource, principal.roleArn, principal.arn].find(text => {
    const arn = parseArn(text ?? '')
    return arn?.service === 'iam' && arn.accountId === target.accountId && isNamed(arn.resource, target)
  })
  if (named !== undefined && named !== null) return named
  // The ARN itself goes into no code of these.
  return target.kind === 'role-inline-policy' || target.kind === 'user-inline-policy' ? '' : null
}

const isNamed = (resource: string, { kind, name }: Patch['target']): boolean =>
  resource.startsWith(kind === 'managed-policy' ? 'policy/' : kind === 'user-inline-policy' ? 'user/' : 'role/') &&
  (kind === 'permission-set-inline-policy' || resource.endsWith(`/${name}`))

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`
