import { matchesGlob } from '../../../iam/policy/glob.ts'
import { list } from '../../../iam/policy/policy-document.ts'
import { additions } from '../../additions.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** Actions that the configuration never lets a patch open. */
export const forbiddenActions: Guardrail = {
  id: 'forbidden-actions',
  check: ({ patch, config }) => {
    const globs = config.forbiddenActions.map(action => action.toLowerCase())
    const opened = additions(patch.changes).flatMap(({ statement }) => list(statement.Action))
    const forbidden = opened.find(action => globs.some(glob => matchesGlob(glob, action.toLowerCase())))
    return forbidden === undefined
      ? PASS
      : refuse(`The configuration forbids patches that open ${forbidden}.`, 'rolemedic administrators')
  },
}
