import { describe, expect, it } from 'vitest'
import { ABSENT, found } from '../../core/base/fact.ts'
import { checkChain } from '../../functions/domain/audit/verify-chain.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, inStatus, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type Fault, type World, worldWith } from '../fakes/verify-world.ts'
import { approval, approved, effects, others, pressRevert, reasons, trail } from './verify-fixture.ts'

async function chain(world: World) {
  const stored = []
  for await (const one of world.log.stored()) stored.push(one)
  return checkChain(stored, await world.log.head())
}

const BEN = { id: 'U0ONCALL2', name: 'ben' }

/** Every read is answered as things stand now, whatever is written from here on. */
function behind(world: World): void {
  const before = new Map(world.iam.documents)
  world.iam.read = async target => {
    const document = before.get(keyOf(target))
    return document === undefined ? ABSENT : found(document)
  }
}

describe('apply', () => {
  it('writes identity first and trust last, records intent before and outcome after, and tells the card', async () => {
    const world = await worldWith(approved())
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.iam.writes.map(write => write.target.kind)).toEqual(['role-inline-policy', 'role-trust-policy'])
    expect(world.iam.documents.get(keyOf(IDENTITY_CHANGE.target))).toEqual(IDENTITY_CHANGE.after)
    expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.after)
    expect(await trail(world)).toEqual(['apply-intended', 'applied'])
    expect(await world.get()).toMatchObject({
      status: 'applied',
      failure: null,
      applied: { answer: 'allowed', endsAtMs: null },
    })
    expect(await world.card()).toBe('applied - 2 allowed')
    expect(await chain(world)).toMatchObject({ intact: true, afterHead: 0 })
  })

  it('has its intent in the audit log before the first write, and its outcome after the last, before the card', async () => {
    const world = await worldWith(approved())
    const { seen, watch } = effects()
    await world.process(watch).apply('p-1')
    expect(seen).toEqual(['audit', 'IAM', 'IAM', 'audit', 'card'])
  })

  it('writes nothing when the intent cannot be recorded', async () => {
    const world = await worldWith(approved())
    const noLog: Fault = call => {
      if (call === 'objects.create') throw new Error('the log takes nothing')
    }
    await expect(world.process(noLog).apply('p-1')).rejects.toThrow('the log takes nothing')
    expect(world.iam.writes).toEqual([])
  })

  it('writes nothing on an attestation that is ten minutes old, and looks again', async () => {
    for (const [delayMs, times] of [
      [10 * MINUTE - 1, 1],
      [10 * MINUTE, 2],
    ] as const) {
      const world = await worldWith(approved([IDENTITY_CHANGE]))
      let asked = 0
      const slow: Fault = (call, moment) => {
        if (call === 'asks.send' && moment === 'after') asked += 1
        if (call === 'objects.create' && moment === 'after' && world.clock.nowMs === NOON)
          world.clock.nowMs = NOON + delayMs
      }
      const live = world.process(slow)
      expect(await live.verify('p-1')).toBe('asked')
      await live.answer()
      expect(world.iam.writes).toHaveLength(times === 1 ? 1 : 0)
      await live.answer()
      expect(world.iam.writes).toHaveLength(1)
      expect(asked).toBe(times)
      expect(await trail(world)).toEqual(['apply-intended', 'applied'])
    }
  })

  it('gives up after five attestations that came too late, and asks for a fresh card', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    let asked = 0
    const slow: Fault = (call, moment) => {
      if (call !== 'asks.send' || moment !== 'after') return
      asked += 1
      world.clock.nowMs += 10 * MINUTE
    }
    expect(await world.process(slow).apply('p-1')).toBe('stale')
    expect(await world.get()).toMatchObject({ failure: { code: 'asked-too-often' } })
    expect(asked).toBe(5)
    expect(world.iam.writes).toEqual([])
  })

  it('does nothing while another worker has it, and resumes after its lease', async () => {
    const world = await worldWith(
      proposalWith([IDENTITY_CHANGE], { status: 'applying', leaseUntilMs: NOON + 1000, approvals: [approval()] }),
    )
    expect(await world.process().apply('p-1')).toBe('busy')
    expect(world.iam.writes).toEqual([])
    world.clock.nowMs = NOON + 1001
    expect(await world.process().apply('p-1')).toBe('applied')
  })

  it('does nothing to a proposal that nobody approved', async () => {
    const world = await worldWith(proposalWith([IDENTITY_CHANGE]))
    expect(await world.process().apply('p-1')).toBe('nothing-to-do')
    expect(world.iam.writes).toEqual([])
    expect(await trail(world)).toEqual([])
  })

  it('refuses as stale when the document changed after the card was made, and asks for a fresh card', async () => {
    const world = await worldWith(approved())
    world.iam.documents.set(keyOf(TRUST_CHANGE.target), others(TRUST_CHANGE.before ?? TRUST_CHANGE.after))
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
    expect(await world.get()).toMatchObject({ status: 'stale', failure: { code: 'drift' }, dueAtMs: null })
    expect(await trail(world)).toEqual(['stale'])
    expect(world.messages).toEqual([{ kind: 'propose', fingerprint: '0123456789abcdef' }])
    expect(await world.card()).toBe('stale drift -')
  })

  it('refuses as stale when too few have approved what it has become', async () => {
    const world = await worldWith(
      approved([IDENTITY_CHANGE], {
        verification: {
          before: 'denied',
          after: 'allowed',
          controls: { evaluated: 1, changed: 0 },
          risk: 'high',
          approvers: 2,
          guardrails: [],
          counterexample: null,
        },
      }),
    )
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
  })

  it('refuses as stale what opens more than the approvers saw, and asks for a fresh card', async () => {
    const before = approved([IDENTITY_CHANGE], { approvals: [approval(), { ...approval(), by: BEN }] })
    const world = await worldWith({ ...before, verification: { ...before.verification, risk: 'high', approvers: 2 } })
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
    expect(await world.get()).toMatchObject({ status: 'stale', failure: { code: 'risk-grew' } })
    expect(await reasons(world)).toMatchObject({
      stale: 'The risk is high now, and was low when Ana approved it: approve a new card.',
    })
    expect(world.messages).toEqual([{ kind: 'propose', fingerprint: '0123456789abcdef' }])
  })

  it('writes a time-limited grant with its end in every statement that it adds', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [approval(8)] }))
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.iam.documents.get(keyOf(IDENTITY_CHANGE.target))?.Statement[0]?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
      DateLessThan: { 'aws:CurrentTime': '2026-11-24T20:00:00Z' },
    })
    expect(await world.get()).toMatchObject({ applied: { endsAtMs: NOON + 8 * HOUR } })
  })

  it('writes nothing once the approved time is over', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [approval(1)] }))
    world.clock.nowMs = NOON + HOUR
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
  })

  it('undoes the first write in reverse when IAM refuses the second, and says why in the card', async () => {
    const world = await worldWith(approved())
    const message = 'the trust policy of role app-task has reached a quota of IAM'
    world.iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'LimitExceeded', message, retry: false })
    expect(await world.process().apply('p-1')).toBe('failed')
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
    expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.before)
    expect(await world.get()).toMatchObject({ status: 'failed', failure: { code: 'LimitExceeded', message } })
    expect(await trail(world)).toEqual(['apply-intended', 'apply-failed'])
    expect(await world.card()).toBe('failed LimitExceeded -')
    expect(world.counted).toContain('ApplyFailed')
  })

  describe('where IAM shows to readers what was before', () => {
    it('reverts the first write when IAM refuses the second', async () => {
      const world = await worldWith(approved())
      world.iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'LimitExceeded', message: 'too long', retry: false })
      behind(world)
      expect(await world.process().apply('p-1')).toBe('failed')
      expect(world.iam.writes.map(write => write.after)).toEqual([IDENTITY_CHANGE.after, null])
      expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
    })

    it('reverts everything when none of it is visible in time', async () => {
      const world = await worldWith(approved())
      behind(world)
      expect(await world.process().apply('p-1')).toBe('failed')
      expect(await world.get()).toMatchObject({ status: 'failed', failure: { code: 'read-back' } })
      expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
      expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.before)
    })
  })

  it('writes again what AWS throttles, for some seconds', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    const key = keyOf(IDENTITY_CHANGE.target)
    world.iam.refusals.set(key, { code: 'Throttling', message: 'slow down', retry: true })
    const { write } = world.iam
    let asked = 0
    world.iam.write = async (target, document) => {
      asked += 1
      if (asked === 3) world.iam.refusals.delete(key)
      return write(target, document)
    }
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.iam.writes).toHaveLength(1)
    expect(world.slept).toEqual([1_000, 2_000])
    expect(await trail(world)).toEqual(['apply-intended', 'applied'])
  })

  it('leaves nothing of what AWS goes on throttling, and asks for a fresh card', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    const key = keyOf(IDENTITY_CHANGE.target)
    world.iam.refusals.set(key, { code: 'Throttling', message: 'slow down', retry: true })
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(await world.get()).toMatchObject({ status: 'stale', failure: { code: 'Throttling', message: 'slow down' } })
    expect(world.messages).toEqual([{ kind: 'propose', fingerprint: '0123456789abcdef' }])
    expect(world.iam.writes).toEqual([])
  })

  it('fails, and says what is missing, when the writer may not read the target', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    world.iam.unreadable.set(keyOf(IDENTITY_CHANGE.target), 'the writer role lacks iam:GetRolePolicy')
    expect(await world.process().apply('p-1')).toBe('failed')
    expect(await world.get()).toMatchObject({ failure: { message: 'the writer role lacks iam:GetRolePolicy' } })
  })

  it('reports the side effects of reverted writes and of their reverts', async () => {
    const world = await worldWith(approved())
    const { write } = world.iam
    world.iam.write = async (target, document) => {
      const outcome = await write(target, document)
      const notes = [document === null ? 'version v2 was removed' : 'version v1 was removed']
      return outcome.ok ? { ok: true, value: { ...outcome.value, notes } } : outcome
    }
    world.iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'AccessDenied', message: 'no', retry: false })
    expect(await world.process().apply('p-1')).toBe('failed')
    const message = 'no; version v1 was removed; version v2 was removed'
    expect(await world.get()).toMatchObject({ failure: { code: 'AccessDenied', message, owner: null } })
    expect(await reasons(world)).toMatchObject({ 'apply-failed': message })
  })

  it('reports what cannot be reverted, and leaves Revert open', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    world.iam.afterWrite = target =>
      void world.iam.documents.set(
        keyOf(target),
        others(world.iam.documents.get(keyOf(target)) ?? IDENTITY_CHANGE.after),
      )
    expect(await world.process().apply('p-1')).toBe('failed')
    const { failure } = inStatus(await world.get(), 'applied')
    expect(failure).toMatchObject({ code: 'read-back', message: expect.stringContaining('changed by someone else') })
    expect(await trail(world)).toEqual(['apply-intended', 'apply-failed'])
  })

  it('leaves nothing standing where somebody changed a policy between the look and the write', async () => {
    for (const changes of [[IDENTITY_CHANGE], [IDENTITY_CHANGE, TRUST_CHANGE]]) {
      const world = await worldWith(approved(changes))
      const last = changes.at(-1)?.target ?? IDENTITY_CHANGE.target
      const theirs = others({ Version: '2012-10-17', Statement: [] })
      const late: Fault = (call, moment) => {
        if (call === 'objects.create' && moment === 'after') world.iam.documents.set(keyOf(last), theirs)
      }
      expect(await world.process(late).apply('p-1')).toBe('stale')
      expect(world.iam.documents.get(keyOf(last))).toEqual(theirs)
      expect(await world.get()).toMatchObject({ status: 'stale', failure: { code: 'drift' } })
      expect(await world.card()).toBe('stale drift -')
      expect(world.messages.map(({ kind }) => kind)).toEqual(['propose'])
    }
  })

  it('shows as granted only what could not be reverted', async () => {
    const world = await worldWith(approved())
    const identity = keyOf(IDENTITY_CHANGE.target)
    world.iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'LimitExceeded', message: 'too long', retry: false })
    world.iam.afterWrite = () => void world.iam.documents.set(identity, others(IDENTITY_CHANGE.after))
    expect(await world.process().apply('p-1')).toBe('failed')
    const { applied, failure } = inStatus(await world.get(), 'applied')
    expect(applied.changes.map(change => change.target)).toEqual([IDENTITY_CHANGE.target])
    expect(failure?.message).toBe(
      'too long. Not everything could be undone: arn:aws:iam::111122223333:role/deployer: the policy of deployer was changed by someone else meanwhile',
    )
  })

  it('finds its own statement after a crash although somebody added one since, and leaves Revert open', async () => {
    const world = await worldWith(approved())
    const identity = keyOf(IDENTITY_CHANGE.target)
    let dead = false
    const dies = world.process((call, moment) => {
      dead ||= call === 'writer.write' && moment === 'after'
      if (dead) throw new Error('killed')
    })
    await expect(dies.apply('p-1')).rejects.toThrow('killed')
    world.iam.documents.set(identity, others(IDENTITY_CHANGE.after))
    world.clock.nowMs += HOUR
    expect(await world.process().apply('p-1')).toBe('failed')
    expect(await world.get()).toMatchObject({ status: 'applied', failure: { code: 'drift' } })
    expect(await pressRevert(world)).toBe('reverted')
    expect(world.iam.documents.get(identity)?.Statement.map(statement => statement.Sid)).toEqual(['Others'])
  })

  it('keeps in mind only its own statements when somebody else adds one before it ends', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    const key = keyOf(IDENTITY_CHANGE.target)
    world.iam.afterWrite = () => void world.iam.documents.set(key, others(IDENTITY_CHANGE.after))
    await world.process().apply('p-1')
    world.iam.afterWrite = null
    expect(inStatus(await world.get(), 'applied').applied.changes.map(change => change.after)).toEqual([
      IDENTITY_CHANGE.after,
    ])
    expect(await pressRevert(world)).toBe('reverted')
    expect(world.iam.documents.get(key)?.Statement.map(statement => statement.Sid)).toEqual(['Others'])
  })

  it('lets one of ten deliveries of one proposal write', async () => {
    const world = await worldWith(approved())
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => world.process().apply('p-1')))
    expect(outcomes.filter(outcome => outcome === 'applied')).toHaveLength(1)
    expect(outcomes.filter(outcome => outcome === 'busy')).toHaveLength(9)
    expect(world.iam.writes).toHaveLength(2)
  })

  it('lets ten proposals for one target pass one after another, and loses none of them', async () => {
    const target = IDENTITY_CHANGE.target
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    for (let n = 2; n <= 10; n += 1) await world.add(approved([IDENTITY_CHANGE], { id: `p-${n}` }))
    const ids = Array.from({ length: 10 }, (_, n) => `p-${n + 1}`)
    const { read, write } = world.iam
    // Slow enough that all ten would see the document as it was, if nothing held them apart.
    world.iam.read = async one => {
      const answer = await read(one)
      await new Promise(done => setTimeout(done, 5))
      return answer
    }
    world.iam.write = async (one, document) => {
      await new Promise(done => setTimeout(done, 5))
      return write(one, document)
    }
    const live = world.process()
    const outcomes = await Promise.allSettled(ids.map(id => live.apply(id)))
    expect(outcomes.filter(one => one.status === 'fulfilled' && one.value === 'applied')).toHaveLength(1)
    // The others were turned away at the lock, or saw the change of the first; each is delivered again.
    for (const id of ids) await live.apply(id)
    const statuses = await Promise.all(ids.map(async id => (await world.get(id)).status))
    expect(statuses.filter(status => status === 'applied')).toHaveLength(1)
    expect(statuses.filter(status => status === 'stale')).toHaveLength(9)
    expect(world.iam.writes.map(write => write.target)).toEqual([target])
    expect(await chain(world)).toMatchObject({ intact: true, afterHead: 0 })
  })
})
