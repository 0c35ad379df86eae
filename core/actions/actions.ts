/** The denied actions that rolemedic knows. A new one is a file in this folder and a line in this list. */

import { type Authorization, asksTrust, parseArn } from '../iam/index.ts'
import type { ActionDescriptor, TargetType } from './action.ts'
import { assumeRole } from './assume-role.ts'
import { assumeRoleWithSaml } from './assume-role-with-saml.ts'
import { assumeRoleWithWebIdentity } from './assume-role-with-web-identity.ts'
import { assumeRoot } from './assume-root.ts'
import { createServiceLinkedRole } from './create-service-linked-role.ts'
import { passRole } from './pass-role.ts'
import { setContext } from './set-context.ts'
import { setSourceIdentity } from './set-source-identity.ts'
import { tagSession } from './tag-session.ts'

const LIST = [
  passRole,
  assumeRole,
  assumeRoleWithWebIdentity,
  assumeRoleWithSaml,
  tagSession,
  setSourceIdentity,
  setContext,
  createServiceLinkedRole,
  assumeRoot,
] as const satisfies readonly ActionDescriptor[]

export type DeniedAction = (typeof LIST)[number]['name']

export const ACTIONS: readonly (ActionDescriptor & { readonly name: DeniedAction })[] = LIST

const byName = new Map<string, (typeof ACTIONS)[number]>(ACTIONS.map(action => [action.name, action]))
const byLowerCase = new Map(ACTIONS.map(action => [action.name.toLowerCase(), action]))

/** Most are spelled as AWS spells them. */
const described = (text: string) => byName.get(text) ?? byLowerCase.get(text.toLowerCase())

export function descriptorOf(action: DeniedAction): ActionDescriptor {
  const descriptor = described(action)
  if (descriptor === undefined) throw new TypeError(`no descriptor of ${action}`)
  return descriptor
}

/** Policies and messages may spell an action in any case; null for one that is not ours. */
export function actionNamed(text: string | null | undefined): DeniedAction | null {
  return described(text ?? '')?.name ?? null
}

/** The action that a call is named for, and that its denial concerns if the message names none; null for any other call. */
export function actionOfCall(call: { readonly eventSource: string; readonly eventName: string }): DeniedAction | null {
  const named = ACTIONS.find(
    ({ name, record }) =>
      record.operations.includes(call.eventName) &&
      name === `${call.eventSource.replace(/\.amazonaws\.com$/, '')}:${call.eventName}`,
  )
  return named?.name ?? null
}

/** Some services leave out the prefix of an action. */
export function actionWithOrWithoutPrefix(text: string | null | undefined): DeniedAction | null {
  return actionNamed(text) ?? actionNamed(`sts:${text ?? ''}`) ?? actionNamed(`iam:${text ?? ''}`)
}

/** A pattern for the names without their prefix, longest first. */
export const NAMES_WITHOUT_PREFIX = ACTIONS.map(({ name }) => name.slice(name.indexOf(':') + 1))
  .sort((a, b) => b.length - a.length)
  .join('|')

/** The caller's policies alone decide every other action that is evaluated: what a role may do, and what a refused patch would open. */
const OTHER: Authorization = { sides: 'identity', resourceControlPolicies: false, refusals: [] }

export function authorizationOf(action: string, resource: string): Authorization {
  const descriptor = described(action)
  if (descriptor === undefined) return OTHER
  return isRoleFor(descriptor, resource) ? descriptor.authorization : { ...descriptor.authorization, sides: 'identity' }
}

/** True when the trust policy of the role decides about the request. */
export const asksTrustPolicy = (action: string, resource: string): boolean =>
  asksTrust(authorizationOf(action, resource))

/** True when both the caller's policies and the role's trust policy must allow, even inside one account. */
export const needsBothSides = (action: DeniedAction): boolean => descriptorOf(action).authorization.sides === 'both'

/** True when a target with this ARN can only be a role. */
export const wantsRole = (action: DeniedAction, arn: string): boolean => isRoleFor(descriptorOf(action), arn)

function isRoleFor({ target }: ActionDescriptor, arn: string): boolean {
  const other = otherTypeOf(arn)
  return target.types.includes('role') && (other === null || !target.types.includes(other))
}

function otherTypeOf(text: string): TargetType | null {
  const arn = parseArn(text)
  if (arn?.service === 'sts' && arn.resource === 'self') return 'self-session'
  return arn?.service === 'iam' && arn.resource === 'root' ? 'root-user' : null
}

/** True for an action, in any spelling, by which roles are passed to services. */
export function passesRoles(action: string): boolean {
  const named = actionNamed(action)
  return named !== null && descriptorOf(named).passesRoles
}

/** The action with those that a patch for it may also allow, in lower case. */
export function meantActions(action: DeniedAction): readonly string[] {
  return [action, ...descriptorOf(action).alsoMeant].map(name => name.toLowerCase())
}

/** Actions for which a trust policy names AWS principals. */
export const SESSION_ACTIONS: readonly string[] = ACTIONS.filter(
  ({ caller, authorization }) => caller === 'principal' && asksTrust(authorization),
).map(({ name }) => name)

/** No calls of their own: the caller uses them within the one call that starts a session, for what it adds to the session. */
export const WITHIN_THE_CALL: readonly string[] = ACTIONS.filter(({ addsToSession }) => addsToSession !== null).map(
  ({ name }) => name,
)

export const isWithinTheCall = (action: string): boolean => {
  const named = actionNamed(action)
  return named !== null && WITHIN_THE_CALL.includes(named)
}
