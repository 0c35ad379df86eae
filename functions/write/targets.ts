/** Documents of IAM: read until they settle, written in order, undone in reverse. A fault on the way is a refusal, never an exception. */
import { fail, ok, type Result } from '../../core/base/result.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import { samePolicy } from '../../core/iam/policy/same-policy.ts'
import { restorable, takenAway } from '../../core/patch/take-away.ts'
import type { DocumentChange } from '../../core/patch/target.ts'
import type { LeftTarget } from '../domain/authority/spent.ts'
import type { PolicyWriter } from '../ports/writing/policy-writer.ts'
import type { WriteDeps } from './deps.ts'

export type Problem = { readonly code: string; readonly why: string }
type Live = Result<PolicyDocument | null, Problem>

/** What IAM accepted in this run, or may have: reads may not show it yet. */
export type DoneCalls = {
  readonly requestIds: string[]
  readonly notes: string[]
  readonly touched: Set<DocumentChange>
  /** It was asked for, and most likely refused. */
  readonly tried: Set<DocumentChange>
}

/** IAM is eventually consistent: a change shows within seconds, at times after a minute. */
const READ_BACK_MS = [0, 500, 1000, 2000, 4000, 8000]
const PROPAGATION_MS = 60_000
const AGAIN_MS = 5_000
const RETRY_MS = [0, 1000, 2000, 4000, 8000]
/** Others write between a plan and its write. */
const MAX_PLANS = 3
/** Of the policy that rolemedic alone writes. */
const OWN_POLICY = 'rolemedic'

export type Targets = ReturnType<typeof targetsOf>

export function targetsOf(writer: PolicyWriter, { sleep, clock, secondReadSeconds }: WriteDeps) {
  const done: DoneCalls = { requestIds: [], notes: [], touched: new Set(), tried: new Set() }

  async function live({ target }: Pick<DocumentChange, 'target'>): Promise<Live> {
    let why = ''
    for (const waitMs of RETRY_MS.slice(0, 3)) {
      if (waitMs > 0) await sleep(waitMs)
      try {
        const read = await writer.read(target)
        if (read.kind === 'unreadable') return fail({ code: 'target-unreadable', why: read.why })
        return ok(read.kind === 'absent' ? null : read.value)
      } catch (error) {
        why = messageOf(error)
      }
    }
    return fail({ code: 'target-unreadable', why })
  }

  /** Repeats a read while it gives the document that may only be stale. */
  async function settled(write: DocumentChange, stale: PolicyDocument | null): Promise<Live> {
    let now: Live = fail({ code: 'target-unreadable', why: '' })
    for (const waitMs of READ_BACK_MS) {
      if (waitMs > 0) await sleep(waitMs)
      now = await live(write)
      if (!now.ok || !samePolicy(now.value, stale)) break
    }
    return now
  }

  /** Writes `document` where IAM has `expected`, again where AWS asks for it. */
  async function put(write: DocumentChange, document: PolicyDocument | null, expected: PolicyDocument | null) {
    let problem: Problem = { code: 'write', why: '' }
    for (const waitMs of RETRY_MS) {
      if (waitMs > 0) {
        await sleep(waitMs)
        const now = await live(write)
        if (!now.ok) return now
        if (!samePolicy(now.value, expected) && !samePolicy(now.value, document)) return fail(drifted(write))
      }
      done.tried.add(write)
      try {
        const outcome = await writer.write(write.target, document)
        if (outcome.ok) {
          done.requestIds.push(...outcome.value.requestIds)
          done.notes.push(...(outcome.value.notes ?? []))
          return ok(null)
        }
        problem = { code: outcome.error.code, why: outcome.error.message }
        if (!outcome.error.retry) return fail(problem)
      } catch (error) {
        done.touched.add(write)
        return fail({ code: 'unknown-write', why: `it is not known whether IAM wrote it: ${messageOf(error)}` })
      }
    }
    return fail(problem)
  }

  return {
    done,
    live,

    /** Null: every target is as planned, those that others may write in two readings some time apart. */
    async asBefore(writes: readonly DocumentChange[]): Promise<Problem | null> {
      for (const again of [false, true]) {
        const read = again ? writes.filter(isShared) : writes
        if (again && read.length > 0) await sleep(secondReadSeconds * 1000)
        for (const write of read) {
          const now = await live(write)
          if (!now.ok) return now.error
          if (!samePolicy(now.value, write.before)) return drifted(write)
        }
      }
      return null
    },

    /** Reads once more just before each write. `accepted` is called for each before the next one. */
    async writeAll(
      writes: readonly DocumentChange[],
      accepted: (write: DocumentChange) => Promise<void>,
    ): Promise<Problem | null> {
      for (const write of writes) {
        const now = await live(write)
        if (!now.ok) return now.error
        const isWritten = samePolicy(now.value, write.after)
        if (!isWritten && !samePolicy(now.value, write.before)) return drifted(write)
        // A permission set with the document may still need provisioning, which only another write starts.
        if (isWritten && write.target.kind !== 'permission-set-inline-policy') continue
        const outcome = await put(write, write.after, now.value)
        if (!outcome.ok) return outcome.error
        done.touched.add(write)
        await accepted(write)
      }
      return null
    },

    /** Null: every target is as written. */
    async readBack(writes: readonly DocumentChange[]): Promise<Problem | null> {
      for (const write of writes) {
        const now = await settled(write, write.before)
        if (!now.ok) return now.error
        if (!samePolicy(now.value, write.after)) return differs(write)
      }
      return null
    },

    /**
     * Restores every target that still is exactly as written, last first, and gives what is left. What was written in this run is undone
     * even if a read does not show it yet.
     */
    async undo(
      writes: readonly DocumentChange[],
      beforeOf: (write: DocumentChange) => PolicyDocument | null,
    ): Promise<readonly LeftTarget[]> {
      const left: LeftTarget[] = []
      for (const write of writes.toReversed()) {
        const isTouched = done.touched.has(write)
        const now = done.tried.has(write) ? await settled(write, write.before) : await live(write)
        if (!now.ok) {
          left.push(leftOf(write, now.error.why))
          continue
        }
        const isBefore = samePolicy(now.value, write.before)
        if (isBefore && !isTouched) continue
        if (!isBefore && !samePolicy(now.value, write.after)) {
          if (mayHold(write, now.value)) left.push(leftOf(write, drifted(write).why))
          continue
        }
        // What this run did not touch was seen in one reading alone.
        if (!isTouched && !(await isStill(write, now.value))) {
          left.push(leftOf(write, drifted(write).why))
          continue
        }
        const outcome = await put(write, beforeOf(write), now.value)
        const isGone =
          !outcome.ok && write.before === null && /^(NoSuchEntity|ResourceNotFound)/.test(outcome.error.code)
        if (!outcome.ok && !isGone) left.push(leftOf(write, outcome.error.why))
      }
      return left
    },

    /**
     * Removes what was added and keeps what others have changed since; trust first, so that nobody can assume a role while the rest is
     * removed. `writtenAtMs`: soon after it, a read of the old document may be stale.
     */
    async takeAway(
      writes: readonly DocumentChange[],
      restorableOf: (write: DocumentChange) => PolicyDocument | null,
      writtenAtMs: number,
    ): Promise<readonly LeftTarget[]> {
      const left: LeftTarget[] = []
      for (const write of writes.toReversed()) {
        const problem = await remove({ ...write, before: restorableOf(write) }, write.before, writtenAtMs)
        if (problem !== null) left.push(leftOf(write, problem.why))
      }
      return left
    },
  }

  /** Null: nothing of it is left. */
  async function remove(
    write: DocumentChange,
    stale: PolicyDocument | null,
    writtenAtMs: number,
  ): Promise<Problem | null> {
    for (let plans = 0; plans < MAX_PLANS; plans += 1) {
      const now = await liveBy(write, stale, writtenAtMs + PROPAGATION_MS)
      if (!now.ok) return now.error
      const without = samePolicy(now.value, write.before) ? ok(now.value) : takenAway(write, now.value)
      if (!without.ok) return { code: 'edited', why: without.error }
      if (samePolicy(without.value, now.value) || samePolicy(now.value, stale)) return null
      if (!(await isStill(write, now.value))) continue
      const outcome = await put(write, without.value, now.value)
      if (!outcome.ok && outcome.error.code === 'drift') continue
      if (!outcome.ok) return outcome.error
      const after = await settled(write, now.value)
      if (!after.ok) return after.error
      if (samePolicy(after.value, without.value)) return null
    }
    return drifted(write)
  }

  async function liveBy(write: DocumentChange, stale: PolicyDocument | null, seenByMs: number): Promise<Live> {
    let now = await live(write)
    for (let reads = 1; reads < PROPAGATION_MS / AGAIN_MS && clock() < seenByMs; reads += 1) {
      if (!now.ok || !samePolicy(now.value, stale)) break
      await sleep(AGAIN_MS)
      now = await live(write)
    }
    return now
  }

  /** Another reading, and of what others may write a third one some time later. */
  async function isStill(write: DocumentChange, seen: PolicyDocument | null): Promise<boolean> {
    const again = await live(write)
    if (!again.ok || !samePolicy(again.value, seen)) return false
    if (!isShared({ ...write, before: seen })) return true
    await sleep(secondReadSeconds * 1000)
    const later = await live(write)
    return later.ok && samePolicy(later.value, seen)
  }
}

/** All but the policy that rolemedic alone writes, and a policy that does not exist yet. */
const isShared = ({ target, before }: DocumentChange): boolean => before !== null && target.policyName !== OWN_POLICY

/**
 * Whether `now` may contain anything that `write` added, even if others have changed the policy since. An earlier grant that it was to
 * replace may be over by now.
 */
function mayHold(write: DocumentChange, now: PolicyDocument | null): boolean {
  const without = takenAway({ ...write, before: restorable(write) }, now)
  return !without.ok || !samePolicy(without.value, now)
}

const leftOf = ({ target }: DocumentChange, why: string): LeftTarget => ({
  arn: target.arn,
  policyName: target.policyName,
  why: why === '' ? 'no reason was given' : why.slice(0, 1000),
})

export const drifted = ({ target }: DocumentChange): Problem => ({
  code: 'drift',
  why: `the policy of ${target.name} was changed by someone else meanwhile`,
})

const differs = ({ target }: DocumentChange): Problem => ({
  code: 'read-back',
  why: `the policy of ${target.name} read back after the write is not what was written`,
})

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500)
