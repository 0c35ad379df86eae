/**
 * Control requests: similar to the denied request, but with answers that a patch must not change. Each is evaluated against the changed
 * policies in isolation, so that an SCP or a boundary cannot hide what a policy allows. No sample may contradict a proof.
 */

import {
  ACTIONS,
  asksTrustPolicy,
  authorizationOf,
  passesRoles,
  SESSION_ACTIONS,
} from '../../../core/actions/actions.ts'
import { found } from '../../../core/base/fact.ts'
import { type EntityArn, parseArn, parseEntityArn } from '../../../core/iam/arn.ts'
import { ABSENT_KEY, type ContextFacts, present } from '../../../core/iam/conditions/context.ts'
import type { AccessSnapshot, Identity } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../../core/iam/evaluation/evaluation.ts'
import { permissionSetOf } from '../../../core/iam/permission-set.ts'
import { list, type PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import {
  allowAllIdentity,
  delegatingTrust,
  isolatedRole,
  isolatedSnapshot,
  requestFrom,
} from '../../../core/patch/risk/isolated-evaluation.ts'

/** A request, and the smallest snapshot in which the patched policies decide it. */
export type ControlRequest = { readonly request: AccessRequest; readonly snapshot: AccessSnapshot }

const OTHER_SERVICES = ['ec2.amazonaws.com', 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'glue.amazonaws.com']
const OTHER_ACTIONS: readonly string[] = [
  ...ACTIONS.filter(({ caller }) => caller === 'principal').map(({ name }) => name),
  'iam:GetRole',
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:UpdateAssumeRolePolicy',
]
const OTHER_ACCOUNT = '210987654321'

/** Requests by the caller. `grants`: the role ARNs and role sets that the patch should allow. */
export function callerControls(
  caller: Identity,
  denied: AccessRequest,
  grants: readonly string[],
): readonly ControlRequest[] {
  const roles = grants.map(concreteOf)
  const others = [
    ...new Set([
      ...roles.flatMap(nearRoles),
      ...caller.policies.flatMap(({ document }) => namedRoles(document, caller.accountId)),
    ]),
  ]
  const services = [...servicesOf(denied), ...OTHER_SERVICES]
  // For an action that sends no service, the same role under another service is the denied request itself.
  const underServices = passesRoles(denied.action)
    ? [...services.map(service => present(service)), ABSENT_KEY].map(fact => ({
        ...denied.context,
        'iam:passedtoservice': fact,
      }))
    : []
  const control = (action: string, role: string, context: ContextFacts): ControlRequest => ({
    request: { ...denied, action, resource: role, context },
    snapshot: isolatedSnapshot(found(caller), [isolatedRole(role, delegatingTrust(role, caller.accountId))]),
  })
  return [
    ...[...roles, ...others].flatMap(role => underServices.map(context => control(denied.action, role, context))),
    ...others.map(role => control(denied.action, role, denied.context)),
    ...[...roles, ...others].flatMap(role => OTHER_ACTIONS.map(action => control(action, role, denied.context))),
    ...roles.flatMap(role => otherSessions(denied.context).map(context => control(denied.action, role, context))),
  ]
}

/** Requests by other principals for a role whose trust policy the patch changes. */
export function trustControls(
  role: string,
  trust: PolicyDocument,
  denied: AccessRequest,
  caller: Identity | null,
): readonly ControlRequest[] {
  const target = isolatedRole(role, trust)
  // An error text has only the ARN of the session, which differs from any role ARN.
  const principal = caller?.arn ?? denied.roleArn ?? denied.principalArn
  const asked = { ...denied, resource: role }
  if (authorizationOf(denied.action, role).sides === 'trust')
    return otherClaims(denied.context, trust).map(context => ({
      request: { ...asked, context },
      snapshot: isolatedSnapshot({ kind: 'absent' }, [target]),
    }))

  const context = withoutPrincipal(denied.context)
  const by = (arn: string, action: string): ControlRequest => {
    const identity = allowAllIdentity(arn)
    return {
      request: requestFrom(identity, action, role, context),
      snapshot: isolatedSnapshot(found(identity), [target]),
    }
  }
  const principals = [...new Set([...nearPrincipals(principal, role)])]
  return [
    ...principals.flatMap(arn => [...new Set([denied.action, ...SESSION_ACTIONS])].map(action => by(arn, action))),
    ...OTHER_ACTIONS.filter(action => asksTrustPolicy(action, role) && action !== denied.action).map(action =>
      by(principal, action),
    ),
  ]
}

const concreteOf = (grant: string): string => grant.replace(/\*$/, 'rolemedic-control')

function nearRoles(text: string): readonly string[] {
  const arn = parseEntityArn(text)
  if (arn === null) return []
  const { partition, accountId, path, name } = arn
  const role = (account: string, itsPath: string, itsName: string) =>
    `arn:${partition}:iam::${account}:role${itsPath}${itsName}`
  return [
    role(accountId, path, `${name}-admin`),
    role(accountId, path, `${name}2`),
    role(accountId, path, name.slice(0, -1) || 'x'),
    role(accountId, path, flipCase(name)),
    role(accountId, `${path}other/`, name),
    role(accountId, '/', 'Administrator'),
    role(OTHER_ACCOUNT, path, name),
  ].filter(near => near !== text)
}

const flipCase = (name: string): string => (name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase())

/** One role per pattern in the current policies, to reveal changes to existing statements. */
function namedRoles(document: PolicyDocument, accountId: string): readonly string[] {
  return document.Statement.flatMap(statement => list(statement.Resource))
    .filter(resource => parseArn(resource)?.resource.startsWith('role/') === true || resource === '*')
    .map(resource => (resource === '*' ? `arn:aws:iam::${accountId}:role/rolemedic-control` : resource))
    .map(resource => resource.replaceAll('*', 'rolemedic-control').replaceAll('?', 'x'))
    .filter(resource => parseEntityArn(resource) !== null)
}

function servicesOf(denied: AccessRequest): readonly string[] {
  const fact = denied.context['iam:passedtoservice']
  const [service] = fact?.state === 'present' ? fact.values : []
  return service === undefined ? [] : [service, `${service}.cn`, `x-${service}`]
}

function otherSessions(context: ContextFacts): readonly ContextFacts[] {
  return [
    { ...context, 'aws:tagkeys': present('rolemedic-control') },
    { ...context, 'sts:sourceidentity': present('rolemedic-control') },
    { ...context, 'iam:awsservicename': present('control.amazonaws.com') },
  ].filter(one => Object.keys(one).every(key => Object.hasOwn(context, key)))
}

/** Other subjects, and other audiences if the trust policy limits them. */
function otherClaims(context: ContextFacts, trust: PolicyDocument): readonly ContextFacts[] {
  const limited = trust.Statement.flatMap(({ Condition = {} }) => Object.values(Condition).flatMap(Object.keys))
  const keys = new Set(limited.map(key => key.toLowerCase()))
  return Object.entries(context).flatMap(([key, fact]) => {
    if (!/:(sub|aud)$/.test(key) || !keys.has(key) || fact.state !== 'present') return []
    const value = fact.values[0] ?? ''
    const near = [`${value}x`, value.slice(0, -1), `x${value}`, otherOwner(value), 'rolemedic-control', '*']
    const others = [...near.filter(one => one !== value).map(one => present(one)), ABSENT_KEY]
    return others.map(other => ({ ...context, [key]: other }))
  })
}

/** The same subject with another owner. */
const otherOwner = (subject: string): string => subject.replace(/^([^:]*:)([^/:]+)/, '$1rolemedic-control')

function withoutPrincipal(context: ContextFacts): ContextFacts {
  const own = /^aws:(principal|userid|username)/
  return Object.fromEntries(Object.entries(context).filter(([key]) => !own.test(key)))
}

/** Roles of other permission sets with similar names, and of this set in other accounts. */
function nearPermissionSets(arn: EntityArn): readonly string[] {
  const set = permissionSetOf(arn)
  if (set === null) return []
  const role = (name: string, path = arn.path, accountId = arn.accountId, suffix = '0123456789abcdef') =>
    `arn:${arn.partition}:iam::${accountId}:role${path}AWSReservedSSO_${name}_${suffix}`
  const reserved = '/aws-reserved/sso.amazonaws.com/'
  return [
    ...[`${set}_Prod`, `${set}-Prod`, `${set}_0123456789abcdef`, set.slice(0, -1) || 'x', `x${set}`, flipCase(set)].map(
      name => role(name),
    ),
    ...['/', reserved, `${reserved}xx-control-1/`].filter(path => path !== arn.path).map(path => role(set, path)),
    role(set, arn.path, OTHER_ACCOUNT),
    role(set, arn.path, arn.accountId, '0123456789abcde'),
    role(set, arn.path, arn.accountId, '0123456789abcdef0'),
  ]
}

function nearPrincipals(text: string, role: string): readonly string[] {
  const arn: EntityArn | null = parseEntityArn(text)
  const self = parseEntityArn(role)
  const inRolesAccount = self === null ? [] : [`arn:${self.partition}:iam::${self.accountId}:role/rolemedic-control`]
  if (arn === null) return [...OTHER_SERVICES.filter(service => service !== text), ...inRolesAccount]
  const root = `arn:${arn.partition}:iam::${arn.accountId}:`
  return [
    ...nearPermissionSets(arn),
    ...nearRoles(text.replace(/:user\//, ':role/')),
    `${root}user/${arn.name}-admin`,
    `${root}user/rolemedic-control`,
    `${root}role/rolemedic-control`,
    ...inRolesAccount,
    `arn:${arn.partition}:iam::${OTHER_ACCOUNT}:user/rolemedic-control`,
  ].filter(near => near !== text)
}
