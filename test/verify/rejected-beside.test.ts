/** Somebody rejects while another approves: `decide` kept the rejection for `write`, and the item has the approval. */
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { ledgerKey } from '../../functions/domain/authority/spent.ts'
import { failureOf } from '../../functions/domain/proposal/proposal.ts'
import { DEPLOYMENT, decisionAbout, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type World, worldWith } from '../fakes/verify-world.ts'
import { approved, trail } from './verify-fixture.ts'

const BEN = { id: 'U0ONCALL2', name: 'Ben' }
const KEY = ledgerKey('rejected', DEPLOYMENT, 'p-1')

async function rejected(keep: (world: World, text: string) => Promise<unknown>): Promise<World> {
  const proposal = approved([IDENTITY_CHANGE])
  const world = await worldWith(proposal)
  const decision = decisionAbout(proposal, { kind: 'reject', by: BEN, atMs: world.clock.nowMs, reason: 'not tonight' })
  await keep(world, canonicalJson(signedBy(decision)))
  return world
}

async function lastOf(world: World, kind: string): Promise<AuditRecord['entry'] | undefined> {
  let last: AuditRecord['entry'] | undefined
  for await (const { entry } of world.log.records()) if (entry.kind === kind) last = entry
  return last
}

describe('a rejection beside an approval', () => {
  it('is in the audit log by name, signed, however often the answer of write comes', async () => {
    const world = await rejected((world, text) => world.ledger.create(KEY, text))
    const live = world.process()
    expect(await live.apply('p-1')).toBe('failed')
    await live.bringHome('p-1', 1)
    expect(await trail(world)).toEqual(['apply-intended', 'apply-failed', 'rejected'])
    const found = await lastOf(world, 'rejected')
    expect(found).toMatchObject({ by: BEN, why: 'not tonight', decision: { decision: { kind: 'reject' } } })
    expect(failureOf(await world.get())?.code).toBe('rejected')
    expect(world.iam.writes).toEqual([])
  })

  it('is in it, too, where it came a moment after the write had begun', async () => {
    const world = await rejected((world, text) => {
      world.iam.afterWrite = () => void world.ledger.create(KEY, text)
      return Promise.resolve()
    })
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(await lastOf(world, 'rejected')).toMatchObject({ by: BEN })
  })

  it('of a change that was replaced since names that change, and none of the other', async () => {
    const other = proposalWith([TRUST_CHANGE], { status: 'approved', approvals: [] })
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    const facts = { kind: 'reject', by: BEN, atMs: world.clock.nowMs, reason: 'not tonight' } as const
    await world.ledger.create(KEY, canonicalJson(signedBy(decisionAbout(other, facts))))
    expect(await world.process().apply('p-1')).toBe('failed')
    expect(await lastOf(world, 'rejected')).toMatchObject({ by: BEN, digest: other.patch.digest, changes: [] })
  })

  it('is in it once, where the item had it before somebody set it to approved', async () => {
    const proposal = approved([IDENTITY_CHANGE])
    const world = await worldWith(proposal)
    const facts = { by: BEN, atMs: world.clock.nowMs, reason: 'not tonight' }
    const decision = signedBy(decisionAbout(proposal, { ...facts, kind: 'reject' }))
    await world.ledger.create(KEY, canonicalJson(decision))
    await world.log.append(entryFor(proposal, { ...facts, kind: 'rejected', why: 'not tonight', decision }, 'test'))
    expect(await world.process().apply('p-1')).toBe('failed')
    expect((await trail(world)).filter(kind => kind === 'rejected')).toHaveLength(1)
  })

  it.each([
    ['nobody signed', (text: string) => text.replace('"reject"', '"revert"')],
    ['is no decision', () => '{'],
  ])('is none that %s: nothing is written, and nobody is named', async (_, forged) => {
    const world = await rejected((world, text) => world.ledger.create(KEY, forged(text)))
    expect(await world.process().apply('p-1')).toBe('failed')
    expect(await trail(world)).toEqual(['apply-intended', 'apply-failed'])
    expect(failureOf(await world.get())?.message).toBe('It was rejected.')
  })
})
