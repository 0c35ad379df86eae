/** Whether the hub may read its organization: the SCPs and RCPs for the cards, and the list of members. */

import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  ListParentsCommand,
  ListPoliciesForTargetCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { organizationMembership, organizationUnits } from '../../../functions/adapters/aws/organizations/index.ts'
import type { Config } from '../../../functions/domain/config/index.ts'
import { ORGANIZATION_READS, type OrganizationRead, organizationsPolicy } from '../../../infra/organizations-policy.ts'
import { type Check, failedCheck, inTurn, isRefused, okCheck, warning } from './check.ts'
import type { MemberAccess } from './member-access.ts'

export async function organizationChecks(
  { accountId, credentials }: MemberAccess,
  region: string,
  accounts: readonly string[],
  config: Config,
): Promise<readonly Check[]> {
  const client = new OrganizationsClient({ region, credentials, ...LONG_TIMEOUTS })
  const refused: string[] = []
  const ask = async <T>(call: OrganizationRead, send: () => Promise<T>): Promise<T | null> => {
    try {
      return await send()
    } catch (error) {
      if (!isRefused(error)) throw error
      refused.push(call)
      return null
    }
  }
  await ask('organizations:DescribeOrganization', () => client.send(new DescribeOrganizationCommand({})))
  await ask('organizations:DescribeAccount', () => client.send(new DescribeAccountCommand({ AccountId: accountId })))
  await ask('organizations:ListParents', () => client.send(new ListParentsCommand({ ChildId: accountId })))
  const listed = await ask('organizations:ListPoliciesForTarget', () =>
    client.send(new ListPoliciesForTargetCommand({ TargetId: accountId, Filter: 'SERVICE_CONTROL_POLICY' })),
  )
  const policy = listed?.Policies?.[0]?.Id
  if (policy !== undefined)
    await ask('organizations:DescribePolicy', () => client.send(new DescribePolicyCommand({ PolicyId: policy })))
  const all = ORGANIZATION_READS.map(call => call.replace('organizations:', '')).join(', ')
  if (refused.length > 0) {
    const policy = JSON.stringify(organizationsPolicy({ region }, accountId))
    const detail = `refused: ${refused.join(', ')}. The bot needs all of ${all}. In the management account: aws organizations put-resource-policy --content '${policy}' (added to what it has). Until then SCPs and RCPs are shown as unseen`
    return [failedCheck('organization', detail)]
  }
  return [
    okCheck('organization', `Organizations can be read: ${all}`),
    ...(await strangers(client, accounts)),
    ...(await emptyUnits(client, accounts, config)),
  ]
}

const AT_ONCE = 4

/** Accounts that the configuration names or that send heartbeats, but that are in another organization or in none. */
async function strangers(client: OrganizationsClient, accounts: readonly string[]): Promise<readonly Check[]> {
  const membershipOf = organizationMembership(client, Date.now)
  const found = await inTurn(accounts, AT_ONCE, async account => ({ account, membership: await membershipOf(account) }))
  const outside = found.filter(({ membership }) => membership === 'stranger').map(({ account }) => account)
  const unknown = found.filter(({ membership }) => membership === 'unknown').map(({ account }) => account)
  return [
    ...outside.map(account =>
      failedCheck(
        'membership',
        `${account} is not in the organization: the bot assumes no role there. Remove it from rolemedic.config.json, and name it in heartbeats.retired`,
      ),
    ),
    ...(unknown.length > 0 ? [warning('membership', `not known to belong: ${unknown.join(', ')}`)] : []),
    ...(outside.length + unknown.length === 0 ? [okCheck('membership', `${accounts.length} accounts belong`)] : []),
  ]
}

/** Units of the configuration that are above no account: with a typo in its id, a freeze holds nowhere, and a mode is not set. */
async function emptyUnits(
  client: OrganizationsClient,
  accounts: readonly string[],
  { organizationalUnits, freezeWindows }: Config,
): Promise<readonly Check[]> {
  const named = [
    ...Object.keys(organizationalUnits).map(id => ({ setting: 'organizationalUnits', id })),
    ...freezeWindows.flatMap(({ name, organizationalUnits: ids = [] }) =>
      ids.map(id => ({ setting: `freezeWindows "${name}"`, id })),
    ),
  ]
  if (named.length === 0) return []
  const unitsOf = organizationUnits(client, Date.now)
  const places = await inTurn(accounts, AT_ONCE, unitsOf)
  const above = new Set(places.flatMap(units => (units.known ? units.value : [])))
  const empty = named.filter(({ id }) => !above.has(id))
  if (empty.length === 0) return [okCheck('units', 'each unit of the configuration has an account')]
  return empty.map(({ setting, id }) =>
    warning('units', `${setting}: ${id} is above no account that was named or heard: a typo, or it is empty`),
  )
}
