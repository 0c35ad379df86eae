/** From elevated risk on, an approval counts only of somebody who has been in the approver group for a day: a new account waits. */

import { HOUR_MS, utc } from '../../../core/base/index.ts'
import type { Risk } from '../../../core/patch/index.ts'
import { isOfNow } from '../authority/index.ts'
import type { Approval } from './proposal.ts'

/** Null: in the first reading of the group, or named by the configuration. Undefined: not known. */
export type MemberSince = number | null | undefined

/** From when another press of this person counts; null: it could not be seen since when they are in the group. */
export type TooYoung = { readonly countsFromMs: number | null }

const MEMBER_FOR_MS = 24 * HOUR_MS

/** From when the approvals of a member count at every risk; null: not known. */
export const countsFromMs = (sinceMs: MemberSince): number | null =>
  sinceMs === undefined ? null : sinceMs === null ? 0 : sinceMs + MEMBER_FOR_MS

/** Null: it counts. */
export function tooYoung(sinceMs: MemberSince, atMs: number, risk: Risk): TooYoung | null {
  const from = countsFromMs(sinceMs)
  return risk === 'low' || (from !== null && atMs >= from) ? null : { countsFromMs: from }
}

/** Of a stored approval. `risk`: of the change today; what its giver saw counts too. */
export function youthOf({ signed }: Pick<Approval, 'signed'>, risk: Risk): TooYoung | null {
  // What earlier versions signed causes no write.
  if (signed === null || !isOfNow(signed.decision)) return null
  const { by, atMs, risk: seen } = signed.decision
  return tooYoung(by.memberSinceMs, atMs, seen === 'low' ? risk : seen)
}

/** For the person who pressed. */
export const youthInWords = ({ countsFromMs: from }: TooYoung): string =>
  from === null
    ? 'it could not be seen since when you are in the approver group. Press again'
    : `you were first seen in the approver group less than 24 h ago, and the risk is not low. It counts if you press again after ${utc(from)}`
