/** What a look into CloudTrail's history says of a grant, and when people are asked whether it is still needed. */
import { DAY_MS, HOUR_MS } from '../../../core/base/index.ts'
import type { Config } from '../config/index.ts'
import type { Applied, Confirmed, GrantUse } from '../proposal/index.ts'

type Standing = Pick<Applied | Confirmed, 'applied' | 'use'>

export type Look = {
  readonly fromMs: number
  readonly toMs: number
  /** The latest use that was found, later than the last one that was known; null: none. */
  readonly lastUsedAtMs: number | null
  /** Every call that could be a use was looked at. */
  readonly isWhole: boolean
  /** Why a use may have been missed; null: no reason is known. */
  readonly unseen: string | null
}

/** A record may come this late, and clocks differ. */
const OVERLAP_MS = HOUR_MS
/** CloudTrail's event history keeps 90 days. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
const HISTORY_MS = 89 * DAY_MS
/** For people to be asked within 60 days, whatever the history shows. */
const MAX_UNSEEN_DAYS = 55

/** Since when the next look has to search. */
export function nextLookFrom({ applied, use }: Standing, nowMs: number): number {
  const fromMs =
    use === undefined
      ? applied.atMs
      : use.wholeSinceMs === null && use.unseen === null
        ? (use.lastUsedAtMs ?? applied.atMs)
        : use.lookedAtMs - OVERLAP_MS
  return Math.max(fromMs, applied.atMs, nowMs - HISTORY_MS)
}

/** Since when nothing says that the grant is needed. */
export function quietSinceMs({ applied, use }: Standing): number {
  return Math.max(applied.atMs, use?.lastUsedAtMs ?? 0, use?.kept?.atMs ?? 0)
}

/** A look over the whole time in which it seems to be unused. */
export const wholeLookFrom = (standing: Standing, nowMs: number): number =>
  Math.max(quietSinceMs(standing), nowMs - HISTORY_MS)

export function withLook(use: GrantUse | undefined, look: Look): GrantUse {
  const before = use ?? NEVER_LOOKED
  const continues = before.wholeSinceMs !== null && look.fromMs <= before.lookedAtMs
  const wholeSinceMs = continues ? Math.min(before.wholeSinceMs ?? 0, look.fromMs) : look.fromMs
  return {
    ...before,
    lookedAtMs: Math.max(before.lookedAtMs, look.toMs),
    wholeSinceMs: look.isWhole ? wholeSinceMs : null,
    unseen: look.unseen,
    lastUsedAtMs: latest(before.lastUsedAtMs, look.lastUsedAtMs),
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

/** True: every use since it was granted, used or kept last would have been found. */
export function isUseSeen(standing: Standing): boolean {
  const since = standing.use?.wholeSinceMs ?? null
  return since !== null && standing.use?.unseen === null && since <= quietSinceMs(standing)
}

/** Whether people are to be asked by now, as far as time is concerned: it is quiet, and nobody has a question open. */
export function isQuiet(
  standing: Standing,
  { unusedGrantDays }: Pick<Config, 'unusedGrantDays'>,
  nowMs: number,
): boolean {
  if (unusedGrantDays === null) return false
  const { endsAtMs } = standing.applied
  const periodMs = unusedGrantDays * DAY_MS
  const sinceMs = Math.max(quietSinceMs(standing), openQuestion(standing)?.atMs ?? 0)
  if (endsAtMs !== null && endsAtMs <= sinceMs + periodMs) return false
  return nowMs >= sinceMs + periodMs
}

/** Where its use cannot be seen, it is looked for some days longer before people are asked. */
export function isAsked(standing: Standing, config: Pick<Config, 'unusedGrantDays'>, nowMs: number): boolean {
  const days = config.unusedGrantDays
  if (days === null || !isQuiet(standing, config, nowMs)) return false
  const unseenDays = Math.max(days, Math.min(days * 1.5, MAX_UNSEEN_DAYS))
  return isUseSeen(standing) || nowMs >= quietSinceMs(standing) + unseenDays * DAY_MS
}

/** A card that nobody has answered, neither by a press nor by using the grant. */
export function openQuestion(standing: Standing): GrantUse['question'] {
  const question = standing.use?.question ?? null
  return question !== null && question.atMs >= quietSinceMs(standing) ? question : null
}
