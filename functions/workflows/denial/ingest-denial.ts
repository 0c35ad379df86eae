/** Counts a denial once, whatever its source, and queues its analysis at most once a minute. */

import { SESSION_ACTIONS } from '../../../core/actions/index.ts'
import { MINUTE_MS, never } from '../../../core/base/index.ts'
import { type Denial, fingerprintOf, isTooOld, requestKeyOf } from '../../../core/denial/index.ts'
import { parseRoleArn } from '../../../core/iam/index.ts'
import type { Config } from '../../domain/config/index.ts'
import { TWIN_MS } from '../../domain/deploy/index.ts'
import type { Occurrence } from '../../domain/proposal/index.ts'
import { COUNTERS, type HarvestedDenial, harvestedDenial, heardFrom } from '../../domain/stored/index.ts'
import type { AccountMembership } from '../../ports/access-reader.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { readableOrNull, updateMarker } from '../optimistic-update.ts'

export type IngestDeps = {
  readonly store: Pick<ProposalStore, 'recordOccurrence' | 'increment' | 'getMarker'>
  readonly queue: Pick<WorkQueue, 'send'>
  readonly clock: Clock
  readonly observer: Observer
  readonly config: Pick<Config, 'settleSeconds'>
  /** rolemedic's own roles. Their denials are faults of the deployment, never proposals. */
  readonly ownRoleArns: readonly string[]
  /** The reader role of each account, with its path if it has one. Null: the bot reads no accounts. */
  readonly readerRole: { readonly name: string; readonly membershipOf: AccountMembership } | null
}

export type IngestedDenial =
  | { readonly kind: 'queued' | 'counted' | 'duplicate' | 'old'; readonly fingerprint: string }
  | { readonly kind: 'own'; readonly why: string }

export async function ingestDenial(denial: Denial, deps: IngestDeps): Promise<IngestedDenial> {
  const { store, observer, clock } = deps
  if (isOwn(denial, deps.ownRoleArns)) {
    const expected = await expectedRefusal(denial, deps)
    if (expected !== null) {
      logExpected(expected, denial, observer)
      return { kind: 'own', why: expected.why }
    }
    observer.count('OwnDenials')
    observer.log('error', 'own_role_denied', { role: denial.principal.roleArn, action: denial.action })
    return { kind: 'own', why: "one of rolemedic's own roles was denied" }
  }
  const nowMs = clock()
  const twin = await harvestedTwin(denial, store)
  const fingerprint = twin?.fingerprint ?? fingerprintOf(denial)
  const sameAs = denial.corrects ?? twin?.id
  const twinOf = sameAs === undefined ? {} : { twinOf: sameAs }
  const { occurrence, first, duplicate } = await store.recordOccurrence(denial, fingerprint, nowMs, twinOf)
  observer.log('info', 'occurrence_recorded', {
    fingerprint,
    eventId: denial.id,
    count: occurrence.count,
    first,
    duplicate,
  })
  observer.count(duplicate ? 'DuplicateDeliveries' : 'Denials')
  if (isTooOld(denial, nowMs)) return { kind: 'old', fingerprint }
  if (duplicate) return ingestDuplicate(fingerprint, occurrence.proposalId, nowMs, deps)
  if (first) return sendBoth(fingerprint, deps)
  if (isSettling(occurrence, nowMs, deps)) return { kind: 'counted', fingerprint }
  return (await isTurn(fingerprint, nowMs, deps)) ? send(fingerprint, deps) : { kind: 'counted', fingerprint }
}

/** Queues the work again, because the first delivery may have failed before it did. */
async function ingestDuplicate(
  fingerprint: string,
  proposalId: string | null,
  nowMs: number,
  deps: IngestDeps,
): Promise<IngestedDenial> {
  if (proposalId === null || (await isTurn(fingerprint, nowMs, deps))) await send(fingerprint, deps)
  return { kind: 'duplicate', fingerprint }
}

/** True when the first queued analysis has not started yet. It will read the new count. */
function isSettling({ proposalId, firstSeenMs }: Occurrence, nowMs: number, { config }: IngestDeps): boolean {
  return proposalId === null && nowMs < firstSeenMs + config.settleSeconds * 1_000
}

/** A repeat updates the card's count or leads to a new proposal, as `propose` decides. Once a minute is enough for both. */
async function isTurn(fingerprint: string, nowMs: number, { store }: IngestDeps): Promise<boolean> {
  const minute = Math.floor(nowMs / MINUTE_MS)
  return (await store.increment(`${COUNTERS.look}${fingerprint}/${minute}`, (minute + 10) * MINUTE_MS)) === 1
}

/** A card at once, and all that counts after the settle time. Only the second is ever needed. */
async function sendBoth(fingerprint: string, deps: IngestDeps): Promise<IngestedDenial> {
  const { queue, config, observer } = deps
  const queued = await send(fingerprint, deps)
  try {
    if (config.settleSeconds > 0) await queue.send({ kind: 'first-look', fingerprint })
  } catch (error) {
    observer.log('warn', 'first_look_not_sent', { fingerprint, error: String(error) })
  }
  return queued
}

async function send(fingerprint: string, { queue, config }: IngestDeps): Promise<IngestedDenial> {
  await queue.send({ kind: 'propose', fingerprint }, { delaySeconds: config.settleSeconds })
  return { kind: 'queued', fingerprint }
}

type ExpectedRefusal = {
  readonly by: 'stranger' | 'member-not-deployed'
  readonly accountId: string
  readonly why: string
}

/**
 * Expected refusals to assume the reader role: a denial named an account outside the organization, or an account without a
 * member stack, so that no heartbeat ever came. Any other refusal to the bot needs a person.
 */
async function expectedRefusal(
  { action, resource }: Denial,
  { readerRole, store }: IngestDeps,
): Promise<ExpectedRefusal | null> {
  const role = parseRoleArn(resource ?? '')
  if (
    !readerRole ||
    role === null ||
    role.name !== readerRole.name.split('/').at(-1) ||
    !SESSION_ACTIONS.includes(action)
  )
    return null
  const { accountId } = role
  if ((await readerRole.membershipOf(accountId)) === 'stranger')
    return {
      by: 'stranger',
      accountId,
      why: `account ${accountId} does not belong to the organization and lets the bot read nothing`,
    }
  if ((await store.getMarker(heardFrom(accountId))) !== null) return null
  return {
    by: 'member-not-deployed',
    accountId,
    why: `no heartbeat ever came from account ${accountId}: rolemedic-member is not deployed there`,
  }
}

function logExpected({ by, accountId }: ExpectedRefusal, { principal }: Denial, observer: Observer): void {
  const fields = { role: principal.roleArn, account: accountId }
  switch (by) {
    case 'stranger':
      observer.log('info', 'reader_refused_by_stranger', fields)
      break
    case 'member-not-deployed':
      observer.log('info', 'reader_not_deployed', fields)
      break
    default:
      never(by)
  }
}

/** Ignores case and path: role names are unique in their account ignoring case, and the path of a session's role may be unknown. */
function isOwn({ principal }: Denial, ownRoleArns: readonly string[]): boolean {
  const { name, accountId } = principal
  if (name === null || accountId === null) return false
  return ownRoleArns.some(arn => {
    const own = parseRoleArn(arn)
    return own?.accountId === accountId && own.name.toLowerCase() === name.toLowerCase() && principal.kind !== 'user'
  })
}

/**
 * The same denial as a deploy reported it earlier. Null: none did. A denial from the text of a failed deploy has a marker, by
 * which its CloudTrail record is recognized when it comes minutes later.
 */
async function harvestedTwin(denial: Denial, store: Pick<ProposalStore, 'getMarker'>): Promise<HarvestedDenial | null> {
  if (denial.source !== 'cloudtrail' || denial.timeMs === null) return null
  const twin = (await readableOrNull(store.getMarker(markerOf(denial))))?.value ?? null
  return twin !== null && Math.abs(twin.timeMs - denial.timeMs) <= TWIN_MS ? twin : null
}

export async function recordHarvested(
  denial: Denial,
  store: Pick<ProposalStore, 'getMarker' | 'putMarker'>,
): Promise<void> {
  const value: HarvestedDenial = { fingerprint: fingerprintOf(denial), id: denial.id, timeMs: denial.timeMs ?? 0 }
  await updateMarker(markerOf(denial), () => value, store)
}

const markerOf = (denial: Denial) => harvestedDenial(requestKeyOf(denial))
