import {
  type ConditionBlock,
  isSecretKey,
  type LayerOutcome,
  list,
  type Mismatch,
  type StatementOutcome,
  statementForm,
} from '../iam/index.ts'
import type { AwsReason } from './aws-reason.ts'
import type { Evidence } from './diagnosis.ts'
import type { DiagnosisContext } from './diagnosis-context.ts'
import { PASSED_TO_SERVICE, ruledOutFor } from './resolve-service.ts'
import { layerName, withArticle } from './wording/short-names.ts'

export function evidenceOf(outcome: StatementOutcome, finding: string): Evidence {
  return {
    policyType: outcome.policy.type,
    policy: outcome.policy.arn ?? outcome.policy.name,
    attachedTo: outcome.policy.attachedTo,
    statement: outcome.index,
    sid: outcome.sid,
    finding,
  }
}

/** The finding for a time-limited grant that has ended. */
export const EXPIRED_GRANT = 'is an expired rolemedic grant'

/** For each earlier grant without effect, the condition that this call did not meet. */
export function ruledOutEvidence({ denial, resource, snapshot }: DiagnosisContext): readonly Evidence[] {
  const attachedTo = snapshot.caller.kind === 'found' ? snapshot.caller.value.arn : null
  return ruledOutFor(denial, resource).map(({ service, policy, sid }) => {
    const unmet =
      service === null
        ? `allowed a call that sends no ${PASSED_TO_SERVICE}, and this call sends one`
        : `requires ${PASSED_TO_SERVICE} = ${service}, which this call does not send`
    const finding = `${unmet}: AWS denied it while the statement was in place`
    return { policyType: 'identity', policy, attachedTo, statement: null, sid, finding }
  })
}

export function layerEvidence(layer: LayerOutcome, attachedTo: string | null, finding: string): Evidence {
  return { policyType: layer.type, policy: null, attachedTo, statement: null, sid: null, finding }
}

export function awsReasonEvidence(reason: AwsReason): Evidence {
  const type = reason.layer === null ? 'policy' : layerName(reason.layer)
  const statement =
    reason.effect === 'deny' ? `an explicit deny in ${withArticle(type)}` : `no ${type} allows the action`
  const finding = `AWS says: ${statement}${reason.source === 'text' ? '' : ` (${reason.source.replace('-', ' ')})`}`
  return { policyType: 'aws', policy: reason.policyArn, attachedTo: null, statement: null, sid: null, finding }
}

function nearMiss(mismatch: Extract<Mismatch, { element: 'resource' | 'principal' }>): string {
  const pattern = mismatch.pattern ?? 'another value'
  switch (mismatch.near) {
    case 'case':
      return `names ${pattern}, which differs by case`
    case 'path':
      return `names ${pattern}, which has another path`
    case 'account':
      return `names ${pattern}, which is in another account`
    case 'partition':
      return `names ${pattern}, which is in another partition`
    case 'name':
      return `names ${pattern}, which is a similar name`
    case 'session-for-role':
      return `names the session ${pattern} rather than the role`
    default:
      return `names ${pattern}`
  }
}

const values = (texts: readonly string[]): string => texts.map(text => `"${text}"`).join(' or ')

/** Who lacks the key: tags belong to the role or the caller, an account to the caller, all other keys to the request. */
function missing(key: string): string {
  if (/^(?:aws|iam):resourcetag\//i.test(key)) return 'the role has no such tag'
  if (/^aws:principaltag\//i.test(key)) return 'the caller has no such tag'
  if (/^aws:principalaccount$/i.test(key)) return 'the caller belongs to no such account'
  return 'the request does not send it'
}

/** Describes one mismatch: key, operator, wanted and actual values. */
export function describeMismatch(mismatch: Mismatch): string {
  switch (mismatch.element) {
    case 'action':
      return 'covers other actions'
    case 'resource':
    case 'principal':
      return nearMiss(mismatch)
    default: {
      if (isSecretKey(mismatch.key)) return `requires ${mismatch.key} (value not shown), which is not met`
      const got = mismatch.got === null ? missing(mismatch.key) : `got ${values(mismatch.got)}`
      return `requires ${mismatch.key} ${mismatch.operator} ${values(mismatch.wanted)}; ${got}`
    }
  }
}

/** The condition of a statement in words. Null: the statement has none. */
export function describeCondition(condition: ConditionBlock | undefined): string | null {
  const parts = Object.entries(condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) =>
      isSecretKey(key)
        ? `${key} ${operator} (value not shown)`
        : `${key} ${operator} ${list(value).map(String).join(', ')}`,
    ),
  )
  return parts.length === 0 ? null : parts.join(' and ')
}

/** Why the statement does not match, or which condition keys are unknown. */
export function describeOutcome(outcome: StatementOutcome): string {
  if (outcome.matches === 'yes') return outcome.effect === 'Deny' ? 'denies this request' : 'allows this request'
  if (outcome.matches === 'no') return outcome.mismatches.map(describeMismatch).join('; ')
  const keys = outcome.unknowns.map(unknown => unknown.fact).join(', ')
  return `${outcome.effect === 'Deny' ? 'may deny' : 'may allow'} this request: cannot see ${keys || 'a condition key'}`
}

/** The closest Allow statements: those where only the condition fails, otherwise those with a similar resource or principal. */
export function nearMisses(statements: readonly StatementOutcome[]): readonly StatementOutcome[] {
  const allows = statements.filter(outcome => outcome.effect === 'Allow' && outcome.matches === 'no')
  const onCondition = allows.filter(outcome => outcome.mismatches.some(mismatch => mismatch.element === 'condition'))
  if (onCondition.length > 0) return onCondition
  return allows.filter(outcome =>
    outcome.mismatches.some(
      mismatch => (mismatch.element === 'resource' || mismatch.element === 'principal') && mismatch.near !== null,
    ),
  )
}

/** The statement with the lowest rank, compared number by number; among equals, the first by its text. Their order decides nothing. */
export function firstByRank(
  statements: readonly StatementOutcome[],
  rank: (outcome: StatementOutcome) => readonly number[],
): StatementOutcome | undefined {
  const form = ({ policy, index }: StatementOutcome): string => {
    const statement = policy.document.Statement[index]
    return statement === undefined ? '' : statementForm(statement)
  }
  return [...statements].sort((a, b) => {
    const [one, other] = [rank(a), rank(b)]
    const at = one.findIndex((value, index) => value !== other[index])
    return at < 0 ? (form(a) < form(b) ? -1 : 1) : (one[at] ?? 0) - (other[at] ?? 0)
  })[0]
}
