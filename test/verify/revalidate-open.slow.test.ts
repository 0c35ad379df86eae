import { describe, expect, it } from 'vitest'
import type { Approval, Open, Proposal } from '../../functions/domain/proposal/proposal.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import {
  CARD,
  type Changed,
  DENIAL,
  inStatus,
  MINUTE,
  NOON,
  sampleProposal,
  type Unsigned,
} from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith } from '../fakes/two-sided.ts'
import { CONFIG, type Fault, ONCALL, verifyWorld, type World } from '../fakes/verify-world.ts'
import { pressRevert } from './verify-fixture.ts'

const approval: Unsigned<Approval> = { by: ONCALL, atMs: NOON, limitHours: null, reason: null }
const ELSEWHERE = 'arn:aws:iam::111122223333:role/elsewhere'

const open = (id: string, changed: Changed<'open'> = {}): Open =>
  proposalWith([IDENTITY_CHANGE], {
    id,
    fingerprint: `fingerprint-of-${id}`,
    denial: { ...DENIAL, id: `event-${id}` },
    ...changed,
  })
const renewalOf = async (world: World, id = 'p-2') => inStatus(await world.get(id), 'open').renewal
/** Of another caller, for another role, changing neither. */
const unrelated = open('p-3', {
  denial: {
    ...DENIAL,
    id: 'event-p-3',
    principal: { ...DENIAL.principal, arn: ELSEWHERE, roleArn: ELSEWHERE },
    resource: 'arn:aws:iam::111122223333:role/another',
  },
  patch: {
    digest: `sha256:${'9f'.repeat(32)}`,
    changes: [{ ...IDENTITY_CHANGE, target: { ...IDENTITY_CHANGE.target, name: 'elsewhere', arn: ELSEWHERE } }],
  },
})

async function worldOf(...others: readonly Proposal[]): Promise<World> {
  const world = verifyWorld()
  await world.add(
    proposalWith([IDENTITY_CHANGE], { status: 'approved', approvals: [approval], dueAtMs: NOON + 2 * MINUTE }),
  )
  for (const other of others) await world.add(other)
  return world
}
const asked = (world: World) => world.messages.flatMap(work => (work.kind === 'propose' ? [work.fingerprint] : []))

describe('a change of the bot', () => {
  it('has the open cards of the same role examined again at once, and no others', async () => {
    const world = await worldOf(
      open('p-2', { approvals: [approval] }),
      unrelated,
      sampleProposal({ status: 'rejected', id: 'p-4' }),
    )
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(asked(world)).toEqual(['fingerprint-of-p-2'])
    expect(await world.get('p-2')).toMatchObject({
      status: 'open',
      approvals: [approval],
      renewal: { after: 'p-1', atMs: NOON },
      dueAtMs: NOON + 2 * MINUTE,
    })
    expect(await renewalOf(world, 'p-3')).toBe(null)
    // Delivered once more: it was asked for already.
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(asked(world)).toEqual(['fingerprint-of-p-2'])
  })

  it('has them examined once more when it is undone', async () => {
    const world = await worldOf(open('p-2'))
    await world.process().apply('p-1')
    world.clock.nowMs = NOON + 5 * MINUTE
    expect(await pressRevert(world)).toBe('reverted')
    expect(asked(world)).toEqual(['fingerprint-of-p-2', 'fingerprint-of-p-2'])
    expect(await renewalOf(world)).toEqual({ after: 'p-1', atMs: NOON + 5 * MINUTE })
  })

  describe('while other cards cannot be listed and the propose queue takes nothing', () => {
    const ill: Fault = (call, moment) => {
      if (call === 'store.open' && moment === 'before') throw new Error('no list')
      if (call === 'queue.send' && moment === 'before') throw new Error('no queue')
    }
    const noList: Fault = call => {
      if (call === 'store.open') throw new Error('no list')
    }

    it('still updates its card, and has them analyzed later', async () => {
      const world = await worldOf(open('p-2'))
      await expect(world.process(ill).apply('p-1')).rejects.toThrow('no list')
      expect(await world.card()).toBe('applied - 1 allowed')
      await world.process(ill).sweep()
      world.clock.nowMs = NOON + 2 * MINUTE
      await world.process().sweep()
      expect(asked(world)).toEqual(['fingerprint-of-p-2'])
    })

    it('is told when it is undone, and when it was not made', async () => {
      const world = await worldOf(open('p-2'))
      await world.process().apply('p-1')
      await expect(pressRevert(world, ONCALL, ill)).rejects.toThrow('no list')
      expect(await world.card()).toBe('reverted - 1 allowed')

      const drifted = await worldOf()
      drifted.iam.documents.set(keyOf(IDENTITY_CHANGE.target), { Version: '2012-10-17', Statement: [] })
      await expect(drifted.process(ill).apply('p-1')).rejects.toThrow('no queue')
      expect(await drifted.card()).toBe('stale drift -')
    })

    it('is cleared away at its end', async () => {
      const world = verifyWorld()
      const forAnHour = { ...approval, limitHours: 1 }
      await world.add(proposalWith([IDENTITY_CHANGE], { status: 'approved', approvals: [forAnHour] }))
      await world.process(noList).apply('p-1').catch(String)
      world.clock.nowMs = NOON + 60 * MINUTE
      await world.process(noList).sweep()
      expect((await world.get()).status).toBe('reverting')
      expect(world.messages).toEqual([{ kind: 'revert', proposalId: 'p-1' }])
    })

    it('is told when it did not help', async () => {
      const world = await worldOf(open('p-2'))
      await world.process(ill).apply('p-1').catch(String)
      const { denial, fingerprint } = await world.get()
      await world.store.recordOccurrence(
        { ...denial, id: 'again', timeMs: NOON + 2 * MINUTE },
        fingerprint,
        NOON + 2 * MINUTE,
      )
      world.clock.nowMs = NOON + 3 * MINUTE
      await world.process(ill).sweep()
      expect(world.chat.posts.map(({ key }) => key)).toContain('p-1/result/did-not-help')
      // What could not be sent is sent once it can be.
      expect(asked(world)).toEqual([])
      world.clock.nowMs = NOON + 6 * MINUTE
      await world.process().sweep()
      expect(asked(world)).toEqual([fingerprint, 'fingerprint-of-p-2'])
      // CloudTrail is asked for the record of a denial of low risk until then.
      expect((await world.get()).dueAtMs).toBe(NOON + 20 * MINUTE)
    })
  })

  it('that IAM did not take has none examined', async () => {
    const world = await worldOf(open('p-2'))
    world.iam.documents.set(keyOf(IDENTITY_CHANGE.target), { Version: '2012-10-17', Statement: [] })
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(await renewalOf(world)).toBe(null)
  })

  it('has twenty of them examined at most', async () => {
    const world = await worldOf(...Array.from({ length: 25 }, (_, n) => open(`p-open-${n}`)))
    await world.process().apply('p-1')
    expect(asked(world)).toHaveLength(20)
  })

  it('has them examined also when its process is killed at any call', async () => {
    let kills = 0
    for (let n = 1; ; n += 1) {
      const world = await worldOf(open('p-2'))
      let calls = 0
      const dying = world.process((_, moment) => {
        if (moment === 'before') calls += 1
        if (calls >= n) throw new Error('killed')
      })
      const ended = await dying.apply('p-1').catch(() => 'killed')
      if (ended !== 'killed') break
      kills += 1
      // No delivery: what is left to do is in the table alone.
      world.messages.length = 0
      await world.settle(0.2)
      expect((await world.get('p-1')).status, `killed at call ${n}`).toBe('applied')
      expect(await renewalOf(world), `killed at call ${n}`).toMatchObject({ after: 'p-1' })
    }
    expect(kills).toBeGreaterThan(20)
  })
})

describe('a card that is to be examined again', () => {
  const marked = open('p-1', { renewal: { after: 'p-0', atMs: NOON }, dueAtMs: NOON + 2 * MINUTE })

  it('has its work sent again while it was not, until it is left to the next apply', async () => {
    const world = verifyWorld()
    await world.add(marked)
    const live = world.process()
    await live.sweep()
    expect(asked(world)).toEqual([])
    const renderedAt: number[] = []
    for (let minute = 2; minute <= 15; minute += 1) {
      world.clock.nowMs = NOON + minute * MINUTE
      // Not before all others at every sweep: others have their turn in between.
      if ((await live.sweep()).proposals > 0) renderedAt.push(minute)
    }
    expect(renderedAt).toEqual([2, 4, 6, 8, 10, 12, 14])
    expect(asked(world)).toHaveLength(7)
    world.clock.nowMs = NOON + 16 * MINUTE
    await live.sweep()
    expect(asked(world)).toHaveLength(7)
    expect(await world.get()).toMatchObject({ renewal: null, dueAtMs: NOON + CONFIG.reminderMinutes * MINUTE })
  })

  it('still ends on time', async () => {
    const world = verifyWorld()
    await world.add({ ...marked, expiresAtMs: NOON + 3 * MINUTE })
    const live = world.process()
    world.clock.nowMs = NOON + 2 * MINUTE
    await live.sweep()
    expect((await world.get()).dueAtMs).toBe(NOON + 3 * MINUTE)
    world.clock.nowMs = NOON + 3 * MINUTE
    await live.sweep()
    expect((await world.get()).status).toBe('expired')
  })

  it('can be decided meanwhile, and deciding sends nothing but its own work', async () => {
    const world = verifyWorld()
    await world.add(marked)
    const click = { action: 'approve' as const, by: ONCALL, proposalId: 'p-1', digest: marked.patch?.digest ?? '' }
    await world.process().decide({
      kind: 'click',
      origin: FAKE_ORIGIN,
      ...CARD,
      cardOf: 'p-1',
      click: { ...click, reason: null },
    })
    expect(world.messages).toEqual([{ kind: 'pressed', proposalId: 'p-1' }])
  })
})
