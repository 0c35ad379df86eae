import { describe, expect, it } from 'vitest'
import { requestKeyOf } from '../../../core/denial/fingerprint.ts'
import { confidenceOf } from '../../../functions/domain/deploy/correlation.ts'
import type { CorrelationKeys, FailedDeploy } from '../../../functions/domain/deploy/deploy.ts'
import { isExplained } from '../../../functions/domain/deploy/tools/tool.ts'
import { DENIAL } from '../../fixtures/denial.ts'

const deploy: FailedDeploy = {
  kind: 'codepipeline',
  accountId: '111122223333',
  region: 'eu-west-1',
  target: 'orders',
  name: 'orders',
  attempt: 'e-1',
  status: 'FAILED',
  failedAtMs: 0,
  reasons: [],
  log: null,
}
const keys: CorrelationKeys = {
  requests: [requestKeyOf(DENIAL)],
  roles: [],
  sessions: [],
  via: null,
  ownRoles: [],
  fromMs: Date.UTC(2026, 10, 24, 11, 40),
  untilMs: Date.UTC(2026, 10, 24, 12, 0),
  explained: false,
}

describe('a denial', () => {
  // Two minutes of clock skew on both sides belong to the deploy.
  it.each([
    ['11:38:00.000', 'caused by'],
    ['11:37:59.999', null],
    ['11:50:00.000', 'caused by'],
    ['12:02:00.000', 'caused by'],
    ['12:02:00.001', null],
  ])('at %s of a deploy from 11:40 to 12:00: %s', (time, confidence) => {
    const timeMs = Date.parse(`2026-11-24T${time}Z`)
    expect(confidenceOf({ ...DENIAL, timeMs }, deploy, keys)).toBe(confidence)
  })

  it.each<readonly [string, Partial<typeof DENIAL>, Partial<CorrelationKeys>, string | null]>([
    ['of another account', { accountId: '444455556666' }, {}, null],
    ['of a session, in another account', { accountId: '444455556666' }, { sessions: ['ci-4711'] }, null],
    ['of another Region', { region: 'us-east-1' }, {}, null],
    ['without a time', { timeMs: null }, {}, null],
    ['that the deploy does not name', {}, { requests: [] }, null],
    ['of a session of the deploy', {}, { requests: [], sessions: ['ci-4711'] }, 'probably'],
    ['of another session', {}, { requests: [], sessions: ['ci'] }, null],
    ['of a role of the deploy', {}, { requests: [], roles: ['arn:aws:iam::111122223333:role/x/Deployer'] }, 'probably'],
    ['of a role in another account', {}, { requests: [], roles: ['arn:aws:iam::444455556666:role/deployer'] }, null],
    ['on a role that the deploy makes', {}, { requests: [], ownRoles: ['app-task'] }, 'probably'],
    [
      'of the service that acts for it',
      { via: 'ecs.amazonaws.com' },
      { requests: [], via: 'ecs.amazonaws.com' },
      'probably',
    ],
    [
      'of a session, where the deploy explains itself',
      {},
      { requests: [], sessions: ['ci-4711'], explained: true },
      null,
    ],
    ['that the deploy names, where it explains itself', {}, { explained: true }, 'caused by'],
  ])('%s', (_, denial, some, confidence) => {
    expect(confidenceOf({ ...DENIAL, ...denial }, deploy, { ...keys, ...some })).toBe(confidence)
  })
})

const STACK: FailedDeploy = { ...deploy, kind: 'cloudformation' }

describe('a denial of a stack', () => {
  const VIA = 'cloudformation.amazonaws.com'
  const NONE = { ...keys, requests: [] }
  const CDK = 'cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1'
  const acting = (name: string | null) => ({ principal: { ...DENIAL.principal, name } })

  it.each<readonly [string, Partial<typeof DENIAL>, Partial<CorrelationKeys>, string | null]>([
    ['of the stack itself', { stack: 'orders', via: VIA }, {}, 'probably'],
    ['of a nested stack', { stack: 'orders-Api-1ABCDEFGHIJKL', via: VIA }, {}, 'probably'],
    ['of a nested stack with a short id', { stack: 'orders-Api-1abc2def3ghi', via: VIA }, {}, 'probably'],
    ['of a stack with a longer name', { stack: 'orders-api', via: VIA }, {}, null],
    ['of another stack', { stack: 'bills', via: VIA }, { requests: keys.requests }, null],
    ['of the stack, not through a service', { stack: 'orders', via: null }, {}, null],
    ['of no stack', { via: VIA }, {}, null],
    ['of the stack, which explains itself', { stack: 'orders', via: VIA }, { explained: true }, null],
    ['of the service', { via: VIA }, { via: VIA }, 'probably'],
    ['of another service', { via: 'ecs.amazonaws.com' }, { via: VIA }, null],
    ['of the execution role of the CDK', acting(CDK), { via: VIA }, 'probably'],
    ['of the deploy role of the CDK', acting(CDK.replace('cfn-exec', 'deploy')), { via: VIA }, 'probably'],
    ['of the lookup role of the CDK', acting(CDK.replace('cfn-exec', 'lookup')), { via: VIA }, null],
    ['of a CDK role of another Region', acting(CDK.replace('eu-west-1', 'us-east-1')), { via: VIA }, null],
    ['of a role with another prefix', acting(`x-${CDK}`), { via: VIA }, null],
    ['of a CDK role, of a stack with its own role', acting(CDK), { via: null }, null],
    ['of nobody known', acting(null), { via: VIA }, null],
    ['on a role that it makes', {}, { ownRoles: ['app-task'] }, 'probably'],
    [
      'on a role of that name in another account',
      { resource: 'arn:aws:iam::444455556666:role/app-task' },
      { ownRoles: ['app-task'] },
      null,
    ],
    ['on no role', { resource: null }, { ownRoles: ['app-task'] }, null],
  ])('%s', (_, denial, some, confidence) => {
    expect(confidenceOf({ ...DENIAL, ...denial }, STACK, { ...NONE, ...some })).toBe(confidence)
  })

  it('of the CDK is none of a pipeline', () => {
    expect(confidenceOf({ ...DENIAL, ...acting(CDK) }, deploy, { ...NONE, via: VIA })).toBeNull()
  })

  it('of a service that acts itself', () => {
    const service = { principal: { ...DENIAL.principal, kind: 'service' as const, name: VIA } }
    expect(confidenceOf({ ...DENIAL, ...service }, STACK, { ...NONE, via: VIA })).toBe('probably')
    expect(confidenceOf({ ...DENIAL, ...acting(VIA) }, STACK, { ...NONE, via: VIA })).toBeNull()
  })
})

const reasons = (...texts: string[]) =>
  texts.map(text => ({ text, resource: 'R', resourceType: 'AWS::S3::Bucket', atMs: 0 }))

const DENIED =
  'User: arn:aws:iam::111122223333:user/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/y'

describe('words that say why', () => {
  it.each([
    [['orders-assets already exists (Service: S3, Status Code: 409)'], true],
    [['Resource creation cancelled'], true],
    [['Resource update cancelled', 'Properties validation failed: #: required key [Role] not found'], true],
    [['User: arn:aws:iam::111122223333:user/x is not authorized to perform: s3:CreateBucket'], true],
    [['Resource handler returned message: "null" (HandlerErrorCode: InternalFailure)'], false],
    [['The role defined for the function cannot be assumed by Lambda.'], false],
    [['Access Denied'], false],
    [['ECS Deployment Circuit Breaker was triggered'], false],
    [['orders-assets already exists', 'Resource did not stabilize'], false],
    [[''], false],
    [[DENIED, 'Resource creation cancelled'], true],
    [[DENIED, 'orders-assets already exists'], true],
    [[DENIED, 'Resource did not stabilize'], false],
    [[DENIED.slice(0, DENIED.indexOf(' on resource'))], false],
  ])('%j: %s', (texts, otherwise) => {
    expect(isExplained(reasons(...texts))).toBe(otherwise)
  })
})
