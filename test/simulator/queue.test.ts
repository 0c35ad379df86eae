import { describe, expect, it } from 'vitest'
import type { Work } from '../../functions/domain/proposal/work.ts'
import { inProcessQueue } from '../../simulator/queue.ts'

const apply = (proposalId: string): Work => ({ kind: 'verify', proposalId })
const propose = (fingerprint: string): Work => ({ kind: 'propose', fingerprint })
const idOf = (work: Work) => {
  switch (work.kind) {
    case 'propose':
    case 'first-look':
      return work.fingerprint
    case 'announce':
      return work.deploy
    case 'publish':
      return work.order.proposalId
    default:
      return work.proposalId
  }
}

describe('the in-process queue', () => {
  it('delivers messages that were sent before a listener started', async () => {
    const queue = inProcessQueue()
    await queue.send(propose('f1'))
    const seen: string[] = []
    queue.listen(async work => void seen.push(idOf(work)))
    await queue.drain()
    expect(seen).toEqual(['f1'])
  })

  it('keeps the order within a group, one at a time, while other groups continue', async () => {
    const queue = inProcessQueue()
    const log: string[] = []
    const other = Promise.withResolvers<void>()
    queue.listen(async work => {
      log.push(`+${idOf(work)}`)
      if (idOf(work) === 'b1') other.resolve()
      else await other.promise
      log.push(`-${idOf(work)}`)
    })
    for (const id of ['a1', 'a2', 'a3']) await queue.send(apply(id), { group: 'a' })
    await queue.send(apply('b1'), { group: 'b' })
    await queue.drain()
    expect(log.filter(line => line.includes('a'))).toEqual(['+a1', '-a1', '+a2', '-a2', '+a3', '-a3'])
    expect(log.indexOf('-b1')).toBeLessThan(log.indexOf('-a1'))
  })

  it('retries with increasing delays before the next of the group starts, and gives up in the end', async () => {
    const dead: string[] = []
    const queue = inProcessQueue({ maxAttempts: 3, backoffMs: 1, onDead: work => void dead.push(idOf(work)) })
    const log: string[] = []
    queue.listen(async work => {
      log.push(idOf(work))
      if (idOf(work) === 'bad') throw new Error('no')
    })
    await queue.send(apply('bad'), { group: 'g' })
    await queue.send(apply('good'), { group: 'g' })
    await queue.drain()
    expect(log).toEqual(['bad', 'bad', 'bad', 'good'])
    expect(dead).toEqual(['bad'])
  })

  it('multiplies delays by the pace', async () => {
    const queue = inProcessQueue({ pace: 0 })
    const seen: string[] = []
    queue.listen(async work => void seen.push(idOf(work)))
    await queue.send(propose('f1'), { delaySeconds: 60 })
    await queue.drain()
    expect(seen).toEqual(['f1'])
  })

  it('drops a duplicate with the same deduplication id', async () => {
    const queue = inProcessQueue()
    const seen: string[] = []
    queue.listen(async work => void seen.push(idOf(work)))
    await queue.send(apply('p-1'), { deduplicationId: 'd' })
    await queue.send(apply('p-1'), { deduplicationId: 'd' })
    await queue.drain()
    expect(seen).toEqual(['p-1'])
  })

  it('drops waiting messages when closed', async () => {
    const queue = inProcessQueue()
    const seen: string[] = []
    queue.listen(async work => void seen.push(idOf(work)))
    await queue.send(propose('f1'), { delaySeconds: 3600 })
    await queue.close()
    expect(seen).toEqual([])
    await expect(queue.send(propose('f2'))).rejects.toThrow('closed')
  })
})
