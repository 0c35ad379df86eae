/** The write that took a permission away, found in CloudTrail's own event history by evaluation before and after each write. */

import { canonicalJson, neutralText } from '../../../core/base/index.ts'
import type { AccessSnapshot, PolicyDocument, Statement } from '../../../core/iam/index.ts'
import { readingDigest, type TrailWrite, timelineOf } from '../../../core/timeline/index.ts'
import { HISTORY_DELAY_MS } from '../../domain/authority/index.ts'
import type { Proposal, SeenWrite, WhatChanged } from '../../domain/proposal/index.ts'
import { type SeenVersions, sameSince } from './seen-versions.ts'
import { type PlacedDenial, parameterIn, type SeenWrites } from './seen-writes.ts'

type Look = {
  readonly nowMs: number
  /** The card, by what was read when it was made. */
  readonly card: Pick<Proposal, 'reading' | 'createdAtMs' | 'versions'>
  /** Null: they are not needed, or none are. */
  readonly versions: SeenVersions | null
  /** Nothing corrects it afterwards. */
  readonly isLast: boolean
}

/** Null: the policies that were read allowed it all the time. */
export function whatChangedIn(
  denial: PlacedDenial,
  snapshot: AccessSnapshot,
  { trail }: SeenWrites,
  { nowMs, card, versions, isLast }: Look,
): WhatChanged | null {
  // The history may lack the writes of the last minutes: what was read before them, and is the same now, needs none of them.
  const sameSinceMs = versions === null ? card.createdAtMs : sameSince(versions, card)
  const readAtMs = sameSinceMs !== null && card.reading === readingDigest(snapshot) ? sameSinceMs : nowMs
  const isFinal = isLast || nowMs - Math.max(readAtMs, denial.timeMs) >= HISTORY_DELAY_MS
  const options = { readAtMs, archive: versions?.archive ?? null, ...(isFinal ? {} : { isInterim: true as const }) }
  const change = timelineOf(denial, snapshot, trail, options)?.change ?? null
  if (change === null) return null
  const seen = { seenAtMs: nowMs, isFinal }
  switch (change.outcome) {
    case 'found':
      return {
        ...seen,
        outcome: 'found',
        write: seenWrite(change.write, change.target),
        lost: shortEnough(change.lost),
        othersClosed: change.othersClosed,
      }
    case 'never-allowed':
      return { ...seen, outcome: 'never-allowed', sinceMs: change.sinceMs }
    default:
      return { ...seen, outcome: 'not-proved', why: neutralText(change.why, MAX_CHARS) }
  }
}

const MAX_CHARS = 500

function seenWrite(write: TrailWrite, target: string): SeenWrite {
  const { id, atMs, eventName, by } = write
  const bounded = (text: string | null) => (text === null ? null : neutralText(text, MAX_CHARS))
  const subject =
    parameterIn(write, 'policyName') ?? parameterIn(write, 'policyArn') ?? parameterIn(write, 'permissionsBoundary')
  return {
    ...{ id: neutralText(id, MAX_CHARS), atMs, eventName: neutralText(eventName, MAX_CHARS), by: bounded(by) },
    ...{ target: neutralText(target, MAX_CHARS), subject: bounded(subject ?? parameterIn(write, 'groupName')) },
  }
}

/** An item of the table has room for it. */
const MAX_LOST_CHARS = 12_000

function shortEnough(lost: readonly Statement[]): PolicyDocument | null {
  const document: PolicyDocument = { Version: '2012-10-17', Statement: lost }
  return lost.length === 0 || canonicalJson(document).length > MAX_LOST_CHARS ? null : document
}
