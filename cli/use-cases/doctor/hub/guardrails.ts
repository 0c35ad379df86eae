/** Whether Regions are enabled, and whether an SCP, such as a Region deny or a control of Control Tower, stops rolemedic's roles. */
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import * as z from 'zod'
import { evaluate } from '../../../../core/actions/index.ts'
import { ABSENT, type Fact, found, known } from '../../../../core/base/index.ts'
import { type GuardrailLevel, type PolicyDocument, present } from '../../../../core/iam/index.ts'
import { LONG_TIMEOUTS } from '../../../../functions/adapters/aws/clients/index.ts'
import { meter } from '../../../../functions/adapters/aws/iam/index.ts'
import { organizationReader } from '../../../../functions/adapters/aws/organizations/index.ts'
import type { MemberRegion } from '../../../../functions/domain/members/index.ts'
import { FORWARDER_ROLE, HEARTBEAT_ROLE, nameOf, PREFIX, READER_ROLE, WRITER_ROLE } from '../../../../infra/names.ts'
import { GLOBAL_REGIONS } from '../../../../infra/settings.ts'
import { type AskAws, pagesOf } from '../../../live/ask-aws.ts'
import { type Check, failedCheck, okCheck, warning } from '../check.ts'
import type { MemberAccess } from '../member-access.ts'

const regions = z.object({ Regions: z.array(z.object({ RegionName: z.string() })), NextToken: z.string().nullish() })

/** Of the account of the credentials. https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html */
export async function readEnabledRegions({ post }: AskAws): Promise<readonly string[]> {
  const asked = { MaxResults: 50, RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT', 'ENABLING'] }
  const ask = async (from: object) => regions.parse(await post('account', '/listRegions', { ...asked, ...from }))
  const enabled: string[] = []
  for await (const { Regions } of pagesOf(ask, page => page.NextToken))
    enabled.push(...Regions.map(({ RegionName }) => RegionName))
  return enabled
}

export function enabledRegionsCheck(account: string, wanted: readonly string[], enabled: readonly string[]): Check {
  const off = wanted.filter(region => !enabled.includes(region))
  return off.length === 0
    ? okCheck('Region', `${account}: ${wanted.join(', ')} enabled`)
    : failedCheck(
        'Region',
        `${account}: ${off.join(', ')} not enabled: aws account enable-region, or take it out of the settings`,
      )
}

/** Calls without which a role is of no use. `hub`: only in the account and Region of the bot. */
const NEEDS: readonly { readonly role: string; readonly in: 'hub' | 'place'; readonly actions: readonly string[] }[] = [
  { role: FORWARDER_ROLE, in: 'place', actions: ['events:PutEvents'] },
  { role: HEARTBEAT_ROLE, in: 'place', actions: ['events:PutEvents'] },
  {
    role: READER_ROLE,
    in: 'place',
    actions: ['iam:GetRole', 'iam:GetRolePolicy', 'cloudtrail:LookupEvents', 'cloudformation:DescribeStackEvents'],
  },
  {
    role: WRITER_ROLE,
    in: 'place',
    actions: ['iam:GetRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy', 'iam:UpdateAssumeRolePolicy'],
  },
  {
    role: nameOf('propose'),
    in: 'hub',
    actions: [
      'sts:AssumeRole',
      'dynamodb:PutItem',
      'sqs:SendMessage',
      'sns:Publish',
      'kms:GetPublicKey',
      's3:PutObject',
      'secretsmanager:GetSecretValue',
    ],
  },
  {
    role: nameOf('decide'),
    in: 'hub',
    actions: ['kms:Sign', 'sqs:SendMessage', 's3:PutObject', 'dynamodb:UpdateItem'],
  },
  {
    role: nameOf('write'),
    in: 'hub',
    actions: ['kms:Sign', 'sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession', 's3:PutObject'],
  },
]

export type GuardedPlace = MemberRegion & { readonly isHub: boolean }

const ANYTHING: PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

export function guardrailChecks(
  place: GuardedPlace,
  levels: Fact<readonly GuardrailLevel[]>,
  by: { readonly partition: string; readonly rolePath: string },
): readonly Check[] {
  const where = `${place.accountId} ${place.region}`
  if (!levels.known) return [warning('guardrail', `${where}: SCPs not seen: ${levels.why}`)]
  const hits = NEEDS.filter(need => need.in === 'place' || place.isHub).flatMap(({ role, actions }) => {
    const suffix = role === FORWARDER_ROLE || role === HEARTBEAT_ROLE ? `-${place.region}` : ''
    return actions.flatMap(action => {
      const policy = stoppedBy(`${role}${suffix}`, action, place, levels, by)
      return policy === null ? [] : [{ role, action, policy }]
    })
  })
  if (hits.length === 0) return [okCheck('guardrail', `${where}: no SCP stops rolemedic's roles`)]
  const exemption = { ArnNotLike: { 'aws:PrincipalArn': [`arn:${by.partition}:iam::*:role${by.rolePath}${PREFIX}-*`] } }
  return [...Map.groupBy(hits, ({ policy }) => policy)].map(([policy, stopped]) => {
    const what = stopped.map(({ role, action }) => `${action} of ${role}`).join(', ')
    return failedCheck(
      'guardrail',
      `${where}: ${policy} denies ${what}: exempt the roles. Add to the Condition of the deny ${JSON.stringify(exemption)}; of a control of Control Tower, give this ARN as ExemptedPrincipalArns`,
    )
  })
}

/** The policy that denies it, for a role whose own policies allow everything. Null: none does. Unclear is not denied. */
function stoppedBy(
  name: string,
  action: string,
  { accountId, region }: MemberRegion,
  scps: Fact<readonly GuardrailLevel[]>,
  { partition, rolePath }: { readonly partition: string; readonly rolePath: string },
): string | null {
  const arn = `arn:${partition}:iam::${accountId}:role${rolePath}${name}`
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
  const asked = action.split(':')[0] === 'iam' ? (GLOBAL_REGIONS[partition] ?? region) : region
  const context = {
    'aws:principalarn': present(arn),
    'aws:principalaccount': present(accountId),
    'aws:requestedregion': present(asked),
    'aws:securetransport': present('true'),
  }
  const role = {
    kind: 'role' as const,
    arn,
    accountId,
    name,
    path: '/',
    uniqueId: null,
    tags: {},
    unseen: [],
    boundary: ABSENT,
  }
  const own = { type: 'identity' as const, name, arn: null, attachedTo: name, document: ANYTHING }
  const { answer, layers } = evaluate(
    {
      action,
      resource: arn,
      principalArn: `arn:${partition}:sts::${accountId}:assumed-role/${name}/doctor`,
      roleArn: arn,
      context,
    },
    {
      caller: found({ ...role, policies: [own] }),
      targets: [],
      organization: known({ id: null, managementAccountId: null }),
      ...{ scps, rcps: known([]), session: known([]), vpce: known([]) },
    },
  )
  if (answer !== 'denied') return null
  const deciding = layers.find(({ type }) => type === 'scp')?.deciding.find(({ effect }) => effect === 'Deny')
  if (deciding === undefined) return 'an SCP without an allow for it'
  return `the SCP ${deciding.policy.name}${deciding.sid === null ? '' : ` (${deciding.sid})`}`
}

export type ReadLevels = (accountId: string) => Promise<Fact<readonly GuardrailLevel[]>>

export function levelsReader(
  { accountId, credentials }: MemberAccess,
  region: string,
  clock: () => number,
): ReadLevels {
  const client = new OrganizationsClient({ region, credentials, ...LONG_TIMEOUTS })
  const reader = organizationReader({ client, clock, ownAccountId: async () => accountId })
  const { ask } = meter()
  return async account => {
    const organization = await reader.organization(ask)
    // SCPs do not bind the management account.
    const isManagement = organization.known && organization.value.managementAccountId === account
    return isManagement ? known([]) : reader.levels(account, 'scp', ask)
  }
}
