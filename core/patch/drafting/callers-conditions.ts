/**
 * The conditions under which the caller's own policies allow the action on the role. Inside one account, a trust policy that names the
 * caller is enough, and a permissions boundary does not limit a grant to a user, so a statement that names it carries them too:
 * without them it would bypass MFA or a source address.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */

import { requestOf } from '../../access/index.ts'
import { evaluate, isOwnStatement } from '../../actions/index.ts'
import { canonicalJson, ok, type Refusal, type Result } from '../../base/index.ts'
import {
  type ConditionBlock,
  conditionTests,
  type EntityArn,
  hasExpired,
  permissionSetPattern,
  type Role,
  readsVariables,
  type StatementOutcome,
  withoutExpiry,
} from '../../iam/index.ts'
import { mergeConditions } from './document-edits.ts'
import { type DraftContext, refuseDraft } from './draft-context.ts'

type Known = Pick<DraftContext, 'denial' | 'snapshot' | 'nowMs'>

/**
 * `owners` with these conditions. Null: there are none. Refused if several allows have different ones, or the owner's replace them.
 * `grant`: whether the statement names the caller, or everybody with the caller's ARN in a list.
 */
export function withCallersConditions(
  owners: ConditionBlock | null,
  { denial, snapshot, nowMs }: Known,
  role: Role,
  caller: EntityArn,
  grant: 'itself' | 'everyone' = 'itself',
): Result<ConditionBlock | null, Refusal> {
  // A statement for a permission set names its account, so its own policies decide as well.
  const isEnough =
    role.accountId === caller.accountId && (grant === 'everyone' || permissionSetPattern(caller) === null)
  if (!isEnough) return ok(owners)
  const isUnlimited = grant === 'everyone' || caller.kind === 'user'
  const inTrust = role.trust.known && readsVariables(role.trust.value)
  let kept = owners
  for (const { type, about } of evaluate(requestOf(denial, role.arn), snapshot).layers) {
    if (type !== 'identity' && !(type === 'boundary' && isUnlimited)) continue
    const [own = {}, ...others] = conditionsOfAllows(about, nowMs)
    if (isEmpty(own)) continue
    if (canonicalJson(own).includes('${') && about.some(({ policy }) => readsVariables(policy.document) !== inTrust))
      return refuseDraft(
        'ambiguous-conditions',
        `A condition of ${caller.name} has \${…}, which the trust policy of ${role.name} reads otherwise: only one of the two has "Version": "2012-10-17".`,
        'owner of the role',
      )
    const theirs = testsIn(kept ?? {})
    const isReplaced = [...testsIn(own)].some(([test, values]) => (theirs.get(test) ?? values) !== values)
    if (others.length > 0 || isReplaced)
      return refuseDraft(
        'ambiguous-conditions',
        `${others.length > 0 ? `The policies of ${caller.name} allow this under` : `The policies of ${caller.name} and the trust policy of ${role.name} have`} different conditions: their owner must say which one applies.`,
        'owner of the role',
      )
    kept = mergeConditions(kept, without(own, theirs))
  }
  return ok(kept)
}

/** The different conditions of the statements that allow the request if theirs is met. None if one of them has no condition. */
function conditionsOfAllows(about: readonly StatementOutcome[], nowMs: number): readonly ConditionBlock[] {
  const allows = about
    .filter(
      ({ effect, mismatches }) => effect === 'Allow' && mismatches.every(({ element }) => element === 'condition'),
    )
    .flatMap(({ policy, index, matches }) => {
      const statement = policy.document.Statement[index]
      if (statement === undefined || (isOwnStatement(statement) && hasExpired(statement, nowMs))) return []
      const { Condition = {} } = isOwnStatement(statement) ? withoutExpiry(statement) : statement
      // Without a condition, only the role that it names can be unknown.
      return matches === 'unknown' && isEmpty(Condition) ? [] : [Condition]
    })
  if (allows.some(isEmpty)) return []
  return [...new Map(allows.map(one => [canonicalJson([...testsIn(one)].sort()), one])).values()]
}

const isEmpty = (condition: ConditionBlock): boolean => Object.keys(condition).length === 0

type Tests = ReadonlyMap<string, string>

/** The values of each operator and key, spelled as IAM compares them. */
const testsIn = (Condition: ConditionBlock): Tests =>
  new Map(conditionTests({ Effect: 'Allow', Condition }).map(([test, values]) => [test, canonicalJson(values)]))

function without(condition: ConditionBlock, tests: Tests): ConditionBlock {
  return Object.fromEntries(
    Object.entries(condition).flatMap(([operator, keys]) => {
      const rest = Object.entries(keys).filter(([key]) => !tests.has(`${operator} ${key}`.toLowerCase()))
      return rest.length === 0 ? [] : [[operator, Object.fromEntries(rest)]]
    }),
  )
}
