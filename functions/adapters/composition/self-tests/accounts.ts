/** What functions read of accounts and of the organization. */
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import { RolemedicError } from '../../../../core/base/index.ts'
import type { AccessReader } from '../../../ports/access-reader.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { DEFAULT_TIMEOUTS } from '../../aws/clients/client-timeouts.ts'
import { assumedAccess } from '../../aws/iam/account-access.ts'
import { organizationMembership } from '../../aws/organizations/account-membership.ts'
import { environment } from '../environment.ts'
import { asKnown } from './trials.ts'

/** A session of its own for each account: an earlier one says nothing about now. */
export function readers(env: NodeJS.ProcessEnv, accounts: readonly string[]): readonly Trial[] {
  const { READER_ROLE_NAME: roleName, AWS_REGION: region } = environment(env, ['READER_ROLE_NAME', 'AWS_REGION'])
  const access = assumedAccess({ roleName, region, membershipOf: null })
  return accounts.map(account => [
    `sts:AssumeRole of ${roleName} in ${account}`,
    () => access(account).iam.config.credentials(),
  ])
}

/** In an account of no organization, AWS says so, and that is an answer. */
export function membershipTrial(account: string): Trial {
  const membership = organizationMembership(new OrganizationsClient(DEFAULT_TIMEOUTS), Date.now)
  return [
    'organizations:DescribeAccount',
    async () => {
      if ((await membership(account)) === 'unknown') throw new RolemedicError('refused', `${account} cannot be read`)
    },
  ]
}

export const organizationTrials = (
  reader: Pick<AccessReader, 'organization' | 'serviceControlPolicies' | 'resourceControlPolicies'>,
  account: string,
): readonly Trial[] => [
  ['organizations:DescribeOrganization', async () => asKnown(await reader.organization())],
  ['organizations: the SCPs of the hub', async () => asKnown(await reader.serviceControlPolicies(account))],
  ['organizations: the RCPs of the hub', async () => asKnown(await reader.resourceControlPolicies(account))],
]
