/**
 * Groups files by account. `aws iam get-account-authorization-details --max-items` prints an account in pages: each but the
 * last has `NextToken`, or `IsTruncated` if the service itself truncated it.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
 */
import { UsageError } from '../base/index.ts'
import type { AccountDetails, AccountPage } from './account-details.ts'

export type Paged = { readonly name: string; readonly details: AccountPage }

/**
 * The pages by account, in the order of their first files. A page without an account id, such as one with only AWS managed
 * policies, belongs to the preceding file that is incomplete, or to the only account of the files.
 */
export function pagesOfAccounts<Page extends Paged>(files: readonly Page[]): ReadonlyMap<string, readonly Page[]> {
  const pages = new Map<string, Page[]>()
  const ids = new Set(files.flatMap(({ details }) => details.accountId ?? []))
  const [only = null] = ids.size === 1 ? ids : []
  /** The account of the preceding file if it is incomplete. */
  let unfinished: string | null = null
  for (const page of files) {
    const { name, details } = page
    const accountId: string | null = details.accountId ?? unfinished ?? only
    if (accountId === null)
      throw new UsageError(`${name}: contains no account id (no user, group, role or customer-managed policy)`)
    const others = pages.get(accountId) ?? []
    const whole = details.cut === null ? others.find(other => other.details.cut === null) : undefined
    if (whole !== undefined) throw new UsageError(`${name}: account ${accountId} is already in ${whole.name}`)
    pages.set(accountId, [...others, page])
    unfinished = details.cut === null ? null : accountId
  }
  return pages
}

/**
 * INVARIANT: complete only if the last page is among them, in whatever order. As within one file, a later entry replaces an earlier one.
 */
export function joinedPages(accountId: string, pages: readonly Paged[]): AccountDetails {
  const details = pages.map(page => page.details)
  const [only] = details
  const newest = details.toReversed()
  const userArns = details.flatMap(page => page.userArns)
  const roles = details.flatMap(page => page.roleArns.map((arn, place) => ({ arn, page, place })))
  const gap = (list: 'users' | 'roles'): string | null => {
    const last = details.find(page => page.cut === null)
    if (last === undefined) return details.at(-1)?.cut ?? null
    return details.some(({ missing }) => missing[list] === null) ? null : last.missing[list]
  }
  const gaps = { users: gap('users'), roles: gap('roles') }
  if (only !== undefined && details.length === 1) return { ...only, accountId, gaps }
  const first = <T>(read: (page: AccountPage) => T | undefined): T | undefined => {
    for (const page of newest) {
      const found = read(page)
      if (found !== undefined) return found
    }
    return undefined
  }
  // A role that changed between two pages is in both.
  const newestRole = new Map(roles.map(role => [role.arn, role]))
  const listed = [...newestRole.values()]
  return {
    accountId,
    user: name => first(page => page.user(name)),
    group: name => first(page => page.group(name)),
    role: name => first(page => page.role(name)),
    policy: arn => first(page => page.policy(arn)),
    userArns: [...new Set(userArns)],
    roleArns: listed.map(({ arn }) => arn),
    trustAt(at) {
      const role = listed[at]
      return role === undefined ? null : role.page.trustAt(role.place)
    },
    profileRole: name => first(page => page.profileRole(name)),
    gaps,
    *texts() {
      for (const page of details) yield* page.texts()
    },
  }
}
