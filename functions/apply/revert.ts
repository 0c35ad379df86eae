/**
 * Reverts exactly what was written, last write first, whatever others have changed beside it. The same lease, records and
 * read-back as `apply`; on drift it refuses, and the card shows what was, what was written and what is there now.
 */
import { digestOf } from '../domain/base/canonical-json.ts'
import { RolemedicError } from '../domain/base/errors.ts'
import type { Person } from '../domain/base/person.ts'
import { fail, ok, type Refusal, type Result } from '../domain/base/result.ts'
import type { PolicyDocument } from '../domain/iam/policy/policy-document.ts'
import { samePolicy } from '../domain/iam/policy/same-policy.ts'
import type { PolicyChange, Target } from '../domain/patch/patch.ts'
import { revertChange } from '../domain/patch/revert-patch.ts'
import type {
  Applied,
  PlannedWrite,
  Proposal,
  Reverted as RevertedProposal,
  Reverting,
} from '../domain/proposal/proposal.ts'
import {
  PROPAGATION_MS,
  reverted,
  revertFailed,
  reverting,
  revertLeased,
  settled,
} from '../domain/proposal/transitions.ts'
import { revalidateOthers } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { type ApplyDeps, LEASE_MS } from './deps.ts'
import {
  assertTimeLeft,
  keep,
  type Lease,
  MAX_ATTEMPTS,
  type NotLeased,
  record,
  transition,
  withLease,
} from './lease.ts'
import { carry, live, notesOf, readBack, type Taken, withNotes } from './write-changes.ts'

/** Only `apply` analyzes: a revert needs no diagnosis. */
export type RevertDeps = Omit<ApplyDeps, 'analyze'>
export type Reverted = 'reverted' | 'failed' | 'busy' | 'nothing-to-do'

/** Somebody else may write between the plan and the write: then it is planned again. */
const MAX_PLANS = 3

/** `by`: who sent the work without a card; null when the card's button, or the end of a limited grant, began it. */
export function makeRevert(deps: RevertDeps): (proposalId: string, by?: Person | null) => Promise<Reverted> {
  return async (proposalId, by = null) => {
    const seen = await begun(proposalId, by, deps)
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

const targetsOf = ({ applied }: Reverting): readonly Target[] => applied.changes.map(change => change.target)

/** A request that comes without a card stands in its message alone, so that it is stored or the message comes again. */
async function begun(proposalId: string, by: Person | null, deps: RevertDeps): Promise<Proposal | null> {
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const seen = await deps.store.get(proposalId)
    if (seen === null || by === null || (seen.status !== 'applied' && seen.status !== 'confirmed')) return seen
    const stored = await deps.store.replace(seen, reverting(seen, by, deps.clock()))
    if (stored.ok) return stored.value
  }
  throw new RolemedicError('contention', `${proposalId} is being changed by too many others at once`)
}

async function work(lease: Lease<Reverting>, deps: RevertDeps): Promise<Reverted> {
  const writes: PlannedWrite[] = []
  const requestIds: string[] = []
  const taken: Taken = new Map()
  for (let plans = 0; ; plans += 1) {
    const planned = await plan(lease, deps)
    if (!planned.ok) return endFailed(lease, planned.error, deps)
    // Planned anew it is another intent; planned again to the same end, after a crash, it is on record already.
    const of = digestOf(planned.value)
    const why = whyOf(lease.current)
    await record(lease.current, { kind: 'revert-intended', of, why, changes: planned.value, ...stepOf(lease) }, deps)
    const carried = await carry(planned.value, deps, () => assertTimeLeft(lease, deps), taken)
    if (carried.ok) {
      writes.push(...planned.value)
      requestIds.push(...carried.value.requestIds)
      break
    }
    if (carried.error.code !== 'drift' || plans + 1 >= MAX_PLANS)
      return endFailed(lease, withNotes(carried.error, notesOf(taken)), deps)
  }
  const differs = await readBack(writes, deps)
  if (differs !== null) return endFailed(lease, withNotes(differs, notesOf(taken)), deps)

  const done = writes.length === 0 ? 'what was written was gone already' : 'what was written was taken out again'
  const why = [done, ...notesOf(taken)].join('; ')
  await record(lease.current, { kind: 'reverted', why, changes: writes, requestIds, ...stepOf(lease) }, deps)
  const stored = await transition(lease, reverted(lease.current, deps.clock()), deps)
  deps.observer.count('Reverted')
  return finish(stored, deps)
}

/** Trust first, so that nobody can enter before anything else changes. What is already removed is left as it is. */
async function plan(lease: Lease<Reverting>, deps: RevertDeps): Promise<Result<readonly PlannedWrite[], Refusal>> {
  const { applied, undoing } = lease.current
  const done = undoing ?? []
  const writes: PlannedWrite[] = []
  for (const change of applied.changes.toReversed()) {
    const earlier = done.find(
      write => write.target.arn === change.target.arn && write.target.kind === change.target.kind,
    )
    const seenByMs = earlier === undefined ? applied.atMs + PROPAGATION_MS : 0
    const now = await liveBy(seenByMs, change, deps)
    const isDone = earlier !== undefined && samePolicy(now, earlier.after)
    if (isDone || samePolicy(now, change.before)) {
      // Kept in the plan, so that the record of the outcome names it.
      if (earlier !== undefined) writes.push(earlier)
      continue
    }
    const without = revertChange(change, now)
    if (!without.ok) return fail(without.error)
    if (!samePolicy(without.value, now)) writes.push({ target: change.target, before: now, after: without.value })
  }
  await keep(lease, { ...lease.current, undoing: writes }, deps)
  return ok(writes)
}

const AGAIN_MS = 5_000

/** Soon after the change, a read that shows what was before it may be behind: it is asked again until it cannot be. */
async function liveBy(seenByMs: number, change: PolicyChange, deps: RevertDeps): Promise<PolicyDocument | null> {
  let now = await live(change, deps)
  const mostTries = PROPAGATION_MS / AGAIN_MS
  for (let tries = 0; tries < mostTries && deps.clock() < seenByMs && samePolicy(now, change.before); tries += 1) {
    await deps.sleep(AGAIN_MS)
    now = await live(change, deps)
  }
  return now
}

async function endFailed(lease: Lease<Reverting>, why: Refusal, deps: RevertDeps): Promise<Reverted> {
  await record(lease.current, { kind: 'revert-failed', why: why.message, ...stepOf(lease) }, deps)
  const stored = await transition(lease, revertFailed(lease.current, why, deps.clock()), deps)
  deps.observer.count('RevertFailed')
  return showFailed(stored, deps)
}

/** Also when a delivery finds that an earlier one died just before. */
async function showFailed({ id }: Applied, deps: RevertDeps): Promise<Reverted> {
  await refreshCard(id, deps)
  return 'failed'
}

async function finish(proposal: RevertedProposal, deps: RevertDeps): Promise<Reverted> {
  if (proposal.dueAtMs !== null) {
    await refreshCard(proposal.id, deps)
    await revalidateOthers(proposal, deps)
    await deps.store.replace(proposal, settled(proposal, deps.config))
  }
  return 'reverted'
}

/** Each press of Revert is its own attempt in the record. */
const stepOf = ({ current: { revertRequest } }: Lease<Reverting>) => ({ n: revertRequest.atMs, by: revertRequest.by })

const whyOf = ({ applied, revertRequest }: Reverting): string =>
  applied.endsAtMs !== null && revertRequest.by.id === 'rolemedic'
    ? 'the time of the grant is over'
    : 'asked for by a person'
