import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

/** An AWS in which every table is empty, and which can be made to fail. */
let aws: Server
let down = false
let handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse | null>

beforeAll(async () => {
  aws = createServer((request, response) => {
    request.resume().on('end', () => {
      response.statusCode = down ? 400 : 200
      response
        .setHeader('content-type', 'application/x-amz-json-1.0')
        .end(down ? '{"__type":"ValidationException","message":"no"}' : '{}')
    })
  })
  await new Promise<void>(done => aws.listen(0, '127.0.0.1', done))
  const env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
    TABLE_NAME: 'rolemedic',
    AUDIT_BUCKET: 'audit',
    ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:rolemedic',
    DECISIONS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/decisions',
    ATTESTATIONS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/attestations',
    OUTCOMES_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/outcomes',
    ENROLLMENTS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/enrollments',
    AUDIT_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/audit',
    READER_ROLE_NAME: 'rolemedic-reader',
    BOT_ACCOUNT_ID: '111122223333',
    MEMBER_REGIONS: 'eu-west-1',
    SLACK_BOT_TOKEN_SECRET: 'token',
    SLACK_TEAM_ID: 'T0FAKE',
    SLACK_APP_ID: 'A0FAKE',
    CONFIG_FILE: resolve(import.meta.dirname, '../../rolemedic.config.json'),
    BOT_VERSION: 'test',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  handler = (await import('../../functions/propose/handler.ts')).handler
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await new Promise(done => aws.close(done))
})

const batch = (...bodies: string[]): SQSEvent =>
  ({ Records: bodies.map((body, index) => ({ messageId: `m-${index}`, body })) }) as SQSEvent
const work = '{"kind":"propose","fingerprint":"0123456789abcdef"}'

describe('the function behind the propose queue', () => {
  it('is wired from its environment, and takes what it can and what it cannot read', async () => {
    expect(await handler(batch(work, 'garbage'), {} as Context)).toEqual({ batchItemFailures: [] })
  })

  it('gives back only the messages that failed', async () => {
    down = true
    expect(await handler(batch('garbage', work, 'garbage'), {} as Context)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    })
  })
})
