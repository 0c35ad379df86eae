/**
 * Keys about the principal that a kind of caller never sends. For each key, AWS documents which requests include it. A request
 * with a token or an assertion is not signed, so it counts as anonymous.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (`aws:username` for each kind of
 * principal)
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html (called without AWS credentials)
 */

import { ABSENT_KEY, type ContextFact, type ContextFacts, unknownKey } from '../conditions/context.ts'
import type { CallerKind } from './caller.ts'

const OF_ORGANIZATION_MEMBERS = ['aws:principalorgid', 'aws:principalorgpaths']
const OF_IAM_PRINCIPALS = ['aws:principalarn']
const OF_SIGNED_REQUESTS = ['aws:principalisawsservice']
const OF_TEMPORARY_CREDENTIALS = ['aws:multifactorauthpresent', 'aws:multifactorauthage', 'aws:tokenissuetime']
const OF_USERS = ['aws:username']

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
export function principalKey(kind: CallerKind, key: string, resourceAccount: string): ContextFact | null {
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
