import {
  accountIdIn,
  type PolicyDocument,
  parseEntityArn,
  parseSessionArn,
  roleArn,
  serviceOfLinkedRole,
} from '../iam/index.ts'
import { type CodeFormat, changeAs, type Target } from '../patch/index.ts'
import type { SuggestedStatement } from './statement-for.ts'

/** Not the name of rolemedic's own policies. */
const POLICY_NAME = 'deploy'
const NAME = /^[\w+=,.@-]{1,64}$/

/** The statements of one principal as the text of one policy: each with one action and one resource, in their order. */
export function suggestedPolicyText(statements: readonly SuggestedStatement[]): string {
  return JSON.stringify(documentOf(statements), null, 2)
}

/** One statement in one line, for a sentence. */
export const suggestedStatementText = (statement: SuggestedStatement): string =>
  JSON.stringify(documentOf([statement]).Statement[0])

/** The same as code: an inline policy of the principal, in a format of the exports. */
export function suggestedPolicyAs(
  format: CodeFormat,
  target: Target,
  statements: readonly SuggestedStatement[],
): string {
  return changeAs(format, { target, before: null, after: documentOf(statements) })
}

/**
 * Where a policy of this principal would be. A session ARN lacks the path of its role. Null: it is no role or user, or others
 * than its owner write its policies.
 */
export function inlinePolicyOf(principal: string): Target | null {
  const session = parseSessionArn(principal)
  const entity = session === null ? parseEntityArn(principal) : null
  const [accountId, name] = [session?.accountId ?? entity?.accountId ?? '', session?.roleName ?? entity?.name ?? '']
  if (accountIdIn(accountId) === null || !NAME.test(name) || name.startsWith('AWSReservedSSO_')) return null
  if (serviceOfLinkedRole(principal) !== null) return null
  const kind = entity?.kind === 'user' ? 'user-inline-policy' : 'role-inline-policy'
  const arn = session === null ? principal : roleArn(session.partition, accountId, name)
  return { kind, accountId, name, policyName: POLICY_NAME, arn }
}

/** Stays in this file: a document could be written. */
function documentOf(statements: readonly SuggestedStatement[]): PolicyDocument {
  const distinct = new Map(
    statements.map(({ suggestedAction: Action, suggestedResource: Resource }) => [
      `${Action} ${Resource}`,
      { Effect: 'Allow' as const, Action, Resource },
    ]),
  )
  return { Version: '2012-10-17', Statement: [...distinct.values()] }
}
