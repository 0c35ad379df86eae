import { describe, expect, it } from 'vitest'
import type { EventHistory } from '../../../functions/ports/event-history.ts'
import { SILENT_OBSERVER } from '../../../functions/ports/silent-observer.ts'
import { countedWitness, lastLookups, shownLookups } from '../../../functions/workflows/denial/lookups.ts'
import { memoryStore } from '../../fakes/memory-store.ts'
import { DENIAL, MINUTE, NOON } from '../../fakes/sample-proposal.ts'

const PLACE = { accountId: '111122223333', region: 'eu-west-1' }
const WINDOW = { fromMs: 0, toMs: 1 }
const RECORDED = { ...DENIAL, timeMs: NOON }

/** An empty history, and how often it was asked. */
function empty(minutes = 3) {
  let nowMs = NOON + minutes * MINUTE
  let sent = 0
  const send = async (limits: Parameters<EventHistory['search']>[3]) => {
    if ((await limits?.mayRequest?.()) === false) return false
    sent += 1
    return true
  }
  const history: EventHistory = {
    byId: async (_place, _id, limits) =>
      (await send(limits)) ? { kind: 'absent' } : { kind: 'unreadable', why: NONE_LEFT },
    search: async (_place, _by, _window, limits) =>
      (await send(limits)) ? { known: true, value: { records: [], complete: true } } : { known: false, why: NONE_LEFT },
  }
  const deps = { history, explanations: null, store: memoryStore(), clock: () => nowMs, observer: SILENT_OBSERVER }
  return {
    deps,
    sent: () => sent,
    wait: (by: number) => {
      nowMs += by * MINUTE
    },
    confirm: (denial = RECORDED) => countedWitness(deps)(denial, nowMs, 'p-1'),
    async show(risk: 'low' | 'high', times: number) {
      const lookups = shownLookups({ id: 'p-1', denial: RECORDED, risks: [risk] }, deps)
      for (let n = 0; n < times; n += 1) await lookups.ask(PLACE, { userName: 'run-1' }, WINDOW)
      return lookups.left()
    },
  }
}
const NONE_LEFT = 'no request to the event history is left for this denial'

describe('the confirmation before a write', () => {
  it('keeps its share however often something is only shown', async () => {
    const { show, confirm, sent, wait } = empty()
    expect(await show('high', 20)).toBe(0)
    expect(sent()).toBe(5)
    expect((await confirm()).kind).toBe('waiting')
    expect((await confirm()).kind).toBe('waiting')
    // The last one is kept for the time when no record can be late any more.
    expect((await confirm()).kind).toBe('waiting')
    expect(sent()).toBe(7)
    wait(15)
    expect(await confirm()).toEqual({ kind: 'refuted', why: 'CloudTrail has no record of this denial' })
    expect(sent()).toBe(8)
  })

  it('says that it was asked out, and sends nothing more', async () => {
    const { confirm, sent } = empty(20)
    for (let n = 0; n < 8; n += 1) await confirm()
    expect(await confirm()).toEqual({
      kind: 'spent',
      why: 'CloudTrail was asked for this denial as often as it may be, and did not show it by then',
    })
    expect(sent()).toBe(8)
  })

  it('of a text has all eight, as nothing is shown for it before', async () => {
    const { confirm, sent, wait } = empty()
    const reported = { ...RECORDED, source: 'message' as const }
    for (let n = 0; n < 10; n += 1) await confirm(reported)
    wait(15)
    await confirm(reported)
    expect(sent()).toBeLessThanOrEqual(8)
    expect((await confirm(reported)).kind).not.toBe('confirmed')
  })
})

describe('what is looked at for a denial', () => {
  it('leaves two requests for the time after a write of low risk', async () => {
    const { show, sent } = empty()
    expect(await show('low', 20)).toBe(0)
    expect(sent()).toBe(6)
  })

  it('last before the write leaves one', async () => {
    const { deps, sent } = empty()
    const lookups = lastLookups({ id: 'p-1' }, deps)
    for (let n = 0; n < 20; n += 1) await lookups.ask(PLACE, { userName: 'run-1' }, WINDOW)
    expect(sent()).toBe(7)
  })

  it('is counted for each card alone', async () => {
    const { deps, show, sent } = empty()
    await show('low', 20)
    const other = shownLookups({ id: 'p-2', denial: RECORDED, risks: ['low'] }, deps)
    expect(await other.left()).toBe(6)
    expect(sent()).toBe(6)
  })

  it('tells a refused request from one that is not left', async () => {
    const { deps } = empty()
    const refused = { ...deps, history: { search: async () => ({ known: false as const, why: 'refused' }) } }
    const lookups = shownLookups({ id: 'p-1', denial: RECORDED, risks: ['low'] }, refused)
    expect(await lookups.ask(PLACE, { userName: 'run-1' }, WINDOW)).toEqual({ kind: 'unreadable', why: 'refused' })
  })
})
