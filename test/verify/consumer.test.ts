import { describe, expect, it } from 'vitest'
import { consume } from '../../functions/verify/consumer.ts'

function bench(verify: () => Promise<string> = async () => 'asked') {
  const asked: unknown[] = []
  const logged: unknown[] = []
  const counted: string[] = []
  const deps = {
    pressed: async (id: string) => {
      asked.push(['pressed', id])
      return 'shown'
    },
    verify: (id: string) => {
      asked.push(['verify', id])
      return verify()
    },
    bringHome: async (...given: readonly unknown[]) => {
      asked.push(['outcome', ...given])
      return 'applied'
    },
    lookForRecord: async (id: string) => {
      asked.push(['witness', id])
      return 'seen'
    },
    revert: async (...given: readonly unknown[]) => {
      asked.push(['revert', ...given])
      return 'reverted'
    },
    bridge: async (id: string) => {
      asked.push(['bridge', id])
      return 'kept'
    },
    observer: {
      log: (level: string, message: string, fields = {}) => void logged.push([level, message, fields]),
      count: (metric: string) => void counted.push(metric),
    },
  }
  return { asked, logged, counted, deps }
}

describe('a message of a queue of verify', () => {
  it('is carried out, and told with the proposal that its trace is found by', async () => {
    const { asked, logged, deps } = bench()
    await consume('{"kind":"pressed","proposalId":"p-1"}', deps)
    await consume('{"kind":"verify","proposalId":"p-1"}', deps)
    await consume('{"kind":"outcome","proposalId":"p-1","number":7}', deps)
    await consume('{"kind":"witness","proposalId":"p-1"}', deps)
    await consume('{"kind":"revert","proposalId":"p-2","by":{"id":"U1","name":"Ana"}}', deps)
    await consume('{"kind":"bridge","proposalId":"p-3"}', deps)
    expect(asked).toEqual([
      ['pressed', 'p-1'],
      ['verify', 'p-1'],
      ['outcome', 'p-1', 7],
      ['witness', 'p-1'],
      // Who asks is in the signed decision: a message says nothing about that.
      ['revert', 'p-2'],
      ['bridge', 'p-3'],
    ])
    expect(logged).toEqual([
      ['info', 'work_done', { kind: 'pressed', proposalId: 'p-1', outcome: 'shown' }],
      ['info', 'work_done', { kind: 'verify', proposalId: 'p-1', outcome: 'asked' }],
      ['info', 'work_done', { kind: 'outcome', proposalId: 'p-1', outcome: 'applied' }],
      ['info', 'work_done', { kind: 'witness', proposalId: 'p-1', outcome: 'seen' }],
      ['info', 'work_done', { kind: 'revert', proposalId: 'p-2', outcome: 'reverted' }],
      ['info', 'work_done', { kind: 'bridge', proposalId: 'p-3', outcome: 'kept' }],
    ])
  })

  it('of an earlier version that fails is told with its proposal, and comes again', async () => {
    const { logged, deps } = bench(async () => {
      throw new TypeError('DynamoDB is away')
    })
    await expect(consume('{"kind":"apply","proposalId":"p-1"}', deps)).rejects.toThrow('DynamoDB is away')
    expect(logged).toEqual([
      ['error', 'work_failed', { kind: 'verify', proposalId: 'p-1', error: 'TypeError: DynamoDB is away' }],
    ])
  })

  it.each(['not json', '{}', '{"kind":"propose","fingerprint":"0123456789abcdef"}'])(
    'that reads %s is counted, told and dropped',
    async body => {
      const { asked, logged, counted, deps } = bench()
      await consume(body, deps)
      expect(asked).toEqual([])
      expect(counted).toEqual(['Unreadable'])
      expect(logged).toEqual([['error', 'message_unreadable', expect.anything()]])
    },
  )
})
