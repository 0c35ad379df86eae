/** A record says only what was signed, whatever the item says by then: the item is a claim. */
import { describe, expect, it } from 'vitest'
import { patchDigest } from '../../core/patch/patch.ts'
import type { AuditEntry } from '../../functions/domain/audit/audit-record.ts'
import { ROLEMEDIC } from '../../functions/domain/messages/person.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, inStatus, NOON } from '../fakes/sample-proposal.ts'
import { TRUST_CHANGE } from '../fakes/two-sided.ts'
import { ONCALL, type World, worldWith } from '../fakes/verify-world.ts'
import { approval, approved, askedToRevert, pressRevert, withdrawing } from './verify-fixture.ts'

const BEN = { id: 'U0ONCALL2', name: 'Ben' }

async function put(world: World, changed: object, id = 'p-1'): Promise<void> {
  const now = await world.get(id)
  const stored = { ...now, dueAtMs: NOON + 900 * HOUR, ...changed } as Proposal
  expect(await world.store.replace(now, stored)).toMatchObject({ ok: true })
}

async function entries({ log }: World, kind: AuditEntry['kind'], id = 'p-1'): Promise<readonly AuditEntry[]> {
  const found: AuditEntry[] = []
  for await (const { entry } of log.records()) if (entry.kind === kind && entry.proposalId === id) found.push(entry)
  return found
}

it('does not say that a person reverted what only came to its end', async () => {
  const world = await worldWith(approved(undefined, { approvals: [approval(1)] }))
  const live = world.process()
  expect(await live.apply('p-1')).toBe('applied')
  world.clock.nowMs = NOON + 2 * HOUR
  const { failure: _, ...now } = inStatus(await world.get(), 'applied')
  const revertRequest = { by: BEN, atMs: NOON + HOUR, signed: null }
  await world.store.replace(await world.get(), {
    ...now,
    ...{ status: 'reverting', asked: null, leaseUntilMs: null, dueAtMs: NOON + 900 * HOUR, revertRequest },
  } as Proposal)
  await live.ends()
  expect((await live.answer()).get('p-1')).toBe('reverted')
  expect(await world.get()).toMatchObject({ reverted: { by: ROLEMEDIC } })
  expect(await entries(world, 'reverted', 'p-1')).toMatchObject([{ by: ROLEMEDIC }])
  expect(world.counted).toContain('Forged')
})

it('names who signed a change that withdrew another, not whom its item names', async () => {
  const world = await withdrawing()
  const standing = await world.get('p-0')
  expect(await world.process().apply('p-1')).toBe('applied')
  const [first] = await entries(world, 'reverted', 'p-0')
  expect(first?.why).toBe('it did not help, and p-1 withdrew it, which Ana approved')

  const ended = await world.get('p-0')
  await world.store.replace(ended, { ...standing, version: ended.version } as Proposal)
  await put(world, { approvals: [{ by: BEN, atMs: NOON, limitHours: null, reason: null, signed: null }] })
  await world.process().verify('p-1')
  const again = await entries(world, 'reverted', 'p-0')
  expect(again.map(({ why }) => why).filter(why => why.includes('Ben'))).toEqual([])
  expect(inStatus(await world.get('p-0'), 'reverted').reverted.by).toEqual(ONCALL)
})

it('does not say of what a person reverted that another change withdrew it', async () => {
  const world = await withdrawing()
  const standing = inStatus(await world.get('p-0'), 'applied')
  await world.store.replace(standing, askedToRevert(standing, ONCALL, world.clock.nowMs))
  expect(await world.process().revert('p-0')).toBe('reverted')
  const { applied, failure } = standing
  await put(world, { status: 'applied', applied, failure })
  await world.store.replace(await world.get('p-0'), { ...standing, version: (await world.get('p-0')).version })
  await world.process().verify('p-1')
  expect((await entries(world, 'reverted', 'p-0')).map(({ by }) => by)).toEqual([ONCALL])
})

/** The item is about another denial and another change by the time the answer of `write` comes home. */
it('does not say of another request, or of another change, that it was written', async () => {
  const world = await worldWith(approved())
  const { digest } = approved().patch
  const live = world.process()
  await live.verify('p-1')
  const { denial, patch } = inStatus(await world.get(), 'applying')
  const changes = patch.changes.slice(0, 1)
  await put(world, {
    denial: { ...denial, resource: 'arn:aws:iam::111122223333:role/other' },
    patch: { ...patch, changes, digest: patchDigest(changes) },
  })
  expect((await live.answer()).get('p-1')).toBe('applied')
  const [applied] = await entries(world, 'applied')
  expect(applied).toMatchObject({ digest, why: expect.stringContaining('another change or denial') })
  expect(applied).toMatchObject({ principal: null, resource: null, action: null, accountId: null, eventIds: [] })
  expect(await world.get()).toMatchObject({ applied: { answer: 'unknown' } })
  expect(world.counted).toContain('Forged')
})

describe('where the item is about another request and change by then', () => {
  const NO_REQUEST = { principal: null, resource: null, action: null, accountId: null, eventIds: [] }
  const DENIED = { code: 'AccessDenied', message: 'no', retry: false }

  async function forge(world: World, isOtherChange = true): Promise<void> {
    const { denial, patch } = inStatus(await world.get(), 'applying')
    const changes = isOtherChange ? patch.changes.slice(0, 1) : patch.changes
    await put(world, {
      denial: { ...denial, resource: 'arn:aws:iam::111122223333:role/other' },
      patch: { ...patch, changes, digest: patchDigest(changes) },
    })
  }

  it('a refusal names nobody and no change', async () => {
    const world = await worldWith(approved())
    const live = world.process()
    await live.verify('p-1')
    world.iam.unreadable.set(keyOf(TRUST_CHANGE.target), 'AccessDenied')
    await forge(world)
    await live.answer()
    const [failed] = await entries(world, 'apply-failed')
    expect(failed).toMatchObject({ ...NO_REQUEST, digest: null, changes: [] })
  })

  it('what was undone has the change that people signed', async () => {
    const world = await worldWith(approved())
    const { digest, changes } = approved().patch
    const live = world.process()
    await live.verify('p-1')
    world.iam.refusals.set(keyOf(TRUST_CHANGE.target), DENIED)
    await forge(world)
    await live.answer()
    const [failed] = await entries(world, 'apply-failed')
    expect(failed).toMatchObject({ ...NO_REQUEST, digest })
    expect(failed?.changes).toHaveLength(changes.length)
  })

  it('what came to its end has the change that people signed', async () => {
    const world = await worldWith(approved(undefined, { approvals: [approval(1)] }))
    const { digest } = approved().patch
    const live = world.process()
    await live.verify('p-1')
    await live.write(world.asks.splice(0)[0] ?? expect.fail())
    // Its answer never came home.
    world.notices.length = 0
    await forge(world, false)
    world.clock.nowMs = NOON + 2 * HOUR
    await live.ends()
    await live.answer()
    const [reverted] = await entries(world, 'reverted')
    expect(reverted).toMatchObject({ ...NO_REQUEST, digest, by: ROLEMEDIC })
  })
})

it('has the cause as it is seen before the write, not as the item says', async () => {
  const world = await worldWith(approved())
  const { diagnosis } = await world.get()
  await put(world, { diagnosis: { ...diagnosis, summary: 'Ben said so' } })
  world.analyzed.summary = diagnosis.summary
  await world.process().apply('p-1')
  expect(await entries(world, 'apply-intended')).toMatchObject([{ why: diagnosis.summary }])
})

it('says that the item of a grant that ended is not what people signed', async () => {
  const world = await worldWith(approved(undefined, { approvals: [approval(1)] }))
  const live = world.process()
  await live.apply('p-1')
  world.clock.nowMs = NOON + 2 * HOUR
  const { denial } = await world.get()
  await put(world, { denial: { ...denial, resource: 'arn:aws:iam::111122223333:role/other' } })
  await live.ends()
  expect((await live.answer()).get('p-1')).toBe('reverted')
  expect(await entries(world, 'forged')).toHaveLength(1)
  expect(await entries(world, 'reverted')).toMatchObject([{ resource: null, by: ROLEMEDIC }])
})

it.each(['expired', 'gone'])('raises the alarm where the item of what was written is %s', async how => {
  const world = await worldWith(approved())
  const live = world.process()
  await live.verify('p-1')
  const { asked: _, leaseUntilMs: __, ...now } = inStatus(await world.get(), 'applying')
  const hidden = { ...now, status: 'expired', dueAtMs: NOON + 900 * HOUR } as Proposal
  if (how === 'expired') expect(await world.store.replace(await world.get(), hidden)).toMatchObject({ ok: true })
  else Object.assign(world.store, { get: async () => null })
  expect((await live.answer()).get('p-1')).toBe('nothing-to-do')
  expect(world.counted).toContain('Forged')
})

it('raises none where what was written is taken away by the time that its answer comes again', async () => {
  const world = await worldWith(approved())
  const live = world.process()
  await live.apply('p-1')
  expect(await pressRevert(world)).toBe('reverted')
  expect(await live.bringHome('p-1', 1)).toBe('nothing-to-do')
  expect(world.counted).not.toContain('Forged')
})

/** Ben pressed nothing: the table alone says so. */
describe('of a person who did not ask for the revert', () => {
  const askedByBen = async (world: World): Promise<void> => {
    const { failure: _, ...now } = inStatus(await world.get(), 'applied')
    const revertRequest = { by: BEN, atMs: NOON + HOUR, signed: null }
    await put(world, { ...now, status: 'reverting', asked: null, leaseUntilMs: null, revertRequest })
  }

  it('does not say that it failed to revert for that person', async () => {
    const world = await worldWith(approved())
    const live = world.process()
    await live.apply('p-1')
    await askedByBen(world)
    expect(await live.revert('p-1')).toBe('failed')
    expect(await entries(world, 'revert-failed')).toMatchObject([{ by: ROLEMEDIC }])
    expect(world.counted.filter(name => name === 'Forged')).toHaveLength(1)
  })

  it('does not say so of what write answers, where somebody else is named meanwhile', async () => {
    const world = await worldWith(approved())
    await world.process().apply('p-1')
    const { write } = world.iam
    const why = { code: 'AccessDenied', message: 'lacks iam:UpdateAssumeRolePolicy', retry: false }
    world.iam.refusals.set(keyOf(TRUST_CHANGE.target), why)
    world.iam.write = async (...change) => {
      const now = await world.get()
      if (now.status === 'reverting') await put(world, { revertRequest: { ...now.revertRequest, by: BEN } })
      return write(...change)
    }
    expect(await pressRevert(world)).toBe('failed')
    expect(await entries(world, 'revert-failed')).toMatchObject([{ by: ROLEMEDIC }])
    expect(await entries(world, 'forged')).toHaveLength(1)
  })
})
