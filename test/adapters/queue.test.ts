import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { sqsQueue } from '../../functions/adapters/aws/messaging/sqs-queue.ts'
import { parseWork } from '../../functions/domain/stored/work-message.ts'

const client = new SQSClient({ region: 'eu-west-1' })
const sqs = mockClient(client)
beforeEach(() => sqs.reset())
const queue = sqsQueue({ client, proposeUrl: 'https://sqs/propose', verifyUrl: 'https://sqs/apply.fifo' })
const sent = () => sqs.commandCalls(SendMessageCommand).map(call => call.args[0].input)

describe('the queue', () => {
  it('sends propose work to the standard queue, with its delay up to the most that SQS takes', async () => {
    await queue.send({ kind: 'propose', fingerprint: 'f1' }, { delaySeconds: 60 })
    await queue.send({ kind: 'propose', fingerprint: 'f1' }, { delaySeconds: 5000 })
    expect(sent()).toEqual([
      { QueueUrl: 'https://sqs/propose', MessageBody: '{"kind":"propose","fingerprint":"f1"}', DelaySeconds: 60 },
      { QueueUrl: 'https://sqs/propose', MessageBody: '{"kind":"propose","fingerprint":"f1"}', DelaySeconds: 900 },
    ])
  })

  it('sends apply and revert work to the FIFO queue, in the group of its target', async () => {
    await queue.send(
      { kind: 'verify', proposalId: 'p-1' },
      { group: 'arn:aws:iam::1:role/x', deduplicationId: 'apply/p-1/3' },
    )
    expect(sent()[0]).toMatchObject({
      QueueUrl: 'https://sqs/apply.fifo',
      MessageGroupId: 'arn:aws:iam::1:role/x',
      MessageDeduplicationId: 'apply/p-1/3',
    })
  })

  it('makes a group id that SQS takes from any name', async () => {
    await queue.send({ kind: 'revert', proposalId: 'p-1' }, { group: `arn:aws:iam::1:role/${'x'.repeat(200)}` })
    expect(sent()[0]?.MessageGroupId).toMatch(/^[0-9a-f]{64}$/)
    expect(sent()[0]?.MessageDeduplicationId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('refuses what a FIFO queue cannot do, and work that it has no queue for', async () => {
    await expect(queue.send({ kind: 'verify', proposalId: 'p-1' }, { delaySeconds: 1 })).rejects.toThrow('cannot delay')
    const half = sqsQueue({ client, proposeUrl: null, verifyUrl: null })
    await expect(half.send({ kind: 'propose', fingerprint: 'f' })).rejects.toThrow('no queue for propose')
    expect(sent()).toEqual([])
  })
})

describe('a message', () => {
  it('is read back as what was sent', () => {
    expect(parseWork('{"kind":"apply","proposalId":"p-1"}')).toEqual({
      ok: true,
      value: { kind: 'verify', proposalId: 'p-1' },
    })
    expect(parseWork('{"kind":"revert","proposalId":"p-1","by":{"id":"cli","name":"Ben"}}')).toEqual({
      ok: true,
      value: { kind: 'revert', proposalId: 'p-1', by: { id: 'cli', name: 'Ben' } },
    })
  })

  it.each(['', '{', '[]', '{"kind":"drop"}', '{"kind":"apply"}', '{"kind":"apply","proposalId":"p","v":"x"}'])(
    'is refused when it is %j',
    body => {
      expect(parseWork(body).ok).toBe(false)
    },
  )
})
