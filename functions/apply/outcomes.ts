/** The ends of an apply: each records the outcome, then makes the transition, then updates the card. */

import type { Refusal } from '../../core/base/index.ts'
import { evaluateNow } from '../../core/diagnosis/index.ts'
import { type Answer, samePolicy } from '../../core/iam/index.ts'
import { changeDigest, type PolicyChange } from '../../core/patch/index.ts'
import { NOT_UNDONE } from '../domain/audit/index.ts'
import {
  type Applied as AppliedProposal,
  type Applying,
  applied,
  type Confirmed,
  type Failed,
  failed,
  failureOf,
  type Proposal,
  type Stale,
  settled,
  stale,
  type Writing,
} from '../domain/proposal/index.ts'
import { sendWork } from '../workflows/approval/carry-out-decision.ts'
import { closeReplaced } from '../workflows/approval/close-replaced.ts'
import { revalidateOthers } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import type { ApplyDeps, WritingDeps } from './deps.ts'
import { type Lease, record, transition } from './lease.ts'
import { type Left, live, type WriteNotes } from './write-changes.ts'

/** The result of one delivery. `busy`: another worker has the lease. `waiting`: for CloudTrail's record of the denial. */
export type ApplyResult = 'applied' | 'waiting' | 'failed' | 'stale' | 'busy' | 'nothing-to-do'

const ANSWER_WAITS_MS = [0, 2000, 5000] as const

export async function endApplied(
  lease: Lease<Applying>,
  writing: Writing,
  written: WriteNotes,
  deps: WritingDeps,
): Promise<ApplyResult> {
  const answer = await answerAgain(lease.current, deps)
  const why = [`written and read back; the denied request is now ${answer}`, ...written.notes].join('; ')
  const { requestIds } = written
  await record(lease.current, { kind: 'applied', why, changes: writing.writes, requestIds }, deps)
  const stored = await toApplied(lease, writing, answer, null, deps)
  deps.observer.count('Applied')
  return finish(stored, deps)
}

/** Nothing was written. `stale`: policies changed, and a new card follows. `failed`: IAM refused, and a person must act. */
export async function endUnwritten(
  lease: Lease<Applying>,
  kind: 'failed' | 'stale',
  why: Refusal,
  deps: ApplyDeps,
): Promise<ApplyResult> {
  await record(lease.current, { kind: kind === 'stale' ? 'stale' : 'apply-failed', why: why.message }, deps)
  const stored = await transition(lease, (kind === 'stale' ? stale : failed)(lease.current, why, deps.clock()), deps)
  deps.observer.count(kind === 'stale' ? 'Stale' : 'ApplyFailed')
  return finish(stored, deps)
}

/** Refused before IAM was read, and recorded already. */
export async function endRefused(lease: Lease<Applying>, why: Refusal, deps: ApplyDeps): Promise<ApplyResult> {
  const stored = await transition(lease, failed(lease.current, why, deps.clock()), deps)
  deps.observer.count('ApplyFailed')
  return finish(stored, deps)
}

/** A part could not be undone: the proposal counts as applied, so that its card offers Revert. */
export async function endPartlyApplied(
  lease: Lease<Applying>,
  writing: Writing,
  why: Refusal,
  left: readonly Left[],
  deps: WritingDeps,
): Promise<ApplyResult> {
  const message = `${why.message}. ${NOT_UNDONE} ${left.map(({ write, why }) => `${write.target.arn}: ${why}`).join('; ')}`
  const remaining = { ...writing, writes: left.map(({ write }) => write) }
  const targets = remaining.writes.map(({ target }) => target)
  await record(lease.current, { kind: 'apply-failed', why: message, changes: writing.writes, left: targets }, deps)
  const stored = await toApplied(lease, remaining, 'unknown', { ...why, message }, deps)
  deps.observer.count('ApplyFailed')
  return finish(stored, deps)
}

/** What stands is known from the log, whatever the item said: its card offers Revert. */
export async function endStanding(
  lease: Lease<Applying>,
  writing: Writing,
  why: Refusal,
  deps: WritingDeps,
): Promise<ApplyResult> {
  const stored = await toApplied(lease, writing, 'unknown', why, deps)
  deps.observer.count('ApplyFailed')
  return finish(stored, deps)
}

/** The steps after the last transition; a redelivery after a crash repeats them. */
export async function finish(
  proposal: AppliedProposal | Confirmed | Failed | Stale,
  deps: ApplyDeps,
): Promise<ApplyResult> {
  const { id, status } = proposal
  if (proposal.status === 'applied' || proposal.status === 'confirmed') {
    // No outage of the chat keeps it from the log. `sweep` checks later whether the change helped.
    const ended = await closeReplaced(proposal, deps)
    for (const shown of [id, ...ended]) await refreshCard(shown, deps)
    await revalidateOthers(proposal, deps)
    return failureOf(proposal) === null ? 'applied' : 'failed'
  }
  if (proposal.dueAtMs !== null) {
    await refreshCard(id, deps)
    await sendWork(proposal, deps.queue)
    await deps.store.replace(proposal, settled(proposal, deps.config))
  }
  return status === 'stale' ? 'stale' : 'failed'
}

async function toApplied(
  lease: Lease<Applying>,
  writing: Writing,
  answer: Answer,
  failure: Refusal | null,
  deps: WritingDeps,
): Promise<AppliedProposal> {
  const changes = await changesOf(writing, deps)
  const nowMs = deps.clock()
  const outcome = { changes, atMs: nowMs, endsAtMs: writing.endsAtMs, answer }
  return transition(lease, applied(lease.current, outcome, failure, nowMs), deps)
}

/**
 * As IAM returns the documents, so that a later revert finds its own statements verbatim. A document that others have
 * changed meanwhile is not stored: a revert would remove their changes too.
 */
async function changesOf({ writes }: Writing, deps: WritingDeps): Promise<readonly PolicyChange[]> {
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
async function worstOf(answer: Answer, { template }: Proposal, { analyze, clock }: ApplyDeps): Promise<Answer> {
  let worst = answer
  for (const need of template?.needs ?? []) {
    if (worst === 'denied') return worst
    const { denial, snapshot } = await analyze(need.denial, clock())
    const one = evaluateNow(denial, snapshot)
    if (one !== 'allowed') worst = one
  }
  return worst
}

/** A failure here changes nothing that was written: the answer is `unknown` then. */
async function answerAgain(proposal: Proposal, deps: ApplyDeps): Promise<Answer> {
  let answer: Answer = 'unknown'
  try {
    const earlierGrants = await grantsBefore(proposal, deps.store)
    for (const waitMs of ANSWER_WAITS_MS) {
      if (waitMs > 0) await deps.sleep(waitMs)
      const { denial, snapshot } = await deps.analyze(proposal.denial, deps.clock(), { earlierGrants })
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
