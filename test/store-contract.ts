/** What every proposal store must do, whatever its storage is. */
import { beforeEach, describe, expect, it } from 'vitest'
import { cardPlacement } from '../functions/domain/stored/markers.ts'
import type { ProposalStore } from '../functions/ports/proposal-store.ts'
import { APPROVAL, DENIAL, MINUTE, NOON, OUTCOME, sampleProposal } from './fakes/sample-proposal.ts'

const GRACE_MS = 5 * MINUTE
const denial = (n: number) => ({ ...DENIAL, id: `event-${n}`, timeMs: NOON + n * 1000 })

export function storeContract(name: string, open: () => Promise<ProposalStore>): void {
  describe(`the proposal store ${name}`, () => {
    let store: ProposalStore
    beforeEach(async () => {
      store = await open()
    })

    it('creates an occurrence at the first denial, counts others, and ignores an event seen before', async () => {
      const first = await store.recordOccurrence(denial(1), 'f1', NOON)
      expect(first).toMatchObject({ first: true, duplicate: false, occurrence: { count: 1, proposalId: null } })
      const second = await store.recordOccurrence(denial(2), 'f1', NOON + 2000)
      expect(second).toMatchObject({
        first: false,
        duplicate: false,
        occurrence: { count: 2, firstSeenMs: NOON, lastSeenMs: NOON + 2000, eventIds: ['event-1', 'event-2'] },
      })
      expect(second.occurrence.denial.id).toBe('event-2')
      const again = await store.recordOccurrence(denial(1), 'f1', NOON + 3000)
      expect(again).toMatchObject({ first: false, duplicate: true, occurrence: { count: 2, lastSeenMs: NOON + 2000 } })
      expect(await store.occurrence('f1')).toEqual(again.occurrence)
      expect(await store.occurrence('f2')).toBe(null)
    })

    it('keeps the newest denial when an older one arrives late', async () => {
      await store.recordOccurrence(denial(5), 'f1', NOON)
      await store.recordOccurrence(denial(3), 'f1', NOON + 1)
      expect((await store.occurrence('f1'))?.denial.id).toBe('event-5')
    })

    it('puts a denial in the place of its twin from another source, and counts both as one', async () => {
      await store.recordOccurrence({ ...denial(1), source: 'message' }, 'f1', NOON)
      const twin = await store.recordOccurrence(denial(2), 'f1', NOON + 2000, { twinOf: 'event-1' })
      expect(twin).toMatchObject({ first: false, duplicate: false, occurrence: { count: 1, eventIds: ['event-2'] } })
      expect(twin.occurrence.denial).toMatchObject({ id: 'event-2', source: DENIAL.source })
      const later = await store.recordOccurrence(denial(3), 'f1', NOON + 3000, { twinOf: 'event-1' })
      expect(later.occurrence).toMatchObject({ count: 2, eventIds: ['event-2', 'event-3'] })
      const again = await store.recordOccurrence(denial(2), 'f1', NOON + 4000, { twinOf: 'event-1' })
      expect(again).toMatchObject({ duplicate: true, occurrence: { count: 2 } })
    })

    it('counts twenty denials that arrive at once, each once, and shows ten of their ids', async () => {
      const sights = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.recordOccurrence(denial(n), 'f1', NOON + n)),
      )
      expect(sights.filter(one => one.first)).toHaveLength(1)
      const occurrence = await store.occurrence('f1')
      expect(occurrence).toMatchObject({ count: 20, lastSeenMs: NOON + 19 })
      expect(occurrence?.eventIds).toHaveLength(10)
    })

    it('names a proposal for an occurrence only from the one that it named before', async () => {
      expect(await store.claimOccurrence('f1', null, 'p-1')).toBe(false)
      await store.recordOccurrence(denial(1), 'f1', NOON)
      expect(await store.claimOccurrence('f1', null, 'p-1')).toBe(true)
      expect(await store.claimOccurrence('f1', null, 'p-1')).toBe(true)
      expect(await store.claimOccurrence('f1', null, 'p-2')).toBe(false)
      expect(await store.claimOccurrence('f1', 'p-1', 'p-2')).toBe(true)
      expect((await store.occurrence('f1'))?.proposalId).toBe('p-2')
    })

    it('lets one of two that claim an occurrence at once win', async () => {
      await store.recordOccurrence(denial(1), 'f1', NOON)
      const claims = await Promise.all(['a', 'b', 'c'].map(id => store.claimOccurrence('f1', null, id)))
      expect(claims.filter(Boolean)).toHaveLength(1)
    })

    it('creates a proposal once, and gives the one that is there', async () => {
      const proposal = sampleProposal()
      expect(await store.create(proposal)).toEqual({ ok: true, value: proposal })
      expect(await store.create({ ...proposal, fingerprint: 'other' })).toEqual({ ok: false, error: proposal })
      expect(await store.get('p-1')).toEqual(proposal)
      expect(await store.get('p-2')).toBe(null)
    })

    it('replaces the version that the writer saw, and gives the loser what won', async () => {
      const proposal = sampleProposal()
      await store.create(proposal)
      const results = await Promise.all(
        ['U1', 'U2', 'U3', 'U4'].map(id =>
          store.replace(proposal, { ...proposal, approvals: [{ ...APPROVAL, by: { id, name: id }, signed: null }] }),
        ),
      )
      const winners = results.flatMap(result => (result.ok ? [result.value] : []))
      expect(winners).toHaveLength(1)
      expect(winners[0]?.version).toBe(2)
      for (const result of results) if (!result.ok) expect(result.error).toEqual(winners[0])
      expect(await store.get('p-1')).toEqual(winners[0])
    })

    it('refuses to replace what is not there, or is another', async () => {
      const proposal = sampleProposal()
      await expect(store.replace(proposal, proposal)).rejects.toThrow()
      await store.create(proposal)
      await expect(store.replace(proposal, { ...proposal, id: 'p-2' })).rejects.toThrow()
    })

    it('finds what is due, oldest first, and forgets it when it is due no more', async () => {
      for (const [id, dueAtMs] of [
        ['late', NOON + 3],
        ['early', NOON + 1],
        ['future', NOON + 100],
        ['never', null],
      ] as const)
        await store.create(sampleProposal({ id, status: 'applied', dueAtMs }))
      const ids = async (nowMs: number, limit = 10) => (await store.due(nowMs, limit)).map(proposal => proposal.id)
      expect(await ids(NOON + 50)).toEqual(['early', 'late'])
      expect(await ids(NOON + 50, 1)).toEqual(['early'])
      const early = await store.get('early')
      if (early?.status === 'applied') await store.replace(early, { ...early, dueAtMs: null })
      expect(await ids(NOON + 50)).toEqual(['late'])
    })

    it('finds changes before the cards of a storm, and cards that nobody has seen before the others', async () => {
      for (const [id, status, dueAtMs] of [
        ['open', 'open', NOON + 1],
        ['expired', 'expired', NOON + 2],
        ['drafted', 'drafted', NOON + 3],
        ['applied', 'applied', NOON + 4],
      ] as const)
        await store.create(sampleProposal({ id, status, dueAtMs }))
      const ids = async (limit: number) => (await store.due(NOON + 50, limit)).map(proposal => proposal.id)
      expect(await ids(10)).toEqual(['applied', 'drafted', 'open', 'expired'])
      expect(await ids(2)).toEqual(['applied', 'drafted'])
      const open = await store.get('open')
      if (open?.status === 'open')
        await store.replace(open, { ...sampleProposal({ status: 'approved' }), id: 'open', dueAtMs: NOON + 5 })
      expect(await ids(10)).toEqual(['applied', 'open', 'drafted', 'expired'])
    })

    it('lists what has not ended, newest first', async () => {
      await store.create(sampleProposal({ id: 'old', createdAtMs: NOON }))
      await store.create(sampleProposal({ id: 'new', createdAtMs: NOON + 5 }))
      await store.create(sampleProposal({ id: 'ended', createdAtMs: NOON + 9, status: 'rejected', dueAtMs: null }))
      const ids = async (limit: number) => (await store.open(limit)).map(proposal => proposal.id)
      expect(await ids(10)).toEqual(['new', 'old'])
      expect(await ids(1)).toEqual(['new'])
      const old = await store.get('old')
      if (old !== null) await store.replace(old, { ...sampleProposal({ status: 'expired' }), id: 'old' })
      expect(await ids(10)).toEqual(['new'])
    })

    it('lists what stands, the last applied first, until it is reverted', async () => {
      const applied = (atMs: number) => ({ ...OUTCOME, atMs })
      await store.create(
        sampleProposal({ id: 'first', status: 'confirmed', applied: applied(NOON), createdAtMs: NOON + 9 }),
      )
      await store.create(sampleProposal({ id: 'last', status: 'applied', applied: applied(NOON + 5) }))
      await store.create(sampleProposal({ id: 'going', status: 'reverting', applied: applied(NOON + 2) }))
      await store.create(sampleProposal({ id: 'gone', status: 'reverted', applied: applied(NOON + 3) }))
      for (const status of ['open', 'approved', 'rejected', 'failed'] as const)
        await store.create(sampleProposal({ id: status, status }))
      const ids = async (limit: number) => (await store.standing(limit)).map(proposal => proposal.id)
      expect(await ids(10)).toEqual(['last', 'going', 'first'])
      expect(await ids(2)).toEqual(['last', 'going'])
      const going = await store.get('going')
      if (going !== null) await store.replace(going, { ...sampleProposal({ status: 'reverted' }), id: 'going' })
      expect(await ids(10)).toEqual(['last', 'first'])
      expect(await store.occurrencesBetween('111122223333', 'eu-west-1', 0, NOON + 99 * MINUTE)).toEqual([])
    })

    it('lists what is not over from a time on, the oldest first', async () => {
      for (const [n, status] of (['confirmed', 'open', 'drafted', 'applied', 'expired'] as const).entries())
        await store.create(sampleProposal({ id: status, status, createdAtMs: NOON + n }))
      const ids = async (fromMs: number, limit: number) => (await store.openSince(fromMs, limit)).map(({ id }) => id)
      expect(await ids(NOON, 10)).toEqual(['open', 'drafted', 'applied'])
      expect(await ids(NOON + 2, 10)).toEqual(['drafted', 'applied'])
      expect(await ids(NOON + 2, 1)).toEqual(['drafted'])
    })

    it('lists what is to be decided for an account, what expires first before the others', async () => {
      const [change] = OUTCOME.changes
      if (change === undefined) throw new Error('no change')
      const other = { ...change, target: { ...change.target, accountId: '444455556666' } }
      const patch = { digest: 'd', changes: [other] }
      await store.create(sampleProposal({ id: 'late', expiresAtMs: NOON + 9 }))
      await store.create(sampleProposal({ id: 'soon', expiresAtMs: NOON + 5, createdAtMs: NOON + 3 }))
      await store.create(sampleProposal({ id: 'other', expiresAtMs: NOON + 1, patch }))
      for (const status of ['drafted', 'approved', 'applied', 'expired', 'reverted'] as const)
        await store.create(sampleProposal({ id: status, status }))
      const ids = async (account: string, limit = 10) => (await store.openIn(account, limit)).map(({ id }) => id)
      expect(await ids('111122223333')).toEqual(['soon', 'late'])
      expect(await ids('111122223333', 1)).toEqual(['soon'])
      expect(await ids('444455556666')).toEqual(['other'])
      expect(await ids('*')).toEqual([])
      const soon = await store.get('soon')
      if (soon !== null) await store.replace(soon, { ...sampleProposal({ status: 'rejected' }), id: 'soon' })
      expect(await ids('111122223333')).toEqual(['late'])
    })

    it('lists apart what stands and ends, the next end first', async () => {
      const until = (endsAtMs: number | null) => ({ ...OUTCOME, endsAtMs })
      await store.create(sampleProposal({ id: 'late', status: 'confirmed', applied: until(NOON + 9) }))
      await store.create(sampleProposal({ id: 'next', status: 'applied', applied: until(NOON + 5) }))
      await store.create(sampleProposal({ id: 'over', status: 'reverting', applied: until(NOON - 1) }))
      await store.create(sampleProposal({ id: 'endless', status: 'confirmed', applied: until(null) }))
      await store.create(sampleProposal({ id: 'gone', status: 'reverted', applied: until(NOON + 1) }))
      const ids = async (limit: number) => (await store.limited(limit)).map(({ id }) => id)
      expect(await ids(10)).toEqual(['over', 'next', 'late'])
      expect(await ids(2)).toEqual(['over', 'next'])
      expect((await store.standing(10)).map(({ id }) => id)).toEqual(['endless'])
    })

    it('lists forty in the order of their time, however many are read at once', async () => {
      const times = Array.from({ length: 40 }, (_, n) => NOON + n)
      for (const atMs of times)
        await store.create(
          sampleProposal({ id: `p-${atMs - NOON}`, status: 'confirmed', applied: { ...OUTCOME, atMs } }),
        )
      expect((await store.standing(40)).map(({ applied }) => applied.atMs)).toEqual(times.toReversed())
      expect(await store.standing(33)).toHaveLength(33)
    })

    it('finds occurrences without a proposal once their time has passed', async () => {
      await store.recordOccurrence(denial(1), 'f1', NOON)
      await store.recordOccurrence(denial(2), 'f2', NOON + 10)
      const due = async (nowMs: number) => (await store.dueOccurrences(nowMs, 10)).map(one => one.fingerprint)
      expect(await due(NOON + GRACE_MS - 1)).toEqual([])
      expect(await due(NOON + GRACE_MS + 10)).toEqual(['f1', 'f2'])
      await store.claimOccurrence('f1', null, 'p-1')
      expect(await due(NOON + GRACE_MS + 10)).toEqual(['f2'])
    })

    it('finds occurrences of an account and Region last seen within a window', async () => {
      await store.recordOccurrence(denial(1), 'f1', NOON)
      await store.recordOccurrence(denial(2), 'f2', NOON + 10 * MINUTE)
      await store.recordOccurrence({ ...denial(3), region: 'us-east-1' }, 'f3', NOON)
      const found = await store.occurrencesBetween('111122223333', 'eu-west-1', NOON - 1, NOON + MINUTE)
      expect(found.map(one => one.fingerprint)).toEqual(['f1'])
      expect(await store.occurrencesBetween('444455556666', 'eu-west-1', 0, NOON + 99 * MINUTE)).toEqual([])
    })

    it('counts up for everybody at once', async () => {
      const values = await Promise.all(Array.from({ length: 10 }, () => store.increment('cards/1', NOON + MINUTE)))
      expect(values.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      expect(await store.increment('cards/2', NOON + MINUTE)).toBe(1)
      expect(await store.counted('cards/1')).toBe(10)
      expect(await store.counted('cards/3')).toBe(0)
    })

    it('stores a marker only over the version that was seen', async () => {
      const list = cardPlacement('p-1')
      expect(await store.getMarker(list)).toBe(null)
      expect(await store.putMarker(list, 3, { listKey: 'a' })).toBe(false)
      expect(await store.putMarker(list, 0, { listKey: 'a' })).toBe(true)
      expect(await store.putMarker(list, 0, { listKey: 'b' })).toBe(false)
      expect(await store.getMarker(list)).toEqual({ version: 1, value: { listKey: 'a' } })
      expect(await store.putMarker(list, 1, { listKey: 'c' })).toBe(true)
      expect(await store.getMarker(list)).toEqual({ version: 2, value: { listKey: 'c' } })
    })
  })
}
