/** The trust policy names the caller, but a condition fails: the value to add, or the owner to ask. */

import { entityName, isSecretKey, type StatementOutcome } from '../../iam/index.ts'
import type { Gap } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import { describeMismatch, describeOutcome, evidenceOf, firstByRank } from '../evidence.ts'
import { type ConditionMismatch, failedConditions, isValueList } from '../failed-conditions.ts'
import { isMfaKey, MFA_STEP } from '../wording/mfa.ts'
import { roleOwnerText } from '../wording/short-names.ts'
import type { Side } from './side.ts'
import { claimHint, isSubjectKey, mayAddClaim } from './web-identity-claims.ts'

export function trustConditionSide(role: string, statements: readonly StatementOutcome[]): Side {
  const best = closest(role, statements)
  const unmet = best === undefined ? [] : failedConditions(best)
  const mfa = unmet.some(mismatch => isMfaKey(mismatch.key))
  const secret = unmet.some(mismatch => isSecretKey(mismatch.key))
  const hints = unmet.map(one => hintOf(one)).filter(hint => hint !== '')
  const gaps = best === undefined ? [] : gapsOf(role, best, unmet)
  const text = `${unmet.map(describeMismatch).join('; ')}${hints.length === 0 ? '' : ` (${hints.join('; ')})`}`
  const owner = roleOwnerText(role)
  return {
    cause: 'trust-condition',
    finding: `the trust policy of ${entityName(role)} ${text}`,
    evidence: statements.map(one => evidenceOf(one, describeOutcome(one))),
    gaps,
    nextSteps: mfa
      ? [MFA_STEP]
      : gaps.length > 0
        ? []
        : secret
          ? [
              advice(
                'Check the external id in the configuration of the caller: a wrong one is a possible cause.',
                null,
                'the person who configures the call',
              ),
            ]
          : [advice(`Meet the condition in the call, or ask ${owner}.`, null, owner)],
    uncertain: secret ? [{ fact: 'sts:ExternalId', why: 'a denied call does not show it' }] : [],
    needsMfa: mfa,
  }
}

const hintOf = ({ key, operator, wanted, got }: ConditionMismatch): string =>
  got?.[0] === undefined ? '' : claimHint(key, operator, wanted, got[0])

/**
 * The statement with the fewest failed conditions; among equals, the one whose values share the longest prefix with the actual value,
 * then one that a value fixes, then one that wants MFA.
 */
function closest(role: string, statements: readonly StatementOutcome[]): StatementOutcome | undefined {
  return firstByRank(statements, one => {
    const unmet = failedConditions(one)
    const fixes = gapsOf(role, one, unmet).length > 0
    return [unmet.length, -likeness(one), fixes ? 0 : 1, unmet.some(({ key }) => isMfaKey(key)) ? 0 : 1]
  })
}

function likeness(outcome: StatementOutcome): number {
  return Math.max(
    0,
    ...failedConditions(outcome).flatMap(({ wanted, got }) => wanted.map(value => sharedPrefix(value, got?.[0] ?? ''))),
  )
}

function sharedPrefix(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length += 1
  return length
}

/** The gap of one missing value. Empty if two are missing: a patch adds one value, and only the owner can choose. */
function gapsOf(role: string, outcome: StatementOutcome, unmet: readonly ConditionMismatch[]): readonly Gap[] {
  const conditions = Object.values(outcome.policy.document.Statement[outcome.index]?.Condition ?? {})
  const pinned = conditions.some(keys => Object.keys(keys).some(isSubjectKey))
  const gaps = unmet.flatMap(({ operator, key, wanted, got }) => {
    const value = got?.length === 1 ? got[0] : undefined
    if (value === undefined || !isValueList(operator) || !mayAdd(key, wanted, value, pinned)) return []
    return [{ kind: 'trust-condition', role, statement: outcome.index, operator, key, wanted, got: value } as const]
  })
  return gaps.length === unmet.length && gaps.length === 1 ? gaps : []
}

/** What a service sends of the resource that it acts for. */
const isSourceKey = (key: string): boolean => /^aws:source(?:account|arn)$/i.test(key)

function mayAdd(key: string, wanted: readonly string[], got: string, pinned: boolean): boolean {
  if (isSourceKey(key)) return !/[*?]/.test(got)
  return key.toLowerCase() === 'aws:principalarn' ? true : mayAddClaim(key, wanted, got, pinned)
}
