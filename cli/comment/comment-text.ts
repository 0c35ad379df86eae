/** Diagnoses as one comment on a pull request or merge request: what was denied, why, the fix, who can apply it. */

import { plural } from '../../functions/domain/base/rich-text.ts'
import { cut, difference } from '../../functions/domain/card/documents.ts'
import { parseRoleArn, parseSessionArn } from '../../functions/domain/iam/arn.ts'
import { inlineCode, sentence, withCommands } from './markdown.ts'
import type { DiagnosisJson } from './parse-diagnoses.ts'

/** The next run finds its comment by this mark. */
const COMMENT_MARK = '<!-- rolemedic -->'
/** GitHub allows 65,536 characters in a comment; the workflow step adds a link. */
const MAX_CHARS = 60_000
const MAX_DIFF_LINES = 60

export function commentText(diagnoses: readonly DiagnosisJson[]): string {
  const head = `${COMMENT_MARK}\n### Access to a role was denied: ${plural(diagnoses.length, 'denial')}\n`
  let text = head
  for (const [index, one] of diagnoses.entries()) {
    const next = `\n${section(one)}`
    const left = diagnoses.length - index
    if (text.length + next.length > MAX_CHARS)
      return `${text}\n${plural(left, 'more denial')}: see the log of the job.\n`
    text += next
  }
  return text
}

function section({ denial, diagnosis, patches, verification, refusal }: DiagnosisJson): string {
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
    ...(refusal === null ? [] : [`- **No fix possible here:** ${withCommands(refusal.message)}`]),
    ...(refusal === null || refusal.owner === null ? [] : [`- **Ask:** ${sentence(refusal.owner)}`]),
    ...(verification === null || patches.length === 0
      ? []
      : [
          `- **Fix:** ${sentence(verification.risk)} risk, ${plural(verification.approvers, 'approver')}; nothing was changed`,
        ]),
    ...patches.flatMap(patch),
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

function patch({ target, before, after, required }: DiagnosisJson['patches'][number]): readonly string[] {
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

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`
