import { describe, expect, it } from 'vitest'
import { allowedCall, usesRole } from '../../../core/denial/cloudtrail/call-from-record.ts'
import { type Json, record } from '../../fixtures/events.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders-reader'
/** The same call, as if AWS had allowed it. */
const allowed = (name: string, other: Json = {}): Json => ({
  ...record(name),
  errorCode: null,
  errorMessage: null,
  ...other,
})

describe('a successful call', () => {
  it('of AssumeRole asks for the role of its parameters', () => {
    const call = allowedCall(allowed('assume-role-same-account', { requestParameters: { roleArn: ROLE } }))
    expect(call).toMatchObject({
      action: 'sts:AssumeRole',
      resource: ROLE,
      reason: 'none-given',
      principal: { kind: 'user', name: 'ci-deployer' },
      passes: [],
      claims: null,
      message: '',
    })
  })

  it('of AssumeRole without a role asks for nothing', () => {
    expect(allowedCall(allowed('assume-role-same-account'))).toBeNull()
  })

  it('of a web identity has its claims', () => {
    expect(allowedCall(allowed('web-identity-github'))).toMatchObject({
      action: 'sts:AssumeRoleWithWebIdentity',
      resource: 'arn:aws:iam::111122223333:role/github-deploy',
      claims: { subject: 'repo:acme/orders:ref:refs/heads/release' },
    })
  })

  it('that passes roles asks for the first, and lists them all', () => {
    const call = allowedCall(allowed('ecs-register-task-definition'))
    expect(call).toMatchObject({ action: 'iam:PassRole', resource: 'arn:aws:iam::111122223333:role/app/orders-task' })
    expect(call?.passes.map(({ arn }) => arn)).toEqual([
      'arn:aws:iam::111122223333:role/app/orders-task',
      'arn:aws:iam::111122223333:role/app/orders-exec',
    ])
  })

  it('that passes no role asks for nothing', () => {
    expect(allowedCall(allowed('ecs-register-task-definition', { requestParameters: null }))).toBeNull()
  })

  it('of the name of an STS operation at another service assumes no role', () => {
    const other = { requestParameters: { roleArn: ROLE }, eventSource: 'example.amazonaws.com' }
    expect(allowedCall(allowed('assume-role-same-account', other))).toBeNull()
  })

  it('is none where it failed, or where it is no record', () => {
    expect(allowedCall(record('ecs-register-task-definition'))).toBeNull()
    expect(allowedCall({ ...record('web-identity-github'), errorMessage: null })).toBeNull()
    expect(allowedCall('AssumeRole')).toBeNull()
  })
})

describe('the name of a call', () => {
  it.each([
    ['sts.amazonaws.com', 'AssumeRole', true],
    ['sts.amazonaws.com', 'AssumeRoleWithSAML', true],
    ['sts.amazonaws.com', 'AssumeRoleWithWebIdentity', true],
    ['ecs.amazonaws.com', 'RegisterTaskDefinition', true],
    // It starts a session of root, and names no role.
    ['sts.amazonaws.com', 'AssumeRoot', false],
    ['sts.amazonaws.com', 'GetCallerIdentity', false],
    ['sts.amazonaws.com', 'TagSession', false],
    ['ecs.amazonaws.com', 'AssumeRole', false],
    ['ecs.amazonaws.com', 'ListClusters', false],
  ])('tells whether it uses a role: %s %s', (eventSource, eventName, expected) => {
    expect(usesRole({ eventSource, eventName })).toBe(expected)
  })
})
