/** Identity Center gives a permission set to its accounts for minutes: the request is denied meanwhile, and may stay so. */
import { describe, expect, it } from 'vitest'
import { ok } from '../../core/base/result.ts'
import { changeDigest, type PolicyChange } from '../../core/patch/patch.ts'
import type { AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { reportOf } from '../../functions/domain/audit/audit-report.ts'
import { standingGrants } from '../../functions/domain/audit/standing-grants.ts'
import { SignatureChecker } from '../../functions/domain/audit/verify-signatures.ts'
import { cardStateOf } from '../../functions/domain/card/headline.ts'
import type { Applied } from '../../functions/domain/proposal/proposal.ts'
import { outcomePosted } from '../../functions/domain/stored/markers.ts'
import { reactionTo } from '../../functions/propose/re-proposal-policy.ts'
import { earlierGrants } from '../../functions/workflows/denial/earlier-grants.ts'
import { DENIAL, NOON } from '../fakes/sample-proposal.ts'
import { RING } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith } from '../fakes/two-sided.ts'
import { CONFIG, type World, worldWith } from '../fakes/verify-world.ts'
import { approved } from './verify-fixture.ts'

const MINUTE = 60_000
const { target, before, after } = IDENTITY_CHANGE
const OF_SET = {
  target: { ...target, kind: 'permission-set-inline-policy' as const, name: 'Developer', policyName: null },
  ...{ before, after },
}
const SET: PolicyChange = { ...OF_SET, digest: changeDigest(OF_SET), required: true }

async function writtenWorld(changes = [SET]): Promise<World> {
  const world = await worldWith(approved(changes))
  expect(await world.process().apply('p-1')).toBe('applied')
  return world
}
/** The roles of the set have its policy. */
const giveToRoles = (world: World, document = after) =>
  void world.iam.documents.set(`role-inline-policy ${target.arn} AwsSSOInlinePolicy`, document)

/** The sweeps of these minutes after the write, and what they ask for. */
async function sweeps(world: World, from: number, to: number): Promise<void> {
  for (let minute = from; minute < to; minute += 1) {
    world.clock.nowMs = NOON + minute * MINUTE
    await world.process().sweep()
    await world.deliver(world.process())
  }
}
const posted = async (world: World, kind: string) => (await world.store.getMarker(outcomePosted('p-1', kind))) !== null

it('is evaluated again until the roles have it, and then counts as working', async () => {
  const world = await writtenWorld()
  expect(await world.get()).toMatchObject({ status: 'applied', applied: { answer: 'denied' }, failure: null })
  expect([await posted(world, 'rolling-out'), await posted(world, 'applied')]).toEqual([true, false])
  await sweeps(world, 1, 6)
  expect(await world.get()).toMatchObject({ applied: { answer: 'denied' }, failure: null })
  giveToRoles(world)
  await sweeps(world, 6, 9)
  expect(await world.get()).toMatchObject({ status: 'applied', applied: { answer: 'allowed' }, failure: null })
  expect(await posted(world, 'applied')).toBe(true)
  // A quarter of an hour without a denial counts from when the roles had it.
  await sweeps(world, 9, 21)
  expect(await world.get()).toMatchObject({ status: 'applied' })
  await sweeps(world, 21, 26)
  expect(await world.get()).toMatchObject({ status: 'confirmed' })
  expect(world.counted).not.toContain('ApplyFailed')
})

it('needs a person where it is still denied after as long as that takes', async () => {
  const world = await writtenWorld()
  await sweeps(world, 1, 11)
  expect(world.counted).not.toContain('ApplyFailed')
  await sweeps(world, 11, 30)
  expect(await world.get()).toMatchObject({ status: 'applied', failure: { code: 'not-rolled-out' } })
  // Where it has the policy in the account, something else denies the request.
  expect(JSON.stringify(await world.get())).toContain(
    'may not have given it to the account, or something else denies it',
  )
  expect(world.counted.filter(metric => metric === 'ApplyFailed')).toHaveLength(1)
  expect(await posted(world, 'needs-a-person')).toBe(true)
})

it('is not evaluated again where a role itself was changed', async () => {
  const world = await writtenWorld([IDENTITY_CHANGE])
  world.iam.documents.clear()
  await sweeps(world, 1, 17)
  expect(await world.get()).toMatchObject({ applied: { answer: 'allowed' } })
})

it('is not known in other accounts where Identity Center still gave it to them', async () => {
  const world = await worldWith(approved([SET]))
  const { write } = world.iam
  world.iam.write = async (...asked) => {
    const answer = await write(...asked)
    giveToRoles(world)
    return answer.ok ? ok({ ...answer.value, notes: ['it goes on'], stillRuns: true }) : answer
  }
  expect(await world.process().apply('p-1')).toBe('applied')
  expect(await world.get()).toMatchObject({ applied: { answer: 'allowed', stillRuns: true } })
  expect((await recordsOf(world)).at(-1)?.entry.why).toBe(
    'written and read back; the denied request is now allowed; it goes on',
  )
})

it('goes on while the answer is unknown', async () => {
  const world = await writtenWorld()
  const Condition = { StringEquals: { 'aws:PrincipalTag/team': 'a' } }
  giveToRoles(world, { ...after, Statement: after.Statement.map(one => ({ ...one, Condition })) })
  await sweeps(world, 1, 6)
  expect(cardStateOf(await world.get()).state).toBe('Being rolled out')
  giveToRoles(world)
  await sweeps(world, 6, 9)
  expect(await world.get()).toMatchObject({ applied: { answer: 'allowed' } })
})

async function recordsOf(world: World): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = []
  for await (const record of world.log.records()) records.push(record)
  return records
}

/** Of what was recorded: the steps after the write, and the grant. */
async function inLog(world: World) {
  const records = await recordsOf(world)
  const steps = reportOf(records).cases[0]?.steps ?? []
  const [grant] = standingGrants(records, world.clock.nowMs)
  return { after: steps.slice(1 + steps.findIndex(({ kind }) => kind === 'applied')), grant }
}

describe('the audit log', () => {
  it('has the second answer, once, before the card shows it', async () => {
    const world = await writtenWorld()
    giveToRoles(world)
    const { replace } = world.store
    world.clock.nowMs = NOON + 3 * MINUTE
    world.store.replace = () => Promise.reject(new Error('the table is away'))
    await expect(world.process().apply('p-1')).rejects.toThrow('the table is away')
    world.store.replace = replace
    await sweeps(world, 4, 9)
    const { after, grant } = await inLog(world)
    const why = 'evaluated again: the denied request is now allowed'
    expect(after).toMatchObject([{ kind: 'confirmed', life: 'evaluated', why, by: null }])
    expect(grant).toMatchObject({ state: 'stands', why: null })
    expect(reportOf(await recordsOf(world)).cases).toMatchObject([{ outcome: 'applied', lastKind: 'applied' }])
  })

  it('says, as the card, that it needs a person', async () => {
    const world = await writtenWorld()
    await sweeps(world, 1, 30)
    const { failure } = (await world.get()) as Applied
    const { after, grant } = await inLog(world)
    expect(after).toMatchObject([{ life: 'evaluated', why: `evaluated again: ${failure?.message}` }])
    expect(grant).toMatchObject({ state: 'stands', why: `evaluated again: ${failure?.message}` })
  })

  it('has the answer that came after the last one was recorded and not stored', async () => {
    const world = await writtenWorld()
    const { replace } = world.store
    world.clock.nowMs = NOON + 13 * MINUTE
    world.store.replace = () => Promise.reject(new Error('the table is away'))
    await expect(world.process().apply('p-1')).rejects.toThrow('the table is away')
    world.store.replace = replace
    giveToRoles(world)
    await sweeps(world, 14, 17)
    expect(cardStateOf(await world.get()).state).toBe('Allowed now')
    const { after } = await inLog(world)
    expect(after.map(({ why }) => why)).toEqual([
      expect.stringContaining('still denied'),
      'evaluated again: the denied request is now allowed',
    ])
  })

  it('says nothing of an item that is not what people signed', async () => {
    const world = await writtenWorld()
    const seen = (await world.get()) as Applied
    await world.store.replace(seen, {
      ...seen,
      denial: { ...seen.denial, resource: 'arn:aws:iam::111122223333:role/x' },
    })
    giveToRoles(world)
    await sweeps(world, 1, 9)
    expect((await inLog(world)).after.map(({ kind }) => kind)).toEqual(['forged'])
    expect(cardStateOf(await world.get()).isAllowed).toBeUndefined()
  })

  it('is believed with the signature of verify alone', async () => {
    const world = await writtenWorld()
    giveToRoles(world)
    await sweeps(world, 1, 9)
    const record = (await recordsOf(world)).findLast(({ entry }) => entry.life?.kind === 'evaluated')
    if (record === undefined) throw new Error('it was not recorded')
    const checker = new SignatureChecker(RING)
    expect(checker.take({ stored: { place: '1', text: '' }, record } as never)).toBe(false)
    expect(checker.check).toMatchObject({ unsignedBefore: 1 })
  })
})

describe('a denial that is repeated while it is rolled out', () => {
  async function denied(world: World, minute: number): Promise<void> {
    const { denial, fingerprint } = await world.get()
    const atMs = NOON + minute * MINUTE
    await world.store.recordOccurrence({ ...denial, id: `event-${minute}`, timeMs: atMs }, fingerprint, atMs)
    await world.store.claimOccurrence(fingerprint, null, 'p-1')
  }
  const reaction = async (world: World) => {
    const current = await world.get()
    const occurrence = await world.store.occurrence(current.fingerprint)
    if (occurrence === null) throw new Error('it was not denied')
    return reactionTo(occurrence, current, { config: CONFIG, mode: {} as never, nowMs: world.clock.nowMs })
  }

  it('judges nothing, and one after it does', async () => {
    const world = await writtenWorld()
    await sweeps(world, 1, 4)
    await denied(world, 4)
    await sweeps(world, 5, 7)
    expect(cardStateOf(await world.get()).state).toBe('Being rolled out')
    expect(await posted(world, 'did-not-help')).toBe(false)
    expect(await reaction(world)).toBe('quiet')
    giveToRoles(world)
    await sweeps(world, 7, 12)
    expect(cardStateOf(await world.get()).state).toBe('Allowed now')
    expect(await reaction(world)).toBe('quiet')
    await denied(world, 12)
    expect(await reaction(world)).toBe('propose')
    await sweeps(world, 13, 16)
    expect(cardStateOf(await world.get()).state).toBe('Did not help')
  })

  it('is under no grant before that', async () => {
    const world = await writtenWorld()
    const under = async (minute: number) => {
      const current = await world.get()
      return (await earlierGrants(current, { denial: current.denial, atMs: NOON + minute * MINUTE }, world.store))
        .length
    }
    expect(await under(5)).toBe(0)
    giveToRoles(world)
    await sweeps(world, 6, 9)
    expect([await under(5), await under(20)]).toEqual([0, 1])
  })
})

it('has the open cards of the role examined again when it is written, and when the role has it', async () => {
  const world = await worldWith(approved([SET]))
  await world.add(
    proposalWith([IDENTITY_CHANGE], { id: 'p-2', fingerprint: 'other', denial: { ...DENIAL, id: 'e-2' } }),
  )
  expect(await world.process().apply('p-1')).toBe('applied')
  const asked = () => world.messages.filter(({ kind }) => kind === 'propose').length
  expect(asked()).toBe(1)
  await world.process().apply('p-1')
  expect(asked()).toBe(1)
  giveToRoles(world)
  world.clock.nowMs = NOON + 3 * MINUTE
  for (const _ of ['once', 'again']) await world.process().apply('p-1')
  expect(asked()).toBe(2)
})

it('stays due until it is known, however late that is', async () => {
  const world = await writtenWorld()
  // Nothing else is due before the first look for use.
  await world.store.replace(await world.get(), { ...((await world.get()) as Applied), record: 'seen' })
  for (let minute = 1; minute < 40; minute += 1) {
    world.clock.nowMs = NOON + minute * MINUTE
    await world.process().sweep()
    world.messages.length = 0
  }
  await sweeps(world, 40, 44)
  expect(await world.get()).toMatchObject({ failure: { code: 'not-rolled-out' } })
})
