/** Writing in order, undoing in reverse, and never writing what is already there. */
import { RolemedicError } from '../domain/base/errors.ts'
import type { Read } from '../domain/base/fact.ts'
import { fail, ok, type Refusal, type Result } from '../domain/base/result.ts'
import type { PolicyDocument } from '../domain/iam/policy/policy-document.ts'
import { samePolicy } from '../domain/iam/policy/same-policy.ts'
import { revertChange } from '../domain/patch/revert-patch.ts'
import type { PlannedWrite } from '../domain/proposal/proposal.ts'
import type { ApplyDeps } from './deps.ts'

export type Carried = {
  readonly requestIds: readonly string[]
  readonly notes: readonly string[]
}

/** What IAM took in this run, and what else had to be done for it. */
export type Taken = Map<PlannedWrite, readonly string[]>

export const notesOf = (taken: Taken): readonly string[] => [...taken.values()].flat()

/** What else was done, as removing an old version, is not taken back with the change. */
export const withNotes = (why: Refusal, notes: readonly string[]): Refusal =>
  notes.length === 0 ? why : { ...why, message: [why.message, ...notes].join('; ') }

/** What could not be put back. */
export type Left = { readonly write: PlannedWrite; readonly why: string }

type Deps = Pick<ApplyDeps, 'writer' | 'sleep'>

/** IAM shows a change within seconds, at times after a minute. */
const READ_BACK_MS = [0, 500, 1000, 2000, 4000, 8000] as const

/** The document, or null where there is none. What may not be read stops everything: nothing is written blindly. */
export async function live(write: Pick<PlannedWrite, 'target'>, { writer }: Deps): Promise<PolicyDocument | null> {
  const read: Read<PolicyDocument> = await writer.read(write.target)
  if (read.kind === 'unreadable') throw new RolemedicError('target-unreadable', read.why)
  return read.kind === 'absent' ? null : read.value
}

/**
 * Each target is read once more just before it is written: it is as planned, or nothing is done to it. The refusal is
 * `drift` when a target is neither as it was nor as it shall be, else IAM's own code. `guard` throws when the time of
 * this worker is up. What IAM takes is added to `taken`.
 */
export async function carry(
  writes: readonly PlannedWrite[],
  deps: Deps,
  guard: () => void,
  taken: Taken = new Map(),
): Promise<Result<Carried, Refusal>> {
  const requestIds: string[] = []
  for (const write of writes) {
    const now = await live(write, deps)
    const written = samePolicy(now, write.after)
    // A permission set that has the document may still lack its roll-out, which only another write brings about.
    if (written && write.target.kind !== 'permission-set-inline-policy') continue
    if (!written && !samePolicy(now, write.before)) return fail(drifted(write))
    guard()
    const outcome = await deps.writer.write(write.target, write.after)
    if (outcome.ok) {
      taken.set(write, outcome.value.notes ?? [])
      requestIds.push(...outcome.value.requestIds)
      continue
    }
    const { code, message, retry } = outcome.error
    if (retry) throw new RolemedicError('write-again', `${code}: ${message}`)
    return fail({ code, message, owner: null })
  }
  return ok({ requestIds, notes: notesOf(taken) })
}

/**
 * Puts back whatever of `writes` stands exactly as it was written, last first. Gives what could not be put back, and as
 * `notes` what else had to be done. What IAM has `taken` a moment ago is put back also where a read does not show it yet.
 */
export async function undo(
  writes: readonly PlannedWrite[],
  deps: Deps,
  taken: Taken,
): Promise<{ readonly left: readonly Left[]; readonly notes: readonly string[] }> {
  const left: Left[] = []
  const notes: string[] = []
  for (const write of writes.toReversed()) {
    const now = await live(write, deps)
    const asBefore = samePolicy(now, write.before)
    if (!taken.has(write) && (asBefore || !mayHold(write, now))) continue
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

/** Whether anything of what `write` puts in may stand in `now`, also beside what somebody else has written since. */
export function mayHold({ target, before, after }: PlannedWrite, now: PolicyDocument | null): boolean {
  if (samePolicy(now, after)) return true
  if (after === null || now === null) return false
  const without = revertChange({ target, before, after }, now)
  return !without.ok || !samePolicy(without.value, now)
}

/** Null: every target is as it was written. */
export async function readBack(writes: readonly PlannedWrite[], deps: Deps): Promise<Refusal | null> {
  for (const write of writes) {
    let now: PolicyDocument | null = null
    for (const waitMs of READ_BACK_MS) {
      if (waitMs > 0) await deps.sleep(waitMs)
      now = await live(write, deps)
      // Still as it was: not seen yet. Anything else will not change by waiting.
      if (!samePolicy(now, write.before)) break
    }
    if (!samePolicy(now, write.after)) return differs(write)
  }
  return null
}

function drifted({ target }: PlannedWrite): Refusal {
  return {
    code: 'drift',
    message: `the policy of ${target.name} was changed by somebody else meanwhile`,
    owner: `owner of ${target.name}`,
  }
}

const differs = ({ target }: PlannedWrite): Refusal => ({
  code: 'read-back',
  message: `what the policy of ${target.name} holds after the write is not what was written`,
  owner: null,
})
