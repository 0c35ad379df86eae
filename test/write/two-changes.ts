/** What is asked about one grant of two documents, how they are before and after it, and worlds in which its process died. */
import { keyOf } from '../fakes/memory-iam.ts'
import {
  CALLER,
  DEPLOYMENT,
  HOUR,
  NOON,
  passRole,
  policy,
  revertOf,
  TRUST,
  TWO_CHANGES,
  takeAwayAsk,
  writeAsk,
} from './grant-asks.ts'
import { type WriteWorld, writeWorld } from './write-world.ts'

export const BOTH = writeAsk({ changes: TWO_CHANGES })
/** It ends after an hour. */
export const LIMITED = writeAsk({ changes: TWO_CHANGES, decisions: [{ endsAtMs: NOON + HOUR }] })
export const REVERT = takeAwayAsk({ reason: revertOf(TWO_CHANGES) })

export const BEFORE = { [keyOf(TRUST)]: TWO_CHANGES[0]?.before ?? policy() }
export const AFTER = { [keyOf(TRUST)]: TWO_CHANGES[0]?.after, [keyOf(CALLER)]: policy(passRole()) }

export const SPENT_KEY = `spent/${DEPLOYMENT}/p-1`

/** The first world, over the calls of a write in turn, in which the process died and `is` holds. */
export async function diedOnce(is: (world: WriteWorld) => boolean, ask = BOTH): Promise<WriteWorld> {
  for (let at = 1; at < 200; at += 1) {
    const world = writeWorld()
    await world.killed(ask, at, 'after')
    if (is(world)) return world
  }
  throw new Error('it never died so')
}

/** A world in which the process died once the ledger had an object of this name. */
export const diedAfter = (name: 'spent/' | 'written/0' | 'written/1', ask = BOTH): Promise<WriteWorld> => {
  const key = name === 'spent/' ? SPENT_KEY : `written/${DEPLOYMENT}/p-1/${name.slice(-1)}`
  return diedOnce(world => world.keys().includes(key), ask)
}
