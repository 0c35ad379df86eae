/**
 * Writes exactly what was approved. Lease ─► read and analyze again ─► record the intent ─► write ─► read back and evaluate
 * ─► record the outcome ─► transition ─► update the card. After a crash at any step, the next delivery or `sweep` resumes.
 */

import { fail, HOUR_MS, never, ok, type Refusal, type Result, RolemedicError } from '../../core/base/index.ts'
import { samePolicy } from '../../core/iam/index.ts'
import type { Risk, Target } from '../../core/patch/index.ts'
import { needsWitness } from '../domain/authority/index.ts'
import {
  type Applied as AppliedProposal,
  type Applying,
  type ApprovedPatch,
  answersFor,
  applying,
  approvedPatch,
  type Confirmed,
  type Grant,
  grantOf,
  modeRefusal,
  type PlannedWrite,
  type Proposal,
  recountRefusal,
  type Writing,
  waitingForRecord,
  writingDiffers,
} from '../domain/proposal/index.ts'
import { decidingMode } from '../workflows/approval/account-mode.ts'
import { countChange } from '../workflows/approval/changes-today.ts'
import { peopleOrAgain, recountApprovals } from '../workflows/approval/recount-approvals.ts'
import { FORGED_MESSAGE, reportForgery } from '../workflows/approval/report-forgery.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import { bundledNeeds } from '../workflows/deploy/analyze-bundle.ts'
import { type ApplyDeps, LEASE_MS, type WritingDeps } from './deps.ts'
import { historyOf, type WriteHistory, writeHistoryOf } from './history.ts'
import { assertTimeLeft, keep, type Lease, type NotLeased, record, transition, withLease } from './lease.ts'
import {
  type ApplyResult,
  endApplied,
  endPartlyApplied,
  endRefused,
  endStanding,
  endUnwritten,
  finish,
} from './outcomes.ts'
import { writerOf } from './session.ts'
import {
  type AcceptedWrites,
  live,
  mayHold,
  notesOf,
  readBack,
  undo,
  type WriteNotes,
  withNotes,
  writeAll,
} from './write-changes.ts'

export type { ApplyDeps } from './deps.ts'
export type { ApplyResult } from './outcomes.ts'

export function makeApply(deps: ApplyDeps): (proposalId: string) => Promise<ApplyResult> {
  return async proposalId => {
    const seen = await deps.store.get(proposalId)
    if (seen === null) {
      deps.observer.log('warn', 'proposal_missing', { proposalId })
      return 'nothing-to-do'
    }
    if (isWritten(seen) || seen.status === 'failed' || seen.status === 'stale') return finish(seen, deps)
    const acquire = (current: Proposal): Result<Applying, NotLeased> => {
      if (current.status !== 'approved' && current.status !== 'applying') return fail('nothing-to-do')
      const leased = applying(current, LEASE_MS, deps.clock())
      return leased.ok ? leased : fail('busy')
    }
    return withLease(seen, acquire, targetsOf, deps, lease => work(lease, deps))
  }
}

const isWritten = (proposal: Proposal): proposal is AppliedProposal | Confirmed =>
  proposal.status === 'applied' || proposal.status === 'confirmed'

const targetsOf = ({ patch }: Applying): readonly Target[] =>
  patch.changes.filter(change => change.required).map(change => change.target)

async function work(lease: Lease<Applying>, given: ApplyDeps): Promise<ApplyResult> {
  const ring = await given.keys.ring()
  const grant = grantOf(lease.current, ring)
  if (!grant.ok) return endForged(lease, grant.error.why, given)
  const deps = { ...given, writer: await writerOf(grant.value, answersFor(grant.value), given) }
  const { writing: begun, failure } = lease.current
  const differs = begun === null ? null : writingDiffers(begun, grant.value)
  const accepted: AcceptedWrites = new Map()
  const history = await historyOf(grant.value, deps.audit, ring)
  const past = writeHistoryOf(history, { begun: begun !== null && differs === null, givesUp: failure !== null })
  switch (past.kind) {
    case 'over':
      return endOver(lease, grant.value, past, deps)
    case 'given-up':
      return endUnwritten(
        lease,
        past.as === 'stale' ? 'stale' : 'failed',
        { code: past.as, message: past.why, owner: null },
        deps,
      )
    case 'written':
      return endApplied(lease, begunOf(grant.value), NOTHING_WRITTEN, deps)
    case 'going-on':
      break
    default:
      return never(past)
  }
  if (differs !== null) {
    // A part of what was signed may be in IAM: that is known, and undone.
    await reportForgery(lease.current, differs, deps)
    return rollBack(lease, begunOf(grant.value), FORGED, accepted, deps)
  }
  if (begun !== null && failure !== null) return rollBack(lease, begun, failure, accepted, deps)
  const resumes = begun !== null && (await anyWritten(begun, deps))
  if (resumes) {
    const refusal = await recounted(lease.current, grant.value, deps)
    if (refusal !== null) return rollBack(lease, begun, refusal, accepted, deps)
    const unwitnessed = await witnessRefusal(lease.current, grant.value, [], deps)
    // What is written already was confirmed before: a record that is gone is looked for again.
    if (unwitnessed?.code === WAITING) throw new RolemedicError(WAITING, unwitnessed.message)
    if (unwitnessed !== null) return rollBack(lease, begun, unwitnessed, accepted, deps)
  }
  const planned = resumes ? ok(begun) : await plan(lease, grant.value, deps)
  if (!planned.ok) {
    if (planned.error.code === WAITING) return waitForRecord(lease, deps)
    // Another card would be made from the same denial, which CloudTrail does not know.
    const failed = planned.error.code === TARGET_UNREADABLE || planned.error.code === UNWITNESSED
    return endUnwritten(lease, failed ? 'failed' : 'stale', planned.error, deps)
  }
  const writing = planned.value

  const { summary } = lease.current.diagnosis
  await record(lease.current, { kind: 'apply-intended', why: summary, changes: writing.writes }, deps)
  const written = await writeAll(writing.writes, deps, () => assertTimeLeft(lease, deps), accepted)
  if (!written.ok) return rollBack(lease, writing, written.error, accepted, deps)
  const unlike = await readBack(writing.writes, deps)
  if (unlike !== null) return rollBack(lease, writing, unlike, accepted, deps)
  return endApplied(lease, writing, written.value, deps)
}

/** The failure is stored before the rollback, so that a crash in between does not resume the writes. */
async function rollBack(
  lease: Lease<Applying>,
  writing: Writing,
  why: Refusal,
  accepted: AcceptedWrites,
  deps: WritingDeps,
): Promise<ApplyResult> {
  const first = lease.current.failure ?? withNotes(why, notesOf(accepted))
  if (lease.current.failure === null) await keep(lease, { ...lease.current, failure: first }, deps)
  const { left, notes } = await undo(writing.writes, deps, accepted)
  const failure = withNotes(first, notes)
  if (left.length > 0) return endPartlyApplied(lease, writing, failure, left, deps)
  return endUnwritten(lease, why.code === 'drift' ? 'stale' : 'failed', failure, deps)
}

/** Reads and analyzes again: anything but the approved patch is not written. */
async function plan(lease: Lease<Applying>, grant: Grant, deps: WritingDeps): Promise<Result<Writing, Refusal>> {
  const { current } = lease
  const lastMs = Math.max(...grant.decisions.map(({ atMs }) => atMs))
  if (deps.clock() > lastMs + MAX_APPROVAL_AGE_MS)
    return refused('approval-too-old', 'It was approved more than 24 h ago and never written: approve a new card.')
  const byMode = modeRefusal(await decidingMode(current, deps))
  if (byMode !== null) return fail(byMode)
  for (const change of current.patch.changes) {
    if (!change.required) continue
    const read = await deps.writer.read(change.target)
    if (read.kind === 'unreadable') return refused(TARGET_UNREADABLE, read.why)
    if (!samePolicy(read.kind === 'found' ? read.value : null, change.before))
      return refused('drift', `the policy of ${change.target.name} was changed after the card was made`)
  }
  const analysis = await deps.analyze(current.denial, deps.clock(), {
    needs: bundledNeeds(current),
    earlierGrants: await grantsBefore(current, deps.store),
  })
  if (analysis.verified === null)
    return analysis.refusal === null ? refused('no-patch', 'no change is needed any more') : fail(analysis.refusal)
  const people = peopleOrAgain(grant, deps.chat)
  const recount = await recountApprovals(current, grant, analysis.requester, deps.config, people)
  const approved = approvedPatch(analysis.verified, analysis.diagnosis, grant, recount)
  if (!approved.ok) return approved
  const unwitnessed = await witnessRefusal(current, grant, [analysis.verified.verification.risk], deps)
  if (unwitnessed !== null) return fail(unwitnessed)
  const { endsAtMs } = grant
  if (endsAtMs !== null && endsAtMs <= deps.clock()) return refused('limit-over', 'the approved time is over')
  const changes = await countChange(current.denial, deps.clock(), deps.store)
  if (changes > deps.config.maxChangesPerPrincipalPerDay)
    return refused('changes-per-day', 'this principal was changed too often today: ask the administrators of rolemedic')
  const writing: Writing = { writes: writesOf(approved.value), endsAtMs }
  await keep(lease, { ...current, writing }, deps)
  return ok(writing)
}

/** As old as a denial may be. A signed approval that was kept back writes nothing later. */
const MAX_APPROVAL_AGE_MS = 24 * HOUR_MS

const WAITING = 'waits-for-record'
const UNWITNESSED = 'unwitnessed'

/**
 * Why CloudTrail does not confirm the denial; null: it does, or is not asked. The risk is that of today, and the one that was signed.
 * Throws when the history cannot be read: then it is tried again.
 */
async function witnessRefusal(
  { denial, verification }: Applying,
  grant: Grant,
  risks: readonly Risk[],
  { witness, clock, observer }: ApplyDeps,
): Promise<Refusal | null> {
  if (!needsWitness(denial, [verification.risk, ...grant.decisions.map(({ risk }) => risk), ...risks])) return null
  const seen = await witness(denial, clock())
  switch (seen.kind) {
    case 'confirmed':
      return null
    case 'waiting':
      return { code: WAITING, message: 'CloudTrail has no record of this denial yet', owner: null }
    case 'refuted':
      observer.log('error', 'denial_unwitnessed', { proposalId: grant.proposalId, eventId: denial.id, why: seen.why })
      observer.count('Unwitnessed')
      return { code: UNWITNESSED, message: `${seen.why}, so the change was not written`, owner: null }
    case 'unreadable':
      throw new RolemedicError('history-unreadable', `CloudTrail's event history cannot be read: ${seen.why}`)
    default:
      return never(seen)
  }
}

/** `sweep` sends the work again, until the record is there or its time is over. */
async function waitForRecord(lease: Lease<Applying>, deps: ApplyDeps): Promise<ApplyResult> {
  const { id } = await transition(lease, waitingForRecord(lease.current, deps.clock()), deps)
  deps.observer.log('info', 'apply_waits_for_record', { proposalId: id })
  await refreshCard(id, deps)
  return 'waiting'
}

const TARGET_UNREADABLE = 'target-unreadable'
const refused = (code: string, message: string) => fail<Refusal>({ code, message, owner: null })

/** Only an approved patch gives writes. */
export const writesOf = ({ grant }: ApprovedPatch): readonly PlannedWrite[] => grant.writes

/** What is written already was verified. Whether its approvers may still approve is checked again; null: they may. */
async function recounted(current: Applying, grant: Grant, deps: ApplyDeps): Promise<Refusal | null> {
  const { config, chat } = deps
  const byMode = modeRefusal(await decidingMode(current, deps))
  if (byMode !== null) return byMode
  const recount = await recountApprovals(current, grant, current.requester, config, chat)
  return recountRefusal(grant, recount, 1)
}

const begunOf = ({ writes, endsAtMs }: Grant): Writing => ({ writes, endsAtMs })
const NOTHING_WRITTEN: WriteNotes = { requestIds: [], notes: [] }

/** The log says that it ended: it is neither written nor undone again. What stands keeps its Revert button. */
async function endOver(
  lease: Lease<Applying>,
  grant: Grant,
  { as, stands }: Extract<WriteHistory, { kind: 'over' }>,
  deps: WritingDeps,
): Promise<ApplyResult> {
  await reportForgery(lease.current, `the item asks for it again, and the audit log has "${as}"`, deps)
  return stands ? endStanding(lease, begunOf(grant), FORGED, deps) : endRefused(lease, FORGED, deps)
}

/** Nothing is written, and the item is not believed. */
async function endForged(lease: Lease<Applying>, why: string, deps: ApplyDeps): Promise<ApplyResult> {
  await reportForgery(lease.current, why, deps)
  return endRefused(lease, FORGED, deps)
}

const FORGED: Refusal = { code: 'forged', message: FORGED_MESSAGE, owner: null }

/** After a crash: with any write in place, the stored plan resumes, even if others have changed the policy since. Else it is planned again. */
async function anyWritten({ writes }: Writing, deps: WritingDeps): Promise<boolean> {
  for (const write of writes) if (mayHold(write, await live(write, deps))) return true
  return false
}
