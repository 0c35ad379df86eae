/** What the writer role may do, and above all what it may not. The same statements are its permissions boundary. */

import { Aws } from 'aws-cdk-lib'
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IConstruct } from 'constructs'
import { UsageError } from '../../../core/base/index.ts'
import { matchesGlob, partitionOfRegion, restsAfter } from '../../../core/iam/index.ts'
import type { Config } from '../../../functions/domain/config/index.ts'
import { PREFIX, PROTECTED_TAG } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { statementOf } from './permission.ts'

export type WriterPolicyProps = {
  readonly settings: DeploySettings
  readonly config: Pick<Config, 'protected' | 'approversPath' | 'administratorRoles'>
}

/** How the instance is found; it has no resource. */
export const FIND_INSTANCE = 'sso:ListInstances'

/** The calls of the adapter that writes, by what they touch. */
const WRITER_ACTIONS = {
  role: ['iam:DeleteRolePolicy', 'iam:GetRole', 'iam:GetRolePolicy', 'iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy'],
  user: ['iam:DeleteUserPolicy', 'iam:GetUserPolicy', 'iam:PutUserPolicy'],
  policy: [
    'iam:CreatePolicyVersion',
    'iam:DeletePolicyVersion',
    'iam:GetPolicy',
    'iam:GetPolicyVersion',
    'iam:ListPolicyVersions',
  ],
} as const

export const PERMISSION_SET_ACTIONS = [
  'sso:DeleteInlinePolicyFromPermissionSet',
  'sso:DescribePermissionSet',
  'sso:DescribePermissionSetProvisioningStatus',
  'sso:GetInlinePolicyForPermissionSet',
  'sso:ListPermissionSets',
  'sso:ProvisionPermissionSet',
  'sso:PutInlinePolicyToPermissionSet',
] as const

/** Wider than what is allowed: a deny may be. It also has to fit the size of a policy several times. */
export const WRITES = [
  'iam:Create*',
  'iam:Delete*',
  'iam:Put*',
  'iam:Update*',
  'sso:Delete*',
  'sso:Provision*',
  'sso:Put*',
]

export function writerStatements(
  owner: IConstruct,
  { settings, config }: WriterPolicyProps,
): readonly PolicyStatement[] {
  // Never the account that the hub is in: one template serves every member.
  const { PARTITION: partition, ACCOUNT_ID: account } = Aws
  const allowed = (sid: string, kind: keyof typeof WRITER_ACTIONS) =>
    statementOf(owner, {
      sid,
      actions: WRITER_ACTIONS[kind],
      resources: [`arn:${partition}:iam::${account}:${kind}/*`],
      wildcard: REACH,
    })
  const deny = (sid: string, resources: readonly string[], conditions = {}) =>
    new PolicyStatement({ sid, effect: Effect.DENY, actions: WRITES, resources: [...resources], conditions })
  const anywhere = (rest: string) => `arn:${partition}:iam::*:${rest}`
  const kinds = ['role', 'user', 'policy'] as const
  const globs = config.protected.flatMap(glob =>
    glob.startsWith('*')
      ? kinds.flatMap(kind => namesOf(kind, glob)).map(anywhere)
      : underEveryPath(ofPartition(glob, settings.region)),
  )
  const paths = [...settings.protectedPaths, ...(config.approversPath === null ? [] : [config.approversPath])]
  return [
    allowed('WriteRoles', 'role'),
    allowed('WriteUsers', 'user'),
    allowed('WritePolicies', 'policy'),
    // One statement for all: IAM bounds the size of the policy, and each statement repeats the calls.
    deny('Never', [
      // Itself and the bot.
      ...kinds.flatMap(kind => [anywhere(`${kind}/${PREFIX}-*`), anywhere(`${kind}/*/${PREFIX}-*`)]),
      anywhere('role/aws-reserved/*'),
      anywhere('role/aws-service-role/*'),
      // Under any path. It may deny more than these names, and that does no harm.
      ...config.administratorRoles.map(name => anywhere(`role/*${name}`)),
      ...paths.flatMap(path => kinds.map(kind => anywhere(`${kind}${path}*`))),
      ...globs,
      ...settings.boundaryPolicies.flatMap(wherever).map(name => anywhere(`policy/${name}`)),
    ]),
    ...TAG_KEYS.map(([sid, key]) => deny(sid, ['*'], { Null: { [`${key}/${PROTECTED_TAG}`]: 'false' } })),
    ...UNNAMED.map(
      ([sid, key]) =>
        new PolicyStatement({
          sid,
          effect: Effect.DENY,
          actions: ['*'],
          resources: ['*'],
          conditions: { Null: { [key]: 'true' } },
        }),
    ),
    new PolicyStatement({
      sid: 'NothingElse',
      effect: Effect.DENY,
      notActions: [
        ...Object.values(WRITER_ACTIONS).flat(),
        ...(settings.organization?.identityCenter ? [FIND_INSTANCE, ...PERMISSION_SET_ACTIONS] : []),
      ],
      resources: ['*'],
    }),
  ]
}

const REACH =
  'Which role, user or policy has to change follows from the denial; what is never changed is denied by name, path and tag.'

/** A session that does not show who approved what does nothing. */
const UNNAMED = [
  ['NeverWithoutSource', 'aws:SourceIdentity'],
  ['NeverWithoutProposal', 'aws:PrincipalTag/rolemedic:proposal'],
  ['NeverWithoutDigest', 'aws:PrincipalTag/rolemedic:digest'],
] as const

const TAG_KEYS = [
  ['NeverTagged', 'aws:ResourceTag'],
  ['NeverTaggedForIam', 'iam:ResourceTag'],
] as const

/**
 * A glob that begins anywhere, as resources of one kind: IAM refuses any whose path does not begin with a kind. A rest that
 * another covers is left out, as a policy has a size.
 */
function namesOf(kind: string, glob: string): readonly string[] {
  const rests = restsAfter(glob, `${kind}/`)
  return rests.filter(rest => !rests.includes(`*${rest}`)).map(rest => `${kind}/${rest}`)
}

/** IAM takes no resource of another partition, and the glob would protect nothing in this one. */
function ofPartition(glob: string, region: string): string {
  const [, partition = ''] = glob.split(':')
  const here = partitionOfRegion(region)
  if (matchesGlob(partition, here)) return glob
  throw new UsageError(`protected: ${glob} is in ${partition}, and the bot runs in ${here}; arn:*:… is any of them`)
}

/** A glob that gives a name alone protects it wherever it stands, as the bot's own guardrail reads it. */
function underEveryPath(glob: string): readonly string[] {
  const name = /^(.*:(?:role|user)\/)([^/]+)$/.exec(glob)
  return name === null ? [glob] : [glob, `${name[1]}*/${name[2]}`]
}

/** A policy has one name whatever its path. */
const wherever = (name: string): readonly string[] => (/^\*|\//.test(name) ? [name] : [name, `*/${name}`])
