import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../core/denial/denial.ts'
import { parseMessage } from '../../../core/denial/parse-denial.ts'

function spoken(text: string): Denial {
  const parsed = parseMessage(text)
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  return parsed.denial
}

describe('a text from a screen', () => {
  it.each([
    ['**', '**'],
    ['`', '`'],
    ["'", "'"],
    ['> **', '**'],
  ])('is shown without the marks around it: %s', (open, close) => {
    const sentence =
      'User: arn:aws:iam::111122223333:user/ana is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/orders because no identity-based policy allows the iam:PassRole action'
    expect(spoken(`${open}${sentence}${close}`).message).toBe(sentence)
  })

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

  it('is shown as AWS wrote it, from its first word and without the encoded message', () => {
    const sentence =
      'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/orders because no identity-based policy allows the iam:PassRole action'
    expect(spoken(sentence).message).toBe(sentence)
    expect(spoken(`You are not authorized to perform this operation. ${sentence}`).message).toBe(sentence)
    expect(spoken(`${sentence}. Encoded authorization failure message: a-B_c`).message).toBe(
      `${sentence}. Encoded authorization failure message: (left out)`,
    )
    const service =
      'CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::111122223333:role/orders-build'
    expect(spoken(`Error: ${service}`).message).toBe(service)
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

  it.each([
    ['an encoded message', 'Encoded authorization failure message: AAAABBBBCCCCDDDD'],
    ['a link to the details', 'Go to https://console.aws.amazon.com/iam/home for complete details'],
    ['another sentence', 'Please ask the administrator of the account'],
  ])('does not join a role at the edge of the terminal with %s', (_, next) => {
    const role = 'arn:aws-iso:iam::000000000001:role/aaaaaaaaaaax/aaaaaaaaaaaax'
    const text = [
      'User: arn:aws-iso:iam::',
      '000000000001:user/cccccccccccccc is not authorized to perform: iam:PassRole',
      `on resource: ${role}.`,
      next,
    ].join('\n')
    expect(spoken(text).resource).toBe(role)
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

  it('returns the first of several denials of ours', () => {
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
      principal: { kind: 'service', arn: null, name: 'codebuild.amazonaws.com' },
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
