/** How an apply ends: each records the outcome, then moves the proposal, then updates the card. */

import type { Refusal } from '../domain/base/result.ts'
import { evaluateNow } from '../domain/diagnosis/diagnosis-context.ts'
import type { Answer } from '../domain/iam/evaluation/evaluation.ts'
import { samePolicy } from '../domain/iam/policy/same-policy.ts'
import { changeDigest, type PolicyChange } from '../domain/patch/patch.ts'
import type {
  Applied as AppliedProposal,
  Applying,
  Failed,
  Proposal,
  Stale,
  Writing,
} from '../domain/proposal/proposal.ts'
import { applied, failed, settled, stale } from '../domain/proposal/transitions.ts'
import { sendWork } from '../workflows/approval/carry-out-decision.ts'
import { revalidateOthers } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import type { ApplyDeps } from './deps.ts'
import { type Lease, record, transition } from './lease.ts'
import { type Carried, type Left, live } from './write-changes.ts'

/** What one delivery came to. `busy`: another worker has it. */
export type Applied = 'applied' | 'failed' | 'stale' | 'busy' | 'nothing-to-do'

const ANSWER_WAITS_MS = [0, 2000, 5000] as const

export async function endApplied(
  lease: Lease<Applying>,
  writing: Writing,
  carried: Carried,
  deps: ApplyDeps,
): Promise<Applied> {
  const answer = await answerAgain(lease.current, deps)
  const why = [`written and read back; the denied request is now ${answer}`, ...carried.notes].join('; ')
  const { requestIds } = carried
  await record(lease.current, { kind: 'applied', why, changes: writing.writes, requestIds }, deps)
  const stored = await moveToApplied(lease, writing, answer, null, deps)
  deps.observer.count('Applied')
  return finish(stored, deps)
}

/** Nothing of it is in IAM. `stale`: the world moved, and a new card is made. `failed`: IAM said no, and a person must look. */
export async function endUnwritten(
  lease: Lease<Applying>,
  kind: 'failed' | 'stale',
  why: Refusal,
  deps: ApplyDeps,
): Promise<Applied> {
  await record(lease.current, { kind: kind === 'stale' ? 'stale' : 'apply-failed', why: why.message }, deps)
  const stored = await transition(lease, (kind === 'stale' ? stale : failed)(lease.current, why, deps.clock()), deps)
  deps.observer.count(kind === 'stale' ? 'Stale' : 'ApplyFailed')
  return finish(stored, deps)
}

/** Part of it is in IAM and could not be undone: the proposal counts as applied, so that its card offers Revert. */
export async function endWithRest(
  lease: Lease<Applying>,
  writing: Writing,
  why: Refusal,
  left: readonly Left[],
  deps: ApplyDeps,
): Promise<Applied> {
  const message = `${why.message}. Not everything could be undone: ${left.map(({ write, why }) => `${write.target.arn}: ${why}`).join('; ')}`
  await record(lease.current, { kind: 'apply-failed', why: message, changes: writing.writes }, deps)
  const standing = { ...writing, writes: left.map(({ write }) => write) }
  const stored = await moveToApplied(lease, standing, 'unknown', { ...why, message }, deps)
  deps.observer.count('ApplyFailed')
  return finish(stored, deps)
}

/** What the last state asks for; also when a delivery finds that an earlier one died just here. */
export async function finish(proposal: AppliedProposal | Failed | Stale, deps: ApplyDeps): Promise<Applied> {
  const { id, status } = proposal
  if (proposal.status === 'applied') {
    // `sweep` keeps watching whether it helped.
    await refreshCard(id, deps)
    await revalidateOthers(proposal, deps)
    return proposal.failure === null ? 'applied' : 'failed'
  }
  if (proposal.dueAtMs !== null) {
    await refreshCard(id, deps)
    await sendWork(proposal, deps.queue)
    await deps.store.replace(proposal, settled(proposal, deps.config))
  }
  return status === 'stale' ? 'stale' : 'failed'
}

async function moveToApplied(
  lease: Lease<Applying>,
  writing: Writing,
  answer: Answer,
  failure: Refusal | null,
  deps: ApplyDeps,
): Promise<AppliedProposal> {
  const changes = await changesOf(writing, deps)
  const nowMs = deps.clock()
  const outcome = { changes, atMs: nowMs, endsAtMs: writing.endsAtMs, answer }
  return transition(lease, applied(lease.current, outcome, failure, nowMs), deps)
}

/**
 * As IAM gives the documents back, so that a later revert finds its own statements word for word. What somebody else has
 * written beside them meanwhile is not ours: it would be removed with them.
 */
async function changesOf({ writes }: Writing, deps: ApplyDeps): Promise<readonly PolicyChange[]> {
  const changes: PolicyChange[] = []
  for (const write of writes) {
    const now = await live(write, deps)
    const after = samePolicy(now, write.after) ? now : write.after
    if (after === null) continue
    const change = { target: write.target, before: write.before, after }
    changes.push({ ...change, digest: changeDigest(change), required: true })
  }
  return changes
}

/** A change for a whole deploy has done its work only when every need of it is allowed. */
async function worstOf(answer: Answer, { template }: Proposal, { analyze }: ApplyDeps): Promise<Answer> {
  let worst = answer
  for (const need of template?.needs ?? []) {
    if (worst === 'denied') return worst
    const { denial, snapshot } = await analyze(need.denial)
    const one = evaluateNow(denial, snapshot)
    if (one !== 'allowed') worst = one
  }
  return worst
}

/** A fault here does not change what was written: the card says `unknown` then. */
async function answerAgain(proposal: Proposal, deps: ApplyDeps): Promise<Answer> {
  let answer: Answer = 'unknown'
  try {
    for (const waitMs of ANSWER_WAITS_MS) {
      if (waitMs > 0) await deps.sleep(waitMs)
      const { denial, snapshot } = await deps.analyze(proposal.denial)
      answer = await worstOf(evaluateNow(denial, snapshot), proposal, deps)
      if (answer !== 'denied') return answer
    }
  } catch (error) {
    const fields = { proposalId: proposal.id, error: String(error) }
    deps.observer.log('warn', 'request_not_evaluated_again', fields)
    return 'unknown'
  }
  return answer
}
