/** Denials of a history that solved themselves: the same call succeeded while the bot looks, without a change of the answer between. */

import type { Denial } from '../../../core/denial/index.ts'
import { parseEntityArn } from '../../../core/iam/index.ts'
import {
  isOrganizationsWrite,
  type Timeline,
  type TimelineOptions,
  type Trail,
  type TrailWrite,
  timelineOf,
} from '../../../core/timeline/index.ts'
import type { AccessReader } from '../../../functions/ports/index.ts'
import { gather } from '../../../functions/workflows/index.ts'
import type { History, Repeats } from '../backtest/history.ts'
import type { AnalyzeOnce } from '../backtest/replay.ts'

export type SelfSolved = {
  /** Occurrences. */
  readonly count: number
  /** Different denials of which every occurrence solved itself. True: proved, false: likely. */
  readonly whole: ReadonlyMap<Repeats, boolean>
  /** The history without them. */
  readonly rest: History
}

/** Each needs an evaluation. Beyond, an occurrence counts as not solved. */
const MAX_EVALUATED = 2_000

export async function selfSolved(
  history: History,
  analyze: AnalyzeOnce,
  {
    reader,
    archive,
    withinMs,
  }: { readonly reader: AccessReader; readonly archive: TimelineOptions['archive']; readonly withinMs: number },
): Promise<SelfSolved> {
  const { trail, writes } = history
  const solved = new Set<number>()
  const open = new Set<Repeats>()
  const seen = new Set<Repeats>()
  let left = MAX_EVALUATED
  let index = -1
  for (const { timeMs, of } of history.occurrences()) {
    index += 1
    if (of === null) continue
    seen.add(of)
    const later = history.successAfter(of.denial, timeMs)
    const isSoon = later !== null && later - timeMs <= withinMs
    const isSolved = isSoon && (await isByTime(of, timeMs, later)) && !(await isGapSeen(of))
    if (isSolved) solved.add(index)
    else open.add(of)
  }
  const whole = new Map<Repeats, boolean>()
  for (const of of seen) if (!open.has(of)) whole.set(of, await isProved(of))
  return {
    count: solved.size,
    whole,
    rest: {
      ...history,
      *occurrences() {
        let at = -1
        for (const one of history.occurrences()) {
          at += 1
          if (!solved.has(at)) yield one
        }
      },
    },
  }

  async function isByTime({ denial }: Repeats, timeMs: number, atMs: number): Promise<boolean> {
    const between = writes.filter(write => isBetween(write, denial, timeMs, atMs))
    if (between.length === 0) return true
    if (left === 0) return false
    left -= 1
    return (await timelineWith({ ...denial, timeMs }, trail, atMs))?.solved?.by === 'time'
  }

  async function timelineWith(denial: Denial, around: Trail, atMs: number): Promise<Timeline | null> {
    const calls = [{ ...denial, id: 'later', timeMs: atMs }]
    const given = { readAtMs: null, archive, isGiven: true } as const
    return timelineOf(denial, await gather(denial, reader), { ...around, calls }, given)
  }

  /** The history has IAM's records of that time, and the policies that were read allow the call. */
  async function isProved({ denial }: Repeats): Promise<boolean> {
    const later = history.successAfter(denial, denial.timeMs ?? 0)
    const timeline = later === null ? null : await timelineWith(denial, { ...trail, writes: [] }, later)
    return timeline?.uncovered === null && timeline.answerThen === 'allowed'
  }

  /** A gap that is seen stays the gap. */
  async function isGapSeen({ denial }: Repeats): Promise<boolean> {
    const analysis = await analyze(denial, denial.timeMs ?? 0).catch(() => null)
    if (analysis === null) return false
    const { cause, verdict } = analysis.diagnosis
    return (verdict === 'proved' || verdict === 'not-ours') && cause !== 'already-allowed' && cause !== 'role-not-found'
  }
}

/** Organizations' writes are in the management account, whichever account they are about. */
function isBetween(write: TrailWrite, { principal, resource }: Denial, from: number, to: number): boolean {
  const { accountId, atMs } = write
  if (atMs < Math.floor(from / 1_000) * 1_000 || atMs > to) return false
  if (isOrganizationsWrite(write)) return true
  return accountId === principal.accountId || accountId === parseEntityArn(resource ?? '')?.accountId
}
