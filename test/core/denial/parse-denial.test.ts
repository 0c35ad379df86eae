import { describe, expect, it } from 'vitest'
import { parseMessage, parseRecord } from '../../../core/denial/parse-denial.ts'
import { denied, type Json, record } from '../../fixtures/events.ts'
import { sent } from '../../fixtures/passed-service.ts'

describe('a record whose message names the action', () => {
  it('takes action and role from the message, and both roles of the call from its parameters', () => {
    const denial = denied(record('ecs-register-task-definition'))
    expect(denial).toMatchObject({
      source: 'cloudtrail',
      timeMs: Date.UTC(2026, 10, 24, 2, 47, 31),
      accountId: '111122223333',
      region: 'eu-west-1',
      partition: 'aws',
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::111122223333:role/app/orders-task',
      reason: 'no-identity-policy',
      call: { eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition' },
      via: null,
    })
    expect(denial.passes).toEqual([
      {
        arn: 'arn:aws:iam::111122223333:role/app/orders-task',
        parameter: 'taskRoleArn',
        service: sent('ecs-tasks.amazonaws.com'),
      },
      {
        arn: 'arn:aws:iam::111122223333:role/app/orders-exec',
        parameter: 'executionRoleArn',
        service: sent('ecs-tasks.amazonaws.com'),
      },
    ])
  })

  // The sentence of https://github.com/hashicorp/terraform-provider-aws/pull/45018
  it('is a denial of SNS, whose code is its own', () => {
    const role = 'arn:aws:iam::111122223333:role/topic-logs'
    const denial = denied({
      ...record('ecs-register-task-definition'),
      ...{ eventSource: 'sns.amazonaws.com', eventName: 'SetTopicAttributes', errorCode: 'AuthorizationError' },
      errorMessage: `User: arn:aws:sts::111122223333:assumed-role/pipeline-deploy/ci is not authorized to perform: iam:PassRole on resource: ${role}`,
      requestParameters: { attributeName: 'LambdaFailureFeedbackRoleArn', attributeValue: role },
    })
    expect(denial).toMatchObject({ action: 'iam:PassRole', resource: role })
    expect(denial.passes).toMatchObject([{ arn: role, service: sent('sns.amazonaws.com') }])
  })

  it('puts the denied role first, wherever the parameters name it', () => {
    const event = record('ecs-register-task-definition')
    const message = String(event['errorMessage']).replace('orders-task', 'orders-exec')
    const denial = denied({ ...event, errorMessage: message })
    expect(denial.passes.map(role => role.parameter)).toEqual(['executionRoleArn', 'taskRoleArn'])
  })

  it('takes the role behind a session from its issuer, with the path', () => {
    expect(denied(record('ecs-register-task-definition')).principal).toEqual({
      kind: 'role',
      arn: 'arn:aws:sts::111122223333:assumed-role/pipeline-deploy/AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f',
      roleArn: 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy',
      pathKnown: true,
      accountId: '111122223333',
      name: 'pipeline-deploy',
      sessionName: 'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f',
      uniqueId: 'AROAEEEEEEEEEEEEEEE06:AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f',
      sessionKey: 'ASIAIOSFODNN7EXAMPLE',
    })
  })

  it('marks the path as unknown without an issuer', () => {
    const event = record('assume-role-cross-account')
    const { sessionContext: _, ...identity } = event['userIdentity'] as Json
    expect(denied({ ...event, userIdentity: identity }).principal).toMatchObject({
      kind: 'role',
      roleArn: 'arn:aws:iam::111122223333:role/pipeline-deploy',
      pathKnown: false,
    })
  })

  it('knows a session of IAM Identity Center by its role', () => {
    expect(denied(record('assume-role-identity-center')).principal).toMatchObject({
      kind: 'sso-role',
      roleArn:
        'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_DeployAccess_0123456789abcdef',
      sessionName: 'jane@example.com',
    })
  })

  it('names the service that acted for the principal', () => {
    expect(denied(record('cloudformation-create-function'))).toMatchObject({
      via: 'cloudformation.amazonaws.com',
      principal: { roleArn: 'arn:aws:iam::111122223333:role/deploy/orders-stack-exec' },
    })
  })

  it('reads the policy that an organization denies with', () => {
    expect(denied(record('ecs-explicit-deny-scp'))).toMatchObject({
      reason: 'explicit-deny-scp',
      reasonPolicyArn: 'arn:aws:organizations::999999999999:policy/o-abc123/service_control_policy/p-guard001',
    })
  })

  it('reads session tags out of an AssumeRole event', () => {
    expect(denied(record('assume-role-tag-session'))).toMatchObject({
      action: 'sts:TagSession',
      call: { eventName: 'AssumeRole' },
      resource: 'arn:aws:iam::111122223333:role/orders-exporter',
    })
  })

  it('gives no role where the message names none and the parameters are empty', () => {
    const event = record('assume-role-same-account')
    const message = 'User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: sts:AssumeRole'
    expect(denied({ ...event, errorMessage: message }).resource).toBeNull()
  })

  it('does not choose between the roles of a call', () => {
    const event = record('ecs-register-task-definition')
    const { arn } = event['userIdentity'] as { arn: string }
    const message = `User: ${arn} is not authorized to perform: iam:PassRole`
    const denial = denied({ ...event, errorMessage: message })
    expect(denial.resource).toBeNull()
    expect(denial.passes).toHaveLength(2)
  })

  it('never takes a bare role name for a role', () => {
    const event = record('assume-role-same-account')
    const message =
      'User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: sts:AssumeRole on resource: role orders-reader because no identity-based policy allows the sts:AssumeRole action'
    expect(denied({ ...event, errorMessage: message })).toMatchObject({ resource: null, reason: 'no-identity-policy' })
  })

  it('does not believe a sentence about somebody else than the caller', () => {
    const event = record('ecs-register-task-definition')
    const forged = String(event['errorMessage']).replace('assumed-role/pipeline-deploy', 'assumed-role/attacker')
    expect(denied({ ...event, errorMessage: forged }).principal).toMatchObject({
      kind: 'unknown',
      roleArn: null,
      name: null,
    })
  })
})

describe('condition keys', () => {
  it('come from the event where it proves them', () => {
    const { context } = denied(record('assume-role-cross-account'))
    expect(context).toMatchObject({
      'aws:requestedregion': { state: 'present', values: ['eu-west-1'] },
      'aws:currenttime': { state: 'present', values: ['2026-11-24T02:47:31.000Z'] },
      'aws:epochtime': { state: 'present', values: ['1795488451'] },
      'aws:sourceip': { state: 'present', values: ['203.0.113.17'] },
      'aws:multifactorauthpresent': { state: 'present', values: ['false'] },
      'aws:principalaccount': { state: 'present', values: ['111122223333'] },
      'aws:resourceaccount': { state: 'present', values: ['444455556666'] },
      'aws:viaawsservice': { state: 'present', values: ['false'] },
      'aws:username': { state: 'absent' },
    })
    expect(context).not.toHaveProperty('sts:externalid')
  })

  it('say that a long-term key has no MFA key at all', () => {
    const { context } = denied(record('assume-role-same-account'))
    expect(context['aws:multifactorauthpresent']).toEqual({ state: 'absent' })
    expect(context['aws:username']).toEqual({ state: 'present', values: ['ci-deployer'] })
  })

  it('leave out where a request came from when a service sent it', () => {
    const { context } = denied(record('cloudformation-create-function'))
    expect(context).not.toHaveProperty('aws:sourceip')
    expect(context['aws:viaawsservice']).toEqual({ state: 'present', values: ['true'] })
  })

  it('leave it out too when the event shows the address of the person who used the service', () => {
    const event = { ...record('cloudformation-create-function'), sourceIPAddress: '203.0.113.17' }
    expect(denied(event).via).toBe('cloudformation.amazonaws.com')
    expect(denied(event).context).not.toHaveProperty('aws:sourceip')
  })

  it('know the service of a service-linked role', () => {
    expect(denied(record('create-service-linked-role')).context['iam:awsservicename']).toEqual({
      state: 'present',
      values: ['autoscaling.amazonaws.com'],
    })
  })
})

describe('records whose truth is in fields', () => {
  it('give the role and the claims of a web identity', () => {
    expect(denied(record('web-identity-github'))).toMatchObject({
      action: 'sts:AssumeRoleWithWebIdentity',
      principal: { kind: 'web-identity', arn: null, accountId: null },
      resource: 'arn:aws:iam::111122223333:role/github-deploy',
      reason: 'none-given',
      claims: {
        provider: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com',
        subject: 'repo:acme/orders:ref:refs/heads/release',
        audience: 'sts.amazonaws.com',
      },
      context: {
        'token.actions.githubusercontent.com:sub': {
          state: 'present',
          values: ['repo:acme/orders:ref:refs/heads/release'],
        },
        'token.actions.githubusercontent.com:aud': { state: 'present', values: ['sts.amazonaws.com'] },
      },
    })
  })

  it('give the role of a SAML sign-in', () => {
    expect(denied(record('saml-sign-in'))).toMatchObject({
      action: 'sts:AssumeRoleWithSAML',
      principal: { kind: 'saml' },
      resource: 'arn:aws:iam::111122223333:role/orders-admin',
      claims: { subject: 'jane@example.com' },
    })
  })
})

describe('denials without an action', () => {
  it('know the role of another account that the call passes', () => {
    const role = 'arn:aws:iam::444455556666:role/orders-worker'
    const withRole = { ...record('lambda-cross-account-role'), requestParameters: { functionName: 'orders', role } }
    expect(denied(withRole)).toMatchObject({
      action: 'iam:PassRole',
      reason: 'cross-account-pass-role',
      resource: role,
      principal: { kind: 'user', name: 'ci-deployer' },
    })
  })

  it.each(['glue', 'lambda', 'rds', 'transfer'])(
    'name no role where the record of %s, as published, has no parameters',
    service => {
      expect(denied(record(`${service}-cross-account-role`))).toMatchObject({
        action: 'iam:PassRole',
        reason: 'cross-account-pass-role',
        resource: null,
        passes: [],
        principal: { kind: 'user', name: 'ci-deployer' },
        call: { eventSource: `${service}.amazonaws.com` },
      })
    },
  )

  it('know root', () => {
    expect(denied(record('assume-role-root'))).toMatchObject({
      action: 'sts:AssumeRole',
      reason: 'root-cannot-assume',
      principal: { kind: 'root' },
      resource: null,
    })
  })
})

describe('encoded messages', () => {
  it('are separate from the sentence', () => {
    const denial = denied(record('ec2-run-instances'))
    expect(denial.encodedMessage).toMatchObject({ cut: false })
    expect(denial.message).not.toContain(denial.encodedMessage?.blob)
    expect(denial).toMatchObject({
      resource: 'arn:aws:iam::111122223333:role/app/web-instance',
      reason: 'no-identity-policy',
      passes: [{ service: { values: [{ service: 'ec2.amazonaws.com' }] } }],
    })
  })

  it('are known to be cut where the message fills CloudTrail’s limit', () => {
    expect(denied(record('ec2-run-instances-cut')).encodedMessage?.cut).toBe(true)
  })

  it('hide the action in EC2’s older form, so that nothing is guessed', () => {
    expect(parseRecord(record('ec2-run-instances-encoded-only'))).toMatchObject({ kind: 'not-ours' })
  })
})

describe('records that only look like ours', () => {
  it.each([
    'assume-role-success',
    'assume-role-expired-token',
    'get-caller-identity-denied',
    'get-role-denied',
    'put-role-policy-denied',
    'run-instances-denied',
    'lambda-role-not-assumable',
    'validation-error-names-pass-role',
    'bucket-policy-denied',
    'launch-template-not-allowed',
    'register-task-definition-success',
  ])('leaves %s alone', name => {
    expect(parseRecord(record(`look-alikes/${name}`))).toMatchObject({ kind: 'not-ours' })
  })

  it.each([null, 17, 'AssumeRole', [], {}, { eventName: 'AssumeRole' }])('cannot read %j', value => {
    expect(parseRecord(value)).toMatchObject({ kind: 'unreadable' })
  })

  it('tells a call that succeeded from one that failed for another reason', () => {
    const event = record('assume-role-same-account')
    expect(parseRecord({ ...event, errorCode: null })).toEqual({ kind: 'not-ours', why: 'the call was not refused' })
    for (const errorCode of ['ValidationError', 'AccessDenied2', ''])
      expect(parseRecord({ ...event, errorCode })).toEqual({
        kind: 'not-ours',
        why: 'the call failed for another reason than a denial',
      })
    for (const errorCode of [
      'AccessDenied',
      'AccessDeniedException',
      'Client.UnauthorizedOperation',
      'UnauthorizedOperation',
    ])
      expect(parseRecord({ ...event, errorCode }).kind).toBe('denial')
  })

  it('refuses a message that is longer than AWS sends', () => {
    const event = { ...record('assume-role-same-account'), errorMessage: 'x'.repeat(20_000) }
    expect(parseRecord(event)).toMatchObject({ kind: 'unreadable' })
    expect(parseMessage('x'.repeat(300_000))).toMatchObject({ kind: 'unreadable' })
  })
})
