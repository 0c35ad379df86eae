/** What is over is taken away without the table, and what cannot be taken away is not asked for in every run. */
import { expect, it } from 'vitest'
import { keyOf } from '../fakes/memory-iam.ts'
import { NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { type World, worldWith } from '../fakes/verify-world.ts'
import { approval, approved } from './verify-fixture.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ENDS = NOON + HOUR
const KEY = keyOf(IDENTITY_CHANGE.target)

/** A grant of an hour; somebody has edited its statement, so that nobody can tell what of it is theirs. */
async function editedWorld(): Promise<World> {
  const world = await worldWith(approved(undefined, { approvals: [approval(1)] }))
  expect(await world.process().apply('p-1')).toBe('applied')
  edit(world, '*')
  return world
}

function edit(world: World, Resource: string): void {
  const document = world.iam.documents.get(KEY)
  if (document === undefined) throw new Error('nothing was written')
  world.iam.documents.set(KEY, { ...document, Statement: document.Statement.map(one => ({ ...one, Resource })) })
}

/** Each run of the schedule from one time to another, in one process. Gives after how many minutes it asked. `write` null: it does not answer. */
function scheduled(world: World, write: 'answers' | null = 'answers') {
  const live = world.process()
  return async (fromMs: number, toMs: number): Promise<readonly number[]> => {
    const asked: number[] = []
    for (let overMs = fromMs; overMs < toMs; overMs += 5 * MINUTE) {
      world.clock.nowMs = ENDS + overMs
      if ((await live.ends()).length > 0) asked.push(overMs / MINUTE)
      if (write === 'answers') await live.answer()
    }
    return asked
  }
}

const outcomes = (world: World): number =>
  [...world.ledger.stored.keys()].filter(key => key.startsWith('outcomes/')).length

it('is asked for in each run of the first hour, hourly on the first day, and then daily', async () => {
  const world = await editedWorld()
  const run = scheduled(world)
  expect(await run(0, HOUR)).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55])
  expect(await run(HOUR, 4 * HOUR)).toEqual([60, 120, 180])
  const before = outcomes(world)
  expect(await run(30 * HOUR, 33 * HOUR)).toEqual([30 * 60])
  expect(await run(52 * HOUR, 55 * HOUR)).toEqual([54 * 60])
  expect(outcomes(world) - before).toBe(2)
})

it('raises one alarm, which lasts until nothing of it is left', async () => {
  const world = await editedWorld()
  const run = scheduled(world)
  await run(0, 10 * MINUTE)
  expect(world.counted).not.toContain('RevertFailed')
  for (let overMs = 10 * MINUTE; overMs < 3 * HOUR; overMs += 5 * MINUTE) {
    world.counted.length = 0
    await run(overMs, overMs + 5 * MINUTE)
    expect(world.counted).toContain('RevertFailed')
  }
  edit(world, IDENTITY_CHANGE.after.Statement[0]?.Resource as string)
  await run(3 * HOUR, 3 * HOUR + 5 * MINUTE)
  world.counted.length = 0
  expect(await run(3 * HOUR + 5 * MINUTE, 4 * HOUR)).toEqual([])
  expect(world.counted).toEqual([])
})

it('ends within a run after it can be taken away', async () => {
  const world = await editedWorld()
  const run = scheduled(world)
  await run(0, 2 * HOUR)
  await run(48 * HOUR, 50 * HOUR)
  edit(world, IDENTITY_CHANGE.after.Statement[0]?.Resource as string)
  expect(await run(50 * HOUR, 50 * HOUR + 5 * MINUTE)).toEqual([3000])
  expect(world.iam.documents.has(KEY)).toBe(false)
  expect(await world.get()).toMatchObject({ status: 'reverted' })
})

it('is asked for by a new process, and no more often where its documents cannot be read', async () => {
  const world = await editedWorld()
  await scheduled(world)(0, 3 * HOUR)
  world.iam.read = async () => ({ kind: 'unreadable', why: 'AccessDenied' })
  expect(await scheduled(world, null)(3 * HOUR + 10 * MINUTE, 4 * HOUR)).toEqual([190])
  world.iam.read = () => Promise.reject(new Error('throttled'))
  expect(await scheduled(world, null)(4 * HOUR + 10 * MINUTE, 5 * HOUR)).toEqual([250])
})

it('is asked for in the next run where the queue did not take it', async () => {
  const world = await editedWorld()
  await scheduled(world)(0, HOUR)
  let isDown = true
  const live = world.process((call, moment) => {
    if (isDown && call === 'asks.send' && moment === 'before') throw new Error('the queue is away')
  })
  world.clock.nowMs = ENDS + 26 * HOUR
  await expect(live.ends()).rejects.toThrow()
  isDown = false
  world.clock.nowMs += 5 * MINUTE
  expect(await live.ends()).toEqual(['p-1'])
})

it('is asked for after a clock that was ahead was set right', async () => {
  const world = await editedWorld()
  const live = world.process()
  for (const [overMs, isAsked] of [
    [700 * HOUR, true],
    [2 * HOUR, true],
    [2 * HOUR + 5 * MINUTE, false],
    [3 * HOUR, true],
  ] as const) {
    world.clock.nowMs = ENDS + overMs
    expect([overMs, (await live.ends()).length > 0]).toEqual([overMs, isAsked])
  }
})
