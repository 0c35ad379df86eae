/**
 * The bot's own change makes older cards of the same entity wrong. Each is marked in the table and examined again by
 * `propose` before more approvals are spent on it; `sweep` sends the work again while the mark stands.
 */

import type { Proposal } from '../../domain/proposal/proposal.ts'
import { renewalAsked } from '../../domain/proposal/transitions.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'

export type RenewOthersDeps = {
  readonly store: Pick<ProposalStore, 'open' | 'replace' | 'getNote' | 'putNote'>
  readonly queue: WorkQueue
  readonly clock: Clock
}

const MAX_LOOKED_AT = 100
const MAX_RENEWED = 20
const MAX_ATTEMPTS = 5

/** Once for a change and once for its undoing; killed in between, it is done again from the start, which harms nothing. */
export async function renewOthers(changed: Proposal, deps: RenewOthersDeps): Promise<void> {
  const { store } = deps
  const note = `renewed/${changed.id}/${changed.reverted === null ? 'applied' : 'reverted'}`
  if (changed.applied === null || (await store.getNote(note)) !== null) return
  const written = new Set(changed.applied.changes.map(({ target }) => target.arn))
  const others = (await store.open(MAX_LOOKED_AT)).filter(each => each.id !== changed.id && touches(each, written))
  for (const other of others.slice(0, MAX_RENEWED)) await ask(other, changed.id, deps)
  await store.putNote(note, 0, {})
}

function touches({ status, patch, denial: { principal, resource } }: Proposal, arns: ReadonlySet<string>): boolean {
  if (status !== 'open' || patch === null) return false
  const its = [principal.roleArn, principal.arn, resource, ...patch.changes.map(({ target }) => target.arn)]
  return its.some(arn => arn !== null && arns.has(arn))
}

/** IAM shows a change to other readers a little later. */
const DELAY_S = 5

export async function sendRenewal({ fingerprint, version, renewal }: Proposal, queue: WorkQueue): Promise<void> {
  if (!renewal) return
  const deduplicationId = `propose/${fingerprint}/renew/${version}`
  await queue.send({ kind: 'propose', fingerprint }, { delaySeconds: DELAY_S, deduplicationId })
}

/** Whoever decides at this moment keeps what they decided. */
async function ask(other: Proposal, after: string, { store, queue, clock }: RenewOthersDeps): Promise<void> {
  let current = other
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const asked = renewalAsked(current, after, clock())
    if (!asked.ok) return
    const stored = await store.replace(current, asked.value)
    if (stored.ok) return sendRenewal(stored.value, queue)
    current = stored.error
  }
}
