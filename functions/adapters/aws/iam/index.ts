export type { AccountAccess } from './account-access.ts'
export { liveReader } from './iam-reader.ts'
export { policyVersions } from './policy-versions.ts'
export { type Ask, type Meter, meter } from './read-calls.ts'
