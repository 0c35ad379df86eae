/** When nothing is granted in an account. What takes access away is never frozen. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/base/index.ts'
import type { Config } from './config.ts'

export type FreezeWindow = Config['freezeWindows'][number]
/** `endsAtMs`: of this occurrence; null: it has no end. */
export type Frozen = Pick<FreezeWindow, 'name' | 'owner'> & { readonly endsAtMs: number | null }

const WEEK_MS = 7 * DAY_MS
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
/** The epoch was a Thursday. */
const A_MONDAY_MS = 4 * DAY_MS

/** The first window that holds at some instant of this time, both ends included; null: none does. */
export function frozenBetween(windows: readonly FreezeWindow[], fromMs: number, toMs: number): Frozen | null {
  for (const window of windows) {
    const end = occurrences(window, fromMs)
      .filter(([startMs, endMs]) => startMs <= toMs && fromMs < endMs)
      .map(([, endMs]) => endMs)[0]
    if (end !== undefined)
      return { name: window.name, owner: window.owner, endsAtMs: Number.isFinite(end) ? end : null }
  }
  return null
}

/** Whether windows hold at every instant of this time, one behind the other. */
export function frozenThroughout(windows: readonly FreezeWindow[], fromMs: number, toMs: number): boolean {
  let atMs = fromMs
  while (atMs < toMs) {
    const frozen = frozenBetween(windows, atMs, atMs)
    if (frozen === null) return false
    atMs = frozen.endsAtMs ?? toMs
  }
  return true
}

/** From the one that may hold at this instant on. */
function occurrences({ from, until, weekly }: FreezeWindow, atMs: number): readonly (readonly [number, number])[] {
  const first = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from)
  const last = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until)
  if (weekly === undefined) return [[first, last]]
  const startMs = A_MONDAY_MS + inWeekMs(weekly.from)
  const lengthMs = modulo(inWeekMs(weekly.until) - inWeekMs(weekly.from), WEEK_MS)
  const latestMs = atMs - modulo(atMs - startMs, WEEK_MS)
  return [latestMs, latestMs + WEEK_MS]
    .map(begin => [Math.max(begin, first), Math.min(begin + lengthMs, last)] as const)
    .filter(([begin, end]) => begin < end)
}

/** Of `Fri 16:00`, from Monday on. */
function inWeekMs(text: string): number {
  const [day = '', hour = '', minute = ''] = text.split(/[ :]/)
  return DAYS.indexOf(day) * DAY_MS + Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by

/** Whether the place of an account in its organization can decide. */
export const freezesByUnit = ({ freezeWindows }: Pick<Config, 'freezeWindows'>): boolean =>
  freezeWindows.some(({ organizationalUnits }) => organizationalUnits !== undefined)

/** The windows of an account. `units`: null when they cannot be seen, so that those of every unit hold. */
export function windowsIn(
  { freezeWindows }: Pick<Config, 'freezeWindows'>,
  accountId: string,
  units: readonly string[] | null,
): readonly FreezeWindow[] {
  return freezeWindows.filter(
    ({ accounts, organizationalUnits }) =>
      (accounts === undefined && organizationalUnits === undefined) ||
      accounts?.includes(accountId) === true ||
      organizationalUnits?.some(id => units === null || units.includes(id)) === true,
  )
}
