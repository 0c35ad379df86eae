/** A few round times, each with its own label. */
import { iso } from './rows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = [1, 5, 15, 30]
  .map(n => n * MINUTE)
  .concat([1, 2, 3, 6, 12].map(n => n * HOUR))
  .concat([1, 2, 7, 14, 28, 91, 182, 364].map(n => n * DAY))

export type TimeTicks = {
  readonly fromMs: number
  readonly toMs: number
  readonly ticks: readonly number[]
  readonly label: (ms: number) => string
}

/** `most`: the maximum number of ticks, at least 2. */
export function timeTicks(fromMs: number, toMs: number, most: number): TimeTicks {
  const wanted = (toMs - fromMs) / (most - 1)
  const longest = 364 * DAY
  const step = STEPS.find(ms => ms >= wanted) ?? Math.ceil(wanted / longest) * longest
  const start = Math.floor(fromMs / step) * step
  const end = Math.max(Math.ceil(toMs / step) * step, start + step)
  const ticks = Array.from({ length: Math.round((end - start) / step) + 1 }, (_, n) => start + n * step)
  // Labels of whole days need no time; within one day, they need no date.
  const [cutFrom, cutTo] = step >= DAY ? [0, 10] : end - start < DAY ? [11, 16] : [5, 16]
  return { fromMs: start, toMs: end, ticks, label: ms => iso(ms).slice(cutFrom, cutTo).replace('T', ' ') }
}
