/** A grant that ends is kept by another change, and its end comes meanwhile: whatever dies, neither undoes the other, and no end is lost. */
import { describe, expect, it } from 'vitest'
import { limitedAfter } from '../../core/patch/limited-document.ts'
import type { DocumentChange } from '../../core/patch/target.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { CALLER, NOON, ONE_CHANGE, TWO_CHANGES, takeAwayAsk, writeAsk } from './grant-asks.ts'
import { type WriteWorld, writeWorld } from './write-world.ts'

const MINUTE = 60_000
const ENDS = NOON + 3 * MINUTE

const limited = (changes: readonly DocumentChange[]): readonly DocumentChange[] =>
  changes.map(change => ({ ...change, after: limitedAfter(change, ENDS) }))
/** From what the first one wrote to the same without an end. */
const endless = (changes: readonly DocumentChange[]): readonly DocumentChange[] =>
  limited(changes).map(({ target, after }, at) => ({ target, before: after, after: changes[at]?.after ?? after }))

const END = takeAwayAsk({ reason: { kind: 'end' } })

const documentsOf = (changes: readonly DocumentChange[], state: 'before' | 'after') =>
  Object.fromEntries(changes.flatMap(change => (change[state] === null ? [] : [[keyOf(change.target), change[state]]])))

async function standing(changes: readonly DocumentChange[]): Promise<WriteWorld> {
  const world = writeWorld(changes)
  const first = writeAsk({ changes, decisions: [{ endsAtMs: ENDS }] })
  expect(await world.write(first)).toMatchObject({ result: 'written' })
  expect(world.documents()).toEqual(documentsOf(limited(changes), 'after'))
  return world
}

const CASES = [
  { what: 'the policy that rolemedic alone writes', changes: ONE_CHANGE },
  { what: 'that policy and a trust policy', changes: TWO_CHANGES },
] as const

describe.each(CASES)('a grant with an end in $what', ({ changes }) => {
  const keep = writeAsk({ changes: endless(changes), decisions: [{ proposalId: 'p-2' }] }, ['p-1'])

  it('stays where it was kept, and its own end takes nothing', async () => {
    const world = await standing(changes)
    expect(await world.write(keep)).toMatchObject({ result: 'written', ended: ['p-1'] })
    world.clock.nowMs = ENDS + MINUTE
    expect(await world.write(END)).toMatchObject({ result: 'taken-away', code: 'ended' })
    expect(world.documents()).toEqual(documentsOf(changes, 'after'))
  })

  it('is not kept after its end, which comes first', async () => {
    const world = await standing(changes)
    world.clock.nowMs = ENDS + MINUTE
    expect(await world.write(END)).toMatchObject({ result: 'taken-away' })
    expect(await world.write(keep)).toMatchObject({ result: 'refused', code: 'drift' })
    expect(world.documents()).toEqual(documentsOf(changes, 'before'))
  })

  it.each(['the end', 'the change that keeps it'] as const)(
    'loses neither with a crash at any call, where %s comes next',
    async next => {
      let crashes = 0
      for (const moment of ['before', 'after'] as const) {
        for (let at = 1; ; at += 1) {
          const world = await standing(changes)
          if ((await world.killed(keep, at, moment)) !== 'dead') break
          crashes += 1
          world.clock.nowMs = ENDS + MINUTE
          const asks = next === 'the end' ? [END, keep, END] : [keep, END, END]
          for (const ask of asks) await world.write(ask)
          const place = `${moment} call ${at}`
          const [last] = world
            .outcomes()
            .filter(({ proposalId }) => proposalId === 'p-2')
            .slice(-1)
          const isKept = last?.result === 'written'
          expect([place, world.documents()]).toEqual([place, documentsOf(changes, isKept ? 'after' : 'before')])
          // What was not begun or goes back leaves nothing, and the first grant is over either way.
          if (!isKept) expect(['again', 'refused', 'undone']).toContain(last?.result)
          expect(world.keys().some(key => /^ended\/[^/]+\/p-1\//.test(key))).toBe(true)
        }
      }
      expect(crashes).toBeGreaterThan(30)
    },
  )

  it('ends as before where the change that keeps it could not be written', async () => {
    const world = await standing(changes)
    world.iam.refusals.set(keyOf(CALLER), { code: 'LimitExceeded', message: 'full', retry: false })
    expect((await world.write(keep)).result).not.toBe('written')
    world.iam.refusals.clear()
    world.clock.nowMs = ENDS + MINUTE
    expect(await world.write(END)).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(documentsOf(changes, 'before'))
  })
})
