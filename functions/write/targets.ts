/**
 * Documents of IAM: read until they settle, written in order, undone or taken away in reverse. What AWS refuses is an answer; a fault on
 * the way is an exception, and the message comes again, except that a write of which nobody knows whether it happened is undone at once.
 */
import { RolemedicError } from '../../core/base/fault.ts'
import { fail, ok, type Result } from '../../core/base/result.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import { samePolicy } from '../../core/iam/policy/same-policy.ts'
import { restorable, takenAway } from '../../core/patch/take-away.ts'
import type { DocumentChange } from '../../core/patch/target.ts'
import type { LeftTarget } from '../domain/authority/spent.ts'
import { GONE, type PolicyWriter } from '../ports/writing/policy-writer.ts'
import type { WriteDeps } from './deps.ts'

/** `fault`: what went wrong on the way. Another try may go better. */
export type Problem = { readonly code: string; readonly why: string; readonly fault?: unknown }
type Document = PolicyDocument | null
type LiveRead = Result<Document, Problem>

/** How a change is undone or taken away. */
export type Back = {
  /** What stood before, as far as it may be restored. */
  readonly restored: (write: DocumentChange) => Document
  /** Only where IAM has exactly what was written. Otherwise what others have changed since is kept. */
  readonly isExact: boolean
  /** When IAM may last have accepted a write of it, as far as earlier runs say; 0: none does. */
  readonly acceptedMs: number
  /** The first run that goes back. Absent or false: a permission set that has its document may still have to be provisioned. */
  readonly isFirst?: boolean
}

/** IAM is eventually consistent: a change shows within seconds, at times after a minute. */
const SURELY_SHOWN_MS = 60_000
const SHOWN_MS = 15_000
const READ_AGAIN_MS = [500, 1000, 2000, 4000, ...Array.from({ length: 11 }, () => 5000)]
const RETRY_MS = [0, 1000, 2000, 4000, 8000]
/** Others write between a plan and its write. */
const MAX_PLANS = 3
/** Of the policy that rolemedic alone writes. */
const OWN_POLICY = 'rolemedic'

export type TargetsDeps = Pick<WriteDeps, 'sleep' | 'clock' | 'secondReadSeconds'>
export type Targets = ReturnType<typeof targetsOf>

export function targetsOf(writer: PolicyWriter, { sleep, clock, secondReadSeconds }: TargetsDeps) {
  const requestIds: string[] = []
  const notes: string[] = []
  /** Of the last permission set that was put. */
  let running: { readonly stillRuns?: true } = {}
  /** What IAM last accepted in this run, or may have: reads may not show it yet. */
  const written = new Map<DocumentChange, Document>()
  const isOwn = (write: DocumentChange, document: Document): boolean =>
    written.has(write) && samePolicy(written.get(write) ?? null, document)

  async function live({ target }: DocumentChange): Promise<LiveRead> {
    const read = await writer.read(target)
    if (read.kind === 'unreadable') return fail({ code: 'target-unreadable', why: read.why })
    return ok(read.kind === 'found' ? read.value : null)
  }

  /** `isWritten`: IAM has it. `isDone`: nothing is left to do: a permission set may have its document and not be provisioned. */
  async function seenOf(write: DocumentChange, isMarked: boolean) {
    const now = await live(write)
    const isWritten = now.ok && samePolicy(now.value, write.after)
    const isDone = isMarked || (isWritten && !isSet(write))
    return { write, isWritten, isDone, problem: problemOf(write, now, isMarked) }
  }

  /** Repeats a read while it gives the document that may only be stale. */
  async function settled(write: DocumentChange, stale: Document, shownByMs = clock() + SHOWN_MS): Promise<LiveRead> {
    let now = await live(write)
    for (const waitMs of READ_AGAIN_MS) {
      if (!now.ok || !samePolicy(now.value, stale) || clock() >= shownByMs) break
      await sleep(waitMs)
      now = await live(write)
    }
    return now
  }

  /** Writes `document` where a reading just before shows `expected`, again where AWS asks for it. Null: IAM accepted it. */
  async function put(write: DocumentChange, document: Document, expected: Document): Promise<Problem | null> {
    let problem: Problem | null = null
    for (const waitMs of RETRY_MS) {
      if (waitMs > 0) await sleep(waitMs)
      const now = await live(write)
      if (!now.ok) return now.error
      if (!samePolicy(now.value, expected) && !samePolicy(now.value, document)) return drifted(write)
      try {
        const outcome = await writer.write(write.target, document)
        if (outcome.ok) {
          written.set(write, document)
          requestIds.push(...outcome.value.requestIds.filter(id => REQUEST_ID.test(id)))
          notes.push(...(outcome.value.notes ?? []).map(note => note.slice(0, 500)))
          if (isSet(write)) running = outcome.value.stillRuns ? { stillRuns: true } : {}
          return null
        }
        const { code, message, retry } = outcome.error
        problem = { code, why: message, fault: retry ? outcome.error : null }
        if (!retry) break
      } catch (error) {
        written.set(write, document)
        return { code: 'unknown-write', why: `it is not known whether IAM wrote it: ${messageOf(error)}`, fault: error }
      }
    }
    return problem
  }

  /** Another reading some time later, of what others may write. */
  async function isStill(write: DocumentChange, seen: Document): Promise<boolean> {
    if (!isShared({ ...write, before: seen })) return true
    await sleep(secondReadSeconds * 1000)
    const later = await live(write)
    return later.ok && samePolicy(later.value, seen)
  }

  /** Null: nothing of it is left. `shownByMs`: until then, a read of the document before may be stale. */
  async function takeBack(write: DocumentChange, how: Back, shownByMs: number): Promise<Problem | null> {
    for (let plans = 0; plans < MAX_PLANS; plans += 1) {
      const now = await settled(write, write.before, shownByMs)
      if (!now.ok) return now.error
      const isUnseen = isOwn(write, write.after) && samePolicy(now.value, write.before)
      const isWritten = isUnseen || samePolicy(now.value, write.after)
      const plan = isWritten ? ok(how.restored(write)) : without(write, now.value)
      const isStored = !isUnseen && plan.ok && samePolicy(plan.value, now.value)
      if (isStored && (how.isFirst === true || !isSet(write))) return null
      if (how.isExact && !isWritten && !isStored) return drifted(write)
      if (!plan.ok) return { code: 'edited', why: plan.error }
      // All but what this run wrote itself was seen in one reading alone.
      if (!isOwn(write, now.value) && !(await isStill(write, now.value))) continue
      const problem = await put(write, plan.value, now.value)
      if (problem?.code === 'drift') continue
      if (problem?.fault) throw new RolemedicError(problem.code, problem.why, { cause: problem.fault })
      if (problem !== null) return plan.value === null && GONE.test(problem.code) ? null : problem
      // What fails later would stand although it is called undone: the message comes again, until the accounts are without it.
      if (isSet(write) && running.stillRuns) throw new RolemedicError('still-provisioned', notes.join('; '))
      if (isUnseen || isStored) return null
      const after = await settled(write, now.value, clock() + SURELY_SHOWN_MS)
      if (!after.ok) return after.error
      if (samePolicy(after.value, plan.value)) return null
    }
    return drifted(write)
  }

  return {
    done: () => ({ requestIds: requestIds.slice(0, 100), notes: notes.slice(0, 100), ...running }),

    /** `marks`: the numbers of the writes that IAM accepted. */
    seen: (writes: readonly DocumentChange[], marks: ReadonlySet<string>) =>
      Promise.all(writes.map((write, index) => seenOf(write, marks.has(String(index))))),

    /** Null: every target is as planned, those that others may write in two readings some time apart. */
    async asBefore(writes: readonly DocumentChange[]): Promise<Problem | null> {
      for (const read of [writes, writes.filter(isShared)]) {
        if (read !== writes && read.length > 0) await sleep(secondReadSeconds * 1000)
        for (const write of read) {
          const now = await live(write)
          if (!now.ok) return now.error
          if (!samePolicy(now.value, write.before)) return drifted(write)
        }
      }
      return null
    },

    write: (write: DocumentChange) => put(write, write.after, write.before),

    /** Null: every target is as written. */
    async readBack(writes: readonly DocumentChange[], byMs = clock() + SURELY_SHOWN_MS): Promise<Problem | null> {
      for (const write of writes) {
        const now = await settled(write, write.before, byMs)
        if (!now.ok) return now.error
        const why = `the policy of ${write.target.name} read back after the write is not what was written`
        if (!samePolicy(now.value, write.after)) return { code: 'read-back', why }
      }
      return null
    },

    /** Gives what is left. Trust first, so that nobody can assume a role while the rest is removed. */
    async takeAllBack(writes: readonly DocumentChange[], how: Back): Promise<readonly LeftTarget[]> {
      const left: LeftTarget[] = []
      const shownByMs = Math.max(clock() + SHOWN_MS, how.acceptedMs + SURELY_SHOWN_MS)
      for (const write of writes.toReversed()) {
        const problem = await takeBack(write, how, shownByMs)
        const { arn, policyName } = write.target
        if (problem !== null) left.push({ arn, policyName, why: problem.why.slice(0, 1000) || NO_REASON })
      }
      return left
    },
  }
}

export const REMOVED = 'removed'
export const NO_REASON = 'no reason was given'
/** UUIDs, as far as is known. */
const REQUEST_ID = /^[\w-]{1,64}$/

const isSet = ({ target }: DocumentChange): boolean => target.kind === 'permission-set-inline-policy'
/** All but the policy that rolemedic alone writes, and a policy that does not exist yet. */
const isShared = ({ target, before }: DocumentChange): boolean => before !== null && target.policyName !== OWN_POLICY

/** What remains without what was added. The error: others have edited that since. An earlier grant that it was to replace may be over. */
function without(write: DocumentChange, now: Document): Result<Document, string> {
  const before = restorable(write)
  const isClean = samePolicy(now, write.before) || samePolicy(now, before)
  return isClean ? ok(now) : takenAway({ ...write, before }, now)
}

function drifted({ target }: DocumentChange): Problem {
  return { code: 'drift', why: `the policy of ${target.name} was changed by someone else meanwhile` }
}

function problemOf(write: DocumentChange, now: LiveRead, isMarked: boolean): Problem | null {
  if (!now.ok) return now.error
  if (samePolicy(now.value, write.after)) return null
  if (!samePolicy(now.value, write.before)) return drifted(write)
  if (!isMarked) return null
  const why = `what was written to ${write.target.name} was removed by someone else; it is not written again`
  return { code: REMOVED, why }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500)
