/** What a decision asks of the other functions. */
import type { Proposal } from '../domain/proposal/index.ts'
import type { WorkQueue } from '../ports/work-queue.ts'

/** Sent by `decide`, which is answered before anything of it is done. */
export async function sendPressed(proposal: Proposal, queue: WorkQueue): Promise<void> {
  const { id, version } = proposal
  const deduplicationId = `pressed/${id}/${version}`
  await queue.send({ kind: 'pressed', proposalId: id }, { group: groupOf(proposal), deduplicationId })
}

/** One entity changes at a time, so work on the same target waits. */
export async function sendWork(proposal: Proposal, queue: WorkQueue): Promise<void> {
  const { id, status, version } = proposal
  if (status === 'approved' || status === 'applying') await sendVerify(proposal, queue)
  if (status === 'reverting') {
    const deduplicationId = `revert/${id}/${version}`
    await queue.send({ kind: 'revert', proposalId: id }, { group: groupOf(proposal), deduplicationId })
  }
  // The denial persists, so it gets a new card with the current facts.
  if (status === 'stale') {
    const { fingerprint } = proposal
    await queue.send({ kind: 'propose', fingerprint }, { deduplicationId: `propose/${fingerprint}/after/${id}` })
  }
}

/** To write it, or to finish what a crash left undone after it was written. */
export async function sendVerify(proposal: Proposal, queue: WorkQueue): Promise<void> {
  const { id, version } = proposal
  const deduplicationId = `verify/${id}/${version}`
  await queue.send({ kind: 'verify', proposalId: id }, { group: groupOf(proposal), deduplicationId })
}

/** What is taken away waits behind no grant whose work fails: leases and locks keep one from the other, and `write` has groups of its own. */
const groupOf = ({ id, patch, status }: Proposal): string =>
  status === 'reverting' ? id : (patch?.changes[0]?.target.arn ?? id)
