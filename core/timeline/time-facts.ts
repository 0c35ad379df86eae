/** A timeline as the diagnosis reads it. */

import { neutralText, utcSecond } from '../base/index.ts'
import type { RoleLife, TimeFacts } from '../diagnosis/index.ts'
import type { Timeline } from './timeline.ts'
import type { TrailWrite } from './trail.ts'

export function timeFactsOf(timeline: Timeline): { readonly life: RoleLife; readonly time: TimeFacts } {
  const { solved, answerThen, roleAgeMs, roleDeletedAtMs, neverExisted, lastWrite, uncovered, between } = timeline
  return {
    life: { deletedAtMs: roleDeletedAtMs, byRollback: false, neverExisted },
    time: {
      ...{ answerThen, roleAgeMs },
      solved:
        solved === null
          ? null
          : {
              ...{ atMs: solved.atMs, afterMs: solved.afterMs, by: solved.by },
              change: solved.write === null ? null : writeText(solved.write),
              // No date of a policy shows that none was removed: only records of the time between prove that nothing changed.
              unsure: uncovered,
            },
      takenBy: takenBy(timeline.change),
      between:
        between === null
          ? null
          : { ...{ what: writeText(between.write), atMs: between.write.atMs }, isReadBefore: between.isReadBefore },
      lastWrite: lastWrite === null ? null : { what: writeText(lastWrite.write), agoMs: lastWrite.agoMs },
    },
  }
}

function takenBy(change: Timeline['change']): string | null {
  if (change?.outcome !== 'found') return null
  const others = change.othersClosed ? ' Other ways to the same permission were closed before that.' : ''
  return `It was allowed until ${utcSecond(change.write.atMs)}: ${writeText(change.write)} on ${neutralText(change.target, 300)}.${others}`
}

/** `PutRolePolicy by arn:…`. Contains outside text: escape it where it is shown. */
export const writeText = ({ eventName, by }: TrailWrite): string =>
  neutralText(by === null ? eventName : `${eventName} by ${by}`, 400)
