import { list, matchesGlob } from '../../../iam/index.ts'
import { addedStatements } from '../../document-diff.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** Actions that the configuration forbids in patches. */
export const forbiddenActions: Guardrail = {
  id: 'forbidden-actions',
  check: ({ patch, config }) => {
    const globs = config.forbiddenActions.map(action => action.toLowerCase())
    const allowed = addedStatements(patch.changes).flatMap(({ statement }) => list(statement.Action))
    const forbidden = allowed.find(action => globs.some(glob => matchesGlob(glob, action.toLowerCase())))
    return forbidden === undefined
      ? PASS
      : refuse(`The configuration forbids patches that allow ${forbidden}.`, 'rolemedic administrators')
  },
}
