import { isOwnStatement } from '../../../actions/index.ts'
import { hasExpired, hasOwnSid, hasSameReach, type Statement } from '../../../iam/index.ts'
import { addedStatements, diffDocuments, takesIn } from '../../document-diff.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** Leaves existing statements unchanged, except to add one value to one condition list. Every new statement has a rolemedic Sid. */
export const foreignStatements: Guardrail = {
  id: 'foreign-statements',
  check: ({ patch, nowMs, joinable }) => {
    for (const { before, after, target } of patch.changes) {
      const { removed, extended } = diffDocuments(before, after)
      const isJoined = (statement: Statement) =>
        joinable?.has(statement.Sid ?? '') === true && after.Statement.some(one => takesIn(one, statement))
      // A Sid alone proves nothing, so an expired grant is removed only if the change grants the same again.
      const isRenewed = (statement: Statement) =>
        isOwnStatement(statement) &&
        hasExpired(statement, nowMs) &&
        after.Statement.some(one => hasSameReach(one, statement))
      if (removed.some(statement => !isRenewed(statement) && !isJoined(statement)))
        return refuse(`The patch would change an existing statement of ${target.name}.`, `owner of ${target.name}`)
      if (extended.some(({ values }) => values.length !== 1))
        return refuse(`The patch would add several values to a condition of ${target.name}.`, `owner of ${target.name}`)
      const { Version, Id } = before ?? after
      if (Version !== after.Version || Id !== after.Id)
        return refuse(
          `The patch would change the Version or Id of the policy of ${target.name}.`,
          `owner of ${target.name}`,
        )
    }
    return addedStatements(patch.changes).every(({ statement }) => hasOwnSid(statement))
      ? PASS
      : refuse('The patch contains a statement without a rolemedic Sid, which a revert could not identify.')
  },
}
