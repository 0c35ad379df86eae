import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Denial } from '../../functions/core/denial.ts'
import { fingerprintOf } from '../../functions/core/fingerprint.ts'
import { parseMessage, parseRecord } from '../../functions/core/parse-denial.ts'

type Json = { readonly [member: string]: unknown }

function record(name: string): Json {
  return JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8')) as Json
}

function denied(value: unknown): Denial {
  const parsed = parseRecord(value)
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  return parsed.denial
}

function spoken(text: string): Denial {
  const parsed = parseMessage(text)
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  return parsed.denial
}

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
        service: { candidates: ['ecs-tasks.amazonaws.com'], keySent: 'proven' },
      },
      {
        arn: 'arn:aws:iam::111122223333:role/app/orders-exec',
        parameter: 'executionRoleArn',
        service: { candidates: ['ecs-tasks.amazonaws.com'], keySent: 'proven' },
      },
    ])
  })

  it('puts the denied role first, wherever it stands in the parameters', () => {
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
    })
  })

  it('says that the path is not known where no issuer tells it', () => {
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

  it('leave it out as well when the event shows the address of whoever used the service', () => {
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
  it('tell the role and the claims of a web identity', () => {
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

  it('tell the role of a SAML sign-in', () => {
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
    expect(denied(record('lambda-cross-account-role'))).toMatchObject({
      action: 'iam:PassRole',
      reason: 'cross-account-pass-role',
      resource: 'arn:aws:iam::444455556666:role/orders-worker',
      principal: { kind: 'user', name: 'ci-deployer' },
    })
  })

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
  it('are kept apart from the sentence', () => {
    const denial = denied(record('ec2-run-instances'))
    expect(denial.encodedMessage).toMatchObject({ cut: false })
    expect(denial.message).not.toContain(denial.encodedMessage?.blob)
    expect(denial).toMatchObject({
      resource: 'arn:aws:iam::111122223333:role/app/web-instance',
      reason: 'no-identity-policy',
      passes: [{ service: { candidates: ['ec2.amazonaws.com'] } }],
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

  it('refuses a message that is longer than AWS sends', () => {
    const event = { ...record('assume-role-same-account'), errorMessage: 'x'.repeat(20_000) }
    expect(parseRecord(event)).toMatchObject({ kind: 'unreadable' })
    expect(parseMessage('x'.repeat(300_000))).toMatchObject({ kind: 'unreadable' })
  })
})

describe('a text from a screen', () => {
  it('may be what Terraform frames, wraps and colours', () => {
    const denial = spoken(`\u001b[31m╷\u001b[0m
\u001b[31m│\u001b[0m \u001b[1mError: \u001b[0mcreating ECS Task Definition (orders): operation error ECS: RegisterTaskDefinition,
\u001b[31m│\u001b[0m https response error StatusCode: 400, RequestID: 5f1c2d3e, AccessDeniedException: User:
\u001b[31m│\u001b[0m arn:aws:sts::111122223333:assumed-role/pipeline-deploy/nightly is not authorized to perform: iam:PassRole
\u001b[31m│\u001b[0m on resource: arn:aws:iam::111122223333:role/app/orders-task because no identity-based policy allows the
\u001b[31m│\u001b[0m iam:PassRole action
\u001b[31m│\u001b[0m
\u001b[31m│\u001b[0m   with aws_ecs_task_definition.orders,
\u001b[31m╵\u001b[0m`)
    expect(denial).toMatchObject({
      source: 'message',
      timeMs: null,
      accountId: '111122223333',
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::111122223333:role/app/orders-task',
      reason: 'no-identity-policy',
      principal: { name: 'pipeline-deploy', sessionName: 'nightly', pathKnown: false },
    })
  })

  it('may have its ARNs broken at the edge of the terminal', () => {
    const denial = spoken(
      'User: arn:aws:sts::111122223333:assumed-role/pipeline-dep\nloy/nightly is not authorized to perform: iam:PassRole on res' +
        'ource: arn:aws:iam::1111222\n23333:role/app/orders-task because no identity-based policy allows the iam:PassRole action',
    )
    expect(denial).toMatchObject({
      resource: 'arn:aws:iam::111122223333:role/app/orders-task',
      principal: { name: 'pipeline-deploy' },
      reason: 'no-identity-policy',
    })
  })

  it('does not take the next line for the end of a role name', () => {
    const sentence =
      'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/orders-reader'
    expect(spoken(`${sentence}\nDone in 3 s\n`).resource).toBe('arn:aws:iam::111122223333:role/orders-reader')
    expect(spoken(`${sentence}\nDone`).resource).toBe('arn:aws:iam::111122223333:role/orders-reader')
  })

  it('may be a line of a log in JSON, or quoted in Markdown', () => {
    const user = 'arn:aws:iam::111122223333:user/ci'
    const role = 'arn:aws:iam::111122223333:role/orders'
    const json = `{"msg":"failed:\\nUser: ${user} is not authorized to perform: iam:PassRole on resource: \\"${role}\\"\\nbecause no identity-based policy allows the iam:PassRole action\\n\\tat deploy"}`
    const markdown = `User: \`${user}\` is not authorized to perform: iam:PassRole on resource: \`${role}\` because no identity-based policy allows the iam:PassRole action.`
    for (const text of [json, markdown]) {
      expect(spoken(text)).toMatchObject({
        principal: { kind: 'user', arn: user },
        resource: role,
        reason: 'no-identity-policy',
      })
    }
  })

  it('gives the first denial of ours among several', () => {
    const denial = spoken(
      'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:GetRole on resource: role orders because no identity-based policy allows the iam:GetRole action\n' +
        'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/orders\n' +
        'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/other with an explicit deny',
    )
    expect(denial).toMatchObject({
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::111122223333:role/orders',
      reason: 'none-given',
    })
  })

  it('does not take the reason, policy or details of the next sentence', () => {
    const denial = spoken(
      'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/orders. ' +
        'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:GetRole on resource: role orders with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/Guard. ' +
        'Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/d3xbfwcsdoam45n7ms6nv5pl0 for complete details. Encoded authorization failure message: abc',
    )
    expect(denial).toMatchObject({
      resource: 'arn:aws:iam::111122223333:role/orders',
      reason: 'none-given',
      reasonPolicyArn: null,
      authorizationId: null,
      encodedMessage: null,
      region: null,
    })
  })

  it('may have the documentation’s slip of "the" for "no"', () => {
    expect(
      spoken(
        'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: sts:AssumeRole because the role trust policy allows the sts:AssumeRole action',
      ).reason,
    ).toBe('no-trust-policy')
  })

  it('may hide who and what, as publishers do', () => {
    expect(
      spoken('User: arn:aws:iam::***:user/ci is not authorized to perform: sts:TagSession on resource: ***'),
    ).toMatchObject({
      principal: { kind: 'user', arn: 'arn:aws:iam::***:user/ci', accountId: null },
      resource: null,
      accountId: null,
    })
  })

  it('may have a service as its subject', () => {
    expect(
      spoken(
        'CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::111122223333:role/service-role/build',
      ),
    ).toMatchObject({
      principal: { kind: 'service', arn: null, name: 'CodeBuild' },
      resource: 'arn:aws:iam::111122223333:role/service-role/build',
    })
  })

  it('may be the short form of older SDKs', () => {
    expect(
      spoken('Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity'),
    ).toMatchObject({
      action: 'sts:AssumeRoleWithWebIdentity',
      principal: { kind: 'web-identity', arn: null },
    })
  })

  it('has the same id whenever it is read, and another for another sentence', () => {
    const sentence = 'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole'
    expect(spoken(sentence).id).toBe(spoken(`Error: ${sentence}`).id)
    expect(spoken(sentence).id).not.toBe(spoken(`${sentence} on resource: arn:aws:iam::111122223333:role/a`).id)
  })

  it.each(['', 'it works on my machine', 'not authorized', 'An unknown error occurred'])(
    'finds nothing in %j',
    text => {
      expect(parseMessage(text)).toMatchObject({ kind: 'not-ours' })
    },
  )
})

describe('the fingerprint', () => {
  it('is the same for every session and repeat of one denial', () => {
    const event = record('ecs-register-task-definition')
    const text = JSON.stringify(event).replaceAll(
      'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f',
      'another-session',
    )
    const later = { ...(JSON.parse(text) as Json), eventID: 'another', eventTime: '2026-11-24T03:00:00Z' }
    expect(fingerprintOf(denied(later))).toBe(fingerprintOf(denied(event)))
    expect(fingerprintOf(denied(event))).toMatch(/^[0-9a-f]{16}$/)
  })

  it('differs by principal, action, role, receiving service and account', () => {
    const names = [
      'ecs-register-task-definition',
      'lambda-create-function',
      'cloudformation-create-function',
      'assume-role-same-account',
      'assume-role-cross-account',
      'assume-role-tag-session',
      'rds-create-db-instance',
    ]
    const prints = names.map(name => fingerprintOf(denied(record(name))))
    expect(new Set(prints).size).toBe(names.length)
    const elsewhere = { ...record('ecs-register-task-definition'), recipientAccountId: '444455556666' }
    expect(prints).not.toContain(fingerprintOf(denied(elsewhere)))
  })
})
