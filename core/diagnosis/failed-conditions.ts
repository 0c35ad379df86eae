import { isOwnStatement } from '../actions/index.ts'
import { hasExpired, type LayerOutcome, type Mismatch, type StatementOutcome } from '../iam/index.ts'

export type ConditionMismatch = Extract<Mismatch, { element: 'condition' }>

/** The conditions that a statement fails. Empty: another element fails first. */
export const failedConditions = (outcome: StatementOutcome): readonly ConditionMismatch[] =>
  outcome.mismatches.filter(mismatch => mismatch.element === 'condition')

/** True for an operator where adding a value to the list admits exactly that value. */
export const isValueList = (operator: string): boolean =>
  /^(foranyvalue:)?(string(equals|like|equalsignorecase)|arn(equals|like))(ifexists)?$/i.test(operator)

/** True for an operator whose values may contain `*` and `?`. */
export const takesPattern = (operator: string): boolean =>
  /^(foranyvalue:)?(stringlike|arnequals|arnlike)(ifexists)?$/i.test(operator)

/** An expired rolemedic grant counts as a missing permission, not as a deliberate condition. */
export function splitExpiredGrants(
  layer: LayerOutcome,
  nowMs: number,
): { readonly lasting: readonly StatementOutcome[]; readonly ended: readonly StatementOutcome[] } {
  const isEnded = (outcome: StatementOutcome): boolean => {
    const statement = outcome.policy.document.Statement[outcome.index]
    return statement?.Effect === 'Allow' && isOwnStatement(statement) && hasExpired(statement, nowMs)
  }
  return {
    lasting: layer.about.filter(outcome => !isEnded(outcome)),
    ended: layer.about.filter(outcome => isEnded(outcome) && failedConditions(outcome).length > 0),
  }
}
