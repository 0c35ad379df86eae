/** What a search in CloudTrail's history shows about a grant, and when people are asked whether it is still needed. */
import { DAY_MS, HOUR_MS } from '../../../core/base/index.ts'
import type { Config } from '../config/index.ts'
import type { Applied, Confirmed, GrantUse } from '../proposal/index.ts'

type Standing = Pick<Applied | Confirmed, 'applied' | 'use'>

export type Look = {
  readonly fromMs: number
  readonly toMs: number
  /** The latest use that was found, if it is later than the last known one. Null: none. */
  readonly lastUsedAtMs: number | null
  /** True when every call that could be a use was searched. */
  readonly isWhole: boolean
  /** Why a use may have been missed. Null: no reason is known. */
  readonly unseen: string | null
}

/** A record may arrive this late, and clocks differ. */
const OVERLAP_MS = HOUR_MS
/**
 * Just below the 90 days of CloudTrail's event history.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
const HISTORY_MS = 89 * DAY_MS
/** Ensures that people are asked within 60 days, whatever the history shows. */
const MAX_UNSEEN_DAYS = 55

/** The start of the next search. */
export function nextLookFrom({ applied, use }: Standing, nowMs: number): number {
  const fromMs =
    use === undefined
      ? applied.atMs
      : use.wholeSinceMs === null && use.unseen === null
        ? (use.lastUsedAtMs ?? applied.atMs)
        : use.lookedAtMs - OVERLAP_MS
  return Math.max(fromMs, applied.atMs, nowMs - HISTORY_MS)
}

/** Since when nothing shows that the grant is needed. */
export function quietSinceMs({ applied, use }: Standing): number {
  return Math.max(applied.atMs, use?.lastUsedAtMs ?? 0, use?.kept?.atMs ?? 0)
}

/** The start of a search over the whole time without a known use. */
export const wholeLookFrom = (standing: Standing, nowMs: number): number =>
  Math.max(quietSinceMs(standing), nowMs - HISTORY_MS)

/** `isGone`: every document was read, and none holds anything of the grant. */
export function withLook(use: GrantUse | undefined, look: Look, isGone = false): GrantUse {
  const { goneAtMs = look.toMs, ...before } = use ?? NEVER_LOOKED
  const continues = before.wholeSinceMs !== null && look.fromMs <= before.lookedAtMs
  const wholeSinceMs = continues ? Math.min(before.wholeSinceMs ?? 0, look.fromMs) : look.fromMs
  return {
    ...before,
    lookedAtMs: Math.max(before.lookedAtMs, look.toMs),
    wholeSinceMs: look.isWhole ? wholeSinceMs : null,
    unseen: look.unseen,
    lastUsedAtMs: latest(before.lastUsedAtMs, look.lastUsedAtMs),
    ...(isGone ? { goneAtMs } : {}),
  }
}

const NEVER_LOOKED: GrantUse = {
  lookedAtMs: 0,
  wholeSinceMs: null,
  unseen: null,
  lastUsedAtMs: null,
  question: null,
  kept: null,
}

const latest = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other)

/** True when every use since the grant was applied, used or kept would have been found. */
export function isUseSeen(standing: Standing): boolean {
  const since = standing.use?.wholeSinceMs ?? null
  return since !== null && standing.use?.unseen === null && since <= quietSinceMs(standing)
}

/** True when it is time to ask people: the grant is quiet, and no question is open. */
export function isQuiet(
  standing: Standing,
  { unusedGrantDays }: Pick<Config, 'unusedGrantDays'>,
  nowMs: number,
): boolean {
  if (unusedGrantDays === null || standing.use?.goneAtMs !== undefined) return false
  const { endsAtMs } = standing.applied
  const periodMs = unusedGrantDays * DAY_MS
  const sinceMs = Math.max(quietSinceMs(standing), openQuestion(standing)?.atMs ?? 0)
  if (endsAtMs !== null && endsAtMs <= sinceMs + periodMs) return false
  return nowMs >= sinceMs + periodMs
}

/** If its use cannot be seen, the search continues for some more days before people are asked. */
export function isAsked(standing: Standing, config: Pick<Config, 'unusedGrantDays'>, nowMs: number): boolean {
  const days = config.unusedGrantDays
  if (days === null || !isQuiet(standing, config, nowMs)) return false
  const unseenDays = Math.max(days, Math.min(days * 1.5, MAX_UNSEEN_DAYS))
  return isUseSeen(standing) || nowMs >= quietSinceMs(standing) + unseenDays * DAY_MS
}

/** A question that nobody has answered, neither by a button nor by using the grant. */
export function openQuestion(standing: Standing): GrantUse['question'] {
  const question = standing.use?.question ?? null
  return question !== null && question.atMs >= quietSinceMs(standing) ? question : null
}
