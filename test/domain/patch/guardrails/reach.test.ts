import { describe, expect, it } from 'vitest'
import { unknown, unreadable } from '../../../../functions/domain/base/fact.ts'
import type { Statement } from '../../../../functions/domain/iam/policy/policy-document.ts'
import { change, detail, outcome, pass, patchOf, sees, taskRole } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  document,
  ecsTrust,
  identity,
  inline,
  role,
  snapshot,
  TASK_ROLE,
} from '../../../fixtures/patches.ts'

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
  ])('says that the code of %j should change', tags => {
    expect(outcome('managed-by-code', sees([taskRole], identity(DEPLOYER, [], { tags })))).toBe('warn low')
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
