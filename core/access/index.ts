/** What to read for a denial. */

export { requestOf } from './access-request.ts'
export { type GivenAccount, withGivenAccount } from './given-account.ts'
export { isDifferentEntity } from './same-entity.ts'
export { partitionsOf, similarRoles } from './similar-roles.ts'
