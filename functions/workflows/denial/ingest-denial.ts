/** A denial enters: counted once, whoever tells of it, and a look at it is asked for at most once a minute. Used by `intake` and by `alert`. */

import type { Config } from '../../domain/config/config.ts'
import type { Denial } from '../../domain/denial/denial.ts'
import { isTooOld } from '../../domain/denial/denial-timing.ts'
import { fingerprintOf } from '../../domain/denial/fingerprint.ts'
import { parseRoleArn } from '../../domain/iam/arn.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { harvestedTwin } from './harvested-twin.ts'

export type TakeDenialDeps = {
  readonly store: Pick<ProposalStore, 'recordOccurrence' | 'increment' | 'getMarker'>
  readonly queue: Pick<WorkQueue, 'send'>
  readonly clock: Clock
  readonly observer: Observer
  readonly config: Pick<Config, 'settleSeconds'>
  /** The bot's own roles: what they are denied is a fault of ours, never a proposal. */
  readonly ownRoleArns: readonly string[]
}

export type TakenDenial =
  | { readonly kind: 'queued' | 'counted' | 'duplicate' | 'old'; readonly fingerprint: string }
  | { readonly kind: 'own'; readonly why: string }

const MINUTE_MS = 60_000

export async function takeDenial(denial: Denial, deps: TakeDenialDeps): Promise<TakenDenial> {
  const { store, observer, clock } = deps
  if (isOwn(denial, deps.ownRoleArns)) {
    observer.count('OwnDenials')
    observer.log('error', 'a role of ours was denied', { role: denial.principal.roleArn, action: denial.action })
    return { kind: 'own', why: 'a role of ours was denied' }
  }
  const nowMs = clock()
  const twin = await harvestedTwin(denial, store)
  const fingerprint = twin?.fingerprint ?? fingerprintOf(denial)
  const twinOf = twin === null ? {} : { twinOf: twin.id }
  const { occurrence, first, duplicate } = await store.recordOccurrence(denial, fingerprint, nowMs, twinOf)
  observer.log('info', 'sighted', { fingerprint, eventId: denial.id, count: occurrence.count, first, duplicate })
  observer.count(duplicate ? 'DuplicateDeliveries' : 'Denials')
  if (isTooOld(denial, nowMs)) return { kind: 'old', fingerprint }
  if (duplicate) return takeDuplicate(fingerprint, occurrence.proposalId, deps)
  if (first) return send(fingerprint, deps)
  return (await isTurn(fingerprint, nowMs, deps)) ? send(fingerprint, deps) : { kind: 'counted', fingerprint }
}

/** A delivery that was counted, and perhaps failed before its work was queued: while no proposal stands, it is queued again. */
async function takeDuplicate(
  fingerprint: string,
  proposalId: string | null,
  deps: TakeDenialDeps,
): Promise<TakenDenial> {
  if (proposalId === null) await send(fingerprint, deps)
  return { kind: 'duplicate', fingerprint }
}

/** Repeats keep the card's count, and re-open what has ended; `propose` knows which. One look a minute is enough for both. */
async function isTurn(fingerprint: string, nowMs: number, { store }: TakeDenialDeps): Promise<boolean> {
  const minute = Math.floor(nowMs / MINUTE_MS)
  return (await store.increment(`look/${fingerprint}/${minute}`, (minute + 10) * MINUTE_MS)) === 1
}

async function send(fingerprint: string, { queue, config }: TakeDenialDeps): Promise<TakenDenial> {
  await queue.send({ kind: 'propose', fingerprint }, { delaySeconds: config.settleSeconds })
  return { kind: 'queued', fingerprint }
}

/** Role names are unique in their account whatever their case, and the path of a session's role may be unknown. */
function isOwn({ principal }: Denial, ownRoleArns: readonly string[]): boolean {
  const { name, accountId } = principal
  if (name === null || accountId === null) return false
  return ownRoleArns.some(arn => {
    const own = parseRoleArn(arn)
    return own?.accountId === accountId && own.name.toLowerCase() === name.toLowerCase() && principal.kind !== 'user'
  })
}
