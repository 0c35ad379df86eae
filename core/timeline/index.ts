/** What happened around a denial: the age of its role, a later success, and the write that took a permission away. */

export type { PermissionChange } from './change.ts'
export { type Timeline, timelineOf } from './timeline.ts'
export { joinedTrails, type Trail, trailOf } from './trail.ts'
