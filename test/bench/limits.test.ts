import { describe, expect, it } from 'vitest'
import { eventQueue } from '../../bench/scale/event-queue.ts'
import { eventSource } from '../../bench/scale/event-source.ts'
import { rateLimit } from '../../bench/scale/services/limits.ts'

describe('a rate', () => {
  it('lets through a burst and then its rate, for each key', () => {
    const limit = rateLimit('test', { perSecond: 2, burst: 3 })
    expect([0, 0, 0, 0, 0].map(ms => limit.take('a', ms))).toEqual([0, 0, 0, 500, 500])
    expect(limit.take('b', 0)).toBe(0)
    expect(limit.take('a', 400)).toBeCloseTo(100)
    expect(limit.take('a', 500)).toBe(0)
    expect(limit.take('a', 999)).toBeGreaterThan(0)
    expect([limit.refused(), Math.round(limit.waitedMs())]).toEqual([4, 1_101])
  })

  it('lets nobody save up more than a burst', () => {
    const limit = rateLimit('test', { perSecond: 1, burst: 2 })
    expect([0, 0, 0].map(() => limit.take('a', 3_600_000))).toEqual([0, 0, 1_000])
  })

  it('spreads what waits for it over the time that it takes', async () => {
    const events = eventQueue(0)
    const limit = rateLimit('test', { perSecond: 1, burst: 1 })
    const sentMs: number[] = []
    const send = async () => {
      for (let wait = limit.take('channel', events.now()); wait > 0; wait = limit.take('channel', events.now()))
        await events.sleep(wait)
      sentMs.push(Math.round(events.now()))
    }
    const all = Promise.all(Array.from({ length: 10 }, send))
    await events.runUntil(60_000)
    await all
    expect(sentMs).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000])
  })
})

describe('a queue with its function', () => {
  const WORK_MS = 1_000

  async function handled(atOnce: number, batch: number, messages: number) {
    const events = eventQueue(0)
    const doneMs = new Map<string, number>()
    let running = 0
    let most = 0
    const source = eventSource(events, {
      batch,
      atOnce,
      visibilityMs: 60_000,
      maxReceives: 3,
      coldStartMs: 0,
      start: () => async bodies => {
        running += 1
        most = Math.max(most, running)
        await events.sleep(WORK_MS)
        running -= 1
        for (const body of bodies) doneMs.set(body, events.now())
        return []
      },
    })
    for (let at = 0; at < messages; at += 1) source.send(`m-${at}`)
    await events.runUntil(600_000)
    return { source, doneMs, most }
  }

  it('handles as many batches at once as it may, no more', async () => {
    const { most, doneMs, source } = await handled(3, 1, 30)
    expect(most).toBe(3)
    // Ten rounds of a second, plus the time to receive.
    expect(Math.max(...doneMs.values())).toBe(10 * (WORK_MS + 20))
    expect(source.use).toMatchObject({ invocations: 30, received: 30, busyMs: 30 * WORK_MS })
    expect(Math.max(...source.use.ages)).toBe(9 * (WORK_MS + 20))
  })

  it('takes what waits together, up to a batch', async () => {
    const { source } = await handled(1, 10, 25)
    // The first message comes alone, because no other is there yet.
    expect(source.use).toMatchObject({ invocations: 4, received: 25 })
  })

  it('delivers a failed message again after the visibility timeout, and gives it up after its last attempt', async () => {
    const events = eventQueue(0)
    const attempts: string[] = []
    const source = eventSource(events, {
      batch: 10,
      atOnce: 1,
      visibilityMs: 10_000,
      maxReceives: 3,
      coldStartMs: 0,
      start: () => async bodies => {
        attempts.push(...bodies.map(body => `${body} ${Math.floor(events.now() / 1000)}`))
        return bodies.filter(body => body === 'bad')
      },
    })
    source.send('bad')
    source.send('good', { delayMs: 5_000 })
    await events.runUntil(120_000)
    expect(attempts).toEqual(['bad 0', 'good 5', 'bad 10', 'bad 20'])
    expect(source.use.dead).toBe(1)
    expect(source.left()).toBe(0)
  })

  it('handles one message of a group at a time', async () => {
    const events = eventQueue(0)
    const ended: string[] = []
    const source = eventSource(events, {
      batch: 1,
      atOnce: 4,
      visibilityMs: 60_000,
      maxReceives: 3,
      coldStartMs: 0,
      start: () => async bodies => {
        await events.sleep(WORK_MS)
        ended.push(`${bodies[0]} ${Math.floor(events.now() / 1000)}`)
        return []
      },
    })
    for (const [body, group] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ] as const)
      source.send(body, { group })
    await events.runUntil(60_000)
    expect(ended).toEqual(['a1 1', 'b1 1', 'a2 2'])
  })

  it('counts the start of each process as time of the function', async () => {
    const events = eventQueue(0)
    const source = eventSource(events, {
      batch: 1,
      atOnce: 2,
      visibilityMs: 60_000,
      maxReceives: 3,
      coldStartMs: 500,
      start: () => async () => [],
    })
    for (let at = 0; at < 6; at += 1) source.send(`m-${at}`)
    await events.runUntil(60_000)
    expect(source.use.busyMs).toBe(2 * 500)
  })
})
