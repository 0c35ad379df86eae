/** A process of `write` dies at every call in turn, before it and after it took effect; then the message comes again. */
import { describe, expect, it } from 'vitest'
import type { WriteAsk } from '../../functions/domain/authority/checks/input.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { resumeAsk, TRUST } from './grant-asks.ts'
import { AFTER, BEFORE, BOTH, REVERT } from './two-changes.ts'
import { type WriteWorld, writeWorld } from './write-world.ts'

type Crash = {
  readonly what: string
  readonly ask: WriteAsk
  readonly again: WriteAsk
  readonly prepare?: (world: WriteWorld) => Promise<unknown>
  readonly result: string
  readonly documents: object
  /** Calls that IAM accepted, in the worst case. */
  readonly writes: number
  /** Fewer calls than this would mean that the test watches something else. */
  readonly calls: number
}

const CRASHES: readonly Crash[] = [
  {
    what: 'a write, and its message comes again',
    ask: BOTH,
    again: BOTH,
    result: 'written',
    documents: AFTER,
    writes: 2,
    calls: 25,
  },
  {
    what: 'a write, and is resumed',
    ask: BOTH,
    again: resumeAsk(),
    result: 'written',
    documents: AFTER,
    writes: 2,
    calls: 25,
  },
  {
    what: 'a write that IAM refuses in the middle',
    ask: BOTH,
    again: BOTH,
    prepare: async world =>
      world.iam.refusals.set(keyOf(TRUST), { code: 'LimitExceeded', message: 'full', retry: false }),
    result: 'undone',
    documents: BEFORE,
    writes: 2,
    calls: 25,
  },
  {
    what: 'a take-away',
    ask: REVERT,
    again: REVERT,
    prepare: world => world.write(BOTH),
    result: 'taken-away',
    documents: BEFORE,
    writes: 4,
    calls: 20,
  },
]

describe('a crash at every call of', () => {
  it.each(CRASHES)(
    '$what writes nothing twice and loses nothing',
    async ({ ask, again, prepare, result, documents, writes, calls }) => {
      for (const moment of ['before', 'after'] as const) {
        let at = 1
        for (; ; at += 1) {
          const world = writeWorld()
          await prepare?.(world)
          const died = await world.killed(ask, at, moment)
          if (died !== 'dead') break
          world.clock.nowMs += 61_000
          let outcome = await world.write(again)
          // A resume of what was not begun changes nothing: the message itself comes again.
          if (outcome.code === 'not-spent') outcome = await world.write(ask)
          const place = `${moment} call ${at}`
          expect([place, outcome.result]).toEqual([place, result])
          expect(world.documents()).toEqual(documents)
          expect(world.iam.writes.length).toBeLessThanOrEqual(writes)
          const closing = world.outcomes().filter(one => one.result === result)
          expect([place, closing.length]).toEqual([place, result === 'taken-away' ? closing.length : 1])
          expect(closing.length).toBeGreaterThan(0)
          expect(world.sent.at(-1)?.number).toBe(outcome.number)
        }
        expect(at).toBeGreaterThan(calls)
      }
    },
  )
})
