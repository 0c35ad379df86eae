/** Files with the policies of an account, and policies as they were read. */

export {
  type AccountDetails,
  type AccountPage,
  accountParser,
  type RoleDetail,
  readAccountDetails,
  type UserDetail,
} from './account-details.ts'
export { joinedPages, pagesOfAccounts } from './account-pages.ts'
export { fullAccess, guardrailLevels, type RawLevel } from './guardrail-levels.ts'
export { type PolicyLabel, type PolicyReads, reachOf, seenAndUnseen, sourcedPolicy } from './sourced-policy.ts'
