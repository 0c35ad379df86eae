/**
 * Writes exactly what was approved. Claim ─► read and examine again ─► record the intent ─► write ─► read back and evaluate
 * ─► record the outcome ─► move the proposal ─► tell the card. A crash anywhere leaves a state from which the next delivery,
 * or `sweep`, goes on.
 */

import { fail, ok, type Refusal, type Result } from '../domain/base/result.ts'
import { samePolicy } from '../domain/iam/policy/same-policy.ts'
import { type Target, trustLast } from '../domain/patch/patch.ts'
import { withTimeLimit } from '../domain/patch/time-limit.ts'
import { type ApprovedPatch, approvedPatch } from '../domain/proposal/approval-policy.ts'
import type { PlannedWrite, Proposal, Writing } from '../domain/proposal/proposal.ts'
import { applying } from '../domain/proposal/transitions.ts'
import { countChange } from '../workflows/approval/changes-today.ts'
import { type ApplyDeps, LEASE_MS } from './deps.ts'
import { type Held, inTime, moveOn, record, whileHeld } from './lease.ts'
import { type Applied, endApplied, endUnwritten, endWithRest, finish } from './outcomes.ts'
import { carry, live, mayHold, notesOf, readBack, type Taken, undo, withNotes } from './write-changes.ts'

export type { ApplyDeps } from './deps.ts'
export type { Applied } from './outcomes.ts'

export function makeApply(deps: ApplyDeps): (proposalId: string) => Promise<Applied> {
  return async proposalId => {
    const seen = await deps.store.get(proposalId)
    if (seen === null || seen.patch === null) {
      deps.observer.log('warn', 'apply work for a proposal that is not there', { proposalId })
      return 'nothing-to-do'
    }
    if (seen.status === 'applied' || seen.status === 'failed' || seen.status === 'stale') return finish(seen, deps)
    const claim = (current: Proposal) => applying(current, LEASE_MS, deps.clock())
    return whileHeld(seen, claim, targetsOf, deps, held => work(held, deps))
  }
}

const targetsOf = ({ patch }: Proposal): readonly Target[] =>
  (patch?.changes ?? []).filter(change => change.required).map(change => change.target)

async function work(held: Held, deps: ApplyDeps): Promise<Applied> {
  const { writing: begun = null, failure } = held.current
  const taken: Taken = new Map()
  if (begun !== null && failure !== null) return giveUp(held, begun, failure, taken, deps)
  const planned = begun !== null && (await anyWritten(begun, deps)) ? ok(begun) : await plan(held, deps)
  if (!planned.ok) {
    const unreadable = planned.error.code === TARGET_UNREADABLE
    return endUnwritten(held, unreadable ? 'failed' : 'stale', planned.error, deps)
  }
  const writing = planned.value

  const { summary } = held.current.diagnosis
  await record(held, { kind: 'apply-intended', why: summary, changes: writing.writes }, deps)
  const carried = await carry(writing.writes, deps, () => inTime(held, deps), taken)
  if (!carried.ok) return giveUp(held, writing, carried.error, taken, deps)
  const differs = await readBack(writing.writes, deps)
  if (differs !== null) return giveUp(held, writing, differs, taken, deps)
  return endApplied(held, writing, carried.value, deps)
}

/** The decision is stored before anything is undone, so that a crash in between does not begin the writing again. */
async function giveUp(held: Held, writing: Writing, why: Refusal, taken: Taken, deps: ApplyDeps): Promise<Applied> {
  const decided = held.current.failure ?? withNotes(why, notesOf(taken))
  if (held.current.failure === null) await moveOn(held, ok({ ...held.current, failure: decided }), deps)
  const { left, notes } = await undo(writing.writes, deps, taken)
  const said = withNotes(decided, notes)
  if (left.length > 0) return endWithRest(held, writing, said, left, deps)
  return endUnwritten(held, why.code === 'drift' ? 'stale' : 'failed', said, deps)
}

/** Read again, examined again, and the same as approved: else there is nothing to write. */
async function plan(held: Held, deps: ApplyDeps): Promise<Result<Writing, Refusal>> {
  const { current } = held
  for (const change of current.patch?.changes ?? []) {
    if (!change.required) continue
    const read = await deps.writer.read(change.target)
    if (read.kind === 'unreadable') return refused(TARGET_UNREADABLE, read.why)
    if (!samePolicy(read.kind === 'found' ? read.value : null, change.before))
      return refused('drift', `the policy of ${change.target.name} was changed after the card was made`)
  }
  const seen = await deps.analyze(current.denial)
  if (seen.verified === null)
    return seen.refusal === null ? refused('no-patch', 'there is nothing to change any more') : fail(seen.refusal)
  const approved = approvedPatch(seen.verified, current)
  if (!approved.ok) return approved
  const { endsAtMs } = approved.value
  if (endsAtMs !== null && endsAtMs <= deps.clock())
    return refused('limit-over', 'the time that it was approved for is over')
  const changes = await countChange(current.denial, deps.clock(), deps.store)
  if (changes > deps.config.maxChangesPerPrincipalPerDay)
    return refused(
      'changes-per-day',
      'this principal was changed too often today: rolemedic administrators can say why',
    )
  const writing: Writing = { kind: 'apply', writes: writesOf(approved.value), endsAtMs }
  await moveOn(held, ok({ ...current, writing }), deps)
  return ok(writing)
}

const TARGET_UNREADABLE = 'target-unreadable'
const refused = (code: string, message: string) => fail<Refusal>({ code, message, owner: null })

/**
 * The only plan of an apply: nothing less than an approved patch gives one. Identity first and trust last: until the last
 * write, nobody can use a door that stands half open.
 */
export function writesOf({ verified, endsAtMs }: ApprovedPatch): readonly PlannedWrite[] {
  const limited = endsAtMs === null ? verified : withTimeLimit(verified, endsAtMs)
  const required = limited.patch.changes.filter(change => change.required)
  return trustLast(required).map(({ target, before, after }) => ({ target, before, after }))
}

/**
 * After a crash: a write that happened is never repeated, and is found also where somebody else wrote beside it since. Where
 * none did, everything is looked at afresh.
 */
async function anyWritten({ kind, writes }: Writing, deps: ApplyDeps): Promise<boolean> {
  if (kind !== 'apply') return false
  for (const write of writes) if (mayHold(write, await live(write, deps))) return true
  return false
}
