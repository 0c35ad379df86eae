import { describe, expect, it } from 'vitest'
import { DEAD_LETTER_QUEUES, isQueueDone, redriveQueues } from '../../../cli/use-cases/operate/redrive-queues.ts'
import { memoryQueues } from './memory-queues.ts'

const ALL = [
  'rolemedic-intake-dead',
  'rolemedic-propose-dead',
  'rolemedic-look-dead',
  'rolemedic-verify-dead.fifo',
  'rolemedic-write-dead.fifo',
  'rolemedic-outcome-dead',
  'rolemedic-alert-dead',
  'rolemedic-publish-dead',
  'rolemedic-rules-dead',
]
const everywhere = Object.fromEntries(ALL.map(queue => [queue, 3]))

describe('rolemedic redrive', () => {
  it('knows every dead-letter queue of the hub', () => {
    expect(DEAD_LETTER_QUEUES).toEqual(ALL)
  })

  it('moves back what others than the bot may send, and leaves the rest', async () => {
    const queues = memoryQueues(everywhere)
    const { queues: answers } = await redriveQueues(null, queues)
    expect(answers.map(({ queue, messages, outcome }) => [queue, messages, outcome])).toEqual([
      ['rolemedic-intake-dead', 3, 'moving'],
      ['rolemedic-propose-dead', 3, 'moving'],
      ['rolemedic-look-dead', 3, 'moving'],
      ['rolemedic-verify-dead.fifo', 3, 'left'],
      ['rolemedic-write-dead.fifo', 3, 'left'],
      ['rolemedic-outcome-dead', 3, 'left'],
      ['rolemedic-alert-dead', 3, 'moving'],
      ['rolemedic-publish-dead', 3, 'moving'],
      ['rolemedic-rules-dead', 3, 'left'],
    ])
    expect(queues.moved).toEqual(
      ['intake', 'propose', 'look', 'alert', 'publish'].map(
        name => `arn:aws:sqs:eu-west-1:111122223333:rolemedic-${name}-dead`,
      ),
    )
    expect(answers.every(isQueueDone)).toBe(false)
  })

  it.each([
    ['rolemedic-verify-dead.fifo', /only the bot may send to the queue of verify.*sweep asks for it again.*purge/],
    ['rolemedic-write-dead.fifo', /only the bot may send to the queue of write.*sweep has verify ask.*purge/],
    ['rolemedic-outcome-dead', /only the bot may send to the queue of outcome.*what write keeps.*purge/],
    ['rolemedic-rules-dead', /EventBridge could not deliver.*by hand.*docs\/runbooks\.md#dead-letters/],
  ])('says of %s why they stay, and what to do', async (queue, why) => {
    const { queues } = await redriveQueues(queue, memoryQueues(everywhere))
    expect(queues).toMatchObject([{ queue, outcome: 'left', why: expect.stringMatching(why) }])
  })

  it('asks nothing to move where nothing waits', async () => {
    const queues = memoryQueues()
    const { queues: answers } = await redriveQueues(null, queues)
    expect(answers.map(({ outcome }) => outcome)).toEqual(ALL.map(() => 'empty'))
    expect(answers.every(isQueueDone)).toBe(true)
    expect(queues.moved).toEqual([])
  })

  it('takes one queue, by the name in the alarm or by its function', async () => {
    for (const given of ['rolemedic-alert-dead', 'alert']) {
      const queues = memoryQueues(everywhere)
      expect((await redriveQueues(given, queues)).queues.map(({ queue }) => queue)).toEqual(['rolemedic-alert-dead'])
      expect(queues.moved).toHaveLength(1)
    }
  })

  it.each(['rolemedic-intake', 'orders-dead', '__proto__'])('knows no %s', async given => {
    await expect(redriveQueues(given, memoryQueues())).rejects.toThrow(/is no dead-letter queue: rolemedic-intake-dead/)
  })

  it('goes on with the others where AWS refuses one', async () => {
    const queues = memoryQueues({
      ...everywhere,
      'rolemedic-intake-dead': new Error('AccessDenied'),
      'rolemedic-alert-dead': null,
    })
    const { queues: answers } = await redriveQueues(null, queues)
    const of = (name: string) => answers.find(({ queue }) => queue === name)
    expect(of('rolemedic-intake-dead')).toEqual({
      ...{ queue: 'rolemedic-intake-dead', messages: null, outcome: 'unread', why: 'AccessDenied' },
    })
    expect(of('rolemedic-alert-dead')).toMatchObject({ messages: null, outcome: 'unread', why: /no such queue/ })
    expect(of('rolemedic-publish-dead')).toMatchObject({ outcome: 'moving' })
  })

  it('says what AWS answered where it does not begin to move', async () => {
    const { queues } = await redriveQueues('intake', memoryQueues(everywhere, new Error('a task is running already')))
    expect(queues).toEqual([
      { queue: 'rolemedic-intake-dead', messages: 3, outcome: 'refused', why: 'a task is running already' },
    ])
    expect(queues.every(isQueueDone)).toBe(false)
  })

  it('takes an account or a Region without the bot for a mistake', async () => {
    const none = Object.fromEntries(ALL.map(queue => [queue, null]))
    await expect(redriveQueues(null, memoryQueues(none))).rejects.toThrow(
      /no dead-letter queue of rolemedic in eu-west-1/,
    )
  })
})
