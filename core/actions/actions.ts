/** The denied actions that rolemedic knows. A new one is a file in this folder and a line in this list. */

import {
  type AccessRequest,
  type AccessSnapshot,
  type Authorization,
  asksTrust,
  type Evaluation,
  evaluateUnder,
  parseArn,
  type ResolvedRequest,
  resolveRequestAs,
} from '../iam/index.ts'
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

/** Looks for the exact spelling first: most texts spell an action as AWS does. */
const described = (text: string) => byName.get(text) ?? byLowerCase.get(text.toLowerCase())

export function descriptorOf(action: DeniedAction): ActionDescriptor {
  const descriptor = described(action)
  if (descriptor === undefined) throw new TypeError(`no descriptor of ${action}`)
  return descriptor
}

/** The action of this name, in any case, as policies and messages spell it. Null for an action that rolemedic does not know. */
export function actionNamed(text: string | null | undefined): DeniedAction | null {
  return described(text ?? '')?.name ?? null
}

/** The action that an STS operation means, for denials that often have no message. */
export function actionOfOperation(call: {
  readonly eventSource: string
  readonly eventName: string
}): DeniedAction | null {
  if (call.eventSource !== 'sts.amazonaws.com') return null
  const named = ACTIONS.find(
    ({ record }) => record.namedBy === 'operation' && record.operations.includes(call.eventName),
  )
  return named?.name ?? null
}

/** The action that a denial of this call concerns if its message names none. Null for a call without such an action. */
export function actionOfCall(call: { readonly eventSource: string; readonly eventName: string }): DeniedAction | null {
  const named = ACTIONS.find(
    ({ name, record }) =>
      record.operations.includes(call.eventName) &&
      name === `${call.eventSource.replace(/\.amazonaws\.com$/, '')}:${call.eventName}`,
  )
  return named?.name ?? null
}

/** Like `actionNamed`, and also without the prefix, which some services leave out. */
export function actionWithOrWithoutPrefix(text: string | null | undefined): DeniedAction | null {
  return actionNamed(text) ?? actionNamed(`sts:${text ?? ''}`) ?? actionNamed(`iam:${text ?? ''}`)
}

/** The names without their prefix as an alternation for a regular expression, longest first. */
export const NAMES_WITHOUT_PREFIX = ACTIONS.map(({ name }) => name.slice(name.indexOf(':') + 1))
  .sort((a, b) => b.length - a.length)
  .join('|')

/** The rule for every other action that is evaluated, such as what a role may do: only the caller's policies decide. */
const OTHER: Authorization = { sides: 'identity', resourceControlPolicies: false, refusals: [] }

export function authorizationOf(action: string, resource: string): Authorization {
  const descriptor = described(action)
  if (descriptor === undefined) return OTHER
  return isRoleFor(descriptor, resource) ? descriptor.authorization : { ...descriptor.authorization, sides: 'identity' }
}

/**
 * What IAM would answer to the request. Policies that could not be read make the answer unknown. Does not throw.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(request: AccessRequest, snapshot: AccessSnapshot): Evaluation {
  return evaluateUnder(authorizationOf(request.action, request.resource), request, snapshot)
}

/** The request with every fact that the snapshot adds to it. */
export function resolveRequest(request: AccessRequest, snapshot: AccessSnapshot): ResolvedRequest {
  return resolveRequestAs(authorizationOf(request.action, request.resource), request, snapshot)
}

/** True when the role's trust policy takes part in the decision about the request. */
export const asksTrustPolicy = (action: string, resource: string): boolean =>
  asksTrust(authorizationOf(action, resource))

/** True when both the caller's policies and the role's trust policy must allow, even inside one account. */
export const needsBothSides = (action: DeniedAction): boolean => descriptorOf(action).authorization.sides === 'both'

/** True when only a role can have this ARN as a target of the action. */
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

/** True for an action that passes roles to services. Accepts any spelling. */
export function passesRoles(action: string): boolean {
  const named = actionNamed(action)
  return named !== null && descriptorOf(named).passesRoles
}

/** The action and those that a patch for it may also allow, in lower case. */
export function meantActions(action: DeniedAction): readonly string[] {
  return [action, ...descriptorOf(action).alsoMeant].map(name => name.toLowerCase())
}

/** Actions that a trust policy grants to AWS principals. */
export const SESSION_ACTIONS: readonly string[] = ACTIONS.filter(
  ({ caller, authorization }) => caller === 'principal' && asksTrust(authorization),
).map(({ name }) => name)

/** Actions without an API call of their own: the caller needs them inside the call that starts a session, for what that call adds to it. */
export const WITHIN_THE_CALL: readonly string[] = ACTIONS.filter(({ addsToSession }) => addsToSession !== null).map(
  ({ name }) => name,
)

export const isWithinTheCall = (action: string): boolean => {
  const named = actionNamed(action)
  return named !== null && WITHIN_THE_CALL.includes(named)
}
