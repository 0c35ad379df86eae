import { describe, expect, it } from 'vitest'
import { unknown, unreadable } from '../../../../core/base/fact.ts'
import type { Statement } from '../../../../core/iam/policy/policy-document.ts'
import type { Opened, OpenedSet } from '../../../../core/patch/risk/could-become.ts'
import {
  change,
  detail,
  finding,
  outcome,
  pass,
  patchOf,
  sees,
  taskRole,
  trustPatch,
} from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  ecsTrust,
  identity,
  inline,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
} from '../../../fixtures/patches.ts'

const nothingOpened: Opened = { sets: [], reaches: [], wants: [], wantsForWords: [] }
const nowhere = {
  opened: identity(TASK_ROLE),
  way: null,
  reached: [],
  harms: [],
  unknowns: [],
  wants: [],
  wantsForWords: [],
}

describe('administrator-equivalent', () => {
  const with_ = (...statements: Statement[]) =>
    sees([role(TASK_ROLE, ecsTrust, [inline(TASK_ROLE, 'p', ...statements)])])
  it.each([
    ['may do everything', [allow('*', '*')]],
    ['may do everything but one thing', [{ Effect: 'Allow' as const, NotAction: 'iam:DeleteUser', Resource: '*' }]],
    ['may attach policies to itself', [allow('iam:AttachRolePolicy', TASK_ROLE)]],
    ['may attach policies to its caller', [allow('iam:AttachRolePolicy', DEPLOYER)]],
    ['may change the code of any function', [allow('lambda:UpdateFunctionCode', '*')]],
    ['may write into any role', [allow('iam:Put*', '*')]],
    ['may make keys for any user', [allow('iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/*`)]],
    ['may change any managed policy', [allow('iam:CreatePolicyVersion', '*')]],
    ['may pass any role to compute', [allow('iam:PassRole', '*'), allow(['lambda:*'], '*')]],
    ['may assume any role', [allow('sts:AssumeRole', '*')]],
    [
      'may do it under a condition that cannot be seen',
      [allow('*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
    ],
  ])('has two look at a role that %s', (_, statements) => {
    expect(outcome('administrator-equivalent', with_(...statements))).toBe('warn high')
  })
  it.each([
    ['reads data', [allow(['s3:GetObject', 'dynamodb:*'], '*')]],
    [
      'passes one role',
      [allow('iam:PassRole', DEPLOYER), allow(['lambda:CreateFunction', 'lambda:InvokeFunction'], '*')],
    ],
    ['passes any role without compute', [allow('iam:PassRole', '*')]],
    ['is denied what it is allowed', [allow('*', '*'), { Effect: 'Deny' as const, Action: '*', Resource: '*' }]],
  ])('lets a role through that %s', (_, statements) => {
    expect(outcome('administrator-equivalent', with_(...statements))).toBe('pass')
  })
  it('passes a role that its boundary limits', () => {
    const boundary = {
      kind: 'found' as const,
      value: { ...inline(TASK_ROLE, 'b', allow('s3:*', '*')), type: 'boundary' as const },
    }
    const small = role(TASK_ROLE, ecsTrust, [inline(TASK_ROLE, 'p', allow('*', '*'))], { boundary })
    expect(outcome('administrator-equivalent', sees([small]))).toBe('pass')
  })
})

describe('administrator-equivalent in words', () => {
  const of = (...statements: Statement[]) => [role(TASK_ROLE, ecsTrust, [inline(TASK_ROLE, 'p', ...statements)])]
  it('names the caller, also one that could not be read', () => {
    const all = of(allow('*', '*'))
    expect(finding('administrator-equivalent', sees(all))).toEqual({
      outcome: 'warn',
      detail: 'Through orders-task deployer could become administrator: orders-task may do anything.',
      risk: 'high',
    })
    expect(detail('administrator-equivalent', { snapshot: snapshot(null, all), roles: all })).toBe(
      'Through orders-task the caller could become administrator: orders-task may do anything.',
    )
  })
  it('links the page of the path', () => {
    expect(finding('administrator-equivalent', sees(of(allow('iam:AttachRolePolicy', TASK_ROLE))))).toEqual({
      outcome: 'warn',
      detail: 'Through orders-task deployer could become administrator: orders-task may attach any policy to itself.',
      risk: 'high',
      link: 'https://pathfinding.cloud/paths/iam-009',
    })
  })
})

describe('approved-set', () => {
  const pattern = `arn:aws:iam::${ACCOUNT}:role/orders-*`
  const approvedRoleSets = [
    { name: 'billing', pattern: `arn:aws:iam::${ACCOUNT}:role/billing-*`, services: [] },
    { name: 'orders', pattern, services: ['ecs-tasks.amazonaws.com'] },
  ]
  const numbered = (count: number) =>
    Array.from({ length: count }, (_, at) => role(`arn:aws:iam::${ACCOUNT}:role/orders-${at + 1}`, ecsTrust))
  const set = (members: OpenedSet['members'], more: Partial<Parameters<typeof detail>[1]> = {}) => ({
    opened: { ...nothingOpened, sets: [{ pattern, members }] },
    config: { approvedRoleSets },
    ...more,
  })
  const later = 'Every role that is created under this name later is granted too, without another approval.'

  it.each([
    [0, 'no role'],
    [1, 'one role (orders-1)'],
    [2, '2 roles (orders-1, orders-2)'],
    [5, '5 roles (orders-1, orders-2, orders-3, orders-4, orders-5)'],
    [6, '6 roles (orders-1, orders-2, orders-3, orders-4, orders-5 and 1 more)'],
  ])('says which %i roles it has today', (count, roles) => {
    expect(detail('approved-set', set({ known: true, value: numbered(count) }))).toBe(
      `The set orders, ${pattern}, has ${roles} today. ${later}`,
    )
  })

  it('says if it could not be listed, and leaves out a name that is not configured', () => {
    expect(detail('approved-set', set(unknown('AccessDenied'), { config: {} }))).toBe(
      `The set ${pattern}, could not be listed. ${later}`,
    )
  })

  it('describes each of two, and passes where there is none', () => {
    const sets = [
      { pattern, members: unknown('AccessDenied') },
      { pattern: approvedRoleSets[0]?.pattern ?? '', members: { known: true as const, value: [] } },
    ]
    const both = { opened: { ...nothingOpened, sets }, config: { approvedRoleSets } }
    expect(detail('approved-set', both)).toBe(
      `The set orders, ${pattern}, could not be listed. ${later} The set billing, ${sets[1]?.pattern}, has no role today. ${later}`,
    )
    expect(outcome('approved-set', { opened: nothingOpened })).toBe('pass')
  })
})

describe('unread-surroundings', () => {
  const pattern = `arn:aws:iam::${ACCOUNT}:role/orders-*`
  const detailOf = (opened: Partial<Opened>) =>
    detail('unread-surroundings', { opened: { ...nothingOpened, ...opened } })
  const may = 'Could not read, so the risk may be higher:'

  it('passes where everything was read', () => {
    const members = { known: true as const, value: [taskRole] }
    expect(detailOf({})).toBe(null)
    expect(detailOf({ sets: [{ pattern, members }] })).toBe(null)
  })

  it.each<[string, Partial<Opened>, string]>([
    [
      'a fact around a role',
      { reaches: [{ ...nowhere, unknowns: [{ fact: 'the policies of ops', why: 'AccessDenied' }] }] },
      'the policies of ops (AccessDenied).',
    ],
    [
      'the roles of a set',
      { sets: [{ pattern, members: unknown('AccessDenied') }] },
      `the roles that ${pattern} means (AccessDenied).`,
    ],
    [
      'a role of a set',
      { sets: [{ pattern, members: { known: true, value: [{ ...taskRole, role: unreadable('throttled') }] } }] },
      'the policies of orders-task (throttled).',
    ],
    [
      'a policy of a role of a set',
      {
        sets: [
          {
            pattern,
            members: {
              known: true,
              value: [role(TASK_ROLE, ecsTrust, [], { unseen: [{ fact: 'policy x', why: 'AccessDenied' }] })],
            },
          },
        ],
      },
      'the policies of orders-task (policy x: AccessDenied).',
    ],
    ['an account', { wants: [{ kind: 'roles-of', accountId: ACCOUNT }] }, `the roles of account ${ACCOUNT}.`],
    ['an entity', { wants: [{ kind: 'identity', arn: DEPLOYER }] }, 'the policies of deployer.'],
  ])('names %s that could not be read', (_, opened, wanted) => {
    expect(detailOf(opened)).toBe(`${may} ${wanted}`)
  })

  it('counts what else there is, each once, and raises the risk by a step', () => {
    const want = { kind: 'identity', arn: DEPLOYER } as const
    const unread = { wants: [{ kind: 'roles-of', accountId: ACCOUNT } as const, want, want] }
    expect(finding('unread-surroundings', { opened: { ...nothingOpened, ...unread } })).toEqual({
      outcome: 'warn',
      detail: `${may} the roles of account ${ACCOUNT}, and 1 more.`,
      risk: 'elevated',
      raises: true,
    })
  })
})

const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/orders`

describe('stronger-than-caller', () => {
  const roleWith = (...statements: Statement[]) => [role(TASK_ROLE, ecsTrust, [inline(TASK_ROLE, 'p', ...statements)])]
  it('needs two approvers for permissions that the caller lacks', () => {
    expect(outcome('stronger-than-caller', sees(roleWith(allow('kms:PutKeyPolicy', KEY))))).toBe('warn elevated')
    expect(outcome('stronger-than-caller', sees(roleWith(allow('secretsmanager:GetSecretValue', '*'))))).toBe(
      'warn elevated',
    )
  })
  it('needs two approvers for a role that cannot be read', () => {
    expect(outcome('stronger-than-caller', sees([{ ...taskRole, role: unreadable('AccessDenied') }]))).toBe(
      'warn elevated',
    )
    const unseen = [{ fact: 'policy x', why: 'AccessDenied' }]
    expect(outcome('stronger-than-caller', sees([role(TASK_ROLE, ecsTrust, [], { unseen })]))).toBe('warn elevated')
  })
  it('accepts ordinary permissions, and those that the caller already has', () => {
    expect(
      outcome(
        'stronger-than-caller',
        sees(roleWith(allow(['logs:*', 'ecr:*'], '*'), allow('s3:GetObject', 'arn:aws:s3:::orders/*'))),
      ),
    ).toBe('pass')
    const strong = identity(DEPLOYER, [inline(DEPLOYER, 'p', allow('*', '*'))])
    expect(outcome('stronger-than-caller', sees(roleWith(allow('kms:PutKeyPolicy', '*')), strong))).toBe('pass')
  })
  it('does not compare a role with itself, nor with a caller that was not read', () => {
    const strong = roleWith(allow('kms:PutKeyPolicy', KEY))
    const self = identity(TASK_ROLE, [])
    expect(outcome('stronger-than-caller', sees(strong, self))).toBe('pass')
    expect(outcome('stronger-than-caller', { snapshot: snapshot(null, strong), roles: strong })).toBe('pass')
  })
  it('leaves out a role that the patch only lets be created', () => {
    const denial = { ...passDenial(), action: 'iam:CreateServiceLinkedRole' as const }
    const unread = { ...sees([{ ...taskRole, role: unreadable('AccessDenied') }]) }
    expect(outcome('stronger-than-caller', { ...unread, denial })).toBe('pass')
  })
  it('names at most five actions', () => {
    expect(detail('stronger-than-caller', sees(roleWith(allow('*', '*'))))?.split(', ')).toHaveLength(5)
  })
})

describe('permission-set-reach', () => {
  it('needs two approvers and describes whom a permission set affects', () => {
    const patch = patchOf(change('permission-set-inline-policy', DEPLOYER, null, document(pass())))
    expect(outcome('permission-set-reach', { patch })).toBe('warn elevated')
    expect(outcome('permission-set-reach')).toBe('pass')
  })
})

describe('guardrails that only inform', () => {
  it.each([
    [{ 'aws:cloudformation:stack-name': 'orders' }],
    [{ ManagedBy: 'Terraform' }],
    [{ 'terraform-workspace': 'prod' }],
    [{ 'aws-cdk:stack': 'x' }],
    [{ iac: 'OpenTofu' }],
  ])('says that the code of %j should change', tags => {
    expect(outcome('managed-by-code', sees([taskRole], identity(DEPLOYER, [], { tags })))).toBe('warn low')
  })
  it.each([
    [{ 'terraform-managed': 'False' }],
    [{ ManagedBy: 'Puppet' }],
    [{ team: 'terraform' }],
    [{ 'managed-by-terraform': 'no' }],
  ])('say nothing of %j', tags => {
    expect(outcome('managed-by-code', sees([taskRole], identity(DEPLOYER, [], { tags })))).toBe('pass')
  })
  it('look at the entity that is changed: neither at a caller that stays as it is, nor at another role', () => {
    const tags = { 'aws:cloudformation:stack-name': 'orders', 'aws-cdk:stack': 'orders' }
    const trust = { patch: trustPatch({ AWS: DEPLOYER }) }
    const other = { arn: EXECUTION_ROLE, role: unreadable('AccessDenied'), near: taskRole.near }
    const tagged = role(TASK_ROLE, ecsTrust, [], { tags })
    expect(detail('managed-by-code', { ...sees([other, tagged]), ...trust })).toBe(
      'orders-task is managed by CDK, CloudFormation stack orders: make the same change there.',
    )
    expect(outcome('managed-by-code', sees([tagged]))).toBe('pass')
    expect(outcome('managed-by-code', { ...sees([taskRole], identity(DEPLOYER, [], { tags })), ...trust })).toBe('pass')
    const unreadRole = { ...sees([{ ...taskRole, role: unreadable('AccessDenied') }]), ...trust }
    expect(outcome('managed-by-code', unreadRole)).toBe('pass')
    const unread = { snapshot: snapshot(null, [tagged]), roles: [tagged], ...trust }
    expect(outcome('managed-by-code', unread)).toBe('warn low')
  })
  it('ignore other tags', () => {
    expect(outcome('managed-by-code', sees([taskRole], identity(DEPLOYER, [], { tags: { team: 'orders' } })))).toBe(
      'pass',
    )
  })
  it('list the layers that could not be seen', () => {
    const scps = unknown('no organization file')
    expect(outcome('unseen-layers', { snapshot: snapshot(identity(DEPLOYER), [taskRole], { scps }) })).toBe('warn low')
    expect(outcome('unseen-layers')).toBe('pass')
  })
  it('leaves out the layers that do not apply to the request', () => {
    // RCPs bind no iam:PassRole, and the record names no VPC endpoint.
    const unread = unknown('not read')
    const unseen = snapshot(identity(DEPLOYER), [taskRole], { rcps: unread, vpce: unread })
    expect(outcome('unseen-layers', { snapshot: unseen })).toBe('pass')
  })
})
