import type { Config } from '../../domain/config/index.ts'
import type { AccountMembership } from '../../ports/access-reader.ts'
import { lazyImport } from './lazy-import.ts'

/** The bot's own account and the configured accounts are members. Organizations decides about all others. */
export function cloudMembership(
  { organizationAccounts }: Pick<Config, 'organizationAccounts'>,
  place: { readonly ownAccountId: string; readonly region: string },
): AccountMembership {
  const { ownAccountId, region } = place
  const organization = lazyImport(async () => {
    const [{ OrganizationsClient }, { organizationMembership }, { LONG_TIMEOUTS }] = await Promise.all([
      import('@aws-sdk/client-organizations'),
      import('../aws/organizations/account-membership.ts'),
      import('../aws/clients/client-timeouts.ts'),
    ])
    return organizationMembership(new OrganizationsClient({ region, ...LONG_TIMEOUTS }), Date.now)
  })
  return async accountId =>
    accountId === ownAccountId || organizationAccounts.includes(accountId)
      ? 'member'
      : (await organization())(accountId)
}
