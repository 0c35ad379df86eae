/** What the writer role may do in an account, and what it may never touch: data, so that the bot's own evaluator can judge it. */
import { BOT_NAMES, PROTECTED_TAG } from '../names.ts'

export type Statement = {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: string } }
}

export type WriterScope = {
  /** Up to and with the account's colon: `arn:aws:iam::111122223333:`. */
  readonly iam: string
  /** `arn:aws:sso:::`. */
  readonly sso: string
  readonly protectedPaths: readonly string[]
  readonly boundaryPolicies: readonly string[]
}

const ROLE_WRITES = ['iam:DeleteRolePolicy', 'iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy']
const USER_WRITES = ['iam:DeleteUserPolicy', 'iam:PutUserPolicy']
const POLICY_WRITES = ['iam:CreatePolicyVersion', 'iam:DeletePolicyVersion']
const SET_WRITES = [
  'sso:DeleteInlinePolicyFromPermissionSet',
  'sso:ProvisionPermissionSet',
  'sso:PutInlinePolicyToPermissionSet',
]

/** Everything with which the writer role changes anything. */
export const WRITES = [...ROLE_WRITES, ...USER_WRITES, ...POLICY_WRITES, ...SET_WRITES]

/** Each call that `apply` makes, and no other. */
export function iamWrites({ iam }: WriterScope): readonly Statement[] {
  return [
    allow('Roles', ['iam:GetRole', 'iam:GetRolePolicy', ...ROLE_WRITES], `${iam}role/*`),
    allow('Users', ['iam:GetUserPolicy', ...USER_WRITES], `${iam}user/*`),
    allow(
      'CustomerPolicies',
      ['iam:GetPolicy', 'iam:GetPolicyVersion', 'iam:ListPolicyVersions', ...POLICY_WRITES],
      `${iam}policy/*`,
    ),
  ]
}

/** Only in the account that administers Identity Center. */
export function permissionSetWrites({ sso }: WriterScope): readonly Statement[] {
  return [
    allow(
      'PermissionSets',
      [
        'sso:DescribePermissionSet',
        'sso:DescribePermissionSetProvisioningStatus',
        'sso:GetInlinePolicyForPermissionSet',
        'sso:ListPermissionSets',
        ...SET_WRITES,
      ],
      `${sso}account/*`,
      `${sso}instance/*`,
      `${sso}permissionSet/*`,
    ),
    // Has no resource: it is how the instance is found.
    allow('Instances', ['sso:ListInstances'], '*'),
  ]
}

/** Whatever else is allowed, now or later. */
export function writerDenies({ iam, protectedPaths, boundaryPolicies }: WriterScope): readonly Statement[] {
  const below = (path: string) => ['role', 'user', 'policy'].map(kind => `${iam}${kind}${path}*`)
  return [
    deny('BotItself', WRITES, ...['role', 'user', 'policy'].map(kind => `${iam}${kind}/${BOT_NAMES}`)),
    deny('RolesOfServices', WRITES, `${iam}role/aws-service-role/*`, `${iam}role/aws-reserved/*`),
    ...(protectedPaths.length === 0 ? [] : [deny('ProtectedPaths', WRITES, ...protectedPaths.flatMap(below))]),
    {
      ...deny('ProtectedByTag', WRITES, '*'),
      Condition: { Null: { [`aws:ResourceTag/${PROTECTED_TAG}`]: 'false' } },
    },
    ...(boundaryPolicies.length === 0
      ? []
      : [deny('BoundaryPolicies', POLICY_WRITES, ...boundaryPolicies.map(name => `${iam}policy/${name}`))]),
    deny(
      'Boundaries',
      [
        'iam:DeleteRolePermissionsBoundary',
        'iam:DeleteUserPermissionsBoundary',
        'iam:PutRolePermissionsBoundary',
        'iam:PutUserPermissionsBoundary',
      ],
      '*',
    ),
  ]
}

const allow = (Sid: string, Action: readonly string[], ...Resource: readonly string[]): Statement => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
})

const deny = (Sid: string, Action: readonly string[], ...Resource: readonly string[]): Statement => ({
  Sid,
  Effect: 'Deny',
  Action,
  Resource,
})
