/** Diagnoses as one comment on a pull request or merge request: what was denied, why, the change, who can. */

import { plural } from '../../functions/domain/base/rich-text.ts'
import { cut, difference } from '../../functions/domain/card/documents.ts'
import { parseRoleArn, parseSessionArn } from '../../functions/domain/iam/arn.ts'
import { inlineCode, sentence, withCommands } from './markdown.ts'
import type { SaidDiagnosis as Said } from './read-diagnoses.ts'

/** By which the next run finds its comment again. */
const COMMENT_MARK = '<!-- rolemedic -->'
/** A comment on GitHub holds 65,536 characters; a step of a workflow wants to add a link. */
const MAX_CHARS = 60_000
const MAX_DIFF_LINES = 60

export function commentText(diagnoses: readonly Said[]): string {
  const head = `${COMMENT_MARK}\n### A denied role stopped this: ${plural(diagnoses.length, 'denial')}\n`
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

function section({ denial, diagnosis, patches, verification, refusal }: Said): string {
  const { call, accountId, region } = denial
  const where = [accountId, region].flatMap(part => (part === null ? [] : [inlineCode(part)]))
  return lines([
    `#### ${inlineCode(denial.action)} on ${denial.resource === null ? 'a role that the log does not name' : inlineCode(denial.resource)}`,
    '',
    `- **Who:** ${who(denial.principal, diagnosis.evidence)}`,
    ...(call.eventName === null ? [] : [`- **Call:** ${inlineCode(call.eventName)}`]),
    ...(where.length === 0 ? [] : [`- **Where:** ${where.join(', ')}`]),
    `- **Cause:** ${inlineCode(diagnosis.cause)} (${sentence(diagnosis.verdict)}). ${sentence(diagnosis.summary)}`,
    ...diagnosis.unknowns.map(({ fact, why }) => `- **Not seen:** ${sentence(fact)}: ${sentence(why)}`),
    ...(refusal === null ? [] : [`- **No fix from here:** ${withCommands(refusal.message)}`]),
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
 * Without the session: its name is often a person's address. The ARN of a session leaves out the path of its role, so an
 * ARN made of it may name no role: one is said only where its path was seen.
 */
function who({ arn, roleArn, kind }: Said['denial']['principal'], evidence: Said['diagnosis']['evidence']): string {
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

function patch({ target, before, after, required }: Said['patches'][number]): readonly string[] {
  const policy = target.policyName === null ? '' : `, policy ${inlineCode(target.policyName)}`
  const { lines: shown, left } = cut(difference(before, after), MAX_DIFF_LINES)
  return [
    '',
    `${required ? 'Change' : 'Will be needed next'}: ${sentence(target.kind.replaceAll('-', ' '))} of ${inlineCode(target.name)}${policy}, account ${inlineCode(target.accountId)}`,
    '',
    '```diff',
    ...shown.map(({ sign, text }) => `${sign} ${text}`.trimEnd()),
    ...(left === 0 ? [] : [`… ${plural(left, 'more line')}`]),
    '```',
  ]
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`
