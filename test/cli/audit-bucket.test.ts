/** Where the bucket of an audit log is, against a server that answers as S3 does. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { auditBucketClient } from '../../cli/use-cases/audit/audit-source.ts'
import { memoryIo } from './memory-io.ts'

const EMPTY = '<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>'
const REDIRECT = '<Error><Code>PermanentRedirect</Code><Message>use the specified endpoint</Message></Error>'

let signedFor: string[] = []
const s3 = createServer(({ headers }, response) => {
  const [, region = ''] = /\/\d{8}\/([a-z0-9-]+)\/s3\//.exec(headers.authorization ?? '') ?? []
  signedFor.push(region)
  response.setHeader('x-amz-bucket-region', 'eu-central-1')
  response.writeHead(region === 'eu-central-1' ? 200 : 301, { 'content-type': 'application/xml' })
  response.end(region === 'eu-central-1' ? EMPTY : REDIRECT)
})

beforeEach(async () => {
  signedFor = []
  await new Promise<void>(resolve => s3.listen(0, '127.0.0.1', resolve))
  for (const [name, value] of Object.entries({
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_REGION: 'eu-west-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_PROFILE: undefined,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(s3.address() as AddressInfo).port}`,
  }))
    vi.stubEnv(name, value)
})
afterEach(() => {
  vi.unstubAllEnvs()
  s3.close()
})

async function rolemedic(...args: string[]) {
  const io = memoryIo()
  const code = await dispatch([...args, '--from', 's3://bucket/audit'], io)
  return { code, err: io.captured.err.join('\n') }
}

it.each([
  ['audit', 'list'],
  ['audit', 'grants'],
])('rolemedic %s %s reads a copy of the log in another Region', async (...command) => {
  const { err } = await rolemedic(...command)
  expect(err).not.toContain('specified endpoint')
  expect(signedFor.slice(0, 2)).toEqual(['eu-west-1', 'eu-central-1'])
})

it('rolemedic revert reads a copy in another Region', async () => {
  expect((await rolemedic('revert', 'p-1', '--reason', 'test')).err).toContain('p-1: nothing beside')
  expect(signedFor.slice(0, 2)).toEqual(['eu-west-1', 'eu-central-1'])
})

it('asks once for the Region: each request of a client wants it several times', async () => {
  const { config } = auditBucketClient()
  expect(await config.region()).toBe('eu-west-1')
  vi.stubEnv('AWS_REGION', 'us-east-2')
  expect(await config.region()).toBe('eu-west-1')
})

it.each([[['audit', 'list']], [['audit', 'keys']], [['revert', 'p-1', '--reason', 'test']]])(
  'says where a Region comes from: %j',
  async command => {
    vi.stubEnv('AWS_REGION', undefined)
    vi.stubEnv('AWS_DEFAULT_REGION', undefined)
    const { code, err } = await rolemedic(...command)
    expect([code, err]).toEqual([2, expect.stringContaining('no Region: set AWS_REGION')])
  },
)
