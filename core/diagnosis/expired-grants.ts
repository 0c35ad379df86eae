/** An expired rolemedic grant counts as a missing permission, not as a deliberate condition. */

import { isOwnStatement } from '../actions/index.ts'
import { hasExpired, type LayerOutcome, type StatementOutcome } from '../iam/index.ts'
import { failedConditions } from './failed-conditions.ts'

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
