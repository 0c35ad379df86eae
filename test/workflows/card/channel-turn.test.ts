import { afterEach, describe, expect, it } from 'vitest'
import { configSchema } from '../../../functions/domain/config/config.ts'
import { channelTurns } from '../../../functions/domain/stored/markers.ts'
import { SILENT_OBSERVER } from '../../../functions/ports/silent-observer.ts'
import { makePropose } from '../../../functions/propose/propose.ts'
import { askTurn } from '../../../functions/workflows/card/channel-turn.ts'
import { postCard } from '../../../functions/workflows/card/post-card.ts'
import { memoryStore } from '../../fakes/memory-store.ts'
import { inStatus, NOON } from '../../fakes/sample-proposal.ts'
import { type ProposeBench, proposeBench } from '../../propose/propose-fixture.ts'

const SECOND = 1_000
/** A card needs less until its message is sent. */
const SOON = 100

describe('turns in a channel', () => {
  function turns() {
    let nowMs = NOON
    const store = memoryStore()
    const ask = askTurn({ store, clock: () => nowMs, observer: SILENT_OBSERVER })
    return {
      store,
      at: (ms: number) => {
        nowMs = NOON + ms
      },
      ask: (how: 'first' | 'again' | number = 'first') => ask('C1', how),
    }
  }

  it('are a second apart, and what would wait for longer than fifteen seconds asks again', async () => {
    const { ask, at } = turns()
    for (let n = 0; n < 15; n += 1) expect(await ask()).toEqual({ isHeld: true, ms: SOON + n * SECOND })
    const first = await ask()
    // One waits: between half a second and a second after the turns that are taken.
    expect(first.isHeld).toBe(false)
    expect(first.ms).toBeGreaterThanOrEqual(SOON + 15.5 * SECOND)
    expect(first.ms).toBeLessThanOrEqual(SOON + 16 * SECOND)
    for (let n = 0; n < 98; n += 1) await ask()
    const last = await ask()
    expect(last.ms).toBeGreaterThanOrEqual(SOON + 65 * SECOND)
    expect(last.ms).toBeLessThanOrEqual(SOON + 115 * SECOND)
    at(16 * SECOND)
    expect(await ask('again')).toEqual({ isHeld: true, ms: SOON })
  })

  it('are held for what cannot come again, not before it may be sent, and not without end', async () => {
    const { ask } = turns()
    expect(await ask(3 * SECOND)).toEqual({ isHeld: true, ms: 3 * SECOND })
    for (let n = 4; n <= 29; n += 1) expect(await ask(SECOND)).toEqual({ isHeld: true, ms: n * SECOND })
    expect(await ask(SECOND)).toEqual({ isHeld: true, ms: SECOND })
    expect(await ask()).toMatchObject({ isHeld: false })
  })

  it('are asked for a few times by each of 5,000 cards that come at once', async () => {
    const { ask, at } = turns()
    const waiting = Array.from({ length: 5_000 }, (_, n) => ({ atMs: n * 5, asked: 0 }))
    const asked: number[] = []
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      at(next.atMs)
      const { isHeld, ms } = await ask(next.asked === 0 ? 'first' : 'again')
      next.asked += 1
      next.atMs += ms
      const { atMs } = next
      if (isHeld) asked.push(next.asked)
      else waiting.splice(waiting.findLastIndex(one => one.atMs <= atMs) + 1, 0, next)
    }
    // Lambda stops what one event has caused when a function was invoked about 16 times for it.
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    expect(Math.max(...asked)).toBeLessThanOrEqual(12)
  })

  it('that nobody takes for a while are free for all', async () => {
    const { ask, at } = turns()
    for (let n = 0; n <= 100; n += 1) await ask()
    at(5 * 60 * SECOND)
    for (let n = 0; n < 15; n += 1) await ask()
    // Nobody is counted that asked before.
    expect((await ask()).ms).toBeLessThanOrEqual(SOON + 16 * SECOND)
  })

  it('are a courtesy: an item that claims more, or a table that is down, holds nobody back', async () => {
    const { ask, store } = turns()
    await store.putMarker(channelTurns('C1'), 0, { freeAtMs: NOON + 3_600 * SECOND, waiting: 1_000_000 })
    expect(await ask()).toEqual({ isHeld: true, ms: SOON })
    const down = { getMarker: async () => Promise.reject(new Error('down')), putMarker: store.putMarker }
    const alone = askTurn({ store: down, clock: () => NOON, observer: SILENT_OBSERVER })
    expect(await alone('C1', 'first')).toEqual({ isHeld: true, ms: 0 })
    expect(await alone('C1', 2 * SECOND)).toEqual({ isHeld: true, ms: 2 * SECOND })
  })
})

describe('cards of a storm', () => {
  const CONFIG = configSchema.parse({
    mode: 'approve',
    approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
    digestAfterCards: 3,
    digestWindowMinutes: 10,
  })
  const CARDS = 30
  const fingerprint = (n: number): string => String(n).padStart(16, '0')

  let bench: ProposeBench
  afterEach(() => bench.slack.close())

  async function storm() {
    bench = await proposeBench({ config: CONFIG })
    const slept: number[] = []
    const deps = { ...bench.deps, askTurn: askTurn(bench.deps), sleep: async (ms: number) => void slept.push(ms) }
    const propose = makePropose(deps)
    for (let n = 1; n <= CARDS; n += 1) {
      await bench.recordOccurrence(fingerprint(n), NOON, { resource: `arn:aws:iam::111122223333:role/app-${n}` })
      await propose(fingerprint(n))
    }
    return { propose, slept }
  }
  const proposalOf = async (n: number) =>
    bench.store.get((await bench.store.occurrence(fingerprint(n)))?.proposalId ?? '')
  const posted = () => bench.slack.messages().filter(({ text }) => text.includes('was denied'))
  const statuses = async () =>
    Promise.all(Array.from({ length: CARDS }, async (_, n) => (await proposalOf(n + 1))?.status))

  it('wait for their turn, come again by the queue, and are posted once each', async () => {
    const { propose, slept } = await storm()
    // The three before the storm ask for no turn.
    expect(slept).toEqual(Array.from({ length: 15 }, (_, n) => SOON + n * SECOND))
    expect((await statuses()).filter(status => status === 'open')).toHaveLength(18)
    const waiting = bench.later.filter(({ delaySeconds }) => delaySeconds > 0)
    expect(waiting).toHaveLength(CARDS - 18)
    // Nobody posts a card before it is due, as often as its denial is repeated.
    expect(await propose(fingerprint(CARDS))).toMatchObject({ kind: 'delayed' })
    let rounds = 0
    for (const { work, delaySeconds } of bench.later) {
      if (work.kind !== 'propose' || delaySeconds === 0) continue
      rounds += 1
      bench.setNow(Math.max(bench.now(), NOON) + 1_100)
      if (rounds === 1) bench.setNow(NOON + 60 * SECOND)
      await propose(work.fingerprint)
    }
    expect(await statuses()).toEqual(Array.from({ length: CARDS }, () => 'open'))
    expect(posted()).toHaveLength(CARDS)
    expect(new Set(posted().map(({ ts }) => ts)).size).toBe(CARDS)
  })

  it('take another turn when the chat refuses one, and nobody loses theirs', async () => {
    bench = await proposeBench({ config: CONFIG })
    const deps = { ...bench.deps, askTurn: askTurn(bench.deps), sleep: async () => {} }
    const propose = makePropose(deps)
    for (let n = 1; n <= 6; n += 1) {
      await bench.recordOccurrence(fingerprint(n), NOON, { resource: `arn:aws:iam::111122223333:role/app-${n}` })
      if (n === 6) bench.slack.addFault({ kind: 'rate-limited', retryAfterSeconds: 1, method: 'chat.postMessage' })
      await propose(fingerprint(n))
    }
    expect(posted()).toHaveLength(6)
    // Three in turn, and the last of them twice.
    const turns = await bench.store.getMarker(channelTurns(bench.deps.config.channel))
    expect(turns?.value.freeAtMs).toBe(NOON + SOON + 4 * SECOND)
  })

  it('whose message is lost are posted by the next sweep that finds them due', async () => {
    await storm()
    const drafted = async () => (await bench.store.due(bench.now(), 100)).filter(({ status }) => status === 'drafted')
    // Longer than the message waits in the queue of a storm: otherwise two would post the card.
    bench.setNow(NOON + 4 * 60 * SECOND)
    expect(await drafted()).toEqual([])
    bench.setNow(NOON + 6 * 60 * SECOND)
    const due = await bench.store.due(bench.now(), 100)
    const left = due.filter(({ status }) => status === 'drafted')
    expect(left).toHaveLength(CARDS - 18)
    for (const proposal of left) await postCard(inStatus(proposal, 'drafted'), bench.deps)
    expect(posted()).toHaveLength(CARDS)
  })
})
