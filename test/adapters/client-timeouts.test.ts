import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, it } from 'vitest'
import { DEFAULT_TIMEOUTS } from '../../functions/adapters/aws/clients/client-timeouts.ts'

it('a request that nobody answers is made again', async () => {
  let requests = 0
  const server = createServer((_, response) => {
    requests += 1
    if (requests > 1) response.end('{"MessageId":"m-1"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new SQSClient({
    requestHandler: { ...DEFAULT_TIMEOUTS.requestHandler, requestTimeout: 1_000 },
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    md5: false,
  })
  const answer = await client.send(new SendMessageCommand({ QueueUrl: 'http://127.0.0.1/q', MessageBody: 'work' }))
  server.closeAllConnections()
  server.close()
  expect(answer.MessageId).toBe('m-1')
  expect(requests).toBe(2)
})

it('every client of AWS that a function makes gives up in time', () => {
  const folder = join(import.meta.dirname, '../../functions')
  const clients = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .flatMap(name => [...readFileSync(join(folder, name), 'utf8').matchAll(MADE)].map(([made]) => made))
  expect(clients.length).toBeGreaterThan(12)
  // `shared` and `settings` contain it; `write` is given it.
  expect(
    clients.filter(made => !/TIMEOUTS\b|\.\.\.role\.timeouts\b|\((shared|settings)\)|\(configOf\(/.test(made)),
  ).toEqual([])
  expect(readFileSync(join(folder, 'write/handler.ts'), 'utf8')).toContain('timeouts: LONG_TIMEOUTS')
})

/** The call with its options, which may take several lines. */
const MADE = /\bnew (?!Web)\w+Client\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g
