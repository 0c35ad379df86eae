import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { readAuthorizationDetails } from '../../functions/adapters/aws/authorization-details/authorization-details.ts'

const ID = 'd3xbfwcsdoam45n7ms6nv5pl0'
const SCP = 'arn:aws:organizations::999999999999:policy/o-abc123/service_control_policy/p-guard'
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' }

const guard = {
  Version: '2012-10-17',
  Statement: [
    { Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' },
    { Sid: 'NoPass', Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' },
  ],
}

type Answer = { readonly status?: number; readonly body: string }

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections()
})

/** IAM Toolbox with one denied request: `matched` and `policies` of its details, and its policies by URI. */
async function toolbox(options: {
  matched: readonly object[]
  policies?: unknown
  answer: (uri: string) => Answer | 'hangs up'
}) {
  const asked: { readonly uri: string; readonly headers: { readonly [name: string]: unknown } }[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    if (url.pathname === `/authorization-details/${ID}`) {
      const evaluation = {
        action: 'iam:PassRole',
        resource: 'arn:aws:iam::111122223333:role/app/web-instance',
        evaluatedEffect: 'EXPLICIT_DENY',
        matchedPolicies: options.matched,
      }
      response.end(JSON.stringify({ requestContext: {}, evaluations: [evaluation], policies: options.policies }))
      return
    }
    const uri = url.searchParams.get('policyUri') ?? ''
    asked.push({ uri, headers: request.headers })
    const answer =
      url.pathname === `/authorization-details/${ID}/policy` ? options.answer(uri) : { status: 400, body: '' }
    if (answer === 'hangs up') {
      response.destroy()
      return
    }
    response.statusCode = answer.status ?? 200
    response.end(answer.body)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const read = await readAuthorizationDetails(
    { region: 'eu-west-1', authorizationId: ID, credentials },
    { endpoint: () => `http://127.0.0.1:${port}` },
  )
  server.close()
  if (!read.known) throw new Error(read.why)
  return { asked, policies: read.value.policies, evaluation: read.value }
}

const denying = (uri: string, sid = 'NoPass') => ({ uri, matchedStatements: [{ sid, evaluatedEffect: 'DENY' }] })
const policy = (document: unknown): Answer => ({ body: JSON.stringify({ policy: document }) })

describe('the policies that AWS kept with a denial', () => {
  it('are read where they denied, with their type and what they are attached to', async () => {
    const { asked, policies } = await toolbox({
      matched: [{ uri: 'opaque-1', matchedStatements: [{ sid: 'AllowPass', evaluatedEffect: 'ALLOW' }] }, denying(SCP)],
      policies: [
        { uri: 'opaque-1', type: 'IDENTITY_BASED_POLICY', inline: true },
        {
          uri: SCP,
          type: 'SERVICE_CONTROL_POLICY',
          inline: false,
          attachedTo: [{ arn: 'arn:aws:organizations::999999999999:ou/o-abc123/ou-1' }],
        },
      ],
      answer: () => policy(guard),
    })
    expect(asked.map(({ uri }) => uri)).toEqual([SCP])
    expect(asked[0]?.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\/iam\/aws4_request, /,
    )
    expect(policies).toEqual([
      {
        uri: SCP,
        type: 'scp',
        attachedTo: 'arn:aws:organizations::999999999999:ou/o-abc123/ou-1',
        denies: ['NoPass'],
        document: guard,
      },
    ])
  })

  it.each([
    ['the document itself', JSON.stringify(guard)],
    ['a member that holds it', JSON.stringify({ policyUri: SCP, policyDocument: guard })],
    ['a member that holds its text', JSON.stringify({ policyDocument: JSON.stringify(guard) })],
  ])('are read from an answer that is %s', async (_, body) => {
    const { policies } = await toolbox({ matched: [denying('opaque')], answer: () => ({ body }) })
    expect(policies).toMatchObject([{ uri: 'opaque', type: null, attachedTo: null, document: guard }])
  })

  it.each<[string, Answer | 'hangs up']>([
    ['may not be read', { status: 403, body: '{}' }],
    ['was not kept', { status: 404, body: '{}' }],
    ['cannot be had for an outage', { status: 503, body: JSON.stringify(guard) }],
    ['gets no answer', 'hangs up'],
    ['is no JSON', { body: '<html>' }],
    ['is null', { body: 'null' }],
    ['has an element that IAM does not know', policy({ Statement: [{ Effect: 'Deny', Action: '*', Perhaps: true }] })],
    ['is one of two', { body: JSON.stringify({ one: guard, other: guard }) }],
    ['is larger than a policy can be', { body: `${JSON.stringify(guard)}${' '.repeat(100_000)}` }],
    ['holds more than a policy can', policy({ ...guard, Id: 'x'.repeat(20_480) })],
  ])('are left out where one %s, and the evaluation stands', async (_, bad) => {
    const { policies, evaluation } = await toolbox({
      matched: [denying('bad'), denying('good')],
      answer: uri => (uri === 'bad' ? bad : policy(guard)),
    })
    expect(policies.map(({ uri }) => uri)).toEqual(['good'])
    expect(evaluation).toMatchObject({ explicitDeny: true, action: 'iam:PassRole' })
  })

  it('are at most five, and together no more than is stored with a denial', async () => {
    const many = await toolbox({
      matched: Array.from({ length: 9 }, (_, index) => denying(`p${index}`)),
      answer: () => policy(guard),
    })
    expect(many.asked.map(({ uri }) => uri).sort()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4'])
    const large = await toolbox({
      matched: Array.from({ length: 4 }, (_, index) => denying(`p${index}`)),
      answer: () => policy({ ...guard, Id: 'x'.repeat(15_000) }),
    })
    expect(large.policies.map(({ uri }) => uri)).toEqual(['p0', 'p1'])
    expect(JSON.parse(JSON.stringify(large.evaluation))).toEqual(large.evaluation)
  })

  it('are asked for by their URI as it is, whatever characters it has', async () => {
    const uri = "a b/c?d=e&f+g%20(h)*'!"
    const { asked, policies } = await toolbox({ matched: [denying(uri)], answer: () => policy(guard) })
    expect(asked.map(one => one.uri)).toEqual([uri])
    expect(policies).toHaveLength(1)
  })

  it('are read although the list of policies has another form', async () => {
    const { policies } = await toolbox({ matched: [denying(SCP)], policies: 'none', answer: () => policy(guard) })
    expect(policies).toMatchObject([{ uri: SCP, type: null }])
  })

  it('are not taken for a trust policy where a role is passed', async () => {
    const { policies } = await toolbox({
      matched: [denying('bucket')],
      policies: [{ uri: 'bucket', type: 'RESOURCE_BASED_POLICY' }],
      answer: () => policy(guard),
    })
    expect(policies).toMatchObject([{ type: null }])
  })
})
