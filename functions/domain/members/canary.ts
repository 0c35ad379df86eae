/**
 * A denial that each account and Region is made to cause once a day: the reader role there assumes a role that cannot exist. It takes the
 * path of every other denial, CloudTrail included, and tells a quiet account from one whose denials do not arrive.
 */
import { HOUR_MS, MINUTE_MS } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { partitionOfRegion, roleArn } from '../../../core/iam/index.ts'
import type { MemberRegion } from './heartbeat.ts'

/** A role name has at most 64 characters. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const IMPOSSIBLE_NAME = `rolemedic-canary-${'no-such-role-'.repeat(5)}`.slice(0, -1)
/** Of every session of the reader role. */
export const READER_SESSION = 'rolemedic-reader'

export const canaryArn = ({ accountId, region }: MemberRegion): string =>
  roleArn(partitionOfRegion(region), accountId, IMPOSSIBLE_NAME)

export type ArrivedCanary = MemberRegion & { readonly atMs: number }

/**
 * Null: any other denial. `readerName`: without its path, as in the ARN of a session. The trust policy of that role lets in the functions
 * of the hub alone.
 */
export function canaryIn(
  { principal, resource, accountId, region, timeMs }: Denial,
  readerName: string,
): ArrivedCanary | null {
  if (accountId === null || region === null || timeMs === null) return null
  const place = { accountId, region }
  const caller = `arn:${partitionOfRegion(region)}:sts::${accountId}:assumed-role/${readerName}/${READER_SESSION}`
  return principal.arn === caller && resource === canaryArn(place) ? { ...place, atMs: timeMs } : null
}

/** CloudTrail delivers most events within five minutes, without guarantee. */
const LATE_AFTER_MS = 2 * HOUR_MS

/** When the last canary was made, and when the last one that arrived was. Null: none yet. */
export type CanaryTimes = { readonly madeMs: number | null; readonly arrivedMs: number | null }

/** When the lost one was made. Null: the last one arrived, or may still. CloudTrail's times are whole seconds of another clock. */
export const lostCanary = ({ madeMs, arrivedMs }: CanaryTimes, nowMs: number): number | null =>
  madeMs !== null && nowMs - madeMs >= LATE_AFTER_MS && (arrivedMs ?? 0) < madeMs - MINUTE_MS ? madeMs : null
