/** Evaluates the writer role with the bot's own evaluator. The policies come from the deployed template. */
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../core/actions/actions.ts'
import { ABSENT, found, known } from '../../core/base/fact.ts'
import { ABSENT_KEY, type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import type { AccessSnapshot } from '../../core/iam/evaluation/access-snapshot.ts'
import type { Answer } from '../../core/iam/evaluation/evaluation.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { PolicyType, SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { deploy, named, ORGANIZATION } from './deployment.ts'
import { inAccount } from './resolved.ts'

const ACCOUNT = '444455556666'
const IAM = `arn:aws:iam::${ACCOUNT}:`
const WRITER = `${IAM}role/rolemedic-writer`

const deployed = deploy({
  organization: ORGANIZATION,
  protectedPaths: ['/security/'],
  boundaryPolicies: ['*boundary*', 'DeveloperLimit', 'platform/Ceiling-*'],
})
const member = inAccount(deployed.templates['rolemedic-roles'], ACCOUNT)

const identity = member.rolePolicies('rolemedic-writer').map(sourced('identity'))
const boundary = sourced('boundary')(member.managedPolicy('rolemedic-writer-boundary'))

function sourced(type: PolicyType): (document: unknown) => SourcedPolicy {
  return document => ({ type, name: type, arn: null, attachedTo: WRITER, document: parsed(document) })
}

function parsed(document: unknown): PolicyDocument {
  const policy = parsePolicy(document)
  if (!policy.ok) throw new Error(policy.error)
  return policy.value
}

function snapshot(policies: readonly SourcedPolicy[]): AccessSnapshot {
  return {
    caller: found({
      kind: 'role',
      arn: WRITER,
      accountId: ACCOUNT,
      name: 'rolemedic-writer',
      path: '/',
      uniqueId: null,
      tags: {},
      policies,
      unseen: [],
      boundary: found(boundary),
    }),
    targets: [],
    organization: known({ id: 'o-abc1234567', managementAccountId: '999999999999' }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
  }
}

type TagKey = 'aws:resourcetag' | 'iam:resourcetag'
type Asked = {
  readonly tagged?: boolean | TagKey
  readonly policies?: readonly SourcedPolicy[]
  readonly over?: ContextFacts
}

/** As `write` assumes it for one approved change. */
const SESSION: ContextFacts = {
  'aws:sourceidentity': present('U0ONCALL1'),
  'aws:principaltag/rolemedic:proposal': present('p-1'),
  'aws:principaltag/rolemedic:digest': present('sha256:1'),
}

function answer(
  action: string,
  resource: string,
  { tagged = false, policies = identity, over = {} }: Asked = {},
): Answer {
  const tag = (key: TagKey) => (tagged === true || tagged === key ? present('') : ABSENT_KEY)
  const context: ContextFacts = {
    'aws:resourcetag/rolemedic:protected': tag('aws:resourcetag'),
    'iam:resourcetag/rolemedic:protected': tag('iam:resourcetag'),
    ...SESSION,
    ...over,
  }
  const principalArn = `arn:aws:sts::${ACCOUNT}:assumed-role/rolemedic-writer/rolemedic-writer`
  return evaluate({ action, resource, principalArn, roleArn: WRITER, context }, snapshot(policies)).answer
}

describe('the writer role may make exactly the calls of an approved patch', () => {
  it.each([
    ['iam:PutRolePolicy', 'role/deployer'],
    ['iam:PutRolePolicy', 'role/teams/orders/deployer'],
    ['iam:DeleteRolePolicy', 'role/deployer'],
    ['iam:GetRolePolicy', 'role/deployer'],
    ['iam:UpdateAssumeRolePolicy', 'role/deployer'],
    ['iam:GetRole', 'role/deployer'],
    ['iam:PutUserPolicy', 'user/ci-orders'],
    ['iam:DeleteUserPolicy', 'user/ci-orders'],
    ['iam:GetUserPolicy', 'user/ci-orders'],
    ['iam:CreatePolicyVersion', 'policy/deploy'],
    ['iam:DeletePolicyVersion', 'policy/deploy'],
    ['iam:GetPolicy', 'policy/deploy'],
    ['iam:GetPolicyVersion', 'policy/deploy'],
    ['iam:ListPolicyVersions', 'policy/deploy'],
  ])('lets %s through on %s', (action, resource) => {
    expect(answer(action, IAM + resource)).toBe('allowed')
  })

  it.each([
    ['attach a managed policy to a role', 'iam:AttachRolePolicy', 'role/deployer'],
    ['attach a managed policy to a user', 'iam:AttachUserPolicy', 'user/ci-orders'],
    ['detach a managed policy', 'iam:DetachRolePolicy', 'role/deployer'],
    ['put a boundary on a role', 'iam:PutRolePermissionsBoundary', 'role/deployer'],
    ['take a boundary from a role', 'iam:DeleteRolePermissionsBoundary', 'role/deployer'],
    ['take a boundary from a user', 'iam:DeleteUserPermissionsBoundary', 'user/ci-orders'],
    ['edit a policy that serves as a boundary', 'iam:CreatePolicyVersion', 'policy/team-boundary'],
    ['edit one whose name the settings give', 'iam:CreatePolicyVersion', 'policy/DeveloperLimit'],
    ['edit one whose name they give, under a path', 'iam:CreatePolicyVersion', 'policy/teams/orders/DeveloperLimit'],
    ['edit one that they give with its path', 'iam:CreatePolicyVersion', 'policy/platform/Ceiling-2'],
    ['make an old version the default', 'iam:SetDefaultPolicyVersion', 'policy/deploy'],
    ['create a user', 'iam:CreateUser', 'user/mallory'],
    ['create an access key', 'iam:CreateAccessKey', 'user/ci-orders'],
    ['create a role', 'iam:CreateRole', 'role/another'],
    ['delete a role', 'iam:DeleteRole', 'role/deployer'],
    ['delete a policy', 'iam:DeletePolicy', 'policy/deploy'],
    ['write to a group', 'iam:PutGroupPolicy', 'group/developers'],
    ['take the tag off a role', 'iam:UntagRole', 'role/deployer'],
    ['pass a role', 'iam:PassRole', 'role/deployer'],
    ['write to itself', 'iam:PutRolePolicy', 'role/rolemedic-writer'],
    ['let others assume it', 'iam:UpdateAssumeRolePolicy', 'role/rolemedic-writer'],
    ['edit its own boundary', 'iam:CreatePolicyVersion', 'policy/rolemedic-writer-boundary'],
    ['write to a role of the bot', 'iam:PutRolePolicy', 'role/rolemedic-decide'],
    ['write to its reader role', 'iam:PutRolePolicy', 'role/rolemedic-reader'],
    [
      'write to a service-linked role',
      'iam:PutRolePolicy',
      'role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
    ],
    [
      'write to a role of Identity Center',
      'iam:PutRolePolicy',
      'role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1',
    ],
    ['write to a role under a protected path', 'iam:PutRolePolicy', 'role/security/auditor'],
    ['edit a policy under a protected path', 'iam:CreatePolicyVersion', 'policy/security/audit'],
    ['write to a role under the approvers’ path', 'iam:UpdateAssumeRolePolicy', 'role/approvers/oncall'],
    ['write to a user under the approvers’ path', 'iam:PutUserPolicy', 'user/approvers/kim'],
    ['write to a role that the configuration protects', 'iam:PutRolePolicy', 'role/break-glass'],
    ['write to a role that it protects, under a path', 'iam:PutRolePolicy', 'role/admin/break-glass'],
  ])('may not %s', (_what, action, resource) => {
    expect(answer(action, IAM + resource)).toBe('denied')
  })

  it.each([
    ['iam:PutRolePolicy', 'role/deployer'],
    ['iam:UpdateAssumeRolePolicy', 'role/deployer'],
    ['iam:PutUserPolicy', 'user/ci-orders'],
    ['iam:CreatePolicyVersion', 'policy/deploy'],
  ])('may not call %s on a thing that is tagged rolemedic:protected', (action, resource) => {
    expect(answer(action, IAM + resource, { tagged: true })).toBe('denied')
    expect(answer(action, IAM + resource, { tagged: 'aws:resourcetag' })).toBe('denied')
    expect(answer(action, IAM + resource, { tagged: 'iam:resourcetag' })).toBe('denied')
  })

  it.each([
    ['role of another account', 'iam:PutRolePolicy', 'arn:aws:iam::111122223333:role/deployer'],
    ['policy that AWS manages', 'iam:CreatePolicyVersion', 'arn:aws:iam::aws:policy/AdministratorAccess'],
  ])('may not write to a %s', (_what, action, resource) => {
    expect(answer(action, resource)).toBe('denied')
  })
})

describe('what the configuration protects by a glob that begins anywhere', () => {
  const globs = ['*break-glass*', '*/auditor', '*']
  const [names, path, everything] = globs.map(glob => {
    const { templates } = deploy({ organization: ORGANIZATION }, { protected: [glob] })
    return inAccount(templates['rolemedic-roles'], ACCOUNT).rolePolicies('rolemedic-writer')
  })
  const asked = (documents: readonly unknown[] | undefined, resource: string) =>
    answer('iam:PutRolePolicy', IAM + resource, { policies: (documents ?? []).map(sourced('identity')) })

  it('is denied wherever it stands, and nothing else', () => {
    expect(asked(names, 'role/break-glass')).toBe('denied')
    expect(asked(names, 'role/teams/break-glass-2')).toBe('denied')
    expect(asked(names, 'role/deployer')).toBe('allowed')
    expect(asked(path, 'role/auditor')).toBe('denied')
    expect(asked(path, 'role/teams/auditor')).toBe('denied')
    expect(asked(path, 'role/external-auditor')).toBe('allowed')
    expect(asked(everything, 'role/deployer')).toBe('denied')
  })

  it('is named by its kind, as IAM takes no other path', () => {
    const resources = JSON.stringify([names, path, everything]).match(/arn:aws:iam::[^"]*/g) ?? []
    expect(resources.filter(arn => !/^arn:aws:iam::(\*|\d{12}):(role|user|policy)\//.test(arn))).toEqual([])
  })

  it('is refused in another partition, where it would protect nothing', () => {
    expect(() => deploy({ region: 'us-gov-west-1', otherRegions: [] })).toThrow(
      'protected: arn:aws:iam::*:role/break-glass* is in aws, and the bot runs in aws-us-gov; arn:*:… is any of them',
    )
    const anywhere = ['arn:*:iam::*:role/break-glass*', 'arn:aws-us-gov:iam::*:role/audit']
    deploy({ region: 'us-gov-west-1', otherRegions: [] }, { protected: anywhere })
  })
})

describe('the writer role where permission sets are administered', () => {
  const set = (id: string) => `arn:aws:sso:::permissionSet/ssoins-7223/${id}`
  const { templates } = deploy({ organization: ORGANIZATION }, { protected: [set('ps-admin')] })
  const center = inAccount(templates['rolemedic-roles'], ORGANIZATION.identityCenter.accountId)
  const policies = center.rolePolicies('rolemedic-writer').map(sourced('identity'))

  it.each([
    'sso:PutInlinePolicyToPermissionSet',
    'sso:DeleteInlinePolicyFromPermissionSet',
    'sso:ProvisionPermissionSet',
  ])('may not call %s on one whose ARN the configuration protects', action => {
    expect(answer(action, set('ps-admin'), { policies })).toBe('denied')
    expect(answer(action, set('ps-deployer'), { policies })).toBe('allowed')
    expect(answer(action, set('ps-deployer'), { policies, tagged: 'aws:resourcetag' })).toBe('denied')
  })
})

describe('a session that does not show who approved what', () => {
  const everything = sourced('identity')({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  })

  it.each(Object.keys(SESSION))('can do nothing without %s, whatever is attached to the role', key => {
    for (const policies of [identity, [everything]])
      for (const [action, resource] of [
        ['iam:PutRolePolicy', 'role/deployer'],
        ['iam:GetRolePolicy', 'role/deployer'],
        ['iam:CreatePolicyVersion', 'policy/deploy'],
      ] as const)
        expect(answer(action, IAM + resource, { policies, over: { [key]: ABSENT_KEY } })).toBe('denied')
  })
})

describe('the roles that administer accounts', () => {
  it.each([
    'cdk-hnb659fds-cfn-exec-role-444455556666-eu-west-1',
    'AWSControlTowerExecution',
    'AWSControlTowerStackSetRole',
    'AWSCloudFormationStackSetExecutionRole',
    'AWSAFTExecution',
    'OrganizationAccountAccessRole',
    'stacksets-exec-0123456789abcdef',
    'service-role/AWSServiceRoleForExample',
    'AWSReservedSSO_AdministratorAccess_0123456789abcdef',
    'teams/AWSControlTowerExecution',
  ])('%s keeps its policies and its trust', name => {
    expect(answer('iam:PutRolePolicy', `${IAM}role/${name}`)).toBe('denied')
    expect(answer('iam:DeleteRolePolicy', `${IAM}role/${name}`)).toBe('denied')
    expect(answer('iam:UpdateAssumeRolePolicy', `${IAM}role/${name}`)).toBe('denied')
  })

  it.each(['cdk-hnb659fds-deploy-role-444455556666-eu-west-1', 'OrganizationAccountAccessRoleReader'])(
    '%s is none of them',
    name => {
      expect(answer('iam:PutRolePolicy', `${IAM}role/${name}`)).toBe('allowed')
    },
  )
})

describe('the permissions boundary of the writer role', () => {
  it('is set on it, and on it alone', () => {
    const [[id] = []] = named(deployed, 'AWS::IAM::ManagedPolicy', 'rolemedic-roles')
    const bounded = named(deployed, 'AWS::IAM::Role', 'rolemedic-roles').flatMap(([, { Properties }]) =>
      Properties['PermissionsBoundary'] === undefined
        ? []
        : [[Properties['RoleName'], Properties['PermissionsBoundary']]],
    )
    expect(bounded).toEqual([['rolemedic-writer', { Ref: id }]])
  })

  const administrator = sourced('identity')({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  })
  const asAdministrator: Asked = { policies: [administrator] }

  it('holds even if somebody attaches AdministratorAccess to it', () => {
    expect(answer('iam:PutRolePolicy', `${IAM}role/deployer`, asAdministrator)).toBe('allowed')
    expect(answer('iam:CreateUser', `${IAM}user/mallory`, asAdministrator)).toBe('denied')
    expect(answer('iam:AttachRolePolicy', `${IAM}role/deployer`, asAdministrator)).toBe('denied')
    expect(answer('iam:PutRolePolicy', WRITER, asAdministrator)).toBe('denied')
    expect(answer('iam:PutRolePolicy', `${IAM}role/deployer`, { ...asAdministrator, tagged: true })).toBe('denied')
    expect(answer('s3:GetObject', 'arn:aws:s3:::secrets/key', asAdministrator)).toBe('denied')
  })
})

describe('who may assume the writer role', () => {
  const target = (trust: unknown): AccessSnapshot => ({
    ...snapshot([]),
    caller: ABSENT,
    targets: [
      {
        arn: WRITER,
        near: known([]),
        role: found({
          kind: 'role',
          arn: WRITER,
          accountId: ACCOUNT,
          name: 'rolemedic-writer',
          path: '/',
          uniqueId: null,
          tags: {},
          policies: [],
          unseen: [],
          boundary: ABSENT,
          trust: known(parsed(trust)),
        }),
      },
    ],
  })
  const functionMayAssume = sourced('identity')({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
  })

  function assumedBy(name: string, over: ContextFacts = {}): Answer {
    const hub = ORGANIZATION.hubAccountId
    const arn = `arn:aws:iam::${hub}:role/${name}`
    const context: ContextFacts = {
      'sts:externalid': present('rolemedic-writer'),
      'aws:principalorgid': present('o-abc1234567'),
      'aws:principalarn': present(arn),
      'sts:sourceidentity': present('U0ONCALL1'),
      'aws:requesttag/rolemedic:proposal': present('p-1'),
      'aws:requesttag/rolemedic:digest': present('sha256:1'),
      ...over,
    }
    const seen = target(member.trust('rolemedic-writer'))
    const caller = found({
      kind: 'role' as const,
      arn,
      accountId: hub,
      name,
      path: '/',
      uniqueId: null,
      tags: {},
      policies: [functionMayAssume],
      unseen: [],
      boundary: ABSENT,
    })
    const request = {
      action: 'sts:AssumeRole',
      resource: WRITER,
      principalArn: `arn:aws:sts::${hub}:assumed-role/${name}/${name}`,
      roleArn: arn,
      context,
    }
    return evaluate(request, { ...seen, caller }).answer
  }

  it('lets write in, with the external id and from inside the organization', () => {
    expect(assumedBy('rolemedic-write')).toBe('allowed')
  })

  it.each([
    'rolemedic-intake',
    'rolemedic-propose',
    'rolemedic-decide',
    'rolemedic-verify',
    'rolemedic-sweep',
    'rolemedic-alert',
    'rolemedic-apply',
    'admin',
  ])('keeps %s out', name => {
    expect(assumedBy(name)).toBe('denied')
  })

  it.each(['sts:sourceidentity', 'aws:requesttag/rolemedic:proposal', 'aws:requesttag/rolemedic:digest'])(
    'keeps write out without %s',
    key => {
      expect(assumedBy('rolemedic-write', { [key]: ABSENT_KEY })).toBe('denied')
    },
  )

  it('keeps write out without the external id, or from outside the organization', () => {
    expect(assumedBy('rolemedic-write', { 'sts:externalid': ABSENT_KEY })).toBe('denied')
    expect(assumedBy('rolemedic-write', { 'sts:externalid': present('other') })).toBe('denied')
    expect(assumedBy('rolemedic-write', { 'aws:principalorgid': present('o-zzzzzzzzzz') })).toBe('denied')
  })
})
