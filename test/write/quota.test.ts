/** A quota of IAM against the SDK's own client, whose list of throttling errors has the name of it. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Target } from '../../core/patch/target.ts'
import { policiesIn } from '../../functions/write/iam.ts'
import { writerSessions } from '../../functions/write/writer-sessions.ts'

const NS = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'
const CREDENTIALS = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

let server: Server
let refusal = {
  status: 409,
  code: 'LimitExceeded',
  message: 'Maximum policy size of 10240 bytes exceeded for role deployer',
}
let writes = 0

beforeAll(async () => {
  server = createServer((asked, answered) => {
    let body = ''
    asked.on('data', chunk => {
      body += chunk
    })
    asked.on('end', () => {
      if (body.includes('Action=AssumeRole'))
        return answered.writeHead(200, { 'content-type': 'text/xml' }).end(CREDENTIALS)
      writes += 1
      const { status, code, message } = refusal
      const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`
      return answered
        .writeHead(status, { 'content-type': 'text/xml' })
        .end(`<ErrorResponse ${NS}>${error}<RequestId>r-1</RequestId></ErrorResponse>`)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
})
afterAll(() => {
  vi.unstubAllEnvs()
  server?.close()
})
beforeEach(() => {
  writes = 0
})

const TARGET: Target = {
  ...{ kind: 'role-inline-policy', accountId: '111122223333', name: 'deployer', policyName: 'rolemedic' },
  arn: 'arn:aws:iam::111122223333:role/deployer',
}
const session = { sourceIdentity: 'U0ONCALL1', tags: {} } as never

async function refusedWrite() {
  const sessionOf = writerSessions(
    {
      ...{ partition: 'aws', roleName: 'rolemedic-writer', externalId: 'x', region: 'eu-west-1', identityCenter: null },
      timeouts: { retryMode: 'adaptive', maxAttempts: 3 },
    },
    async () => {},
  )
  return policiesIn(sessionOf(session)).write(TARGET, { Version: '2012-10-17', Statement: [] })
}

describe('what IAM refuses', () => {
  it('for a quota is asked once, and said as a quota', async () => {
    const outcome = await refusedWrite()
    expect(writes).toBe(1)
    expect(outcome).toMatchObject({ ok: false, error: { code: 'LimitExceeded', retry: false } })
  })

  it('for its rate is asked again', async () => {
    refusal = { status: 400, code: 'Throttling', message: 'Rate exceeded' }
    expect(await refusedWrite()).toMatchObject({ ok: false, error: { code: 'Throttling', retry: true } })
    expect(writes).toBe(3)
  })
})
