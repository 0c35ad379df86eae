/** Writes in order, undoes in reverse, and skips what is in place already. */
import { fail, ok, type Read, type Refusal, type Result, RolemedicError } from '../../core/base/index.ts'
import { type PolicyDocument, samePolicy } from '../../core/iam/index.ts'
import { OWN_POLICY, revertChange } from '../../core/patch/index.ts'
import type { Config } from '../domain/config/index.ts'
import type { PlannedWrite } from '../domain/proposal/index.ts'
import type { WritingDeps } from './deps.ts'

export type WriteNotes = {
  readonly requestIds: readonly string[]
  readonly notes: readonly string[]
}

/** The writes that IAM accepted in this run, with notes of what else each required. */
export type AcceptedWrites = Map<PlannedWrite, readonly string[]>

export const notesOf = (accepted: AcceptedWrites): readonly string[] => [...accepted.values()].flat()

/** Notes name side effects that stay after a rollback, such as a deleted old policy version. */
export const withNotes = (why: Refusal, notes: readonly string[]): Refusal =>
  notes.length === 0 ? why : { ...why, message: [why.message, ...notes].join('; ') }

/** A write that could not be undone. */
export type Left = { readonly write: PlannedWrite; readonly why: string }

type Deps = Pick<WritingDeps, 'writer' | 'sleep'>
type WriteDeps = Deps & { readonly config: Pick<Config, 'secondReadSeconds'> }

/** IAM is eventually consistent: a change shows within seconds, at times after a minute. */
const READ_BACK_MS = [0, 500, 1000, 2000, 4000, 8000] as const

/** The current document; null: there is none. Throws when it cannot be read: nothing is written blindly. */
export async function live(write: Pick<PlannedWrite, 'target'>, { writer }: Deps): Promise<PolicyDocument | null> {
  const read: Read<PolicyDocument> = await writer.read(write.target)
  if (read.kind === 'unreadable') throw new RolemedicError('target-unreadable', read.why)
  return read.kind === 'absent' ? null : read.value
}

/**
 * Reads each target again just before its write, and writes only if it is as planned. The refusal is `drift` when a
 * target has neither its old nor its new document, else IAM's own code. `guard` throws when the lease is about to expire.
 * Writes that IAM accepts are added to `accepted`.
 */
export async function writeAll(
  writes: readonly PlannedWrite[],
  deps: WriteDeps,
  guard: () => void,
  accepted: AcceptedWrites = new Map(),
): Promise<Result<WriteNotes, Refusal>> {
  const requestIds: string[] = []
  for (const write of writes) {
    const now = await live(write, deps)
    const written = samePolicy(now, write.after)
    // A permission set with the document may still need provisioning, which only another write starts.
    if (written && write.target.kind !== 'permission-set-inline-policy') continue
    if (!written && !samePolicy(now, write.before)) return fail(drifted(write))
    if (!written && isSharedWithOthers(write) && !samePolicy(await readLater(write, deps), now))
      return fail(drifted(write))
    guard()
    const outcome = await deps.writer.write(write.target, write.after)
    if (outcome.ok) {
      accepted.set(write, outcome.value.notes ?? [])
      requestIds.push(...outcome.value.requestIds)
      continue
    }
    const { code, message, retry } = outcome.error
    if (retry) throw new RolemedicError('write-again', `${code}: ${message}`)
    return fail({ code, message, owner: null })
  }
  return ok({ requestIds, notes: notesOf(accepted) })
}

/** All but the policy that rolemedic alone writes, and a policy that does not exist yet. */
const isSharedWithOthers = ({ target, before }: PlannedWrite): boolean =>
  before !== null && target.policyName !== OWN_POLICY

/** IAM is eventually consistent: what somebody else has just written may be missing from one read, seldom from two. */
async function readLater(write: PlannedWrite, deps: WriteDeps): Promise<PolicyDocument | null> {
  await deps.sleep(deps.config.secondReadSeconds * 1000)
  return live(write, deps)
}

/**
 * Restores every target that still is exactly as written, last first. Gives what could not be restored, and `notes` of side
 * effects. A write accepted in this run is undone even if a read does not show it yet.
 */
export async function undo(
  writes: readonly PlannedWrite[],
  deps: Deps,
  accepted: AcceptedWrites,
): Promise<{ readonly left: readonly Left[]; readonly notes: readonly string[] }> {
  const left: Left[] = []
  const notes: string[] = []
  for (const write of writes.toReversed()) {
    const now = await live(write, deps)
    const asBefore = samePolicy(now, write.before)
    if (!accepted.has(write) && (asBefore || !mayHold(write, now))) continue
    if (!asBefore && !samePolicy(now, write.after)) {
      left.push({ write, why: drifted(write).message })
      continue
    }
    const outcome = await deps.writer.write(write.target, write.before)
    if (outcome.ok) {
      notes.push(...(outcome.value.notes ?? []))
      continue
    }
    if (outcome.error.retry) throw new RolemedicError('write-again', outcome.error.message)
    left.push({ write, why: outcome.error.message })
  }
  return { left, notes }
}

/** Whether `now` may contain anything that `write` added, even if others have changed the policy since. */
export function mayHold({ target, before, after }: PlannedWrite, now: PolicyDocument | null): boolean {
  if (samePolicy(now, after)) return true
  if (after === null || now === null) return false
  const without = revertChange({ target, before, after }, now)
  return !without.ok || !samePolicy(without.value, now)
}

/** Null: every target is as written. */
export async function readBack(writes: readonly PlannedWrite[], deps: Deps): Promise<Refusal | null> {
  for (const write of writes) {
    let now: PolicyDocument | null = null
    for (const waitMs of READ_BACK_MS) {
      if (waitMs > 0) await deps.sleep(waitMs)
      now = await live(write, deps)
      // The old document may only be stale. Anything else does not change by waiting.
      if (!samePolicy(now, write.before)) break
    }
    if (!samePolicy(now, write.after)) return differs(write)
  }
  return null
}

function drifted({ target }: PlannedWrite): Refusal {
  return {
    code: 'drift',
    message: `the policy of ${target.name} was changed by someone else meanwhile`,
    owner: `owner of ${target.name}`,
  }
}

const differs = ({ target }: PlannedWrite): Refusal => ({
  code: 'read-back',
  message: `the policy of ${target.name} read back after the write is not what was written`,
  owner: null,
})
