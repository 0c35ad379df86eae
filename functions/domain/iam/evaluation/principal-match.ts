/**
 * The `Principal` and `NotPrincipal` elements.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */

import type { Unknown } from '../../base/fact.ts'
import { parseEntityArn, parseSessionArn } from '../arn.ts'
import { all, and, not, or, some, type Truth } from '../conditions/truth.ts'
import type { Mismatch } from '../policy/mismatch.ts'
import { nearMiss } from '../policy/near-miss.ts'
import { list, type PrincipalBlock, type Statement } from '../policy/policy-document.ts'
import type { Caller } from './caller.ts'

/** How an entry names the caller: decides whether a trust policy is enough, and what limits it. */
export type Grant = 'everyone' | 'account' | 'role' | 'session' | 'user' | 'service' | 'federated'

export type PrincipalOutcome = {
  readonly truth: Truth
  /** Every way in which an entry names, or may name, the caller. */
  readonly grants: readonly { readonly grant: Grant; readonly truth: Truth }[]
  readonly mismatches: readonly Mismatch[]
  readonly unknowns: readonly Unknown[]
}

type Entry = { readonly type: string; readonly value: string }
type Named = { readonly grant: Grant; readonly truth: Truth }

/** The unknown fact when the event names no caller. */
export const THE_CALLER = 'the caller'

const ACCOUNT_ID = /^\d{12}$/
const ROOT = /^arn:(aws[a-z-]*):iam::(\d{12}):root$/
const UNIQUE_ID = /^A[A-Z]{3}[A-Z0-9]{8,}$/

export function matchesPrincipal(statement: Statement, caller: Caller): PrincipalOutcome {
  if (statement.Principal !== undefined) return namesCaller(statement.Principal, caller)
  if (statement.NotPrincipal !== undefined) return exceptsCaller(statement, statement.NotPrincipal, caller)
  const unknowns = [{ fact: 'Principal', why: 'the statement has neither Principal nor NotPrincipal' }]
  return { truth: 'unknown', grants: [{ grant: 'everyone', truth: 'unknown' }], mismatches: [], unknowns }
}

function namesCaller(block: PrincipalBlock, caller: Caller): PrincipalOutcome {
  const grants: Named[] = []
  const mismatches: Mismatch[] = []
  for (const entry of entriesOf(block)) {
    const named = nameOf(entry, caller)
    if (named.truth !== 'no') grants.push(named)
    else mismatches.push({ element: 'principal', pattern: entry.value, near: nearPrincipal(entry.value, caller) })
  }
  const truth = some(grants.map(grant => grant.truth))
  return { truth, grants, mismatches: truth === 'no' ? mismatches : [], unknowns: unseen(truth, caller) }
}

/**
 * `NotPrincipal` excepts a user only if its ARN and its account are listed, and a role only if its session is listed too.
 * A Deny excepts nobody who has a permissions boundary.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function exceptsCaller(statement: Statement, block: PrincipalBlock, caller: Caller): PrincipalOutcome {
  const named = entriesOf(block).map(entry => nameOf(entry, caller))
  const listed = (grant: Grant): Truth => some(named.filter(n => n.grant === grant).map(n => n.truth))
  const any = some(named.map(n => n.truth))
  const whole = all(needed(caller).map(listed))
  const excepted = statement.Effect === 'Deny' ? and(whole, not(bounded(caller))) : whole
  const excepts = or(listed('everyone'), excepted)
  const none = any === 'no' && caller.kind !== 'unknown'
  const certain = none || (statement.Effect === 'Deny' && bounded(caller) === 'yes' && listed('everyone') === 'no')
  const truth: Truth = excepts === 'yes' ? 'no' : certain ? 'yes' : 'unknown'
  const mismatches: Mismatch[] =
    truth === 'no' ? [{ element: 'principal', pattern: entriesOf(block)[0]?.value ?? null, near: null }] : []
  const grants: Named[] = truth === 'no' ? [] : [{ grant: 'everyone', truth }]
  const why = 'NotPrincipal lists only part of what AWS needs to except the caller (account, role and session)'
  return { truth, grants, mismatches, unknowns: truth === 'unknown' ? [{ fact: 'NotPrincipal', why }] : [] }
}

function bounded({ kind, identity }: Caller): Truth {
  if (kind === 'root' || kind === 'service' || kind === 'federated' || identity.kind === 'absent') return 'no'
  if (identity.kind === 'unreadable' || identity.value.boundary.kind === 'unreadable') return 'unknown'
  return identity.value.boundary.kind === 'found' ? 'yes' : 'no'
}

function needed(caller: Caller): readonly Grant[] {
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
  if (block === '*') return [{ type: '*', value: '*' }]
  return Object.entries(block).flatMap(([type, values]) => list(values).map(value => ({ type, value })))
}

function nameOf({ type, value }: Entry, caller: Caller): Named {
  if (value === '*' && (type === '*' || type === 'AWS')) return { grant: 'everyone', truth: 'yes' }
  switch (type) {
    case 'AWS':
      return caller.kind === 'unknown' ? { grant: 'role', truth: 'unknown' } : awsName(value, caller)
    case 'Service':
      return { grant: 'service', truth: among(value, caller, 'service') }
    case 'Federated':
      return { grant: 'federated', truth: among(value, caller, 'federated') }
    default:
      // CanonicalUser: an Amazon S3 owner, which never calls STS or IAM.
      return { grant: 'user', truth: 'no' }
  }
}

function among(value: string, caller: Caller, kind: Caller['kind']): Truth {
  if (caller.kind === 'unknown') return 'unknown'
  if (caller.kind !== kind) return 'no'
  if (caller.arn === '') return 'unknown'
  return value === caller.arn ? 'yes' : 'no'
}

function awsName(value: string, caller: Caller): Named {
  const root = ROOT.exec(value)
  const account = ACCOUNT_ID.test(value) ? value : root?.[2]
  if (account !== undefined) {
    const same = account === caller.accountId && (root === null || root[1] === caller.partition)
    return { grant: 'account', truth: same ? 'yes' : 'no' }
  }
  if (UNIQUE_ID.test(value)) {
    // IAM shows an existing principal by ARN: a bare id means a deleted one, unless it is this caller's.
    return { grant: caller.kind === 'user' ? 'user' : 'role', truth: value === caller.uniqueId ? 'yes' : 'no' }
  }
  if (caller.kind === 'user') return { grant: 'user', truth: value === caller.arn ? 'yes' : 'no' }
  if (caller.kind === 'role') return roleName(value, caller)
  return { grant: 'session', truth: value === caller.arn ? 'yes' : 'no' }
}

function roleName(value: string, caller: Caller): Named {
  const role = parseEntityArn(value)
  if (role?.kind === 'role') {
    if (caller.roleArn !== null) return { grant: 'role', truth: value === caller.roleArn ? 'yes' : 'no' }
    const may = role.name === caller.name && role.accountId === caller.accountId && role.partition === caller.partition
    return { grant: 'role', truth: may ? 'unknown' : 'no' }
  }
  if (value === caller.arn) return { grant: 'session', truth: 'yes' }
  const session = parseSessionArn(value)
  const ofUnseenSession = session !== null && parseSessionArn(caller.arn) === null
  const may = ofUnseenSession && session.roleName === caller.name && session.accountId === caller.accountId
  return { grant: 'session', truth: may ? 'unknown' : 'no' }
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
