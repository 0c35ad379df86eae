/** How much later than a denial the account files were written: the policies may have changed between. */

import { HOUR_MS, MINUTE_MS, spanText, utcSecond } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import type { TimelineOptions } from '../../../core/timeline/index.ts'

/** Younger files may hold what was changed because of the denial. */
const SAID_AFTER_MS = { younger: MINUTE_MS, older: HOUR_MS }

/** About the denial that is furthest away. Empty: the files are of the same time as each, or a time is not known. */
export function ageNotes(denials: readonly Denial[], writtenAtMs: number | null): readonly string[] {
  if (writtenAtMs === null) return []
  const [furthest] = denials
    .flatMap(({ timeMs }) => (timeMs === null ? [] : [writtenAtMs - timeMs]))
    .sort((a, b) => Math.abs(b) - Math.abs(a))
  if (furthest === undefined || Math.abs(furthest) < SAID_AFTER_MS[furthest > 0 ? 'younger' : 'older']) return []
  const which = denials.length > 1 ? 'a denial' : 'the denial'
  const when = `the account files are of ${utcSecond(writtenAtMs)}, ${spanText(Math.abs(furthest))} ${furthest > 0 ? 'after' : 'before'} ${which}`
  return [`${when}: policies may have changed between (--trail shows it, --at says when they were read)`]
}

/** Files are taken as whole, unless they are held against what is read now. `atMs`: when somebody says that they were read. */
export const filesGiven = (isLive: boolean, atMs: number | null): Pick<TimelineOptions, 'isGiven' | 'isFileDate'> =>
  isLive ? {} : { isGiven: true, ...(atMs === null ? { isFileDate: true } : {}) }
