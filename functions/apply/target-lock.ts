/** One change of a target at a time, whichever proposal it belongs to and however its work was delivered. */
import { RolemedicError } from '../domain/base/errors.ts'
import type { Target } from '../domain/patch/patch.ts'
import { type ApplyDeps, LEASE_MS } from './deps.ts'

type Deps = Pick<ApplyDeps, 'store' | 'clock' | 'observer'>
type Lock = { readonly holder: string | null; readonly untilMs: number }

/** Runs `job` alone on these targets. Throws `target-busy` when another proposal has one of them: the work comes again later. */
export async function alone<T>(
  targets: readonly Target[],
  holder: string,
  deps: Deps,
  job: () => Promise<T>,
): Promise<T> {
  // One order for all, so that two proposals never hold one each and wait for the other.
  const keys = [...new Set(targets.map(keyOf))].sort()
  const held: string[] = []
  try {
    for (const key of keys) {
      await take(key, holder, deps)
      held.push(key)
    }
    return await job()
  } finally {
    for (const key of held) await release(key, holder, deps)
  }
}

/** The keys of all locks begin so. */
export const LOCK = 'lock#'

const keyOf = ({ kind, arn, policyName }: Target) => `${LOCK}${arn}#${kind}#${policyName ?? ''}`

async function take(key: string, holder: string, { store, clock }: Deps): Promise<void> {
  const note = await store.getNote(key)
  const lock = note?.value as Lock | undefined
  const busy = new RolemedicError('target-busy', `another change of ${key} is under way`)
  const nowMs = clock()
  if (lock !== undefined && lock.holder !== null && lock.holder !== holder && nowMs < lock.untilMs) throw busy
  const mine: Lock = { holder, untilMs: nowMs + LEASE_MS }
  if (!(await store.putNote(key, note?.version ?? 0, mine))) throw busy
}

/** A lock that cannot be released ends by itself. */
async function release(key: string, holder: string, { store, observer }: Deps): Promise<void> {
  try {
    const note = await store.getNote(key)
    if (note === null || (note.value as Lock).holder !== holder) return
    const free: Lock = { holder: null, untilMs: 0 }
    await store.putNote(key, note.version, free)
  } catch (error) {
    observer.log('warn', 'a lock was not released and ends by itself', { key, error: String(error) })
  }
}
