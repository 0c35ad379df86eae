import { hasOwnSid, list, principalsOf, type Statement } from '../iam/index.ts'
import { ACTIONS } from './actions.ts'

const DRAFTED = new Set(
  ACTIONS.flatMap(({ name, alsoMeant }) => [name, ...alsoMeant]).map(action => action.toLowerCase()),
)

/** Anybody can copy a Sid, so what rolemedic never drafts is not its own, whatever the Sid. */
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
