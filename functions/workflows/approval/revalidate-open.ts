/**
 * A change of rolemedic may outdate open cards of the same entity. Each one is marked in the table, and `propose` analyzes it
 * again before more people approve it. `sweep` repeats the message while the mark exists.
 */

import { fail, ok } from '../../../core/base/index.ts'
import { isRollingOut, type Open, type Proposal, renewalAsked } from '../../domain/proposal/index.ts'
import { othersRevalidated } from '../../domain/stored/index.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { updateProposal } from '../optimistic-update.ts'

export type RevalidateDeps = {
  readonly store: Pick<ProposalStore, 'open' | 'replace' | 'getMarker' | 'putMarker'>
  readonly queue: WorkQueue
  readonly clock: Clock
}

const MAX_READ = 100
const MAX_REVALIDATED = 20

/** Runs once for a change, once more when a permission set was given to its accounts, and once for a revert. After a crash it starts again, which is harmless. */
export async function revalidateOthers(changed: Proposal, deps: RevalidateDeps): Promise<void> {
  if (!('applied' in changed)) return
  const { store } = deps
  const after = isRollingOut(changed) ? 'rolling-out' : changed.status === 'reverted' ? 'reverted' : 'applied'
  const marker = othersRevalidated(changed.id, after)
  if ((await store.getMarker(marker)) !== null) return
  const written = new Set(changed.applied.changes.map(({ target }) => target.arn))
  const others = (await store.open(MAX_READ)).filter(
    (each): each is Open => each.status === 'open' && each.id !== changed.id && touches(each, written),
  )
  for (const other of others.slice(0, MAX_REVALIDATED)) await ask(other, changed.id, deps)
  await store.putMarker(marker, 0, {})
}

function touches({ patch, denial: { principal, resource } }: Open, arns: ReadonlySet<string>): boolean {
  const its = [principal.roleArn, principal.arn, resource, ...patch.changes.map(({ target }) => target.arn)]
  return its.some(arn => arn !== null && arns.has(arn))
}

/** IAM is eventually consistent. */
const DELAY_S = 5

export async function sendRenewal({ fingerprint, version, renewal }: Open, queue: WorkQueue): Promise<void> {
  if (renewal === null) return
  const deduplicationId = `propose/${fingerprint}/renew/${version}`
  await queue.send({ kind: 'propose', fingerprint }, { delaySeconds: DELAY_S, deduplicationId })
}

/** A concurrent decision takes precedence. */
async function ask(other: Open, after: string, { store, queue, clock }: RevalidateDeps): Promise<void> {
  const stored = await updateProposal(
    other,
    current => (current.status === 'open' ? ok(renewalAsked(current, after, clock())) : fail('decided')),
    store,
  )
  if (stored.ok) await sendRenewal(stored.value.proposal, queue)
}
