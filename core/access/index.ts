/** What to read for a denial. */

export { requestOf } from './access-request.ts'
export { type GivenAccount, withGivenAccount } from './given-account.ts'
export { type AccessSource, isDifferentEntity, snapshotFor } from './read-access.ts'
