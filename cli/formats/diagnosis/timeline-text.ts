/** What happened around a denial, in sentences that state and do not blame. */

import { spanText, utcSecond } from '../../../core/base/index.ts'
import { type Timeline, writeText } from '../../../core/timeline/index.ts'

/** Empty: there is nothing to say. Contains outside text: escape it where it is shown. */
export function timelineLines({ solved, change, roleDeletedAtMs, covers, uncovered }: Timeline): readonly string[] {
  return [
    ...(solved === null
      ? []
      : [
          `worked at ${utcSecond(solved.atMs)}, ${spanText(solved.afterMs)} later${solved.write === null ? `, without a change of the answer${uncovered === null ? '' : ' that is seen'}` : `, after ${writeText(solved.write)}`} (event ${solved.eventId})`,
        ]),
    ...(roleDeletedAtMs === null ? [] : [`the role was deleted at ${utcSecond(roleDeletedAtMs)}, after the denial`]),
    ...changeLines(change),
    `the trail holds ${utcSecond(covers.fromMs)} to ${utcSecond(covers.toMs)} of ${covers.accounts.join(', ') || 'no named account'} in ${covers.regions.join(', ') || 'no named Region'}`,
  ]
}

function changeLines(change: Timeline['change']): readonly string[] {
  switch (change?.outcome) {
    case undefined:
      return []
    case 'found': {
      const { write, target, lost, othersClosed } = change
      return [
        `allowed until ${utcSecond(write.atMs)}: ${writeText(write)} on ${target} (event ${write.id})`,
        ...(othersClosed ? ['other statements that allowed it were taken away before that'] : []),
        ...lost.map(statement => `lost: ${JSON.stringify(statement)}`),
      ]
    }
    case 'never-allowed':
      return [`not allowed at any time since ${utcSecond(change.sinceMs)}`]
    case 'not-proved':
      return [`what changed is not proved: ${change.why}`]
  }
}
