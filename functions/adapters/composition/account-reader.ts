/** Reads IAM of every account through its reader role, and the organization above them. */

import { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { Config } from '../../domain/config/index.ts'
import type { AccessReader, PolicyVersions } from '../../ports/access-reader.ts'
import { LONG_TIMEOUTS } from '../aws/clients/client-timeouts.ts'
import { type AccountAccess, assumedAccess } from '../aws/iam/account-access.ts'
import { liveReader } from '../aws/iam/iam-reader.ts'
import { policyVersions } from '../aws/iam/policy-versions.ts'
import { meter } from '../aws/iam/read-calls.ts'
import { organizationReader } from '../aws/organizations/organizations.ts'
import { cloudMembership } from './account-membership.ts'
import { environment } from './environment.ts'

export function readerOver(env: NodeJS.ProcessEnv, access: (accountId: string) => AccountAccess): AccessReader {
  const { AWS_REGION: region, BOT_ACCOUNT_ID: ownAccountId } = environment(env, ['AWS_REGION', 'BOT_ACCOUNT_ID'])
  const organizations = organizationReader({
    client: new OrganizationsClient({ region, ...LONG_TIMEOUTS }),
    clock: Date.now,
    ownAccountId: async () => ownAccountId,
  })
  return liveReader({ access, organizations, clock: Date.now })
}

/** Earlier versions of the policies of every account. */
export const cloudVersions = (env: NodeJS.ProcessEnv, config: Config): PolicyVersions =>
  policyVersions({ access: readerAccess(env, config), ask: meter().ask })

export function readerAccess(env: NodeJS.ProcessEnv, config: Config): (accountId: string) => AccountAccess {
  const names = environment(env, ['READER_ROLE_NAME', 'AWS_REGION', 'BOT_ACCOUNT_ID'])
  const { READER_ROLE_NAME: roleName, AWS_REGION: region } = names
  const membershipOf = cloudMembership(config, { ownAccountId: names.BOT_ACCOUNT_ID, region })
  return assumedAccess({ roleName, region, membershipOf })
}
