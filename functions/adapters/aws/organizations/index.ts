export { organizationMembership } from './account-membership.ts'
export { organizationReader } from './organizations.ts'
