import { hasEnded, isOwn } from '../../../iam/policy/own-statement.ts'
import { additions, difference } from '../../additions.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** Statements of others stay as they are, except for one value in one condition list. Every new one bears the bot's Sid. */
export const foreignStatements: Guardrail = {
  id: 'foreign-statements',
  check: ({ patch, nowMs }) => {
    for (const { before, after, target } of patch.changes) {
      const { removed, grown } = difference(before, after)
      if (removed.some(statement => !(isOwn(statement) && hasEnded(statement, nowMs))))
        return refuse(`The patch would change an existing statement of ${target.name}.`, `owner of ${target.name}`)
      if (grown.some(({ values }) => values.length !== 1))
        return refuse(`The patch would add several values to a condition of ${target.name}.`, `owner of ${target.name}`)
      const { Statement: _was, ...head } = before ?? after
      const { Statement: _is, ...newHead } = after
      if (head.Version !== newHead.Version || head.Id !== newHead.Id)
        return refuse(`The patch would change the head of the policy of ${target.name}.`, `owner of ${target.name}`)
    }
    return additions(patch.changes).every(({ statement }) => isOwn(statement))
      ? PASS
      : refuse('The patch contains a statement that could not be told from others later.')
  },
}
