/** The command, against the wire protocol of SQS. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../../cli/dispatch.ts'
import { memoryIo } from '../memory-io.ts'

const called: string[] = []
const earlier = { ...process.env }
/** Messages by the name of the queue. */
let letters: { [queue: string]: { readonly seen: number; readonly held: number } } = {}
let aws: Server

function answerTo(call: string, body: { readonly QueueName?: string; readonly QueueUrl?: string }): object {
  if (call === 'GetQueueUrl') return { QueueUrl: `${process.env['AWS_ENDPOINT_URL']}/111122223333/${body.QueueName}` }
  const queue = body.QueueUrl?.split('/').at(-1) ?? ''
  const { seen, held } = letters[queue] ?? { seen: 0, held: 0 }
  if (call === 'GetQueueAttributes')
    return {
      Attributes: {
        QueueArn: `arn:aws:sqs:eu-west-1:111122223333:${queue}`,
        ApproximateNumberOfMessages: String(seen),
        ApproximateNumberOfMessagesNotVisible: String(held),
      },
    }
  return { TaskHandle: 'task-1' }
}

beforeEach(async () => {
  called.length = 0
  letters = {}
  aws = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      const call = String(request.headers['x-amz-target']).replace('AmazonSQS.', '')
      const parsed = JSON.parse(body)
      if (call === 'StartMessageMoveTask') called.push(`${call} ${parsed.SourceArn}`)
      response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify(answerTo(call, parsed)))
    })
  }).listen(0, '127.0.0.1')
  await once(aws, 'listening')
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAEXAMPLE'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'example'
})
afterEach(() => {
  aws.close()
  process.env = { ...earlier }
})

async function redrive(...args: readonly string[]) {
  const io = { ...memoryIo(), env: process.env }
  const code = await dispatch(['redrive', '--region', 'eu-west-1', ...args], io)
  return { code, out: io.captured.out }
}

describe('rolemedic redrive, as a command', () => {
  it('says so where nothing waits', async () => {
    expect(await redrive()).toEqual({ code: 0, out: 'No dead letters in eu-west-1.\n' })
    expect(called).toEqual([])
  })

  it('moves back, counting what somebody has just received', async () => {
    letters = { 'rolemedic-intake-dead': { seen: 2, held: 1 } }
    expect(await redrive()).toEqual({ code: 0, out: 'rolemedic-intake-dead: 3, being moved back\n' })
    expect(called).toEqual(['StartMessageMoveTask arn:aws:sqs:eu-west-1:111122223333:rolemedic-intake-dead'])
  })

  it('exits 1 for what it leaves, and moves none of it', async () => {
    letters = { 'rolemedic-write-dead.fifo': { seen: 1, held: 0 } }
    const { code, out } = await redrive()
    expect(code).toBe(1)
    expect(out).toMatch(/^rolemedic-write-dead\.fifo: 1, left: only the bot may send/)
    expect(called).toEqual([])
  })

  it('prints JSON', async () => {
    letters = { 'rolemedic-alert-dead': { seen: 1, held: 0 } }
    const { out } = await redrive('alert', '--json')
    expect(JSON.parse(out)).toEqual({
      schema: 'rolemedic.redrive/1',
      region: 'eu-west-1',
      queues: [{ queue: 'rolemedic-alert-dead', messages: 1, outcome: 'moving', why: null }],
    })
  })
})
