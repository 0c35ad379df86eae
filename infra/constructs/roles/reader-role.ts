/** Reads the policies behind a denial, and why a deploy failed. Policies contain no secrets, so it may read every entity of the account. */

import { Aws } from 'aws-cdk-lib'
import { ArnPrincipal, CompositePrincipal, type PrincipalBase, Role } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import type { Config } from '../../../functions/domain/config/index.ts'
import { nameOf, READER_ROLE, READERS, withPath } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import type { MemberPlace } from '../ingest/member-place.ts'
import { allow, type Permission } from './permission.ts'

export type ReaderProps = { readonly settings: DeploySettings; readonly config: Pick<Config, 'secondOpinion'> }

export function readerRole(scope: Construct, { settings, config }: ReaderProps, { hubAccount }: MemberPlace): Role {
  const role = new Role(scope, 'Reader', {
    roleName: READER_ROLE,
    description: 'rolemedic: reads the policies behind a denial',
    assumedBy: new CompositePrincipal(...READERS.map(name => hubFunction(nameOf(name), hubAccount, settings))),
  })
  allow(role, [
    {
      sid: 'ReadIam',
      // The simulator is used only if the bot's configuration enables it.
      actions: [...IAM_READS, ...(config.secondOpinion.policySimulator ? ['iam:SimulatePrincipalPolicy'] : [])],
      resources: entities(),
      wildcard: 'Any role or user of the account may be denied, and any role be passed or assumed. Reads only.',
    },
    {
      sid: 'ReadWithoutResource',
      actions: WITHOUT_RESOURCE,
      resources: ['*'],
      wildcard: 'Lists, and AWS’s own explanations of a denial, have no resource.',
    },
    {
      sid: 'ReadEventHistory',
      actions: ['cloudtrail:LookupEvents'],
      resources: ['*'],
      wildcard: 'Whether a denial happened, and what changed before it: CloudTrail’s event history has no resource.',
    },
    ...deployReads(settings),
  ])
  return role
}

/**
 * The role of one function of the bot; in an organization, only while the bot belongs to it. A condition names the role: as a principal,
 * IAM would store the role's id, a redeployed bot would have another id, and no change of this template would repair that.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
export function hubFunction(role: string, hubAccount: string, settings: DeploySettings): PrincipalBase {
  const { organization } = settings
  const iam = `arn:${Aws.PARTITION}:iam::${hubAccount}`
  const named = new ArnPrincipal(`${iam}:root`).withConditions({
    ArnEquals: { 'aws:PrincipalArn': `${iam}:role/${withPath(settings, role)}` },
  })
  return organization === null
    ? named
    : named.withConditions({ StringEquals: { 'aws:PrincipalOrgID': organization.id } })
}

function entities(): readonly string[] {
  const { PARTITION: partition, ACCOUNT_ID: account } = Aws
  const kinds = ['role/*', 'user/*', 'group/*', 'instance-profile/*', 'policy/*']
  return [
    ...kinds.map(kind => `arn:${partition}:iam::${account}:${kind}`),
    // AWS managed policies.
    `arn:${partition}:iam::aws:policy/*`,
  ]
}

/** In every Region of the account, because all of them share the role. */
function deployReads({ buildLogGroups }: DeploySettings): readonly Permission[] {
  const arn = (service: string, rest: string) => `arn:${Aws.PARTITION}:${service}:*:${Aws.ACCOUNT_ID}:${rest}`
  const wildcard = 'Any stack, pipeline, build or service may fail, in any Region. Reads only.'
  return [
    { sid: 'ReadStacks', actions: STACK_READS, resources: [arn('cloudformation', 'stack/*')], wildcard },
    {
      sid: 'ReadStackSets',
      actions: ['cloudformation:ListStackSetOperationResults'],
      resources: [arn('cloudformation', 'stackset/*')],
      wildcard,
    },
    { sid: 'ReadAmplifyJobs', actions: ['amplify:GetJob'], resources: [arn('amplify', 'apps/*')], wildcard },
    {
      sid: 'ReadDeployments',
      actions: ['codedeploy:GetDeployment'],
      resources: [arn('codedeploy', 'deploymentgroup:*')],
      wildcard,
    },
    {
      sid: 'ReadDeploymentTargets',
      actions: ['codedeploy:BatchGetDeploymentTargets', 'codedeploy:ListDeploymentTargets'],
      resources: ['*'],
      wildcard: 'What the steps of a failed deployment say: these calls take no resource. Reads only.',
    },
    {
      sid: 'ReadServices',
      actions: ['ecs:DescribeServices', 'ecs:DescribeTasks', 'ecs:ListTasks'],
      resources: ['service/*', 'task/*', 'container-instance/*'].map(kind => arn('ecs', kind)),
      wildcard,
    },
    { sid: 'ReadPipelines', actions: PIPELINE_READS, resources: [arn('codepipeline', '*')], wildcard },
    // To find the role of a build, which its log may name. The answer also contains the build's variables, which are not read.
    { sid: 'ReadBuilds', actions: ['codebuild:BatchGetBuilds'], resources: [arn('codebuild', 'project/*')], wildcard },
    {
      sid: 'ReadBuildLogs',
      actions: ['logs:GetLogEvents'],
      resources: buildLogGroups.map(group => arn('logs', `log-group:${group}:log-stream:*`)),
      wildcard,
    },
  ].filter(({ resources }) => resources.length > 0)
}

const STACK_READS = [
  'cloudformation:DescribeStackEvents',
  'cloudformation:GetTemplate',
  'cloudformation:DescribeStackResources',
  'cloudformation:DescribeStacks',
]

const PIPELINE_READS = ['codepipeline:GetPipeline', 'codepipeline:ListActionExecutions']

const IAM_READS = [
  'iam:GetGroupPolicy',
  'iam:GetInstanceProfile',
  'iam:GetPolicy',
  'iam:GetPolicyVersion',
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:GetUser',
  'iam:GetUserPolicy',
  'iam:ListAttachedGroupPolicies',
  'iam:ListAttachedRolePolicies',
  'iam:ListAttachedUserPolicies',
  'iam:ListGroupPolicies',
  'iam:ListGroupsForUser',
  'iam:ListPolicyVersions',
  'iam:ListRolePolicies',
  'iam:ListUserPolicies',
]

const WITHOUT_RESOURCE = [
  'iam:GetRequestAuthorizationDetails',
  'iam:GetRequestAuthorizationPolicy',
  'iam:ListPolicies',
  'iam:ListRoles',
  'sts:DecodeAuthorizationMessage',
]
