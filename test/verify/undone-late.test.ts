/** What `write` undoes or ends after its proposal has moved on is in the log, too. */
import { expect, it } from 'vitest'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { HOUR } from '../fakes/sample-proposal.ts'
import { RING } from '../fakes/signing.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { CONFIG, type World, worldWith } from '../fakes/verify-world.ts'
import { objectsIn } from './left-by-bot.ts'
import { approval, approved, trail } from './verify-fixture.ts'

/** A day later, when each record is due. The log in memory is not signed. */
async function findingsOf(world: World): Promise<readonly object[]> {
  const stored = []
  for await (const one of world.log.stored()) stored.push(one)
  const ledger = { objects: objectsIn(world), nowMs: world.clock.nowMs + 24 * HOUR }
  const { findings } = checkLog({ stored, head: await world.log.head(), findings: [], keys: RING, ledger })
  return findings.filter(({ kind }) => kind !== 'unsigned')
}

const isOnce = async (world: World, kind: string) =>
  expect((await trail(world)).filter(one => one === kind)).toHaveLength(1)

it('a message that came twice is begun and undone after the proposal went stale', async () => {
  const world = await worldWith(approved([IDENTITY_CHANGE]))
  const { asks, notices, iam } = world
  // While nothing is approved, `write` leaves it to `verify`, which ends it.
  const recommending = world.process(() => {}, { ...CONFIG, mode: 'recommend' })
  await world.process().verify('p-1')
  const ask = asks[0] ?? expect.fail()
  await recommending.write(ask)
  await recommending.bringHome('p-1', 1)
  expect((await world.get()).status).toBe('stale')

  iam.write = async () => ({ ok: false, error: { code: 'AccessDenied', message: 'no', retry: false } })
  await world.process().write(ask)
  expect(notices.map(({ number }) => number)).toContain(2)
  for (let deliveries = 0; deliveries < 2; deliveries += 1) await world.process().bringHome('p-1', 2)

  expect((await world.get()).status).toBe('stale')
  await isOnce(world, 'apply-failed')
  expect(await findingsOf(world)).toEqual([])
})

it('a grant ends whose writer died after the change', async () => {
  const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [approval(1)] }))
  const { asks, notices, clock, iam } = world
  const live = world.process()
  await live.verify('p-1')
  const dying = world.process(() => {
    if (iam.writes.length > 0) throw new Error('killed')
  })
  await expect(dying.write(asks[0] ?? expect.fail())).rejects.toThrow('killed')

  clock.nowMs += 2 * HOUR
  expect(await live.ends()).toEqual(['p-1'])
  await live.write(asks.at(-1) ?? expect.fail())
  const { number } = notices.at(-1) ?? expect.fail()
  for (let deliveries = 0; deliveries < 2; deliveries += 1) await live.bringHome('p-1', number)

  expect(iam.writes).toHaveLength(2)
  await isOnce(world, 'reverted')
  expect(await findingsOf(world)).toEqual([])
})
