import { describe, expect, it } from 'vitest'
import { eventIds } from '../../../cli/use-cases/backtest/event-ids.ts'
import { timeQueue } from '../../../cli/use-cases/backtest/time-queue.ts'

describe('a queue by time', () => {
  it('gives the earliest first, and those of one time in their order', () => {
    const queue = timeQueue<string>()
    const times = [5, 1, 4, 1, 3, 9, 2, 6, 5, 3, 5]
    for (const [at, time] of times.entries()) queue.push(time, `${time}-${at}`)
    const taken: string[] = []
    for (let next = queue.pop(); next !== null; next = queue.pop()) taken.push(next.value)
    expect(taken).toEqual(['1-1', '1-3', '2-6', '3-4', '3-9', '4-2', '5-0', '5-8', '5-10', '6-7', '9-5'])
    expect(queue.first()).toBe(null)
    queue.push(7, 'again')
    expect(queue.first()).toMatchObject({ atMs: 7, value: 'again' })
  })
})

describe('the ids that were seen', () => {
  it('knows each of half a million again, and no other', () => {
    const ids = eventIds()
    const id = (at: number) => `5f3a0000-7c1e-4d21-9b0f-${at.toString(16).padStart(12, '0')}`
    let [added, known] = [0, 0]
    for (let at = 0; at < 500_000; at += 1) if (ids.add(id(at))) added += 1
    for (let at = 0; at < 500_000; at += 1) if (!ids.add(id(at))) known += 1
    expect({ added, known }).toEqual({ added: 500_000, known: 500_000 })
  })

  it('takes no more than it has room for, and calls the rest new', () => {
    const ids = eventIds(1_024)
    for (let at = 0; at < 2_000; at += 1) ids.add(`id-${at}`)
    expect(ids.add('id-0')).toBe(false)
    expect(ids.add('id-1999')).toBe(true)
    expect(ids.add('id-1999')).toBe(true)
  })
})
