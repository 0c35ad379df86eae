/**
 * Who is behind an access key: from the record that issued it to the record that issued that caller's own, and on. Nothing that a
 * caller chooses joins two records: only the key, and the session's ARN and id as AWS sets them on both sides.
 */
import { accountIdIn } from '../../iam/index.ts'
import type { UserIdentity } from './cloudtrail-record.ts'
import { isSessionKey } from './denied-principal.ts'
import { type IssuedKey, type IssuedKeys, LONGEST_SESSION_MS } from './issued-keys.ts'

export const MAX_HOPS = 4

export type KeyChain = {
  /** Newest first. */
  readonly hops: readonly IssuedKey[]
  /** Who began it. Null: the chain is broken. */
  readonly root: UserIdentity | null
  /** The record that would go on with it. Null: the chain is whole, or no record can go on with it. */
  readonly missing: MissingKey | null
}

export type MissingKey = { readonly key: string; readonly accountId: string; readonly untilMs: number }

/** `atMs`: when the caller used its key. */
export function keyChain(caller: UserIdentity, atMs: number, issued: IssuedKeys): KeyChain {
  const hops: IssuedKey[] = []
  let [user, beforeMs] = [caller, atMs]
  const broken = { hops, root: null, missing: null }
  while (!isRoot(user)) {
    const { accessKeyId: key } = user
    if (!isSessionKey(key) || hops.length === MAX_HOPS) return broken
    const found = issuedTo(user, issued.get(key) ?? [], beforeMs)
    if (found === 'contradicted') return broken
    if ('lookIn' in found) {
      const accountId = accountIdIn(found.lookIn)
      return { ...broken, missing: accountId === null ? null : { key, accountId, untilMs: beforeMs } }
    }
    hops.push(found)
    user = found.by
    beforeMs = found.atMs
  }
  const own = issued.get(user.accessKeyId ?? '') ?? []
  const ownSession =
    user.type === 'IAMUser' && own.length > 0 && hops.length < MAX_HOPS ? issuedTo(user, own, beforeMs) : null
  if (ownSession === 'contradicted') return broken
  if (ownSession !== null && !('lookIn' in ownSession)) hops.push(ownSession)
  return { hops, root: user, missing: null }
}

/** AWS itself says who it is: nothing has to be looked up. */
function isRoot({ type, sessionContext }: UserIdentity): boolean {
  switch (type) {
    case 'IAMUser':
    case 'SAMLUser':
    case 'WebIdentityUser':
    case 'AWSService':
      return true
    case 'Root':
      return sessionContext?.assumedRoot !== 'true'
    case 'AssumedRole':
      return IDENTITY_CENTER.test(sessionContext?.sessionIssuer?.arn ?? '')
    default:
      return false
  }
}

/** Roles that Identity Center makes: it sets the name of their sessions to that of the person. */
export const IDENTITY_CENTER = /^arn:[^:]{1,20}:iam::\d{12}:role\/aws-reserved\/sso\.amazonaws\.com\//

/** A key is issued once: what does not fit contradicts it. */
function issuedTo(
  user: UserIdentity,
  all: readonly IssuedKey[],
  beforeMs: number,
): IssuedKey | 'contradicted' | { readonly lookIn: string | null } {
  const corrected = new Set(all.map(one => one.corrects))
  const distinct = [...new Map(all.map(one => [one.id, one])).values()].filter(({ id }) => !corrected.has(id))
  if (!distinct.every(one => fits(one, user, beforeMs))) return 'contradicted'
  const asked = distinct.filter(({ by }) => by.type !== 'AWSAccount')
  const [across] = distinct.filter(({ by }) => by.type === 'AWSAccount')
  const [first, ...others] = asked
  if (first === undefined) return { lookIn: across === undefined ? user.accountId : across.by.accountId }
  const isOne = others.length === 0 && isSameCall(first, distinct)
  return isOne ? first : 'contradicted'
}

/** The account of the role has a record too, which names the caller by its account and id alone. */
function isSameCall(asked: IssuedKey, all: readonly IssuedKey[]): boolean {
  if (asked.accountId !== null && asked.by.accountId !== null && asked.accountId !== asked.by.accountId) return false
  const others = all.filter(one => one !== asked)
  return others.every(
    ({ sharedId, by }) =>
      sharedId !== null &&
      sharedId === asked.sharedId &&
      by.accountId === asked.by.accountId &&
      (by.principalId === null || by.principalId === asked.by.principalId),
  )
}

function fits({ of, session, atMs, by }: IssuedKey, user: UserIdentity, beforeMs: number): boolean {
  if (atMs > beforeMs || beforeMs - atMs > LONGEST_SESSION_MS) return false
  switch (user.type) {
    case 'AssumedRole':
      return of === 'role' && isOf(session, user)
    case 'FederatedUser':
      return of === 'federated' && isOf(session, user)
    case 'IAMUser':
      return of === 'user' && by.type === 'IAMUser' && by.arn === user.arn
    case 'Root':
      return of === 'root'
    default:
      return false
  }
}

const isOf = (session: IssuedKey['session'], { arn, principalId }: UserIdentity): boolean =>
  session !== null && session.arn === arn && (session.id === null || principalId === null || session.id === principalId)
