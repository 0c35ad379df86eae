/** Which accounts and Regions should send events, and which are silent. */
import { HOUR_MS } from '../../../core/base/index.ts'
import { type CanaryTimes, lostCanary } from './canary.ts'
import type { MemberRegion } from './heartbeat.ts'

/** A heartbeat comes every 15 minutes. Four missing ones are no coincidence. */
export const SILENT_AFTER_MS = HOUR_MS

export type LastHeard = MemberRegion & {
  readonly atMs: number
  /** The version of the deployed member template. Null: the template does not send it. */
  readonly version: string | null
  readonly canary: CanaryTimes
}

/** `lastHeardMs`: null if it was never heard from. `lostMs`: it is heard, and the canary that was made then did not arrive. */
export type SilentMember = MemberRegion & { readonly lastHeardMs: number | null; readonly lostMs?: number }

/** What the check stores between runs. Keys are those of `memberKey`. */
export type SilenceWatch = {
  /** For members that were never heard from: since when they are expected. */
  readonly expectedSinceMs: { readonly [member: string]: number }
  /** The silent members that were reported. */
  readonly reported: readonly string[]
}

export const NO_WATCH: SilenceWatch = { expectedSinceMs: {}, reported: [] }

export const memberKey = ({ accountId, region }: MemberRegion): string => `${accountId}/${region}`

export type MemberList = {
  /** The members that should send events, whether or not they ever did. */
  readonly expected: readonly MemberRegion[]
  /** An account, or an account and Region: `111122223333`, `111122223333/eu-west-1`. Their silence is intended. */
  readonly retired: readonly string[]
}

export type Silence = {
  readonly silent: readonly SilentMember[]
  /** Silent members that were not reported before. */
  readonly fresh: readonly SilentMember[]
  /** True when all reported members are heard from again. */
  readonly over: boolean
  /** To be stored after the report is sent. */
  readonly watch: SilenceWatch
}

/** Any member that was ever heard from is expected too, because a StackSet reaches accounts that no setting names. */
export function silenceOf(
  heard: readonly LastHeard[],
  { expected, retired }: MemberList,
  watch: SilenceWatch,
  nowMs: number,
): Silence {
  const isRetired = (member: MemberRegion) => retired.includes(member.accountId) || retired.includes(memberKey(member))
  const known = new Set(heard.map(memberKey))
  const unheard = expected.filter(member => !known.has(memberKey(member)) && !isRetired(member))
  const expectedSinceMs = Object.fromEntries(
    unheard.map(member => [memberKey(member), Math.min(watch.expectedSinceMs[memberKey(member)] ?? nowMs, nowMs)]),
  )
  const silent: readonly SilentMember[] = [
    ...unheard
      .filter(member => nowMs - (expectedSinceMs[memberKey(member)] ?? nowMs) >= SILENT_AFTER_MS)
      .map(({ accountId, region }) => ({ accountId, region, lastHeardMs: null })),
    ...heard
      // Heartbeats with a future time are never stored, so a future time proves nothing.
      .filter(member => !isRetired(member) && Math.abs(nowMs - member.atMs) >= SILENT_AFTER_MS)
      .map(({ accountId, region, atMs }) => ({ accountId, region, lastHeardMs: atMs > nowMs ? null : atMs })),
    ...heard
      .filter(member => !isRetired(member) && Math.abs(nowMs - member.atMs) < SILENT_AFTER_MS)
      .flatMap(({ accountId, region, atMs, canary }) => {
        const lostMs = lostCanary(canary, nowMs)
        return lostMs === null ? [] : [{ accountId, region, lastHeardMs: atMs, lostMs }]
      }),
  ]
  const sorted = silent.toSorted((a, b) => memberKey(a).localeCompare(memberKey(b)))
  const fresh = sorted.filter(member => !watch.reported.includes(memberKey(member)))
  const over = sorted.length === 0 && watch.reported.length > 0
  return { silent: sorted, fresh, over, watch: { expectedSinceMs, reported: sorted.map(memberKey) } }
}
