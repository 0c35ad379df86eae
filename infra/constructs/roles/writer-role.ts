/** The only role that changes IAM. `apply` alone may assume it. */
import { Aws, Stack } from 'aws-cdk-lib'
import { CfnPolicy, ManagedPolicy, Policy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam'
import type { Construct, IConstruct } from 'constructs'
import { UsageError } from '../../../functions/domain/base/errors.ts'
import { REQUIRED_SESSION_TAGS, SESSION_TAGS } from '../../../functions/domain/proposal/writer-session.ts'
import { nameOf, WRITER_BOUNDARY, WRITER_ROLE } from '../../names.ts'
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
  fits(boundary)
  const apply = () => hubFunction(nameOf('apply'), place.hubAccount, settings)
  const role = new Role(scope, 'Writer', {
    roleName: WRITER_ROLE,
    description: 'rolemedic: writes what was approved',
    assumedBy: apply().withConditions({
      StringEquals: { 'sts:ExternalId': settings.writerExternalId },
      Null: { 'sts:SourceIdentity': 'false', ...TAGGED },
    }),
    permissionsBoundary: boundary,
  })
  // The external id belongs to `sts:AssumeRole` alone.
  role.assumeRolePolicy?.addStatements(
    new PolicyStatement({
      actions: ['sts:SetSourceIdentity'],
      principals: [apply().withConditions({ Null: { 'sts:SourceIdentity': 'false' } })],
    }),
    new PolicyStatement({
      actions: ['sts:TagSession'],
      principals: [
        apply().withConditions({
          'ForAllValues:StringEquals': { 'aws:TagKeys': [...SESSION_TAGS] },
          Null: TAGGED,
        }),
      ],
    }),
  )
  // Not `addToPolicy`: what it takes for long it moves into a managed policy, whose name the writer role is not denied.
  new Policy(role, 'DefaultPolicy', { roles: [role], statements: [...writerStatements(role, props)] })
  return role
}

/** The tags without which there is no session. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
const TAGGED = Object.fromEntries(REQUIRED_SESSION_TAGS.map(tag => [`aws:RequestTag/${tag}`, 'false']))

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MANAGED_POLICY_CHARS = 6_144

function fits(policy: ManagedPolicy): void {
  const document: unknown = Stack.of(policy).resolve(policy.document)
  const text = JSON.stringify(document, (_, value) => (isJoin(value) ? asFound(value) : value))
    .replaceAll('<AWS::Partition>', 'aws-us-gov')
    .replaceAll('<AWS::AccountId>', '111122223333')
  if (text.length > MANAGED_POLICY_CHARS)
    throw new UsageError(
      `the writer role's policy would have ${text.length} characters, and IAM allows ${MANAGED_POLICY_CHARS}: name fewer protectedPaths, boundaryPolicies or protected globs`,
    )
}

const isJoin = (value: unknown) => typeof value === 'object' && value !== null && 'Fn::Join' in value

/** Only where Identity Center is administered. */
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
      // Provisioning takes effect in accounts.
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
