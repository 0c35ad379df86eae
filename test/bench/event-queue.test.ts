import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type EventQueue, eventQueue } from '../../bench/scale/event-queue.ts'
import { installVirtualTime } from '../../bench/scale/virtual-time.ts'

describe('a clock of planned events', () => {
  it('runs them in the order of their times, and those of one moment in the order in which they were planned', async () => {
    const events = eventQueue(1_000)
    const ran: string[] = []
    const note = (what: string) => () => void ran.push(`${events.now()} ${what}`)
    for (const [ms, what] of [
      [1_500, 'c'],
      [1_200, 'a'],
      [1_500, 'd'],
      [1_300, 'b'],
      [900, 'past'],
    ] as const)
      events.at(ms, note(what))
    await events.runUntil(2_000)
    expect(ran).toEqual(['1000 past', '1200 a', '1300 b', '1500 c', '1500 d'])
    expect(events.now()).toBe(2_000)
  })

  it('keeps the order of a thousand, whatever the order in which they are planned', async () => {
    const events = eventQueue(0)
    const ran: number[] = []
    for (let at = 0; at < 1_000; at += 1) events.at((at * 7_919) % 1_000, () => void ran.push(events.now()))
    await events.runUntil(1_000)
    expect(ran).toEqual(Array.from({ length: 1_000 }, (_, at) => at))
  })

  it('lets promises that an event settles run on before the next event', async () => {
    const events = eventQueue(0)
    const ran: string[] = []
    const worker = async (name: string, ms: number) => {
      for (let steps = 0; steps < 2; steps += 1) {
        await events.sleep(ms)
        await Promise.resolve()
        ran.push(`${name} ${events.now()}`)
      }
    }
    void worker('slow', 30)
    void worker('quick', 20)
    await events.runUntil(100)
    expect(ran).toEqual(['quick 20', 'slow 30', 'quick 40', 'slow 60'])
  })

  it('runs nothing beyond its end, and goes on from there', async () => {
    const events = eventQueue(0)
    const ran: number[] = []
    events.at(10, () => void ran.push(10))
    events.at(30, () => void ran.push(30))
    await events.runUntil(20)
    expect([ran, events.now()]).toEqual([[10], 20])
    await events.runUntil(40)
    expect(ran).toEqual([10, 30])
  })

  it('runs nothing that was cancelled', async () => {
    const events = eventQueue(0)
    const ran: string[] = []
    const cancel = events.at(10, () => void ran.push('never'))
    events.at(20, () => void ran.push('later'))
    cancel()
    await events.runUntil(100)
    expect(ran).toEqual(['later'])
  })
})

describe('in virtual time', () => {
  let restore = (): void => {}
  afterEach(() => restore())

  const virtual = (): EventQueue => {
    const events = eventQueue(5_000)
    restore = installVirtualTime(events)
    return events
  }

  it('timers, waits and clocks of Node follow the events', async () => {
    const events = virtual()
    const seen: string[] = []
    const startedMs = performance.now()
    setTimeout(() => seen.push(`timer ${Date.now()}`), 100)
    void delay(200, 'value').then(value => seen.push(`${value} ${Date.now()} ${performance.now() - startedMs}`))
    const cleared = setTimeout(() => seen.push('cleared'), 50)
    clearTimeout(cleared)
    await events.runUntil(10_000)
    expect(seen).toEqual(['timer 5100', 'value 5200 200'])
  })

  it('ends with the real clock', async () => {
    const real = { now: Date.now, timer: globalThis.setTimeout }
    virtual()
    restore()
    expect(Date.now).toBe(real.now)
    expect(globalThis.setTimeout).toBe(real.timer)
    await expect(delay(1, 'real')).resolves.toBe('real')
  })
})
