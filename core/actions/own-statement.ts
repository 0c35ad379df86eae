import { hasOwnSid, list, principalsOf, type Statement } from '../iam/index.ts'
import { ACTIONS } from './actions.ts'

const DRAFTED = new Set(
  ACTIONS.flatMap(({ name, alsoMeant }) => [name, ...alsoMeant]).map(action => action.toLowerCase()),
)

/** True for a statement that rolemedic drafts. A Sid alone proves nothing, as anybody can copy it. */
export function isOwnStatement(statement: Statement): boolean {
  const { Effect, Action } = statement
  const actions = list(Action)
  return (
    hasOwnSid(statement) &&
    Effect === 'Allow' &&
    actions.length > 0 &&
    actions.every(action => DRAFTED.has(action.toLowerCase())) &&
    principalsOf(statement).every(({ name }) => name !== '*') &&
    !['NotAction', 'NotResource', 'NotPrincipal'].some(element => Object.hasOwn(statement, element))
  )
}
