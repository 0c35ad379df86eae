import { DecodeAuthorizationMessageCommand, STSClient } from '@aws-sdk/client-sts'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, describe, expect, it } from 'vitest'
import { partitionOfRegion } from '../../core/iam/arn.ts'
import { readAuthorizationDetails } from '../../functions/adapters/aws/authorization-details/authorization-details.ts'
import { awsExplanations } from '../../functions/adapters/aws/authorization-details/aws-explanations.ts'
import { assumedAccess } from '../../functions/adapters/aws/iam/account-access.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app/web-instance'

describe('a decoded message', () => {
  const sts = mockClient(STSClient)
  afterEach(() => sts.reset())
  const explanations = awsExplanations({
    access: assumedAccess({ roleName: 'reader', region: 'eu-west-1', membershipOf: null }),
  })

  it('gives action, role, principal and the exact condition keys', async () => {
    sts.on(DecodeAuthorizationMessageCommand, { EncodedMessage: 'blob' }).resolves({
      DecodedMessage: JSON.stringify({
        allowed: false,
        explicitDeny: true,
        matchedStatements: { items: [{ statementId: 'NoPass', effect: 'DENY' }] },
        failures: { items: [] },
        context: {
          principal: { id: 'AROAEEEEEEEEEEEEEEE06:s', arn: 'arn:aws:sts::111122223333:assumed-role/pipeline-deploy/s' },
          action: 'iam:PassRole',
          resource: ROLE,
          conditions: {
            items: [
              { key: 'iam:PassedToService', values: { items: [{ value: 'ec2.amazonaws.com' }] } },
              { key: 'aws:Region', values: { items: [{ value: 'eu-west-1' }] } },
              { key: 'no key', values: { items: [{ value: 'x' }] } },
              { key: 'aws:Empty', values: { items: [] } },
            ],
          },
        },
      }),
    })
    expect(await explanations.decode('111122223333', 'blob')).toEqual({
      known: true,
      value: {
        source: 'decoded-message',
        allowed: false,
        explicitDeny: true,
        action: 'iam:PassRole',
        resource: ROLE,
        principal: 'arn:aws:sts::111122223333:assumed-role/pipeline-deploy/s',
        matchedStatements: [{ policy: null, sid: 'NoPass', effect: 'Deny' }],
        policies: [],
        context: {
          'iam:passedtoservice': { state: 'present', values: ['ec2.amazonaws.com'] },
          'aws:region': { state: 'present', values: ['eu-west-1'] },
        },
      },
    })
  })

  it.each([
    ['InvalidAuthorizationMessageException', /damaged or cut off/],
    ['AccessDenied', /needs sts:DecodeAuthorizationMessage/],
  ])('is unknown after %s', async (name, why) => {
    sts.on(DecodeAuthorizationMessageCommand).rejects(Object.assign(new Error('no'), { name }))
    expect(await explanations.decode('111122223333', 'blob')).toMatchObject({
      known: false,
      why: expect.stringMatching(why),
    })
  })

  it.each(['', 'null', '{}', '{"allowed":"no"}', '[]'])('is unknown when it reads %j', async DecodedMessage => {
    sts.on(DecodeAuthorizationMessageCommand).resolves({ DecodedMessage })
    expect(await explanations.decode('111122223333', 'blob')).toMatchObject({ known: false })
  })

  it('is not asked for when it is longer than AWS takes', async () => {
    expect(await explanations.decode('111122223333', 'x'.repeat(10_241))).toMatchObject({ known: false })
    expect(sts.calls()).toHaveLength(0)
  })
})

describe('authorization details', () => {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' }
  const request = { region: 'eu-west-1', authorizationId: 'd3xbfwcsdoam45n7ms6nv5pl0', credentials }
  const page = (members: object) => new Response(JSON.stringify(members), { status: 200 })

  /** Returns the answers in order, and records the requests. */
  function answering(answers: readonly (() => Response)[]) {
    const asked: { url: string; headers: { readonly [name: string]: string } }[] = []
    const waits: number[] = []
    const fetch = (async (url, init) => {
      asked.push({ url: String(url), headers: init?.headers as { readonly [name: string]: string } })
      const answer = answers[Math.min(asked.length, answers.length) - 1]
      if (answer === undefined) throw new Error('no answer')
      return answer()
    }) as typeof globalThis.fetch
    return { asked, waits, options: { fetch, sleep: async (ms: number) => void waits.push(ms) } }
  }

  const denied = {
    action: 'iam:PassRole',
    resource: ROLE,
    evaluatedEffect: 'EXPLICIT_DENY',
    context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    matchedPolicies: [
      {
        uri: 'arn:aws:iam::111122223333:policy/Guard',
        matchedStatements: [{ sid: 'NoPass', evaluatedEffect: 'DENY' }],
      },
      { uri: 'opaque-1', matchedStatements: [{ sid: 'Stmt1', evaluatedEffect: 'ALLOW' }] },
    ],
  }

  it('give AWS’s own evaluation, over several pages', async () => {
    const { asked, options } = answering([
      () =>
        page({
          requestContext: { 'aws:SourceIp': '203.0.113.17', 'aws:SecureTransport': true, 'aws:TagKeys': ['a', 'b'] },
          evaluations: [{ action: 'ec2:RunInstances', resource: '*', evaluatedEffect: 'ALLOW' }],
          nextToken: 'more/of it',
        }),
      () => page({ evaluations: [denied] }),
    ])
    expect(await readAuthorizationDetails(request, options)).toEqual({
      known: true,
      value: {
        source: 'authorization-details',
        allowed: false,
        explicitDeny: true,
        action: 'iam:PassRole',
        resource: ROLE,
        matchedStatements: [
          { policy: 'arn:aws:iam::111122223333:policy/Guard', sid: 'NoPass', effect: 'Deny' },
          { policy: null, sid: 'Stmt1', effect: 'Allow' },
        ],
        context: {
          'aws:sourceip': { state: 'present', values: ['203.0.113.17'] },
          'aws:securetransport': { state: 'present', values: ['true'] },
          'aws:tagkeys': { state: 'present', values: ['a', 'b'] },
          'iam:passedtoservice': { state: 'present', values: ['ec2.amazonaws.com'] },
        },
        policies: [],
      },
    })
    expect(asked.slice(0, 2).map(({ url }) => url)).toEqual([
      'https://iam-toolbox.eu-west-1.amazonaws.com/authorization-details/d3xbfwcsdoam45n7ms6nv5pl0',
      'https://iam-toolbox.eu-west-1.amazonaws.com/authorization-details/d3xbfwcsdoam45n7ms6nv5pl0?nextToken=more%2Fof%20it',
    ])
    expect(asked[0]?.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\/iam\/aws4_request, /,
    )
    expect(asked[0]?.headers['x-amz-security-token']).toBe('token')
  })

  it('are waited for about a minute, as AWS records them late', async () => {
    const { waits, options } = answering([
      () => new Response('{}', { status: 404 }),
      () => new Response('{}', { status: 500 }),
      () => page({ evaluations: [denied] }),
    ])
    expect(await readAuthorizationDetails(request, options)).toMatchObject({ known: true })
    expect(waits).toEqual([1_000, 2_000])

    const never = answering([() => new Response('{}', { status: 404 })])
    expect(await readAuthorizationDetails(request, never.options)).toMatchObject({ known: false })
    expect(never.waits.reduce((sum, ms) => sum + ms, 0)).toBe(60_000)
  })

  it('say which permission is missing, and ask no second time', async () => {
    const { asked, options } = answering([() => new Response('{}', { status: 403 })])
    expect(await readAuthorizationDetails(request, options)).toEqual({
      known: false,
      why: 'reading authorization details needs iam:GetRequestAuthorizationDetails',
    })
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['no JSON', () => new Response('<html>')],
    ['nothing evaluated', () => page({ evaluations: [] })],
    ['another form', () => page({ evaluations: [{ action: 7 }] })],
  ])('are unknown when the answer has %s', async (_, answer) => {
    expect(await readAuthorizationDetails(request, answering([answer]).options)).toMatchObject({ known: false })
  })

  it('let no hostile message choose the host or the path', async () => {
    const { asked, options } = answering([() => page({ evaluations: [denied] })])
    const evil = await readAuthorizationDetails({ ...request, region: 'evil.example/' }, options)
    const path = await readAuthorizationDetails({ ...request, authorizationId: '../x' }, options)
    expect([evil.known, path.known]).toEqual([false, false])
    expect(asked).toEqual([])
  })

  it('are asked for at China’s host in China', async () => {
    const { asked, options } = answering([() => page({ evaluations: [denied] })])
    await readAuthorizationDetails({ ...request, region: 'cn-north-1' }, options)
    expect(asked[0]?.url).toMatch(/^https:\/\/iam-toolbox\.cn-north-1\.amazonaws\.com\.cn\//)
  })
})

it.each([
  ['eu-west-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
])('%s is in the partition %s', (region, partition) => expect(partitionOfRegion(region)).toBe(partition))

it('no credentials of an isolated partition are sent to a host of another one', async () => {
  let asked = 0
  const fetch = (async () => {
    asked += 1
    return new Response('{}')
  }) as typeof globalThis.fetch
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' }
  const request = { region: 'us-iso-east-1', authorizationId: 'd3xbfwcsdoam45n7ms6nv5pl0', credentials }
  const answer = await readAuthorizationDetails(request, { fetch, sleep: async () => {} })
  expect(answer).toMatchObject({ known: false, why: expect.stringContaining('not known') })
  expect(asked).toBe(0)
})
