/** A change whose work always fails, and a revert of another one behind it in the queue of their entity. */
import { expect, it } from 'vitest'
import { consume } from '../../functions/write/write.ts'
import { MAX_RECEIVES, visibilitySeconds } from '../../infra/capacity.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { DENIAL, inStatus, MINUTE } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { ONCALL, QUIET, type World, worldWith } from '../fakes/verify-world.ts'
import { approved, askedToRevert } from './verify-fixture.ts'

/** p-2 stands, and p-1 was begun: from now on, nobody can read the policy that it changes. */
async function begun(): Promise<World> {
  const denial = { ...DENIAL, id: 'other' }
  const world = await worldWith(approved([IDENTITY_CHANGE], { id: 'p-2', denial, fingerprint: 'other' }))
  expect(await world.process().apply('p-2')).toBe('applied')
  world.iam.documents.set(keyOf(TRUST_CHANGE.target), TRUST_CHANGE.before ?? expect.fail())
  await world.add(approved([TRUST_CHANGE]))
  let isKilled = false
  const dying = world.process(call => {
    isKilled ||= call === 'writer.write'
    if (isKilled) throw new Error('killed')
  })
  await expect(dying.apply('p-1')).rejects.toThrow('killed')
  world.asks.length = 0
  const { read } = world.iam
  world.iam.read = target =>
    keyOf(target) === keyOf(TRUST_CHANGE.target) ? Promise.reject(new Error('socket hang up')) : read(target)
  return world
}

/** As SQS delivers the queue of `write` for one entity: in order, and what failed comes again before the others. */
function firstInFirstOut({ asks, clock }: World, { write }: ReturnType<World['process']>) {
  let [receives, againMs] = [0, 0]
  return async () => {
    while (asks[0] !== undefined && clock.nowMs >= againMs) {
      receives += 1
      againMs = clock.nowMs + visibilitySeconds('write') * 1000
      const isDone = await consume(JSON.stringify(asks[0]), { write, observer: QUIET }, String(receives)).then(
        () => true,
        () => false,
      )
      if (!isDone && receives < MAX_RECEIVES) return
      asks.shift()
      ;[receives, againMs] = [0, 0]
    }
  }
}

it('is carried out within minutes, however long the other is asked again, and an alarm says so', async () => {
  const world = await begun()
  const live = world.process()
  const deliver = firstInFirstOut(world, live)
  const startMs = world.clock.nowMs
  for (let minutes = 0; minutes < 180; minutes += 1) {
    world.clock.nowMs = startMs + minutes * MINUTE
    await live.sweep()
    for (const { kind, proposalId } of world.messages.splice(0) as { kind: string; proposalId: string }[]) {
      const done = kind === 'revert' ? live.askToRevert(proposalId) : kind === 'verify' ? live.verify(proposalId) : null
      await done?.catch(() => {})
    }
    if (minutes === 60) {
      const seen = inStatus(await world.get('p-2'), 'applied', 'confirmed')
      await world.store.replace(seen, askedToRevert(seen, ONCALL, world.clock.nowMs))
      await live.askToRevert('p-2')
    }
    await deliver()
    for (const { proposalId, number } of world.notices.splice(0)) await live.bringHome(proposalId, number)
    if (minutes === 60 + 20) expect((await world.get('p-2')).status).toBe('reverted')
  }
  expect((await world.get('p-1')).status).toBe('applying')
  expect(world.counted.filter(metric => metric === 'ApplyFailed').length).toBeGreaterThan(0)
  expect(world.asks.length).toBeLessThan(3)
})
