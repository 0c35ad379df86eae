/** Files with the policies of an account, and policies as they were read. */

export { type AccountsRead, accessIn, type GivenOrganization } from './account-access.ts'
export { type AccountPage, accountParser, readAccountDetails } from './account-details.ts'
export { pagesOfAccounts } from './account-pages.ts'
export { guardrailLevels, type RawLevel } from './guardrail-levels.ts'
export { NO_ORG_FILE, type OrgFile, readOrgFile } from './org-file.ts'
export { type PolicyLabel, type PolicyReads, reachOf, seenAndUnseen, sourcedPolicy } from './sourced-policy.ts'
