export { organizationMembership } from './account-membership.ts'
export { organizationUnits } from './account-units.ts'
export { organizationReader } from './organizations.ts'
