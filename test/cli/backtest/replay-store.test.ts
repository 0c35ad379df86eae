import { describe, expect, it } from 'vitest'
import { replayStore } from '../../../cli/use-cases/backtest/replay-store.ts'
import { requeued } from '../../../functions/domain/proposal/transitions.ts'
import { DENIAL, MINUTE, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'
import { storeContract } from '../../store-contract.ts'

storeContract('of a back-test', async () => replayStore({ clock: () => NOON, settleGraceMs: 5 * MINUTE }))

describe('the store of a back-test', () => {
  it('says when the next proposal or occurrence is due, and forgets what is due no more', async () => {
    const store = replayStore({ clock: () => NOON, settleGraceMs: 5 * MINUTE })
    expect(store.nextDueMs()).toBe(null)
    await store.recordOccurrence(DENIAL, 'f1', NOON)
    expect(store.nextDueMs()).toBe(NOON + 5 * MINUTE)
    await store.claimOccurrence('f1', null, 'p-1')
    expect(store.nextDueMs()).toBe(null)
    const proposal = { ...sampleProposal(), dueAtMs: NOON + MINUTE }
    await store.create(proposal)
    expect(store.nextDueMs()).toBe(NOON + MINUTE)
    await store.replace(proposal, requeued(proposal, NOON + 10 * MINUTE))
    expect(store.nextDueMs()).toBe(NOON + 12 * MINUTE)
  })

  it('forgets a counter once it expired', async () => {
    let nowMs = NOON
    const store = replayStore({ clock: () => nowMs, settleGraceMs: 0 })
    expect(await store.increment('look/f1', NOON + MINUTE)).toBe(1)
    expect(await store.increment('look/f1', NOON + MINUTE)).toBe(2)
    nowMs = NOON + MINUTE
    expect(await store.counted('look/f1')).toBe(0)
    expect(await store.increment('look/f1', NOON + 2 * MINUTE)).toBe(1)
  })
})
