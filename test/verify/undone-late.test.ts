/** A message of `write` that comes twice: what it begins after its proposal has ended is in the log, too. */
import { expect, it } from 'vitest'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { RING } from '../fakes/signing.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { CONFIG, worldWith } from '../fakes/verify-world.ts'
import { objectsIn } from './left-by-bot.ts'
import { approved, trail } from './verify-fixture.ts'

it('what is begun and undone after the proposal went stale is in the log once', async () => {
  const world = await worldWith(approved([IDENTITY_CHANGE]))
  const { asks, notices, iam, log } = world
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
  expect((await trail(world)).filter(kind => kind === 'apply-failed')).toHaveLength(1)
  const stored = await Array.fromAsync(log.stored())
  const ledger = { objects: objectsIn(world), nowMs: world.clock.nowMs + 86_400_000 }
  const { findings } = checkLog({ stored, head: await log.head(), findings: [], keys: RING, ledger })
  // The log in memory is not signed.
  expect(findings.filter(({ kind }) => kind !== 'unsigned')).toEqual([])
})
