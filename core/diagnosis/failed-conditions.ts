import type { Mismatch, StatementOutcome } from '../iam/index.ts'

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
