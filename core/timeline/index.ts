/** What happened around a denial: the age of its role, a later success, and the write that took a permission away. */

export type { PermissionChange } from './change.ts'
export { isOrganizationsWrite } from './guardrails.ts'
export { iamRegion } from './iam-regions.ts'
export { readingDigest } from './reading.ts'
export { timeFactsOf, writeText } from './time-facts.ts'
export { isSameCall, type Timeline, type TimelineOptions, timelineOf } from './timeline.ts'
export {
  joinedTrails,
  type RecordHead,
  type Trail,
  type TrailCollector,
  type TrailWrite,
  trailCollector,
  trailOf,
} from './trail.ts'
