/** The only role that changes IAM. `write` alone may assume it. */

import { Aws, Stack } from 'aws-cdk-lib'
import { CfnPolicy, ManagedPolicy, Policy, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam'
import type { Construct, IConstruct } from 'constructs'
import { UsageError } from '../../../core/base/index.ts'
import { SESSION_TAGS } from '../../../functions/domain/authority/index.ts'
import { nameOf, PROTECTED_TAG, WRITER, WRITER_BOUNDARY, WRITER_ROLE } from '../../names.ts'
import type { MemberPlace } from '../ingest/member-place.ts'
import { asFound, statementOf } from './permission.ts'
import { hubFunction } from './reader-role.ts'
import { FIND_INSTANCE, PERMISSION_SET_ACTIONS, type WriterPolicyProps, writerStatements } from './writer-policy.ts'

export function writerRole(scope: Construct, props: WriterPolicyProps, place: MemberPlace): Role {
  const { settings } = props
  const boundary = new ManagedPolicy(scope, 'WriterBoundary', {
    managedPolicyName: WRITER_BOUNDARY,
    description: 'rolemedic: the most that its writer role can ever do',
  })
  const center = place.administersPermissionSets === null ? [] : permissionSets(boundary)
  boundary.addStatements(...writerStatements(boundary, props), ...center)
  const write = () => hubFunction(nameOf(WRITER), place.hubAccount, settings)
  const role = new Role(scope, 'Writer', {
    roleName: WRITER_ROLE,
    description: 'rolemedic: writes what was approved',
    assumedBy: write().withConditions({
      StringEquals: { 'sts:ExternalId': settings.writerExternalId },
      Null: { 'sts:SourceIdentity': 'false', ...TAGGED },
    }),
    permissionsBoundary: boundary,
  })
  // The external id applies only to `sts:AssumeRole`.
  role.assumeRolePolicy?.addStatements(
    new PolicyStatement({
      actions: ['sts:SetSourceIdentity'],
      principals: [write().withConditions({ Null: { 'sts:SourceIdentity': 'false' } })],
    }),
    new PolicyStatement({
      actions: ['sts:TagSession'],
      principals: [
        write().withConditions({
          'ForAllValues:StringEquals': { 'aws:TagKeys': [...SESSION_TAGS] },
          Null: TAGGED,
        }),
      ],
    }),
  )
  // Not `addToPolicy`, which moves long statements into a managed policy whose name is not denied to the writer role.
  const policy = new Policy(role, 'DefaultPolicy', { roles: [role], statements: [...writerStatements(role, props)] })
  fits(boundary, [policy.document, new PolicyDocument({ statements: [...center] })], props)
  return role
}

/**
 * The tags that a session must have.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
const REQUIRED: readonly (typeof SESSION_TAGS)[number][] = ['rolemedic:proposal', 'rolemedic:digest']
const TAGGED = Object.fromEntries(REQUIRED.map(tag => [`aws:RequestTag/${tag}`, 'false']))

/**
 * IAM does not count white space.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const MANAGED_POLICY_CHARS = 6_144
const INLINE_POLICIES_CHARS = 10_240

/**
 * A role has one boundary, which is one policy, so the protected list cannot be split. The same statements are its inline
 * policy, together with those for Identity Center and the protected list.
 */
function fits(boundary: ManagedPolicy, inline: readonly PolicyDocument[], props: WriterPolicyProps): void {
  const managed = charactersOf(boundary, boundary.document)
  const together = inline.reduce((sum, document) => sum + charactersOf(boundary, document), 0)
  const over = [
    ...(managed > MANAGED_POLICY_CHARS
      ? [`boundary would have ${managed} characters, and IAM allows ${MANAGED_POLICY_CHARS}`]
      : []),
    ...(together > INLINE_POLICIES_CHARS
      ? [`inline policies would have ${together} characters, and IAM allows ${INLINE_POLICIES_CHARS}`]
      : []),
  ]
  if (over.length === 0) return
  const { settings, config } = props
  const counts = [
    `${settings.protectedPaths.length} protectedPaths`,
    `${settings.boundaryPolicies.length} boundaryPolicies`,
    `${config.protected.length} protected`,
    `${config.administratorRoles.length} administratorRoles`,
  ]
  throw new UsageError(
    `the writer role's ${over.join('; its ')}: name fewer or shorter ones of ${counts.join(', ')}, protect by a common path, or by the tag ${PROTECTED_TAG}`,
  )
}

function charactersOf(scope: IConstruct, document: PolicyDocument): number {
  if (document.isEmpty) return 0
  const resolved: unknown = Stack.of(scope).resolve(document)
  return JSON.stringify(resolved, (_, value) => (isJoin(value) ? asFound(value) : value))
    .replaceAll('<AWS::Partition>', 'aws-us-gov')
    .replaceAll('<AWS::AccountId>', '111122223333').length
}

const isJoin = (value: unknown) => typeof value === 'object' && value !== null && 'Fn::Join' in value

/** Only in the account that administers Identity Center. */
export function permissionSetPolicy(scope: Construct, role: Role): CfnPolicy {
  const policy = new CfnPolicy(scope, 'WritesPermissionSets', {
    policyName: 'permission-sets',
    roles: [role.roleName],
    policyDocument: { Version: '2012-10-17', Statement: [] },
  })
  policy.policyDocument = { Version: '2012-10-17', Statement: permissionSets(policy).map(one => one.toStatementJson()) }
  return policy
}

function permissionSets(owner: IConstruct): readonly PolicyStatement[] {
  const arn = (rest: string) => `arn:${Aws.PARTITION}:sso:::${rest}`
  return [
    statementOf(owner, {
      sid: 'WritePermissionSets',
      actions: PERMISSION_SET_ACTIONS,
      // Provisioning acts in all accounts of the set.
      resources: [arn('instance/*'), arn('permissionSet/*/*'), arn('account/*')],
      wildcard: 'Permission sets are found by name; their ARNs hold ids.',
    }),
    statementOf(owner, {
      sid: 'FindInstance',
      actions: [FIND_INSTANCE],
      resources: ['*'],
      wildcard: 'It lists instances, and has no resource.',
    }),
  ]
}
