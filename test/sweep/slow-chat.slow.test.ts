/** Slack answers each call after 20 s for an hour. Work that needs no chat must continue in time. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { known } from '../../core/base/fact.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { HOUR, MINUTE, NOON, sampleProposal } from '../fakes/sample-proposal.ts'

const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const SLOW_MS = 20_000
const CARDS = 300

beforeEach(() => void vi.useFakeTimers({ now: NOON }))
afterEach(() => void vi.useRealTimers())

const slowly = <T>(value: T): Promise<T> => new Promise(done => setTimeout(() => done(value), SLOW_MS))

/** Every method of the chat answers late. */
function slowBot(): MemoryBot {
  const bot = memoryBot()
  const { chat } = bot
  return {
    ...bot,
    clock: Date.now,
    chat: {
      ...chat,
      post: async (...asked) => slowly(await chat.post(...asked)),
      update: async (...asked) => slowly(await chat.update(...asked)),
      reply: async (...asked) => slowly(await chat.reply(...asked)),
      membership: async () => slowly(known({ kind: 'member' as const })),
    },
  }
}

const id = (n: number) => `p-${String(n).padStart(3, '0')}`
const own = (n: number) => ({ id: id(n), fingerprint: id(n), dueAtMs: NOON })
const approval = { by: ANNA, atMs: NOON - HOUR, limitHours: 1, reason: null }

/** A hundred of each: rejected cards that only need an update, open ones whose time ends, grants whose time ends. */
function proposals(): readonly Proposal[] {
  const at = (n: number, total: number) => NOON + Math.floor((n / total) * 50) * MINUTE
  const rejection = { by: ANNA, atMs: NOON, reason: 'no' }
  return Array.from({ length: CARDS }, (_, n): Proposal => {
    if (n < 100) return sampleProposal({ status: 'rejected', rejection, ...own(n) })
    if (n < 200) {
      const expiresAtMs = at(n - 100, 100)
      return sampleProposal({ ...own(n), remindersSent: 9, expiresAtMs, dueAtMs: expiresAtMs })
    }
    const endsAtMs = at(n - 200, 100)
    const applied = { changes: [], atMs: NOON - HOUR, endsAtMs, answer: 'allowed' as const }
    return sampleProposal({ status: 'confirmed', approvals: [approval], applied, ...own(n), dueAtMs: endsAtMs })
  })
}

describe('a chat that answers after 20 s for an hour', () => {
  it('delays neither expiry nor the ends of grants nor their records', async () => {
    const bot = slowBot()
    for (const proposal of proposals()) await bot.store.create(proposal)
    const late: number[] = []
    const seen = new Set<string>()
    const sweep = makeSweep(bot)
    const running: Promise<unknown>[] = []
    for (let minute = 0; minute <= 60; minute += 1) {
      running.push(sweep())
      await vi.advanceTimersByTimeAsync(MINUTE)
      for (let n = 100; n < CARDS; n += 1) {
        const now = await bot.store.get(id(n))
        if (now === null || seen.has(now.id) || !['expired', 'reverting'].includes(now.status)) continue
        seen.add(now.id)
        late.push(Date.now() - (n < 200 ? now.expiresAtMs : 'applied' in now ? (now.applied.endsAtMs ?? 0) : 0))
      }
    }
    expect(seen.size).toBe(200)
    // Seen when the minute of its sweep was over.
    expect(Math.max(...late)).toBeLessThanOrEqual(2 * MINUTE)
    const reverts = bot.queue.sent.filter(({ work }) => work.kind === 'revert').map(({ work }) => work)
    expect(new Set(reverts.map(work => 'proposalId' in work && work.proposalId)).size).toBe(100)
    expect(bot.audit.entries.filter(({ kind }) => kind === 'expired')).toHaveLength(100)
    expect(bot.audit.entries.filter(({ kind }) => kind === 'rejected')).toHaveLength(100)
    await vi.advanceTimersByTimeAsync(10 * MINUTE)
    await Promise.all(running)
  })

  it('shows a few cards with each sweep, which ends before its function does', async () => {
    const bot = slowBot()
    for (const proposal of proposals()) await bot.store.create(proposal)
    const begun = Date.now()
    const sweeping = makeSweep(bot)()
    let ended = 0
    void sweeping.then(() => {
      ended = Date.now()
    })
    await vi.advanceTimersByTimeAsync(2 * MINUTE)
    expect(await sweeping).toMatchObject({ more: true, failures: 0 })
    expect(ended - begun).toBeLessThanOrEqual(60_000)
    expect(bot.chat).toBeDefined()
  })
})

describe('one kind of what is to be shown', () => {
  it('does not take the time of another: new cards are posted while old ones are updated', async () => {
    const bot = slowBot()
    const posted: string[] = []
    const rejection = { by: ANNA, atMs: NOON, reason: 'no' }
    for (let n = 0; n < 200; n += 1)
      await bot.store.create(sampleProposal({ status: 'rejected', rejection, ...own(n), dueAtMs: NOON - HOUR }))
    await bot.store.create(sampleProposal({ status: 'drafted', ...own(900), dueAtMs: NOON }))
    const sweeping = makeSweep({ ...bot, postCard: async ({ id }) => void posted.push(id) })()
    await vi.advanceTimersByTimeAsync(MINUTE)
    await sweeping
    expect(posted).toEqual([id(900)])
  })

  it('waits in turn where the batch is full, so that what waits never fills the next one', async () => {
    const bot = slowBot()
    const rejection = { by: ANNA, atMs: NOON, reason: 'no' }
    for (let n = 0; n < 450; n += 1)
      await bot.store.create(sampleProposal({ status: 'rejected', rejection, ...own(n), dueAtMs: NOON - HOUR }))
    const expiresAtMs = NOON - 1
    await bot.store.create(sampleProposal({ ...own(900), remindersSent: 9, expiresAtMs, dueAtMs: expiresAtMs }))
    const sweep = makeSweep(bot)
    for (let minute = 0; minute < 2; minute += 1) {
      const sweeping = sweep()
      await vi.advanceTimersByTimeAsync(MINUTE)
      await sweeping
    }
    expect((await bot.store.get(id(900)))?.status).toBe('expired')
  })

  it('waits in turn also where one item cannot be put off: the others are, and the sweep ends', async () => {
    const bot = slowBot()
    const rejection = { by: ANNA, atMs: NOON, reason: 'no' }
    for (let n = 0; n < 450; n += 1)
      await bot.store.create(sampleProposal({ status: 'rejected', rejection, ...own(n), dueAtMs: NOON - HOUR }))
    const broken = id(390)
    const unreadable = async (wanted: string) => {
      if (wanted === broken) throw new Error('the item is unreadable')
      return bot.store.get(wanted)
    }
    const sweeping = makeSweep({ ...bot, store: { ...bot.store, get: unreadable } })()
    await vi.advanceTimersByTimeAsync(2 * MINUTE)
    expect(await sweeping).toMatchObject({ more: true })
    expect((await bot.store.get(id(391)))?.dueAtMs).toBeGreaterThan(NOON)
  })
})
