import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { CARD } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { ONCALL, type World, worldWith } from '../fakes/verify-world.ts'
import { approved, others, pressRevert } from './verify-fixture.ts'

const sources = (world: World) => world.sessions.map(({ sourceIdentity }) => sourceIdentity)

async function approveAndApply(world: World): Promise<string> {
  const { patch } = await world.get()
  const click = { action: 'approve' as const, by: ONCALL, proposalId: 'p-1', digest: patch?.digest ?? '', reason: null }
  const live = world.process()
  await live.decide({ kind: 'click', origin: FAKE_ORIGIN, ...CARD, cardOf: 'p-1', click })
  return live.apply('p-1')
}

describe('the session that a change is written in', () => {
  it('names the approver, the proposal and the digest of the patch', async () => {
    const proposal = approved()
    const world = await worldWith(proposal)
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.sessions).toEqual([
      {
        sourceIdentity: ONCALL.id,
        tags: {
          'rolemedic:proposal': 'p-1',
          'rolemedic:digest': proposal.patch.digest,
          'rolemedic:approvers': ONCALL.id,
        },
      },
    ])
  })

  it('has the e-mail address that the chat has verified', async () => {
    const world = await worldWith(proposalWith([TRUST_CHANGE, IDENTITY_CHANGE]))
    world.chat.verifiedEmails.set(ONCALL.id, known('oncall@example.com'))
    expect(await approveAndApply(world)).toBe('applied')
    expect(sources(world)).toEqual(['oncall@example.com'])
  })

  it('has the Slack user where the address cannot be read, and is written anyway', async () => {
    const world = await worldWith(proposalWith([TRUST_CHANGE, IDENTITY_CHANGE]))
    world.chat.verifiedEmails.set(ONCALL.id, unknown('Slack is down'))
    expect(await approveAndApply(world)).toBe('applied')
    expect(sources(world)).toEqual([ONCALL.id])
  })

  it('of a revert names the person who asked for it', async () => {
    const world = await worldWith(approved())
    await world.process().apply('p-1')
    world.sessions.length = 0
    expect(await pressRevert(world)).toBe('reverted')
    expect(sources(world)).toEqual([ONCALL.id])
  })

  it('is not made for an item that nobody approved', async () => {
    const world = await worldWith({ ...approved(), approvals: [] })
    await world.process().apply('p-1')
    expect(world.sessions).toEqual([])
    expect(world.iam.writes).toEqual([])
  })
})

describe('a document that others edit too', () => {
  /** Somebody's change shows in the second of two reads before the write. */
  async function changedAfterFirstRead() {
    const world = await worldWith(approved([TRUST_CHANGE]))
    const key = keyOf(TRUST_CHANGE.target)
    const { read } = world.iam
    let reads = 0
    world.iam.read = async target => {
      reads += 1
      // One for the plan, one before the write, and then the second.
      if (reads === 3) world.iam.documents.set(key, others(world.iam.documents.get(key) ?? { Statement: [] }))
      return read(target)
    }
    return world
  }

  it('is read twice before it is written, and not written if the reads differ', async () => {
    const world = await changedAfterFirstRead()
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
    expect(await world.get()).toMatchObject({ status: 'stale', failure: { code: 'drift' } })
  })

  it('waits as long as configured; the policy that rolemedic alone writes is not waited for', async () => {
    const both = await worldWith(approved())
    await both.process().apply('p-1')
    expect(both.slept.filter(ms => ms === 5_000)).toHaveLength(1)
    const own = await worldWith(approved([IDENTITY_CHANGE]))
    await own.process().apply('p-1')
    expect(own.slept.filter(ms => ms === 5_000)).toEqual([])
  })
})
