/** Reads what bears on a denial. Policies hold no secrets, so every entity of the account is in its reach. */
import { Aws } from 'aws-cdk-lib'
import { ArnPrincipal, CompositePrincipal, type PrincipalBase, Role } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import type { Settings } from '../config.ts'
import { nameOf, READER_ROLE } from '../names.ts'
import type { MemberPlace } from './member-place.ts'
import { allow } from './right.ts'

const READERS = ['intake', 'propose', 'apply', 'alert'] as const

export function readerRole(scope: Construct, settings: Settings, { hubAccount }: MemberPlace): Role {
  const role = new Role(scope, 'Reader', {
    roleName: READER_ROLE,
    description: 'rolemedic: reads the policies behind a denial',
    assumedBy: new CompositePrincipal(...READERS.map(name => hubFunction(nameOf(name), hubAccount, settings))),
  })
  allow(role, [
    {
      sid: 'ReadIam',
      actions: IAM_READS,
      resources: entities(),
      wildcard: 'Any role or user of the account may be denied, and any role be passed or assumed. Reads only.',
    },
    {
      sid: 'ReadWithoutResource',
      actions: WITHOUT_RESOURCE,
      resources: ['*'],
      wildcard: 'Lists, and AWS’s own explanations of a denial, have no resource.',
    },
  ])
  return role
}

/** The role of one function of the bot, and within an organization only as long as it belongs to it. */
export function hubFunction(role: string, hubAccount: string, { organization }: Settings): PrincipalBase {
  const principal = new ArnPrincipal(`arn:${Aws.PARTITION}:iam::${hubAccount}:role/${role}`)
  return organization === null
    ? principal
    : principal.withConditions({ StringEquals: { 'aws:PrincipalOrgID': organization.id } })
}

function entities(): readonly string[] {
  const { PARTITION: partition, ACCOUNT_ID: account } = Aws
  const kinds = ['role/*', 'user/*', 'group/*', 'instance-profile/*', 'policy/*']
  return [
    ...kinds.map(kind => `arn:${partition}:iam::${account}:${kind}`),
    // Policies that AWS manages.
    `arn:${partition}:iam::aws:policy/*`,
  ]
}

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
  'iam:ListRolePolicies',
  'iam:ListUserPolicies',
  'iam:SimulatePrincipalPolicy',
]

const WITHOUT_RESOURCE = [
  'iam:GetRequestAuthorizationDetails',
  'iam:GetRequestAuthorizationPolicy',
  'iam:ListPolicies',
  'iam:ListRoles',
  'sts:DecodeAuthorizationMessage',
]
