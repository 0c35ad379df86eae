import { describe, expect, it } from 'vitest'
import { ABSENT, found } from '../../core/base/fact.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { inStatus, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { ONCALL, type World, worldWith } from '../fakes/verify-world.ts'
import { approved, askedToRevert, effects, others, pressRevert, reasons, trail } from './verify-fixture.ts'

describe('revert', () => {
  async function applied(): Promise<World> {
    const world = await worldWith(approved())
    await world.process().apply('p-1')
    const now = await world.get()
    await world.store.replace(now, askedToRevert(inStatus(now, 'applied'), ONCALL, NOON + 1))
    world.iam.writes.length = 0
    return world
  }

  it('puts the documents back as they were, trust first, and deletes the policy that did not exist', async () => {
    const world = await applied()
    expect(await world.process().revert('p-1')).toBe('reverted')
    expect(world.iam.writes.map(write => write.target.kind)).toEqual(['role-trust-policy', 'role-inline-policy'])
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
    expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.before)
    expect(await world.get()).toMatchObject({ status: 'reverted', reverted: { by: ONCALL }, dueAtMs: null })
    expect((await trail(world)).slice(2)).toEqual(['revert-intended', 'reverted'])
    expect(await world.card()).toBe('reverted - 2 allowed')
  })

  it('closes the grant of roles that were deleted, and records that they have no policy', async () => {
    const world = await applied()
    world.iam.documents.clear()
    expect(await world.process().revert('p-1')).toBe('reverted')
    expect(world.iam.writes).toEqual([])
    const recorded: unknown[] = []
    for await (const { entry } of world.log.records())
      if (entry.kind === 'reverted') recorded.push(...entry.changes.map(({ after }) => after))
    expect(recorded).toEqual([null, null])
  })

  it('does nothing for a message alone, without a press', async () => {
    const world = await worldWith(approved())
    await world.process().apply('p-1')
    const before = await trail(world)
    world.iam.writes.length = 0
    expect(await world.process().revert('p-1')).toBe('nothing-to-do')
    expect(world.iam.writes).toEqual([])
    expect(await trail(world)).toEqual(before)
    expect(await world.get()).toMatchObject({ status: 'applied' })
  })

  it('has its intent in the audit log before the first write, and its outcome after the last, before the card', async () => {
    const world = await applied()
    const { seen, watch } = effects()
    await world.process(watch).revert('p-1')
    expect(seen).toEqual(['audit', 'IAM', 'IAM', 'audit', 'card'])
  })

  it('is planned three times at most while others go on changing the policy', async () => {
    const world = await applied()
    const key = keyOf(TRUST_CHANGE.target)
    const { read } = world.iam
    let reads = 0
    world.iam.read = async target => {
      const answer = await read(target)
      if (keyOf(target) !== key) return answer
      reads += 1
      world.iam.documents.set(key, others(world.iam.documents.get(key) ?? TRUST_CHANGE.after))
      return answer
    }
    expect(await world.process().revert('p-1')).toBe('failed')
    expect(world.iam.writes.map(({ target }) => target.kind)).toEqual(['role-inline-policy'])
    expect(inStatus(await world.get(), 'applied').failure).toMatchObject({
      code: 'left',
      message: `${TRUST_CHANGE.target.arn}: the policy of app-task was changed by someone else meanwhile`,
    })
    // Twice for each plan, and once for what the card says.
    expect(reads).toBe(7)
  })

  it('records what it asks for before it is written, and plans again after drift', async () => {
    const world = await applied()
    const { read, write } = world.iam
    let reads = 0
    world.iam.read = async target => {
      reads += 1
      // It was read for the first plan, and is changed before it would be written.
      if (reads === 2) world.iam.documents.set(keyOf(TRUST_CHANGE.target), others(TRUST_CHANGE.after))
      return read(target)
    }
    const intended: unknown[] = []
    world.iam.write = async (target, document) => {
      if (intended.length === 0)
        for await (const { entry } of world.log.records())
          if (entry.kind === 'revert-intended') intended.push(...entry.changes.map(({ after }) => after))
      return write(target, document)
    }
    expect(await world.process().revert('p-1')).toBe('reverted')
    expect(intended).toEqual([TRUST_CHANGE.before, IDENTITY_CHANGE.before])
    const [first] = TRUST_CHANGE.before?.Statement ?? []
    expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))?.Statement).toEqual([
      ...(first === undefined ? [] : [first]),
      { Sid: 'Others', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
    ])
    expect((await trail(world)).slice(2)).toEqual(['revert-intended', 'reverted'])
  })

  it('fails when what is read back is not what was written', async () => {
    const world = await applied()
    const key = keyOf(TRUST_CHANGE.target)
    world.iam.afterWrite = target => {
      if (keyOf(target) === key) world.iam.documents.set(key, others(TRUST_CHANGE.after))
    }
    expect(await world.process().revert('p-1')).toBe('failed')
    expect(await world.get()).toMatchObject({
      status: 'applied',
      failure: {
        code: 'left',
        message: `${TRUST_CHANGE.target.arn}: the policy of app-task was changed by someone else meanwhile`,
      },
    })
  })

  it('records what else was done for it', async () => {
    const world = await applied()
    const { write } = world.iam
    world.iam.write = async (target, document) => {
      const outcome = await write(target, document)
      const notes = target.kind === 'role-trust-policy' ? ['version v3 was removed'] : []
      return outcome.ok ? { ok: true, value: { ...outcome.value, notes } } : outcome
    }
    expect(await world.process().revert('p-1')).toBe('reverted')
    expect(await reasons(world)).toMatchObject({
      reverted: 'Nothing of it is left; version v3 was removed',
    })
  })

  it('takes out its own statements and leaves those that others added since', async () => {
    const world = await applied()
    world.iam.documents.set(keyOf(IDENTITY_CHANGE.target), others(IDENTITY_CHANGE.after))
    expect(await world.process().revert('p-1')).toBe('reverted')
    const theirs = { Sid: 'Others', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }
    expect(world.iam.documents.get(keyOf(IDENTITY_CHANGE.target))?.Statement).toEqual([theirs])
    const recorded: unknown[] = []
    for await (const { entry } of world.log.records())
      if (entry.kind === 'reverted') recorded.push(...entry.changes.map(({ after }) => after))
    // As it was before, and what others have of it now.
    expect(recorded).toEqual([TRUST_CHANGE.before, { Version: '2012-10-17', Statement: [theirs] }])
  })

  it('leaves on drift what somebody edited, takes the rest away, and shows before, written and now', async () => {
    const world = await applied()
    const [own] = IDENTITY_CHANGE.after.Statement
    const edited = { ...IDENTITY_CHANGE.after, Statement: own === undefined ? [] : [{ ...own, Resource: '*' }] }
    world.iam.documents.set(keyOf(IDENTITY_CHANGE.target), edited)
    expect(await world.process().revert('p-1')).toBe('failed')
    expect(world.iam.writes.map(({ target }) => target.kind)).toEqual(['role-trust-policy'])
    const { failure } = inStatus(await world.get(), 'applied')
    expect(failure?.code).toBe('drift')
    expect(failure?.message).toMatch(/Before: .*Written: .*Now: .*"Resource":"\*"/)
    expect((await trail(world)).at(-1)).toBe('revert-failed')
    expect(world.counted).toContain('RevertFailed')
  })

  it('may be asked for again after it failed, as an attempt of its own', async () => {
    const world = await applied()
    const key = keyOf(TRUST_CHANGE.target)
    world.iam.refusals.set(key, { code: 'AccessDenied', message: 'lacks iam:UpdateAssumeRolePolicy', retry: false })
    expect(await world.process().revert('p-1')).toBe('failed')
    world.iam.refusals.delete(key)
    expect(await pressRevert(world, { id: 'U0ONCALL2', name: 'Ben' })).toBe('reverted')
    expect((await trail(world)).slice(2)).toEqual(['revert-intended', 'revert-failed', 'revert-intended', 'reverted'])
    expect(await world.get()).toMatchObject({ reverted: { by: { id: 'U0ONCALL2', name: 'Ben' } } })
  })

  it('takes out what IAM does not show to its first reads', async () => {
    const world = await applied()
    const { read } = world.iam
    let reads = 0
    world.iam.read = async target => {
      reads += 1
      const { before } = target.kind === 'role-trust-policy' ? TRUST_CHANGE : IDENTITY_CHANGE
      if (reads > 3) return read(target)
      return before === null ? ABSENT : found(before)
    }
    expect(await world.process().revert('p-1')).toBe('reverted')
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
    expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.before)
  })

  it('counts as reverted when somebody has taken it out by hand', async () => {
    const world = await applied()
    world.iam.documents.delete(keyOf(IDENTITY_CHANGE.target))
    world.iam.documents.set(keyOf(TRUST_CHANGE.target), TRUST_CHANGE.before ?? TRUST_CHANGE.after)
    expect(await world.process().revert('p-1')).toBe('reverted')
    expect(world.iam.writes).toEqual([])
  })
})
