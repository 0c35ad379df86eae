import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const root = new URL('../../', import.meta.url)
const record = JSON.parse(readFileSync(new URL('events/ecs-register-task-definition.json', root), 'utf8')) as object

/** A minimal DynamoDB and SQS for one new occurrence. The table refuses requests that contain `refuse-me`. */
function fakeAws(sent: string[]): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => void chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const target = String(request.headers['x-amz-target'])
      response.setHeader('content-type', 'application/x-amz-json-1.0')
      if (body.includes('refuse-me')) {
        response.statusCode = 400
        response.end('{"__type":"com.amazonaws.dynamodb#AccessDeniedException","message":"no"}')
      } else if (target.endsWith('SendMessage')) {
        const { MessageBody } = JSON.parse(body) as { MessageBody: string }
        sent.push(MessageBody)
        response.end(
          JSON.stringify({ MessageId: '1', MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') }),
        )
      } else response.end('{}')
    })
  })
}

describe('the intake function', () => {
  const sent: string[] = []
  const server = fakeAws(sent)

  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    vi.stubEnv('AWS_ENDPOINT_URL', url)
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    vi.stubEnv('TABLE_NAME', 'proposals')
    vi.stubEnv('PROPOSE_QUEUE_URL', `${url}/111122223333/propose`)
    vi.stubEnv('LOOK_QUEUE_URL', `${url}/111122223333/look`)
    vi.stubEnv('CONFIG_FILE', fileURLToPath(new URL('rolemedic.config.json', root)))
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT')
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true')
    vi.stubEnv('BOT_ROLE_ARNS', 'arn:aws:iam::111122223333:role/rolemedic-apply')
  })
  afterAll(() => {
    server.close()
    vi.unstubAllEnvs()
  })

  const message = (messageId: string, body: string) => ({ messageId, body }) as SQSEvent['Records'][number]
  const denial = (eventID: string, role: string) =>
    JSON.stringify(record)
      .replaceAll('role/app/orders-task', `role/app/${role}`)
      .replace(/"eventID":"[^"]+"/, `"eventID":"${eventID}"`)
      .replace('2026-11-24T02:47:31Z', new Date().toISOString())

  it('brings back only the messages that failed', async () => {
    const { handler } = await import('../../functions/intake/handler.ts')
    const event = {
      Records: [
        message('good', denial('a', 'orders-task')),
        message('bad', denial('b', 'refuse-me')),
        message('unreadable', 'not json'),
        message('good-too', denial('c', 'orders-other')),
      ],
    }
    expect(await handler(event, { getRemainingTimeInMillis: () => 10_000 } as Context)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'bad' }],
    })
    expect(sent.map(body => (JSON.parse(body) as { kind: string }).kind)).toEqual([
      'propose',
      'first-look',
      'propose',
      'first-look',
    ])
  })
})
