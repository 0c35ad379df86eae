/**
 * Removes exactly what was written, last write first, and keeps what others have changed since. Lease, records and read-back
 * as in `apply`. On drift it refuses, and the card shows the policy before, as written, and now.
 */
import { canonicalJson, digestOf, fail, ok, type Refusal, type Result } from '../../core/base/index.ts'
import { type PolicyDocument, samePolicy } from '../../core/iam/index.ts'
import { type PolicyChange, revertChange, type Target } from '../../core/patch/index.ts'
import {
  type Applied,
  answersFor,
  asksByItself,
  bridgeKept,
  type Forgery,
  type Grant,
  grantedChanges,
  grantOf,
  isBridge,
  type PlannedWrite,
  PROPAGATION_MS,
  type Proposal,
  type Reverted as RevertedProposal,
  type Reverting,
  revertAuthority,
  reverted,
  revertFailed,
  revertLeased,
  settled,
} from '../domain/proposal/index.ts'
import type { PolicyWriter } from '../ports/writing/policy-writer.ts'
import { mayStillApprove } from '../workflows/approval/recount-approvals.ts'
import { FORGED_MESSAGE, reportForgery } from '../workflows/approval/report-forgery.ts'
import { revalidateOthers } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { isCovered } from './covered.ts'
import { type ApplyDeps, LEASE_MS, type WritingDeps } from './deps.ts'
import { assertTimeLeft, keep, type Lease, type NotLeased, record, transition, withLease } from './lease.ts'
import { writerOf } from './session.ts'
import { type AcceptedWrites, live, notesOf, readBack, withNotes, writeAll } from './write-changes.ts'

/** Only `apply` asks CloudTrail: a revert takes access away. It analyzes where a bridge is to end before its time. */
export type RevertDeps = Omit<ApplyDeps, 'witness'>
type Deps = RevertDeps & Pick<WritingDeps, 'writer'>
/** `kept`: the request is denied without the bridge. */
export type RevertResult = 'reverted' | 'failed' | 'kept' | 'busy' | 'nothing-to-do'

/** It is planned again when others write between plan and write. */
const MAX_PLANS = 3

export function makeRevert(deps: RevertDeps): (proposalId: string) => Promise<RevertResult> {
  return async proposalId => {
    const seen = await deps.store.get(proposalId)
    if (seen === null) return 'nothing-to-do'
    if (seen.status === 'reverted') return finish(seen, deps)
    if (seen.status === 'applied' && seen.failure !== null) return showFailed(seen, deps)
    const acquire = (current: Proposal): Result<Reverting, NotLeased> => {
      if (current.status !== 'reverting') return fail('nothing-to-do')
      const leased = revertLeased(current, LEASE_MS, deps.clock())
      return leased.ok ? leased : fail('busy')
    }
    return withLease(seen, acquire, targetsOf, deps, lease => work(lease, deps))
  }
}

const targetsOf = ({ patch }: Reverting): readonly Target[] =>
  patch.changes.filter(change => change.required).map(change => change.target)

type Authorized = { readonly changes: readonly PolicyChange[]; readonly writer: PolicyWriter }

/** What was signed and written, if the person who asks may revert it, and the writer in the name of that person. */
async function authorized(lease: Lease<Reverting>, deps: RevertDeps): Promise<Result<Authorized, Refusal> | 'kept'> {
  const { current } = lease
  const ring = await deps.keys.ring()
  const grant = grantOf(current, ring)
  if (!grant.ok) return forged(current, grant.error, deps)
  const changes = grantedChanges(current.applied, grant.value, deps.clock())
  if (!changes.ok) return forged(current, changes.error, deps)
  const early = isEarlyEnd(current, grant.value, deps.clock())
  const covered = early && (await isCovered(current, grant.value, deps))
  if (early && !covered) return 'kept'
  const authority = revertAuthority(current, grant.value, ring, deps.clock(), covered)
  if (!authority.ok) return forged(current, authority.error, deps)
  const { value: asks } = authority
  if (asks.kind === 'person' && !(await mayStillApprove(asks.userId, false, current, deps.config, deps.chat)))
    return fail({ code: 'not-an-approver', message: 'The person who asked is no longer an approver.', owner: null })
  const writer = await writerOf(grant.value, answersFor(grant.value, asks), deps)
  return ok({ changes: changes.value, writer })
}

/** Nobody signed it, nobody is named, and it is not over yet. */
const isEarlyEnd = ({ revertRequest }: Reverting, grant: Grant, nowMs: number): boolean =>
  revertRequest.signed === null &&
  asksByItself(revertRequest.by) &&
  isBridge(grant) &&
  grant.endsAtMs !== null &&
  nowMs < grant.endsAtMs

async function forged(
  current: Reverting,
  { why }: Forgery,
  deps: RevertDeps,
): Promise<{ readonly ok: false; readonly error: Refusal }> {
  await reportForgery(current, why, deps)
  return fail({ code: 'forged', message: FORGED_MESSAGE, owner: null })
}

async function work(lease: Lease<Reverting>, given: RevertDeps): Promise<RevertResult> {
  const granted = await authorized(lease, given)
  if (granted === 'kept') {
    const { id } = await transition(lease, bridgeKept(lease.current, given.clock()), given)
    await refreshCard(id, given)
    return 'kept'
  }
  if (!granted.ok) return endFailed(lease, granted.error, given)
  const deps = { ...given, writer: granted.value.writer }
  const writes: PlannedWrite[] = []
  const requestIds: string[] = []
  const accepted: AcceptedWrites = new Map()
  for (let plans = 0; ; plans += 1) {
    const planned = await plan(lease, granted.value.changes, deps)
    if (!planned.ok) return endFailed(lease, planned.error, deps)
    const { shown, left } = planned.value
    // Another plan is another intent; the same plan, after a crash, is recorded already.
    const of = digestOf(shown)
    const why = whyOf(lease.current)
    await record(lease.current, { kind: 'revert-intended', of, why, changes: shown, ...stepOf(lease) }, deps)
    const written = await writeAll(left, deps, () => assertTimeLeft(lease, deps), accepted)
    if (written.ok) {
      writes.push(...shown)
      requestIds.push(...written.value.requestIds)
      break
    }
    if (written.error.code !== 'drift' || plans + 1 >= MAX_PLANS)
      return endFailed(lease, withNotes(written.error, notesOf(accepted)), deps)
  }
  const differs = await readBack(writes, deps)
  if (differs !== null) return endFailed(lease, withNotes(differs, notesOf(accepted)), deps)

  const done = writes.length === 0 ? 'what was written had been removed already' : 'what was written was removed'
  const why = [done, ...notesOf(accepted)].join('; ')
  await record(lease.current, { kind: 'reverted', why, changes: writes, requestIds, ...stepOf(lease) }, deps)
  const stored = await transition(lease, reverted(lease.current, deps.clock()), deps)
  deps.observer.count('Reverted')
  return finish(stored, deps)
}

/** `left` is to be written; `shown`, for the log, has also what an earlier run has undone. */
type Plan = { readonly shown: readonly PlannedWrite[]; readonly left: readonly PlannedWrite[] }

/** Trust first, so that nobody can assume the role while the rest is removed. What is already removed stays as it is. */
async function plan(
  lease: Lease<Reverting>,
  changes: readonly PolicyChange[],
  deps: Deps,
): Promise<Result<Plan, Refusal>> {
  const { applied, undoing } = lease.current
  const shown: PlannedWrite[] = []
  const left: PlannedWrite[] = []
  for (const change of changes.toReversed()) {
    const earlier = undoneEarlier(change, undoing ?? [])
    const seenByMs = earlier === null ? applied.atMs + PROPAGATION_MS : 0
    const now = await liveBy(seenByMs, change, deps)
    const without = samePolicy(now, change.before) ? ok(now) : revertChange(change, now)
    if (!without.ok) return fail(without.error)
    if (!samePolicy(without.value, now)) {
      const write = { target: change.target, before: now, after: without.value }
      left.push(write)
      shown.push(write)
    } else if (earlier !== null) shown.push(earlier)
  }
  await keep(lease, { ...lease.current, undoing: shown }, deps)
  return ok({ shown, left })
}

/** Planned by a run that crashed, and exactly the undoing of what was granted: the item may claim another one. */
function undoneEarlier(change: PolicyChange, undoing: readonly PlannedWrite[]): PlannedWrite | null {
  const earlier = undoing.find(({ target }) => canonicalJson(target) === canonicalJson(change.target))
  if (earlier === undefined) return null
  const undone = revertChange(change, earlier.before)
  return undone.ok && samePolicy(undone.value, earlier.after) ? earlier : null
}

const AGAIN_MS = 5_000

/** Soon after the change, a read of the old document may be stale: it is repeated until it cannot be. */
async function liveBy(seenByMs: number, change: PolicyChange, deps: Deps): Promise<PolicyDocument | null> {
  let now = await live(change, deps)
  const maxReads = PROPAGATION_MS / AGAIN_MS
  for (let reads = 1; reads <= maxReads && deps.clock() < seenByMs && samePolicy(now, change.before); reads += 1) {
    await deps.sleep(AGAIN_MS)
    now = await live(change, deps)
  }
  return now
}

async function endFailed(lease: Lease<Reverting>, why: Refusal, deps: RevertDeps): Promise<RevertResult> {
  await record(lease.current, { kind: 'revert-failed', why: why.message, ...stepOf(lease) }, deps)
  const stored = await transition(lease, revertFailed(lease.current, why, deps.clock()), deps)
  deps.observer.count('RevertFailed')
  return showFailed(stored, deps)
}

/** A redelivery after a crash repeats it. */
async function showFailed({ id }: Applied, deps: RevertDeps): Promise<RevertResult> {
  await refreshCard(id, deps)
  return 'failed'
}

async function finish(proposal: RevertedProposal, deps: RevertDeps): Promise<RevertResult> {
  if (proposal.dueAtMs !== null) {
    await refreshCard(proposal.id, deps)
    await revalidateOthers(proposal, deps)
    await deps.store.replace(proposal, settled(proposal, deps.config))
  }
  return 'reverted'
}

/** In the log, each press of Revert is an attempt of its own. */
const stepOf = ({ current: { revertRequest } }: Lease<Reverting>) => ({
  n: revertRequest.atMs,
  by: revertRequest.by,
  decision: revertRequest.signed,
})

function whyOf({ applied, revertRequest }: Reverting): string {
  if (applied.endsAtMs === null || !asksByItself(revertRequest.by)) return 'asked for by a person'
  return revertRequest.atMs < applied.endsAtMs
    ? 'the request is allowed without this bridge'
    : 'the time of the grant is over'
}
