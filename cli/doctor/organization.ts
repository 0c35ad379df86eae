/** Whether the hub may read its organization: what the cards show of SCPs and RCPs, and which accounts belong. */
import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  ListParentsCommand,
  ListPoliciesForTargetCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { LONG_TIMEOUTS } from '../../functions/adapters/aws/client-timeouts.ts'
import { organizationMembership } from '../../functions/adapters/aws/organizations/account-membership.ts'
import { partitionOfRegion } from '../../functions/domain/iam/arn.ts'
import { type Check, failed, inTurn, isRefused, ok, warning } from './check.ts'
import type { MemberAccess } from './member-access.ts'

const CALLS = [
  'DescribeAccount',
  'DescribeOrganization',
  'DescribePolicy',
  'ListParents',
  'ListPoliciesForTarget',
] as const

/** For the management account. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html */
export function organizationsPolicy(hubAccountId: string, region: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'RolemedicReads',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partitionOfRegion(region)}:iam::${hubAccountId}:root` },
        Action: CALLS.map(call => `organizations:${call}`),
        Resource: '*',
      },
    ],
  }
}

export async function organizationChecks(
  { accountId, credentials }: MemberAccess,
  region: string,
  accounts: readonly string[],
): Promise<readonly Check[]> {
  const client = new OrganizationsClient({ region, credentials, ...LONG_TIMEOUTS })
  const refused: string[] = []
  const ask = async <T>(call: (typeof CALLS)[number], send: () => Promise<T>): Promise<T | null> => {
    try {
      return await send()
    } catch (error) {
      if (!isRefused(error)) throw error
      refused.push(`organizations:${call}`)
      return null
    }
  }
  await ask('DescribeOrganization', () => client.send(new DescribeOrganizationCommand({})))
  await ask('DescribeAccount', () => client.send(new DescribeAccountCommand({ AccountId: accountId })))
  await ask('ListParents', () => client.send(new ListParentsCommand({ ChildId: accountId })))
  const listed = await ask('ListPoliciesForTarget', () =>
    client.send(new ListPoliciesForTargetCommand({ TargetId: accountId, Filter: 'SERVICE_CONTROL_POLICY' })),
  )
  const policy = listed?.Policies?.[0]?.Id
  if (policy !== undefined)
    await ask('DescribePolicy', () => client.send(new DescribePolicyCommand({ PolicyId: policy })))
  if (refused.length > 0) {
    const policy = JSON.stringify(organizationsPolicy(accountId, region))
    const detail = `refused: ${refused.join(', ')}. The bot needs all of ${CALLS.join(', ')}. In the management account: aws organizations put-resource-policy --content '${policy}' (added to what it has). Until then SCPs and RCPs are shown as unseen`
    return [failed('organization', detail)]
  }
  return [ok('organization', `Organizations can be read: ${CALLS.join(', ')}`), ...(await strangers(client, accounts))]
}

const AT_ONCE = 4

/** Accounts that the configuration names or that were heard, and that are in another organization or in none. */
async function strangers(client: OrganizationsClient, accounts: readonly string[]): Promise<readonly Check[]> {
  const membershipOf = organizationMembership(client, Date.now)
  const found = await inTurn(accounts, AT_ONCE, async account => ({ account, membership: await membershipOf(account) }))
  const outside = found.filter(({ membership }) => membership === 'stranger').map(({ account }) => account)
  const unknown = found.filter(({ membership }) => membership === 'unknown').map(({ account }) => account)
  return [
    ...outside.map(account =>
      failed(
        'membership',
        `${account} is not in the organization: the bot assumes no role there. Remove it from rolemedic.config.json, and name it in heartbeats.retired`,
      ),
    ),
    ...(unknown.length > 0 ? [warning('membership', `not known to belong: ${unknown.join(', ')}`)] : []),
    ...(outside.length + unknown.length === 0 ? [ok('membership', `${accounts.length} accounts belong`)] : []),
  ]
}
