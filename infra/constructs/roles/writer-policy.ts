/** What the writer role may do and, above all, must not do. The same statements are its permissions boundary. */

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

/** Finds the instance. The action has no resource. */
export const FIND_INSTANCE = 'sso:ListInstances'

/** The calls of the adapter that writes, by the entity they change. */
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
  'sso:ListAccountsForProvisionedPermissionSet',
  'sso:ListPermissionSets',
  'sso:ProvisionPermissionSet',
  'sso:PutInlinePolicyToPermissionSet',
] as const

/** Wider than the allowed actions, which is harmless in a deny. Must fit several times into the size of a policy. */
export const WRITES = ['iam:Create*', 'iam:Delete*', 'iam:Put*', 'iam:Update*', 'sso:Delete*', 'sso:Prov*', 'sso:Put*']

export function writerStatements(
  owner: IConstruct,
  { settings, config }: WriterPolicyProps,
): readonly PolicyStatement[] {
  // Must not contain the hub's account, because one template serves every member.
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
    // One statement for all: IAM limits the size of the policy, and each statement would repeat the actions.
    deny('Never', [
      // Itself and the bot.
      ...kinds.flatMap(kind => [anywhere(`${kind}/${PREFIX}-*`), anywhere(`${kind}/*/${PREFIX}-*`)]),
      anywhere('role/aws-reserved/*'),
      anywhere('role/aws-service-role/*'),
      // In any path. Also denies some other names, which is harmless.
      ...config.administratorRoles.map(name => anywhere(`role/*${name}`)),
      ...paths.flatMap(path => kinds.map(kind => anywhere(`${kind}${path}*`))),
      ...globs,
      ...settings.boundaryPolicies.flatMap(wherever).map(name => anywhere(`policy/${name}`)),
    ]),
    ...TAG_KEYS.map(([sid, key]) => deny(sid, ['*'], { StringLike: { [`${key}/${PROTECTED_TAG}`]: '*' } })),
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

/** Denies everything to a session that does not name its approver and approval. */
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
 * A glob with a wildcard at its start, for one kind of resource, because IAM refuses resources without a kind. Omits globs that
 * another one covers, as the policy size is limited.
 */
function namesOf(kind: string, glob: string): readonly string[] {
  const rests = restsAfter(glob, `${kind}/`)
  return rests.filter(rest => !rests.includes(`*${rest}`)).map(rest => `${kind}/${rest}`)
}

/** IAM accepts no resource of another partition, and such a glob would protect nothing in this one. */
function ofPartition(glob: string, region: string): string {
  const [, partition = ''] = glob.split(':')
  const here = partitionOfRegion(region)
  if (matchesGlob(partition, here)) return glob
  throw new UsageError(`protected: ${glob} is in ${partition}, and the bot runs in ${here}; arn:*:… is any of them`)
}

/** A glob of a name alone protects the name in any path, as in the bot's guardrail. */
function underEveryPath(glob: string): readonly string[] {
  const name = /^(.*:(?:role|user)\/)([^/]+)$/.exec(glob)
  return name === null ? [glob] : [glob, `${name[1]}*/${name[2]}`]
}

/** A policy's name is unique in any path. */
const wherever = (name: string): readonly string[] => (/^\*|\//.test(name) ? [name] : [name, `*/${name}`])
