/** Condition keys derived from the request and the snapshot. The request's own context takes precedence. */

import { parseArn, parseEntityArn } from '../arn.ts'
import {
  ABSENT_KEY,
  type ContextFact,
  type ContextFacts,
  contextFact,
  present,
  unknownKey,
} from '../conditions/context.ts'
import type { AccessSnapshot } from './access-snapshot.ts'
import type { Caller, CallerKind } from './caller.ts'
import { type AccessRequest, type Authorization, asksTrust } from './evaluation.ts'
import { roleAt } from './layers.ts'

export function factsOf(
  authorization: Authorization,
  request: AccessRequest,
  snapshot: AccessSnapshot,
  caller: Caller,
): (key: string) => ContextFact {
  return key => {
    const lower = key.toLowerCase()
    if (Object.hasOwn(request.context, lower)) return contextFact(request.context, lower)
    return derived(lower, authorization, request, snapshot, caller) ?? unknownKey(`the event does not show ${key}`)
  }
}

function derived(
  key: string,
  authorization: Authorization,
  request: AccessRequest,
  snapshot: AccessSnapshot,
  caller: Caller,
): ContextFact | null {
  const resourceAccount = parseArn(request.resource)?.accountId ?? ''
  const ofKind = principalKey(caller.kind, key, resourceAccount)
  if (ofKind !== null) return ofKind
  const slash = key.indexOf('/')
  if (slash !== -1) return tagFact(key.slice(0, slash), key.slice(slash + 1), authorization, request, snapshot, caller)
  switch (key) {
    case 'aws:principalarn':
      return principalArn(caller)
    case 'aws:principalaccount':
      return caller.accountId === null ? null : present(caller.accountId)
    case 'aws:username':
      return caller.kind === 'user' && caller.name !== null ? present(caller.name) : null
    case 'aws:resourceaccount':
      return resourceAccount === '' ? null : present(resourceAccount)
    case 'aws:principalorgid':
      return organizationOf(caller.accountId, snapshot, snapshot.scps.known && snapshot.scps.value.length > 0)
    case 'aws:principalorgpaths':
      return orgPathOf(caller.accountId, snapshot)
    case 'aws:resourceorgid': {
      const listed = snapshot.rcps.known && snapshot.rcps.value.length > 0
      const besides = resourceAccount === caller.accountId && snapshot.scps.known && snapshot.scps.value.length > 0
      return organizationOf(resourceAccount, snapshot, listed || besides)
    }
    default:
      return null
  }
}

function principalArn(caller: Caller): ContextFact | null {
  if (caller.kind === 'role') return caller.roleArn === null ? null : present(caller.roleArn)
  return caller.kind === 'user' || caller.kind === 'root' ? present(caller.arn) : null
}

/** An account that has policies of the organization is one of its members. */
function organizationOf(
  accountId: string | null,
  { organization }: AccessSnapshot,
  listed: boolean,
): ContextFact | null {
  if (!organization.known || organization.value.id === null || accountId === null) return null
  const member = listed || organization.value.managementAccountId === accountId
  return member ? present(organization.value.id) : null
}

/** The path of the caller's account without its own id: `o-a/r-b/ou-c/`. */
function orgPathOf(accountId: string | null, { organization, scps }: AccessSnapshot): ContextFact | null {
  const id = organization.known ? organization.value.id : null
  const levels = scps.known ? scps.value.map(level => level.id) : []
  const account = levels.at(-1)
  if (id === null || account === undefined || account !== accountId || !levels[0]?.startsWith('r-')) return null
  return present(`${[id, ...levels.slice(0, -1)].join('/')}/`)
}

function tagFact(
  prefix: string,
  tag: string,
  authorization: Authorization,
  request: AccessRequest,
  snapshot: AccessSnapshot,
  caller: Caller,
): ContextFact | null {
  if (prefix === 'aws:principaltag' && caller.identity.kind === 'found') {
    // Session tags override the role's own tags.
    if (caller.kind === 'role') return unknownKey('the event does not show the session tags, which override the role’s')
    const { tags, tagsUnread } = caller.identity.value
    return tagsUnread === true ? unknownKey('the user’s tags were not read') : tagValue(tags, tag)
  }
  const onRole = prefix === 'aws:resourcetag' || prefix === 'iam:resourcetag'
  if (!onRole) return null
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html
  if (!asksTrust(authorization))
    return unknownKey(`AWS does not show the role’s tags to ${request.action} reliably: a policy should name the role`)
  if (parseEntityArn(request.resource) === null) return null
  const role = roleAt(request.resource, snapshot)
  if (role.kind !== 'found') return null
  return role.value.tagsUnread === true ? unknownKey('the role’s tags were not read') : tagValue(role.value.tags, tag)
}

function tagValue(tags: { readonly [key: string]: string }, tag: string): ContextFact {
  const values = Object.entries(tags)
    .filter(([key]) => key.toLowerCase() === tag)
    .map(([, value]) => value)
  return values.length === 0 ? ABSENT_KEY : present(...values)
}

const OF_ORGANIZATION_MEMBERS = ['aws:principalorgid', 'aws:principalorgpaths']
const OF_IAM_PRINCIPALS = ['aws:principalarn']
const OF_SIGNED_REQUESTS = ['aws:principalisawsservice']
const OF_TEMPORARY_CREDENTIALS = ['aws:multifactorauthpresent', 'aws:multifactorauthage', 'aws:tokenissuetime']
const OF_USERS = ['aws:username']

/**
 * Keys about the principal that a kind of caller never sends. For each key, AWS documents which requests include it. A request
 * with a token or an assertion is not signed, so it counts as anonymous.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (`aws:username` for each kind of
 * principal)
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html (called without AWS credentials)
 */
const NEVER_SENT: { readonly [kind in CallerKind]: ReadonlySet<string> } = {
  user: new Set(),
  role: new Set(OF_USERS),
  root: new Set(OF_USERS),
  'federated-user': new Set(OF_USERS),
  federated: new Set([...OF_USERS, ...OF_IAM_PRINCIPALS, ...OF_SIGNED_REQUESTS, ...OF_TEMPORARY_CREDENTIALS]),
  service: new Set([...OF_USERS, ...OF_IAM_PRINCIPALS]),
  unknown: new Set(),
}

/** These have no tags. Users and roles do, and sessions can bring some. */
const WITHOUT_TAGS: readonly CallerKind[] = ['root', 'federated', 'service']

const WITHOUT_ACCOUNT: readonly CallerKind[] = ['federated', 'service']

/** What is known about one key. Null: this kind of caller may send it. `resourceAccount`: the role's account; empty if unknown. */
function principalKey(kind: CallerKind, key: string, resourceAccount: string): ContextFact | null {
  if (NEVER_SENT[kind].has(key)) return ABSENT_KEY
  if (WITHOUT_TAGS.includes(kind) && key.startsWith('aws:principaltag/')) return ABSENT_KEY
  if (!WITHOUT_ACCOUNT.includes(kind)) return null
  // The caller is in no organization, so a policy that requires one never matches. Whether others match is unknown.
  if (OF_ORGANIZATION_MEMBERS.includes(key))
    return unknownKey('a caller without an account belongs to no organization', 'any')
  if (key !== 'aws:principalaccount') return null
  // All requests have this key; in anonymous ones it is `anonymous`. AWS does not document what a service sends.
  const why = 'AWS does not say which account it names for a caller without one'
  return unknownKey(why, resourceAccount === '' ? [] : [resourceAccount])
}

/** What is known about all of these keys for this kind of caller. */
export function principalKeys(kind: CallerKind, resourceAccount: string): ContextFacts {
  const keys = [...NEVER_SENT[kind], ...OF_ORGANIZATION_MEMBERS, 'aws:principalaccount']
  return Object.fromEntries(
    keys.flatMap(key => {
      const fact = principalKey(kind, key, resourceAccount)
      return fact === null ? [] : [[key, fact] as const]
    }),
  )
}
