/**
 * When a person was first seen in an approver group: signed here, created once beside the audit log, and read from nowhere else. Members of
 * the first reading of a group, and people whom the configuration names, count at once.
 */

import { canonicalJson, type Fact, known, unknown } from '../../core/base/index.ts'
import {
  FIRST_SEEN,
  type FirstSeen,
  firstSeenKey,
  MAX_SEEN,
  signedFirstSeenSchema,
  statementBytes,
  verified,
} from '../domain/authority/index.ts'
import type { ChatUserId } from '../domain/messages/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { Keys, Signer } from '../ports/signer.ts'
import type { ObjectLedger } from '../ports/writing/object-ledger.ts'
import type { Approvers } from '../workflows/approval/approver-directory.ts'

export type FirstSeenDeps = {
  readonly ledger: Pick<ObjectLedger, 'create' | 'versions' | 'read'>
  readonly chat: Pick<Chat, 'groupMembers'>
  readonly signer: Signer
  readonly keys: Keys
  readonly deploymentId: string
  readonly clock: Clock
  readonly observer: Observer
  /**
   * Takes what need not be over before the decision is stored, and has to be before the answer. A record that is lost lets the person count
   * later, never sooner. Absent: it is waited for.
   */
  readonly beside?: (job: Promise<unknown>) => void
}

/** Null: of the first reading of a group, or named by the configuration. */
type Since = Fact<number | null>

/** Since when the person may approve by all of these lists. */
export async function memberSince(
  lists: readonly Approvers[],
  userId: ChatUserId,
  deps: FirstSeenDeps,
): Promise<Since> {
  try {
    const since = await Promise.all(lists.map(list => sinceInList(list, userId, deps)))
    const unread = since.find(one => !one.known)
    if (unread !== undefined) return unread
    const times = since.flatMap(one => (one.known && one.value !== null ? [one.value] : []))
    return known(times.length === 0 ? null : Math.max(...times))
  } catch (error) {
    return unknown(`it cannot be read since when: ${String(error).slice(0, 200)}`)
  }
}

async function sinceInList({ users, groups }: Approvers, userId: ChatUserId, deps: FirstSeenDeps): Promise<Since> {
  if (users.includes(userId)) return known(null)
  const each = await Promise.all(groups.map(group => sinceInGroup(group, userId, deps)))
  const read = each.flatMap(one => (one?.known === true ? [one.value] : []))
  if (read.length > 0) return known(read.some(one => one === null) ? null : Math.min(...read.map(Number)))
  return each.find(one => one !== null) ?? unknown('no group has this person')
}

/** Null: the group does not have this person. */
async function sinceInGroup(group: string, userId: ChatUserId, deps: FirstSeenDeps): Promise<Since | null> {
  const [members, own, first] = await Promise.all([
    deps.chat.groupMembers(group),
    recordOf(group, userId, deps),
    firstReading(group, [], deps),
  ])
  if (!members.known) return members
  if (!members.value.includes(userId)) return null
  return own.seen === null ? notSeenBefore(group, userId, own, first, deps) : known(own.seen.atMs)
}

/** Keeps it, if this is the first time. */
export async function firstSeen(
  group: string,
  userId: ChatUserId,
  first: FirstSeen | null,
  deps: FirstSeenDeps,
): Promise<Since> {
  const own = await recordOf(group, userId, deps)
  return own.seen === null ? notSeenBefore(group, userId, own, first, deps) : known(own.seen.atMs)
}

async function notSeenBefore(
  group: string,
  userId: ChatUserId,
  own: Recorded,
  first: FirstSeen | null,
  deps: FirstSeenDeps,
): Promise<Since> {
  if (first?.users.includes(userId) === true) return known(null)
  const { beside, clock } = deps
  // Without an object there, the record says now, or another process was sooner.
  if (beside !== undefined && own.versions === 0) {
    const atMs = clock()
    beside(keep(group, userId, own, [userId], { ...deps, clock: () => atMs }))
    return known(atMs)
  }
  const made = await keep(group, userId, own, [userId], deps)
  return made === null ? unknown('another object stands where the record would be') : known(made.atMs)
}

/**
 * Everybody in the group when it was first read; null: nobody knows, as the group cannot be read now, or somebody else has put an object
 * there. `except`: who was just added.
 */
export async function firstReading(
  group: string,
  except: readonly ChatUserId[],
  deps: FirstSeenDeps,
): Promise<FirstSeen | null> {
  const before = await recordOf(group, null, deps)
  if (before.seen !== null) return before.seen
  const members = await deps.chat.groupMembers(group)
  if (!members.known) return null
  const users = members.value.filter(id => !except.includes(id)).slice(0, MAX_SEEN)
  return keep(group, null, before, users, deps)
}

/** `seen` is null: there is no record. */
type Recorded = { readonly seen: FirstSeen | null; readonly versions: number }

/** The first version that `decide` signed for this key: later ones, delete markers and what others put there say nothing. */
async function recordOf(group: string, userId: ChatUserId | null, deps: FirstSeenDeps): Promise<Recorded> {
  const { ledger, keys, deploymentId, observer } = deps
  const key = firstSeenKey(deploymentId, group, userId)
  const versions = await ledger.versions(key)
  if (versions.length > 1) {
    observer.log('error', 'member_record_foreign', { key, versions: versions.length })
    observer.count('Forged')
  }
  for (const { id, isDeleteMarker } of versions.slice(0, MAX_VERSIONS)) {
    if (isDeleteMarker) continue
    const read = signedFirstSeenSchema.safeParse(jsonOf(await ledger.read(key, id)))
    const signed = read.success ? verified(FIRST_SEEN, read.data, await keys.ring()) : null
    if (signed?.ok === true && signed.value.key === key && signed.value.deploymentId === deploymentId)
      return { seen: signed.value, versions: versions.length }
    observer.log('error', 'member_record_foreign', { key, version: id })
  }
  return { seen: null, versions: versions.length }
}

const MAX_VERSIONS = 20

/** Null: another object has the key, and none that `decide` signed. */
async function keep(
  group: string,
  userId: ChatUserId | null,
  { versions }: Recorded,
  users: readonly ChatUserId[],
  deps: FirstSeenDeps,
): Promise<FirstSeen | null> {
  const { ledger, signer, deploymentId, clock } = deps
  const key = firstSeenKey(deploymentId, group, userId)
  // A delete marker does not make anybody new again.
  if (versions > 0) return null
  const statement: FirstSeen = { schema: 'rolemedic.first-seen/1', deploymentId, key, users, atMs: clock() }
  const signature = await signer.sign(statementBytes(FIRST_SEEN, statement))
  const isFirst = (await ledger.create(key, canonicalJson({ statement, signature }))) === 'created'
  // Another process may have been first.
  return isFirst ? statement : (await recordOf(group, userId, deps)).seen
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
