import { describe, expect, it } from 'vitest'
import { allowedCall, usesRole } from '../../../core/denial/cloudtrail/call-from-record.ts'
import { parseRecord } from '../../../core/denial/parse-denial.ts'
import { answerTo } from '../../../core/diagnosis/calibration.ts'
import { snapshotReader } from '../../../functions/adapters/files/account-snapshot.ts'
import { gather } from '../../../functions/workflows/denial/gather-access.ts'

const ACCOUNT = '111122223333'
const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`
const allow = (Action: string, Resource: string, Condition?: object) => ({
  ...{ Effect: 'Allow', Action, Resource },
  ...(Condition === undefined ? {} : { Condition }),
})

type Given = {
  readonly statements?: readonly object[]
  readonly trust?: object
  readonly org?: string
}

/** A caller `ci` and a role `target`. */
function reader({ statements = [], trust = { Service: 'ecs-tasks.amazonaws.com' }, org }: Given) {
  const detail = (RoleName: string, Statement: readonly object[], Trust: object) => ({
    ...{ RoleName, Path: '/', Arn: arn(RoleName), RoleId: `AROA${RoleName.toUpperCase()}`, Tags: [] },
    ...{ AttachedManagedPolicies: [], InstanceProfileList: [] },
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [Trust] },
    RolePolicyList:
      Statement.length === 0 ? [] : [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement } }],
  })
  const service = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
  const text = JSON.stringify({
    ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
    RoleDetailList: [
      detail('ci', statements, service),
      detail('target', [], { Effect: 'Allow', Principal: trust, Action: 'sts:AssumeRole' }),
    ],
  })
  return snapshotReader({ files: [{ name: 'account.json', text }], ...(org === undefined ? {} : { org }) })
}

const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/ci/run`
const CALLER = {
  ...{ type: 'AssumedRole', principalId: 'AROACI:run', arn: SESSION, accountId: ACCOUNT },
  sessionContext: { sessionIssuer: { type: 'Role', arn: arn('ci'), accountId: ACCOUNT, userName: 'ci' } },
}
const record = <Over extends object>(over: Over) => ({
  ...{ eventID: 'e-1', eventTime: '2026-11-16T10:00:00Z', awsRegion: 'eu-west-1', recipientAccountId: ACCOUNT },
  ...{ userIdentity: CALLER, ...over },
})
const ASSUMED = record({
  ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' },
  requestParameters: { roleArn: arn('target'), roleSessionName: 'x', externalId: 'acme-1' },
})
const PASSED = record({
  ...{ eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition' },
  requestParameters: { family: 'orders', taskRoleArn: arn('target') },
})
const DENIED = record({
  ...{ eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition', errorCode: 'AccessDeniedException' },
  errorMessage: `User: ${SESSION} is not authorized to perform: iam:PassRole on resource: ${arn('target')} because no identity-based policy allows the iam:PassRole action`,
  requestParameters: { family: 'orders', taskRoleArn: arn('target') },
})

async function answer(value: object, given: Given) {
  const denied = parseRecord(value)
  const call = denied.kind === 'denial' ? denied.denial : allowedCall(value)
  if (call === null) throw new Error('no question')
  const aws = denied.kind === 'denial' ? 'denied' : 'allowed'
  return answerTo(call, await gather(call, reader(given)), aws)
}

describe('a call that AWS allowed', () => {
  it.each<[string, object, Given, string]>([
    ['passes a role that a policy allows', PASSED, { statements: [allow('iam:PassRole', arn('target'))] }, 'allowed'],
    ['passes a role that no policy allows', PASSED, {}, 'denied'],
    [
      'passes a role to the service that the policy allows',
      PASSED,
      {
        statements: [
          allow('iam:PassRole', '*', { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }),
        ],
      },
      'allowed',
    ],
    [
      'passes a role to another service than the policy allows',
      PASSED,
      { statements: [allow('iam:PassRole', '*', { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } })] },
      'denied',
    ],
    [
      'passes a role under a condition that the record does not show',
      PASSED,
      { statements: [allow('iam:PassRole', '*', { StringEquals: { 'aws:SourceVpc': 'vpc-1' } })] },
      'unknown',
    ],
    ['assumes a role whose trust names it', ASSUMED, { trust: { AWS: arn('ci') } }, 'allowed'],
    ['assumes a role that trusts a service alone', ASSUMED, {}, 'denied'],
  ])('%s', async (_name, value, given, wanted) => {
    expect(await answer(value, given)).toMatchObject({ answer: wanted })
  })

  it('shows the external id that it sent', () => {
    expect(allowedCall(ASSUMED)?.context['sts:externalid']).toEqual({ state: 'present', values: ['acme-1'] })
  })

  it('is no question without a role, or when it failed', () => {
    expect(allowedCall({ ...PASSED, requestParameters: { family: 'orders' } })).toBe(null)
    expect(allowedCall({ ...PASSED, requestParameters: { taskRoleArn: 'only-a-name' } })).toBe(null)
    expect(allowedCall(DENIED)).toBe(null)
    expect(allowedCall({ ...ASSUMED, errorCode: 'ValidationError' })).toBe(null)
    expect(allowedCall('text')).toBe(null)
  })
})

describe('the calls that use a role', () => {
  it.each([
    ['sts.amazonaws.com', 'AssumeRole', true],
    ['sts.amazonaws.com', 'AssumeRoleWithWebIdentity', true],
    ['sts.amazonaws.com', 'AssumeRoleWithSAML', true],
    ['sts.amazonaws.com', 'GetCallerIdentity', false],
    ['lambda.amazonaws.com', 'CreateFunction20150331', true],
    ['ec2.amazonaws.com', 'DescribeInstances', false],
    ['other.example.com', 'AssumeRole', false],
  ])('of %s: %s is %s', (eventSource, eventName, wanted) => {
    expect(usesRole({ eventSource, eventName })).toBe(wanted)
  })
})

describe('a call that AWS denied', () => {
  it('agrees where the policies lack the permission', async () => {
    expect(await answer(DENIED, {})).toMatchObject({ answer: 'denied' })
  })

  it('differs where the policies that AWS names allow it', async () => {
    const { answer: found, why } = await answer(DENIED, { statements: [allow('iam:PassRole', arn('target'))] })
    expect({ found, why }).toEqual({
      found: 'allowed',
      why: expect.stringContaining('AWS names the identity policies'),
    })
  })

  it('is unknown where a layer that was not read may have denied it', async () => {
    const allowed = { statements: [allow('iam:PassRole', arn('target'))] }
    const byScp = {
      ...DENIED,
      errorMessage: DENIED.errorMessage.replace(/because.*/, 'with an explicit deny in a service control policy'),
    }
    expect(await answer(byScp, allowed)).toEqual({ answer: 'unknown', why: 'not read: scp policies' })
    const unnamed = { ...DENIED, errorMessage: DENIED.errorMessage.replace(/ because.*/, '') }
    expect(await answer(unnamed, allowed)).toMatchObject({ answer: 'unknown' })
  })
})

describe('what the snapshot lacks', () => {
  it('makes the answer unknown, whatever AWS said', async () => {
    const replaced = (from: string, to: string, value: object) => JSON.parse(JSON.stringify(value).replaceAll(from, to))
    for (const value of [PASSED, ASSUMED, DENIED]) {
      expect(await answer(replaced('role/target', 'role/gone', value), {})).toMatchObject({ answer: 'unknown' })
      expect(await answer(replaced('/ci', '/gone', value), {})).toMatchObject({ answer: 'unknown' })
      expect(await answer(replaced('AROACI', 'AROAOLD', value), {})).toEqual({
        ...{ answer: 'unknown', why: 'the caller was deleted and made again under the same name' },
      })
      expect(await answer(replaced(ACCOUNT, '444455556666', value), {})).toMatchObject({ answer: 'unknown' })
    }
  })

  it('concerns no service: it has no policies of its own', async () => {
    const byService = { ...ASSUMED, userIdentity: { type: 'AWSService', invokedBy: 'ecs-tasks.amazonaws.com' } }
    expect(await answer(byService, {})).toMatchObject({ answer: 'allowed' })
    const byOther = { ...ASSUMED, userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' } }
    expect(await answer(byOther, {})).toMatchObject({ answer: 'denied' })
  })
})

describe('the reason of an answer', () => {
  const whyOf = async (value: object, given: Given) => (await answer(value, given)).why

  it('is the layer that denies, with its statement', async () => {
    expect(await whyOf(PASSED, {})).toBe('on target: no identity policy in the snapshot allows it')
    const deny = { Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }
    expect(await whyOf(PASSED, { statements: [allow('iam:PassRole', '*'), deny] })).toBe(
      'on target: the identity policies in the snapshot deny it (own, statement 2)',
    )
    expect(await whyOf(PASSED, { statements: [{ ...deny, Sid: 'Guard' }] })).toBe(
      'on target: the identity policies in the snapshot deny it (own, statement Guard)',
    )
    expect(await whyOf(PASSED, { statements: [allow('iam:PassRole', '*')] })).toBe(
      'the policies in the snapshot allow it on target',
    )
  })

  it('is uncertain where one of several roles is', async () => {
    const both = record({
      ...{ eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition' },
      requestParameters: { family: 'orders', taskRoleArn: arn('target'), executionRoleArn: arn('ci') },
    })
    const unseen = allow('iam:PassRole', arn('ci'), { StringEquals: { 'aws:SourceVpc': 'vpc-1' } })
    expect(await answer(both, { statements: [allow('iam:PassRole', arn('target')), unseen] })).toEqual({
      answer: 'unknown',
      why: 'what decides it on ci could not be seen',
    })
    expect(await answer(both, { statements: [allow('iam:PassRole', arn('target'))] })).toMatchObject({
      answer: 'denied',
    })
  })

  it('is uncertain where no service is known and the role would be denied for each', async () => {
    const call = allowedCall(PASSED)
    if (call === null) throw new Error('no question')
    const passes = call.passes.map(pass => ({
      ...pass,
      service: { ...pass.service, values: [], assumedBy: [], mayBeAbsent: true },
    }))
    expect(answerTo({ ...call, passes }, await gather(call, reader({})), 'allowed')).toEqual({
      answer: 'unknown',
      why: 'it is not certain which service the call passed the role to',
    })
  })
})
