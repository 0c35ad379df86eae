/** The steps for pull requests, killed at every call: one pull request, one bridge, nothing left over. */
import { expect, it } from 'vitest'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { branchOf } from '../../functions/domain/proposal/pull-request.ts'
import { crashPoints } from '../crash-points.ts'
import { clickOn, deploy, openWithCode, type Process, pass, press, processOf } from '../fakes/bridge-world.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { RING } from '../fakes/signing.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import type { Fault, World } from '../fakes/verify-world.ts'
import { objectsIn } from '../verify/left-by-bot.ts'

const BRIDGE = keyOf(IDENTITY_CHANGE.target)
class Killed extends Error {}

function killAt(n: number, when: 'before' | 'after') {
  let calls = 0
  let dead = false
  const fault: Fault = (call, moment) => {
    if (dead) throw new Killed(call)
    if (moment === 'before') calls += 1
    if (calls !== n || moment !== when) return
    dead = true
    throw new Killed(call)
  }
  return { fault, calls: () => calls }
}

type Scenario = {
  readonly name: string
  readonly prepare: () => Promise<World>
  readonly run: (world: World, live: Process) => Promise<void>
  readonly minutes: number
  readonly check: (world: World) => Promise<void>
}

const opened = async () => {
  const world = await openWithCode()
  await press(world, processOf(world), 'approve-with-pull')
  return world
}
const onePull = (world: World, state: string) => {
  expect(world.code.pulls.map(pull => pull.state)).toEqual([state])
  expect(world.chat.posts.filter(({ text }) => text.startsWith('Pull request #1 is open'))).toHaveLength(1)
}
const ourBranches = (world: World) => [...world.code.branches.keys()].filter(name => name.startsWith('rolemedic/'))

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a pull request is opened beside the bridge',
    prepare: opened,
    run: (world, live) => pass(world, 8, live),
    minutes: 30,
    async check(world) {
      onePull(world, 'open')
      expect(ourBranches(world)).toEqual([branchOf('p-1')])
      expect(world.iam.documents.has(BRIDGE)).toBe(true)
      expect(world.iam.writes).toHaveLength(1)
    },
  },
  {
    name: 'the bridge of deployed code is removed',
    async prepare() {
      const world = await opened()
      await pass(world, 20, processOf(world))
      world.code.merge(1)
      deploy(world, await world.get())
      return world
    },
    run: (world, live) => pass(world, 30, live),
    minutes: 60,
    async check(world) {
      onePull(world, 'merged')
      expect(ourBranches(world)).toEqual([])
      expect((await world.get()).status).toBe('reverted')
      expect(world.iam.documents.has(BRIDGE)).toBe(false)
      expect(world.iam.writes).toHaveLength(2)
    },
  },
  {
    name: 'a person reverts',
    async prepare() {
      const world = await opened()
      await pass(world, 20, processOf(world))
      return world
    },
    async run(world, live) {
      await (await live.decide(clickOn(await world.get(), 'revert'))).notify()
      await pass(world, 8, live)
    },
    minutes: 30,
    async check(world) {
      onePull(world, 'closed')
      expect(ourBranches(world)).toEqual([])
      expect(world.iam.documents.has(BRIDGE)).toBe(false)
    },
  },
]

it.each(SCENARIOS)('a kill at any call comes to the same end: $name', async ({ prepare, run, minutes, check }) => {
  const calm = await prepare()
  const counting = killAt(Number.POSITIVE_INFINITY, 'before')
  await run(calm, processOf(calm, counting.fault))
  await pass(calm, minutes, processOf(calm))
  await check(calm)
  expect(counting.calls()).toBeGreaterThan(20)
  for (const { n, when } of crashPoints(counting.calls())) {
    const world = await prepare()
    await run(world, processOf(world, killAt(n, when).fault)).catch(error => {
      // What dies at a write to IAM is a fault of that write.
      if (![error, error.cause].some(one => one instanceof Killed))
        throw new Error(`killed ${when} call ${n}: ${error}`, { cause: error })
    })
    const proposal = await world.get()
    // A person who saw no effect presses again.
    if (proposal.status === 'confirmed' && run === SCENARIOS[2]?.run) await press(world, processOf(world), 'revert')
    await pass(world, minutes, processOf(world))
    await check(world).catch(error => {
      throw new Error(`killed ${when} call ${n}: ${error}`, { cause: error })
    })
    const stored = []
    for await (const one of world.log.stored()) stored.push(one)
    const ledger = { objects: objectsIn(world), nowMs: world.clock.nowMs }
    const log = checkLog({ stored, head: await world.log.head(), findings: [], keys: RING, ledger })
    // The log in memory is not signed.
    expect(log.findings.filter(({ kind }) => kind !== 'unsigned')).toEqual([])
  }
})
