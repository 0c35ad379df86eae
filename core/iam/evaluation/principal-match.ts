/**
 * The `Principal` and `NotPrincipal` elements.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */

import type { Unknown } from '../../base/index.ts'
import { parseEntityArn, parseSessionArn } from '../arn.ts'
import type { Notes } from '../conditions/conditions.ts'
import { all, and, not, or, some, type Truth } from '../conditions/truth.ts'
import { nearMiss } from '../policy/near-miss.ts'
import { list, type PrincipalBlock, type Statement } from '../policy/policy-document.ts'
import type { Caller } from './caller.ts'

/**
 * How an entry names the caller. This decides whether a trust policy alone is enough, and which other policies limit it. `others`: it
 * is `NotPrincipal` and does not except the caller.
 */
export type TrustGrant = 'everyone' | 'others' | 'account' | 'role' | 'session' | 'user' | 'service' | 'federated'

type Named = { readonly grant: TrustGrant; readonly truth: Truth }

export type PrincipalMatch = {
  readonly truth: Truth
  /** Every way in which an entry names, or may name, the caller. */
  readonly grants: readonly Named[]
}

/** One name of `Principal` or `NotPrincipal`, parsed once. */
type Entry = { readonly value: string; readonly nameOf: (caller: Caller) => Named }

/** The names that a statement allows (`Principal`) or excepts (`NotPrincipal`). */
export type CompiledPrincipal =
  | { readonly kind: 'names' | 'excepts'; readonly entries: readonly Entry[] }
  | { readonly kind: 'neither' }

/** The name of the unknown fact when the event names no caller. */
export const THE_CALLER = 'the caller'

const ACCOUNT_ID = /^\d{12}$/
const ROOT = /^arn:(aws[a-z-]*):iam::(\d{12}):root$/
const UNIQUE_ID = /^A[A-Z]{3}[A-Z0-9]{8,}$/

export function compilePrincipal({ Principal, NotPrincipal }: Statement): CompiledPrincipal {
  if (Principal !== undefined) return { kind: 'names', entries: entriesOf(Principal) }
  if (NotPrincipal !== undefined) return { kind: 'excepts', entries: entriesOf(NotPrincipal) }
  return { kind: 'neither' }
}

/** `notes` collects why it does not match and what is unknown; null: reasons are not wanted. */
export function matchesPrincipal(
  principal: CompiledPrincipal,
  effect: Statement['Effect'],
  caller: Caller,
  notes: Notes | null,
): PrincipalMatch {
  switch (principal.kind) {
    case 'names':
      return namesCaller(principal.entries, caller, notes)
    case 'excepts':
      return exceptsCaller(principal.entries, effect, caller, notes)
    case 'neither':
      notes?.unknowns.push({ fact: 'Principal', why: 'the statement has neither Principal nor NotPrincipal' })
      return { truth: 'unknown', grants: [{ grant: 'everyone', truth: 'unknown' }] }
  }
}

const NOT_NAMED: PrincipalMatch = { truth: 'no', grants: [] }

function namesCaller(entries: readonly Entry[], caller: Caller, notes: Notes | null): PrincipalMatch {
  const grants: Named[] = []
  for (const { nameOf } of entries) {
    const named = nameOf(caller)
    if (named.truth !== 'no') grants.push(named)
  }
  if (grants.length === 0 && notes === null) return NOT_NAMED
  const truth = some(grants.map(grant => grant.truth))
  if (truth === 'no' && notes !== null)
    for (const { value } of entries)
      notes.mismatches.push({ element: 'principal', pattern: value, near: nearPrincipal(value, caller) })
  notes?.unknowns.push(...unseen(truth, caller))
  return { truth, grants }
}

/**
 * `NotPrincipal` excepts a user only if its ARN and its account are listed, and a role only if its session is listed too. A
 * Deny excepts no principal that has a permissions boundary.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function exceptsCaller(
  entries: readonly Entry[],
  effect: Statement['Effect'],
  caller: Caller,
  notes: Notes | null,
): PrincipalMatch {
  const named = entries.map(({ nameOf }) => nameOf(caller))
  const listed = (grant: TrustGrant): Truth => some(named.filter(n => n.grant === grant).map(n => n.truth))
  const any = some(named.map(n => n.truth))
  const whole = all(needed(caller).map(listed))
  const excepted = effect === 'Deny' ? and(whole, not(bounded(caller))) : whole
  const excepts = or(listed('everyone'), excepted)
  const none = any === 'no' && caller.kind !== 'unknown'
  const certain = none || (effect === 'Deny' && bounded(caller) === 'yes' && listed('everyone') === 'no')
  const truth: Truth = excepts === 'yes' ? 'no' : certain ? 'yes' : 'unknown'
  if (truth === 'no') notes?.mismatches.push({ element: 'principal', pattern: entries[0]?.value ?? null, near: null })
  if (truth === 'unknown') {
    const why = 'NotPrincipal lists only part of what AWS needs to except the caller (account, role and session)'
    notes?.unknowns.push({ fact: 'NotPrincipal', why })
  }
  return { truth, grants: truth === 'no' ? [] : [{ grant: 'others', truth }] }
}

function bounded({ kind, identity }: Caller): Truth {
  if (kind === 'root' || kind === 'service' || kind === 'federated' || identity.kind === 'absent') return 'no'
  if (identity.kind === 'unreadable' || identity.value.boundary.kind === 'unreadable') return 'unknown'
  return identity.value.boundary.kind === 'found' ? 'yes' : 'no'
}

function needed(caller: Caller): readonly TrustGrant[] {
  switch (caller.kind) {
    case 'role':
      return ['session', 'role', 'account']
    case 'user':
      return ['user', 'account']
    case 'federated-user':
      return ['session', 'account']
    case 'root':
      return ['account']
    case 'service':
      return ['service']
    case 'federated':
      return ['federated']
    case 'unknown':
      return ['everyone']
  }
}

function entriesOf(block: PrincipalBlock): readonly Entry[] {
  if (block === '*') return [{ value: '*', nameOf: compileName('*', '*') }]
  return Object.entries(block).flatMap(([type, values]) =>
    list(values).map(value => ({ value, nameOf: compileName(type, value) })),
  )
}

function compileName(type: string, value: string): Entry['nameOf'] {
  if (value === '*' && (type === '*' || type === 'AWS')) return always({ grant: 'everyone', truth: 'yes' })
  switch (type) {
    case 'AWS': {
      const name = compileAwsName(value)
      return caller => (caller.kind === 'unknown' ? { grant: 'role', truth: 'unknown' } : name(caller))
    }
    case 'Service':
      return caller => ({ grant: 'service', truth: among(value, caller, 'service') })
    case 'Federated':
      return caller => ({ grant: 'federated', truth: among(value, caller, 'federated') })
    default:
      // CanonicalUser names an Amazon S3 owner, which never calls STS or IAM.
      return always({ grant: 'user', truth: 'no' })
  }
}

const always = (named: Named) => () => named

function among(value: string, caller: Caller, kind: Caller['kind']): Truth {
  if (caller.kind === 'unknown') return 'unknown'
  if (caller.kind !== kind) return 'no'
  if (caller.arn === '') return 'unknown'
  return value === caller.arn ? 'yes' : 'no'
}

function compileAwsName(value: string): Entry['nameOf'] {
  const root = ROOT.exec(value)
  const account = ACCOUNT_ID.test(value) ? value : root?.[2]
  if (account !== undefined) {
    const partition = root?.[1]
    return caller => {
      const same = account === caller.accountId && (partition === undefined || partition === caller.partition)
      return { grant: 'account', truth: same ? 'yes' : 'no' }
    }
  }
  if (UNIQUE_ID.test(value)) {
    // IAM shows an existing principal by its ARN, so a bare id belongs to a deleted one, unless it is this caller's id.
    return caller => ({
      grant: caller.kind === 'user' ? 'user' : 'role',
      truth: value === caller.uniqueId ? 'yes' : 'no',
    })
  }
  const role = compileRoleName(value)
  return caller => {
    if (caller.kind === 'role') return role(caller)
    return { grant: caller.kind === 'user' ? 'user' : 'session', truth: value === caller.arn ? 'yes' : 'no' }
  }
}

function compileRoleName(value: string): Entry['nameOf'] {
  const role = parseEntityArn(value)
  if (role?.kind === 'role') {
    return caller => {
      if (caller.roleArn !== null) return { grant: 'role', truth: value === caller.roleArn ? 'yes' : 'no' }
      const { name, accountId, partition } = caller
      const may = role.name === name && role.accountId === accountId && role.partition === partition
      return { grant: 'role', truth: may ? 'unknown' : 'no' }
    }
  }
  const session = parseSessionArn(value)
  return caller => {
    if (value === caller.arn) return { grant: 'session', truth: 'yes' }
    const ofUnseenSession = session !== null && parseSessionArn(caller.arn) === null
    const may = ofUnseenSession && session.roleName === caller.name && session.accountId === caller.accountId
    return { grant: 'session', truth: may ? 'unknown' : 'no' }
  }
}

function nearPrincipal(value: string, caller: Caller): ReturnType<typeof nearMiss> {
  const root = ROOT.exec(value)
  if (root !== null) return root[2] === caller.accountId ? 'partition' : null
  if (caller.kind === 'role' && caller.roleArn !== null) {
    const near = nearMiss(value, caller.roleArn)
    if (near !== null) return near
  }
  return nearMiss(value, caller.arn)
}

function unseen(truth: Truth, caller: Caller): readonly Unknown[] {
  if (truth !== 'unknown') return []
  if (caller.kind === 'unknown') return [{ fact: THE_CALLER, why: 'the event does not name it' }]
  if (caller.arn === '') return [{ fact: 'the identity provider', why: 'the event does not name it' }]
  return [{ fact: `the role behind ${caller.arn}`, why: 'its path or its session name is unknown' }]
}
