/** How a proposal that was approved ends: each records the outcome, then makes the transition, then updates the card. */

import { fail, ok, type Refusal } from '../../core/base/index.ts'
import { fingerprintOf } from '../../core/denial/index.ts'
import { evaluateNow } from '../../core/diagnosis/index.ts'
import type { Answer } from '../../core/iam/index.ts'
import { changeDigest, type PolicyChange, type Risk, type Target } from '../../core/patch/index.ts'
import { type AuditStep, NOT_UNDONE } from '../domain/audit/index.ts'
import { grantedBy, needsWitness, type SignedOutcome } from '../domain/authority/index.ts'
import { wordedAnswer } from '../domain/messages/index.ts'
import {
  type Applied as AppliedProposal,
  type Applying,
  applied,
  approvalsOf,
  type Confirmed,
  evaluatedAgain,
  type Failed,
  failed,
  failureOf,
  grantOf,
  isRollingOut,
  type PlannedWrite,
  type Proposal,
  type Stale,
  settled,
  stale,
} from '../domain/proposal/index.ts'
import { closeReplaced } from '../workflows/approval/close-replaced.ts'
import { reportForgery } from '../workflows/approval/report-forgery.ts'
import { revalidateOthers } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import { sendWork } from '../workflows/send-work.ts'
import type { VerifyDeps } from './deps.ts'
import { type Lease, record, transition } from './lease.ts'
import { endedBy, readSpent } from './read-ledger.ts'

/**
 * The result of one delivery. `asked`: `write` has the change. `busy`: another worker has the lease. `waiting`: for CloudTrail's record of
 * the denial. `reopened`: people decide about what is left of it.
 */
export type VerifyResult = 'asked' | 'applied' | 'waiting' | 'reopened' | 'failed' | 'stale' | 'busy' | 'nothing-to-do'

const ANSWER_WAITS_MS = [0, 2000, 5000] as const

/** What IAM holds by a signed outcome of `write`. */
export type Standing = {
  readonly outcome: SignedOutcome
  readonly writes: readonly PlannedWrite[]
  readonly endsAtMs: number | null
  /** As attested. */
  readonly risk: Risk
  /** Of the change and of the denial that people signed. */
  readonly digest: string
  readonly fingerprint: string | undefined
}

/** What people signed of a proposal. */
export type SignedChange = {
  readonly writes: readonly PlannedWrite[]
  readonly endsAtMs: number | null
  /** `write` keeps it. */
  readonly isBegun: boolean
  /** For a record: where the item says something else, its words are left out. */
  readonly step: Pick<AuditStep, 'digest' | 'isOther' | 'changes'>
}

/** As `write` keeps it, else as the decisions in the item say. */
export async function signedChange(
  proposal: Proposal,
  deps: Pick<VerifyDeps, 'ledger' | 'keys' | 'deploymentId'>,
): Promise<SignedChange> {
  const { id, denial, patch } = proposal
  const spent = await readSpent(id, deps)
  if (!spent.ok) {
    const about = patch === null ? null : { ...proposal, patch, approvals: approvalsOf(proposal) }
    const grant = about === null ? fail(null) : grantOf(about, await deps.keys.ring())
    if (!grant.ok)
      return { writes: [], endsAtMs: null, isBegun: false, step: { digest: null, isOther: true, changes: [] } }
    return { ...grant.value, isBegun: false, step: { digest: grant.value.patch.digest } }
  }
  const { writes, endsAtMs, patchDigest: digest, decisions } = grantedBy(id, spent.value.grant)
  const isOther = patch?.digest !== digest || fingerprintOf(denial) !== decisions[0]?.fingerprint
  return { writes, endsAtMs, isBegun: true, step: { digest, ...(isOther ? { isOther, changes: writes } : {}) } }
}

/** The item is a claim: what it names beside may be another change or denial. Null: it is what people signed. */
async function reportOther(
  current: Applying | AppliedProposal,
  { digest, fingerprint }: Pick<Standing, 'digest' | 'fingerprint'>,
  deps: VerifyDeps,
): Promise<string | null> {
  if (current.patch.digest === digest && fingerprintOf(current.denial) === fingerprint) return null
  const why = 'the item is about another change or denial than the one that people approved'
  await reportForgery(current, why, deps)
  return why
}

export async function endApplied(lease: Lease<Applying>, standing: Standing, deps: VerifyDeps): Promise<VerifyResult> {
  const { outcome, writes, endsAtMs, risk, digest } = standing
  const other = await reportOther(lease.current, standing, deps)
  const answer = other === null ? await answerAgain(lease.current, deps) : 'unknown'
  const { requestIds, notes, stillRuns } = outcome.statement
  const why = [`written and read back; ${other ?? `the denied request is now ${answer}`}`, ...notes].join('; ')
  const isOther = other !== null
  await record(
    lease.current,
    { kind: 'applied', why, changes: writes, digest, isOther, requestIds, risk, outcome },
    deps,
  )
  const stored = await toApplied(
    lease,
    { writes, endsAtMs },
    { answer, ...(stillRuns ? { stillRuns } : {}) },
    null,
    deps,
  )
  deps.observer.count('Applied')
  return finish(stored, deps)
}

/** The reason, and what stays although the rest was undone, such as an old version of a policy that had to be deleted. */
export function outcomeInWords(
  { why, notes }: Pick<SignedOutcome['statement'], 'why' | 'notes'>,
  targets: readonly Target[],
): string {
  const worded = wordedAnswer(why, targets)
  return notes.length === 0 ? worded : [worded.replace(/\.$/, ''), ...notes].join('; ')
}

export const leftInWords = ({ left }: SignedOutcome['statement'], targets: readonly Target[]): string =>
  left.map(({ arn, why }) => `${arn}: ${wordedAnswer(why, targets)}`).join('; ')

/** Nothing was written. `stale`: policies changed, and a new card follows. `failed`: IAM refused, and a person must act. */
export async function endUnwritten(
  lease: Lease<Applying>,
  kind: 'failed' | 'stale',
  why: Refusal,
  deps: VerifyDeps,
  outcome: SignedOutcome | null = null,
): Promise<VerifyResult> {
  await recordUnwritten(lease.current, kind, why, deps, outcome)
  const stored = await transition(lease, (kind === 'stale' ? stale : failed)(lease.current, why, deps.clock()), deps)
  deps.observer.count(kind === 'stale' ? 'Stale' : 'ApplyFailed')
  return finish(stored, deps)
}

/** What was undone has one record, whenever its answer comes. */
export async function recordUnwritten(
  proposal: Proposal,
  kind: 'failed' | 'stale',
  { message: why }: Refusal,
  deps: VerifyDeps,
  outcome: SignedOutcome | null,
): Promise<void> {
  const step = { kind: kind === 'stale' ? 'stale' : 'apply-failed', why } as const
  if (outcome === null) return record(proposal, step, deps)
  const of = outcome.statement.result === 'undone' ? { of: 'undone' } : {}
  await record(proposal, { ...step, ...of, ...(await signedChange(proposal, deps)).step, outcome }, deps)
}

/** Refused before IAM was read, and recorded already. */
export async function endRefused(lease: Lease<Applying>, why: Refusal, deps: VerifyDeps): Promise<VerifyResult> {
  const stored = await transition(lease, failed(lease.current, why, deps.clock()), deps)
  deps.observer.count('ApplyFailed')
  return finish(stored, deps)
}

/** A part could not be undone: the proposal counts as applied, so that its card offers Revert. */
export async function endPartlyApplied(
  lease: Lease<Applying>,
  standing: Standing,
  deps: VerifyDeps,
): Promise<VerifyResult> {
  const { outcome, writes, endsAtMs, risk, digest } = standing
  const isOther = (await reportOther(lease.current, standing, deps)) !== null
  const { code, left, notes } = outcome.statement
  const all = writes.map(({ target }) => target)
  const why = wordedAnswer(outcome.statement.why, all).replace(/\.$/, '')
  const message = [`${why}. ${NOT_UNDONE} ${leftInWords(outcome.statement, all)}`, ...notes].join('; ')
  const isLeft = ({ target }: PlannedWrite) =>
    left.some(one => one.arn === target.arn && one.policyName === target.policyName)
  const remaining = writes.filter(isLeft)
  const targets = remaining.map(({ target }) => target)
  await record(
    lease.current,
    { kind: 'apply-failed', why: message, changes: writes, digest, isOther, left: targets, risk, outcome },
    deps,
  )
  const failure = { code: code ?? 'left', message, owner: null }
  const stored = await toApplied(lease, { writes: remaining, endsAtMs }, { answer: 'unknown' }, failure, deps)
  deps.observer.count('ApplyFailed')
  return finish(stored, deps)
}

/** The steps after the last transition; a redelivery after a crash repeats them. */
export async function finish(
  proposal: AppliedProposal | Confirmed | Failed | Stale,
  deps: VerifyDeps,
): Promise<VerifyResult> {
  const { id, status } = proposal
  if (proposal.status === 'applied' || proposal.status === 'confirmed') {
    // No outage of the chat keeps it from the log. `sweep` checks later whether the change helped.
    const closed = await closeReplaced(proposal, earlier => endedBy(earlier, id, deps), deps)
    for (const shown of [id, ...closed]) await refreshCard(shown, deps)
    await revalidateOthers(proposal, deps)
    return failureOf(proposal) === null ? 'applied' : 'failed'
  }
  if (proposal.dueAtMs !== null) {
    const isShown = await refreshCard(id, deps)
    await sendWork(proposal, deps.queue)
    // Otherwise `sweep` looks whether the other worker has posted its outcome.
    if (isShown) await deps.store.replace(proposal, settled(proposal, deps.config))
  }
  return status === 'stale' ? 'stale' : 'failed'
}

async function toApplied(
  lease: Lease<Applying>,
  { writes, endsAtMs }: Pick<Standing, 'writes' | 'endsAtMs'>,
  seen: Pick<AppliedProposal['applied'], 'answer' | 'stillRuns'>,
  failure: Refusal | null,
  deps: VerifyDeps,
): Promise<AppliedProposal> {
  const changes = writes.flatMap(({ target, before, after }): readonly PolicyChange[] => {
    if (after === null) return []
    const change = { target, before, after }
    return [{ ...change, digest: changeDigest(change), required: true }]
  })
  const nowMs = deps.clock()
  const { denial, verification, approvals } = lease.current
  const risks = [
    verification.risk,
    ...approvals.flatMap(({ signed }) => (signed === null ? [] : [signed.decision.risk])),
  ]
  const beside = failure === null && !needsWitness(denial, risks) ? { record: 'wanted' as const } : {}
  return transition(
    lease,
    applied(lease.current, { changes, atMs: nowMs, endsAtMs, ...seen }, failure, nowMs, beside),
    deps,
  )
}

/** Of a permission set that Identity Center was still giving to its accounts. Recorded as soon as the answer is there. */
export async function lookAgain(seen: AppliedProposal, deps: VerifyDeps): Promise<AppliedProposal> {
  const spent = await readSpent(seen.id, deps)
  if (!spent.ok) {
    deps.observer.log('error', 'spent_foreign', { proposalId: seen.id, why: spent.error })
    deps.observer.count('SpentForeign')
    return seen
  }
  const { writes: changes, patchDigest: digest, decisions } = grantedBy(seen.id, spent.value.grant)
  const isOther = (await reportOther(seen, { digest, fingerprint: decisions[0]?.fingerprint }, deps)) !== null
  const answer = isOther ? 'unknown' : await answerAgain(seen, deps)
  const next = evaluatedAgain(seen, answer, deps.clock())
  if (next === null) return seen
  const why = `evaluated again: ${next.failure?.message ?? `the denied request is now ${answer}`}`
  const life = { kind: 'evaluated', answer } as const
  await record(seen, { kind: 'confirmed', of: `evaluated-${answer}`, why, changes, digest, isOther, life }, deps)
  const stored = await updateProposal(
    seen,
    current => {
      const moved =
        current.status === 'applied' && isRollingOut(current) ? evaluatedAgain(current, answer, deps.clock()) : null
      return moved === null ? fail('moved') : ok<Proposal>(moved)
    },
    deps.store,
  )
  if (!stored.ok || stored.value.proposal.status !== 'applied') return seen
  const { proposal } = stored.value
  if (proposal.failure === null) return proposal
  deps.observer.log('error', 'permission_set_not_rolled_out', { proposalId: proposal.id })
  deps.observer.count('ApplyFailed')
  return proposal
}

/** A change for a whole deploy has done its work only when every need of it is allowed. */
async function worstOf(answer: Answer, { template }: Proposal, { analyze, clock }: VerifyDeps): Promise<Answer> {
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
async function answerAgain(proposal: Proposal, deps: VerifyDeps): Promise<Answer> {
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
