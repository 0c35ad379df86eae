import { addedStatements } from '../../document-diff.ts'
import { demandsOfOthers } from '../../drafting/everybodys-conditions.ts'
import { changesTrust } from '../../patch.ts'
import { type Finding, type Guardrail, PASS, warn, worst } from '../guardrail.ts'

/** A new statement must require what all other principals must meet. If only some must, the owner's intent is unknown, so this warns. */
export const othersConditions: Guardrail = {
  id: 'others-conditions',
  check: ({ patch, nowMs }) =>
    worst(
      addedStatements(patch.changes.filter(changesTrust)).map(({ statement, change }): Finding => {
        const demands = change.before === null ? [] : demandsOfOthers(statement, change.before, nowMs)
        return demands.length === 0
          ? PASS
          : warn(`Others whom ${change.target.name} trusts need ${demands.join(' and ')}; this does not.`)
      }),
    ),
}
