import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callerIn, callersOf, signCaller } from '../../functions/adapters/aws/sts/signed-caller.ts'

const ACCOUNT = '111122223333'
const answerOf = (arn: string, userId: string) =>
  `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>${userId}</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
const ADA = answerOf(`arn:aws:sts::${ACCOUNT}:assumed-role/operators/ada`, 'AROAOPERATORS:ada')
const SSO = `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Admin`
const WHO = {
  accountId: ACCOUNT,
  administrators: [
    ...['user/ada', 'role/operators', 'role/AWSReservedSSO_Admin_0123456789abcdef', 'role/rolemedic-decide'],
    ...['user/eve', 'user/eve-admin', 'role/AWSReservedSSO_Ops_0123456789abcdef'],
  ],
  people: [
    { slack: 'U0EVE', user: 'eve*' },
    { slack: 'U0EVE', session: 'eve@example.com' },
    { slack: 'U0ADA', user: 'ada', account: '444455556666' },
    { slack: 'U0ADA', session: 'ada*', provider: `arn:aws:iam::${ACCOUNT}:saml-provider/okta` },
  ],
}
const inSso = (role: string, session: string) =>
  answerOf(
    `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_${role}_0123456789abcdef/${session}`,
    `AROA${role}:${session}`,
  )

describe('who a caller is', () => {
  it.each([
    ['a user', answerOf(`arn:aws:iam::${ACCOUNT}:user/ada`, 'AIDAADA'), 'AIDAADA'],
    ['a session of a role, under any name', ADA, 'AROAOPERATORS'],
    [
      'a session of Identity Center, which AWS names',
      answerOf(
        `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ada@example.com`,
        'AROASSO:ada@example.com',
      ),
      'sso ada@example.com',
    ],
  ])('is %s', (_, answer, principal) => {
    expect(callerIn(answer, WHO)).toMatchObject({ ok: true, value: { principal } })
  })

  it.each([
    [
      'by two permission sets',
      [inSso('Admin', 'kim@example.com'), inSso('Ops', 'kim@example.com')],
      'sso kim@example.com',
    ],
    [
      'by users and a sign-in that the configuration says are theirs',
      [
        answerOf(`arn:aws:iam::${ACCOUNT}:user/eve`, 'AIDAEVE'),
        answerOf(`arn:aws:iam::${ACCOUNT}:user/admins/eve-admin`, 'AIDAEVEADMIN'),
        inSso('Ops', 'eve@example.com'),
      ],
      'person U0EVE',
    ],
  ])('is one person %s', (_, answers, principal) => {
    const read = answers.map(answer => callerIn(answer, WHO))
    expect(read).toEqual(answers.map(() => ({ ok: true, value: { name: expect.any(String), principal } })))
  })

  it('is nobody of another account', () => {
    expect(callerIn(ADA, { ...WHO, accountId: '444455556666' })).toMatchObject({ ok: false })
  })

  it.each([
    ['whom nobody named', answerOf(`arn:aws:sts::${ACCOUNT}:assumed-role/developers/ada`, 'AROADEV:ada')],
    ['of a role named like one of Identity Center', answerOf(`${SSO}_fedcba9876543210/ada`, 'AROAFAKE:ada')],
    ['of a user named like the role', answerOf(`arn:aws:iam::${ACCOUNT}:user/operators`, 'AIDAFAKE')],
    ['of the account itself', answerOf(`arn:aws:iam::${ACCOUNT}:root`, ACCOUNT)],
    ['of a function of the bot', answerOf(`arn:aws:sts::${ACCOUNT}:assumed-role/rolemedic-decide/x`, 'AROADECIDE:x')],
  ])('is no administrator %s', (_, answer) => {
    expect(callerIn(answer, WHO)).toMatchObject({ ok: false, error: expect.stringContaining('no administrator') })
  })
})

describe('a signed caller', () => {
  let sts: Server
  let asked: { readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }[]
  let env: { readonly AWS_ENDPOINT_URL_STS: string }
  let status = 200

  beforeEach(async () => {
    asked = []
    status = 200
    sts = createServer((request, response) => {
      let body = ''
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () => {
        asked.push({ headers: request.headers, body })
        response.writeHead(status).end(ADA)
      })
    }).listen(0, '127.0.0.1')
    await once(sts, 'listening')
    env = { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(sts.address() as AddressInfo).port}` }
  })
  afterEach(() => void sts.close())

  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'example', sessionToken: 'token' }
  const sign = (digest: string) => signCaller(digest, { region: 'eu-west-1', credentials }, env)
  const callers = () => callersOf({ region: 'eu-west-1', ...WHO }, env)

  it('is sent to STS as it was signed, and gives away no secret', async () => {
    const caller = await sign('sha256:a')
    expect(JSON.stringify(caller)).not.toContain('"example"')
    expect(await callers()(caller, 'sha256:a')).toEqual({
      ok: true,
      value: { name: `arn:aws:sts::${ACCOUNT}:assumed-role/operators/ada`, principal: 'AROAOPERATORS' },
    })
    expect(asked[0]).toMatchObject({
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
      headers: { 'x-rolemedic-digest': 'sha256:a', 'x-amz-security-token': 'token' },
    })
    expect(asked[0]?.headers['authorization']).toContain('x-rolemedic-digest')
  })

  it('of another ask, or without the digest among what is signed, is not even sent', async () => {
    const caller = await sign('sha256:a')
    expect(await callers()(caller, 'sha256:b')).toMatchObject({ ok: false })
    const { authorization = '', ...rest } = caller.headers
    const without = { headers: { ...rest, authorization: authorization.replace(';x-rolemedic-digest', '') } }
    expect(await callers()(without, 'sha256:a')).toMatchObject({ ok: false })
    expect(await callers()({ headers: {} }, 'sha256:a')).toMatchObject({ ok: false })
    expect(asked).toEqual([])
  })

  it('whose signature has the digest in a second list alone, or not the host, is not even sent', async () => {
    const { headers } = await sign('sha256:a')
    const { authorization = '' } = headers
    const list = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? ''
    for (const forged of [
      authorization
        .replace('Credential=', 'SignedHeaders=host;x-rolemedic-digest, Credential=')
        .replace(`${list}, `, 'host, '),
      authorization
        .replace('Credential=', 'Credential=SignedHeaders=host;x-rolemedic-digest/')
        .replace(`=${list}, `, '=host, '),
      authorization.replace(`=${list}`, `=${list.replace('host;', '')}`),
      `${authorization}, SignedHeaders=host`,
      `X ${authorization}`,
    ]) {
      expect(forged).not.toBe(authorization)
      expect(await callers()({ headers: { ...headers, authorization: forged } }, 'sha256:a')).toMatchObject({
        ok: false,
      })
    }
    expect(asked).toEqual([])
  })

  it('sends no header that a signature does not have, such as another host', async () => {
    const { headers } = await sign('sha256:a')
    await callers()({ headers: { ...headers, host: 'example.com', 'x-evil': 'yes' } }, 'sha256:a')
    expect(asked[0]?.headers['x-evil']).toBeUndefined()
    expect(asked[0]?.headers['host']).toMatch(/^127\.0\.0\.1:/)
  })

  it('that STS refuses is nobody', async () => {
    status = 403
    expect(await callers()(await sign('sha256:a'), 'sha256:a')).toEqual({
      ok: false,
      error: 'AWS does not take these credentials (STS answered 403)',
    })
  })
})
