/** IAM shows a write seconds later, at times only on a second look, and a call may fail on the way: nothing is believed too early. */
import { describe, expect, it } from 'vitest'
import { found } from '../../core/base/fact.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { Target } from '../../core/patch/target.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import {
  CALLER,
  letIn,
  MINUTE,
  policy,
  resumeAsk,
  revertOf,
  TRUST,
  TWO_CHANGES,
  takeAwayAsk,
  writeAsk,
} from './grant-asks.ts'
import { AFTER, BEFORE, BOTH, diedAfter, REVERT } from './two-changes.ts'
import { type WriteWorld, writeWorld } from './write-world.ts'

const TASKS = TWO_CHANGES[0]?.before ?? policy()
const DENIED = { code: 'AccessDenied', message: 'no', retry: false }

/** The process died before its first write, and it is 20 minutes later. */
async function died(): Promise<WriteWorld> {
  const world = await diedAfter('spent/')
  world.clock.nowMs += 20 * MINUTE
  return world
}

/** Until `shownAtMs`, reads give what stands now. */
function freeze({ iam, clock }: WriteWorld, shownAtMs: number, documents = new Map(iam.documents)): void {
  const { read } = iam
  iam.read = async target => {
    if (clock.nowMs >= shownAtMs) return read(target)
    const stale = documents.get(keyOf(target))
    return stale === undefined ? { kind: 'absent' } : found(structuredClone(stale))
  }
}

describe('what IAM shows late', () => {
  it('is waited for where its answer was a fault, however long ago the proposal was begun', async () => {
    const world = await died()
    freeze(world, world.clock.nowMs + 25_000)
    const { write } = world.iam
    world.iam.write = async (target, document) => {
      const answer = await write(target, document)
      if (document === null) return answer
      return { ok: false, error: { code: 'ServiceFailure', message: 'an internal error', retry: true } }
    }
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code: 'ServiceFailure' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('is waited for until it is read back, for the minute that IAM may take', async () => {
    const one = TWO_CHANGES.slice(0, 1)
    for (const [lateMs, result] of [
      [50_000, 'written'],
      [70_000, 'undone'],
    ] as const) {
      const world = writeWorld(one)
      freeze(world, world.clock.nowMs + lateMs)
      expect([lateMs, await world.write(writeAsk({ changes: one }))]).toMatchObject([lateMs, { result }])
    }
  })

  it('is waited for by a revert that comes seconds after a resume wrote', async () => {
    const world = await died()
    const before = new Map(world.iam.documents)
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'written' })
    world.clock.nowMs += 2_000
    freeze(world, world.clock.nowMs + 40_000, before)
    expect(await world.write({ ...REVERT, askedAtMs: world.clock.nowMs })).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('keeps no revert waiting for a minute where the write was long ago', async () => {
    const world = writeWorld()
    await world.write(BOTH)
    world.clock.nowMs += 20 * MINUTE
    for (const [key, document] of Object.entries(BEFORE)) world.iam.documents.set(key, document)
    world.iam.documents.delete(keyOf(CALLER))
    const startMs = world.clock.nowMs
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away' })
    expect(world.clock.nowMs - startMs).toBeLessThan(20_000)
    expect(world.clock.nowMs - startMs).toBeGreaterThanOrEqual(15_000)
  })
})

describe('an edit by somebody else while a grant is taken away', () => {
  it('is looked at twice, also where this run has written the document before', async () => {
    const one = TWO_CHANGES.slice(0, 1)
    const world = writeWorld(one)
    expect(await world.write(writeAsk({ changes: one }))).toMatchObject({ result: 'written' })
    const theirs = (...more: readonly string[]) => policy(...TASKS.Statement, letIn(), ...more.map(letIn))
    world.iam.afterWrite = () => {
      world.iam.afterWrite = null
      world.iam.documents.set(keyOf(TRUST), theirs('ffffffff'))
      // The second edit shows 3 s later.
      freeze(world, world.clock.nowMs + 3_000)
      world.iam.documents.set(keyOf(TRUST), theirs('ffffffff', 'eeeeeeee'))
      writer.read = world.iam.read
    }
    const writer = { read: world.iam.read, write: world.iam.write }
    Object.assign(world.deps, { writerFor: () => ({ ...writer, read: (target: Target) => writer.read(target) }) })
    expect(await world.write(takeAwayAsk({ reason: revertOf(one) }))).toMatchObject({ result: 'taken-away' })
    const kept = policy(...TASKS.Statement, letIn('ffffffff'), letIn('eeeeeeee'))
    expect(world.documents()).toEqual({ [keyOf(TRUST)]: kept })
  })
})

describe('a fault on the way', () => {
  /** The `nth` call with this document fails once. */
  function failing(
    world: WriteWorld,
    call: 'read' | 'write',
    isIt: (target: Target, after: PolicyDocument | null) => boolean,
  ) {
    const { read, write } = world.iam
    let isDone = false
    const fault = () => {
      isDone = true
      throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' })
    }
    if (call === 'read') world.iam.read = async target => (!isDone && isIt(target, null) ? fault() : read(target))
    else
      world.iam.write = async (target, after) => {
        const answer = await write(target, after)
        return !isDone && isIt(target, after) ? fault() : answer
      }
  }

  it('while it reads what it wrote brings the message again, and the write goes on', async () => {
    const world = writeWorld()
    failing(world, 'read', target => target.kind === 'role-trust-policy' && world.iam.writes.length === 2)
    await expect(world.write(BOTH)).rejects.toThrow('socket hang up')
    expect(world.outcomes()).toEqual([])
    world.clock.nowMs += 5 * MINUTE
    expect(await world.write(BOTH)).toMatchObject({ result: 'written' })
    expect(world.documents()).toEqual(AFTER)
    expect(world.iam.writes).toHaveLength(2)
  })

  it.each(['read', 'write'] as const)(
    'of a %s while it goes back leaves nothing: the message comes again',
    async call => {
      const world = writeWorld()
      world.iam.refusals.set(keyOf(TRUST), DENIED)
      let isBack = false
      const { create } = world.ledger
      world.ledger.create = async (key, text) => {
        if (key.endsWith('/back')) isBack = true
        return create(key, text)
      }
      failing(world, call, target => isBack && target.kind === 'role-inline-policy')
      await expect(world.write(BOTH)).rejects.toThrow('socket hang up')
      expect(world.outcomes()).toEqual([])
      world.clock.nowMs += 5 * MINUTE
      // Why it goes back is kept with the mark.
      expect(await world.write(BOTH)).toMatchObject({ result: 'undone', code: DENIED.code, left: [] })
      expect(world.documents()).toEqual(BEFORE)
    },
  )

  it('that lasts while it goes back, such as throttling, leaves nothing either', async () => {
    const world = writeWorld()
    world.iam.afterWrite = () => {
      world.iam.refusals.set(keyOf(TRUST), DENIED)
      world.iam.refusals.set(keyOf(CALLER), { code: 'Throttling', message: 'Rate exceeded', retry: true })
    }
    await expect(world.write(BOTH)).rejects.toThrow('Rate exceeded')
    expect(world.outcomes()).toEqual([])
    world.iam.refusals.delete(keyOf(CALLER))
    world.clock.nowMs += 5 * MINUTE
    world.iam.afterWrite = null
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', left: [] })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('of a revert brings its message again, which then finishes it', async () => {
    const world = writeWorld()
    await world.write(BOTH)
    failing(world, 'write', (target, after) => target.kind === 'role-inline-policy' && after === null)
    await expect(world.write(REVERT)).rejects.toThrow('socket hang up')
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(BEFORE)
  })
})
