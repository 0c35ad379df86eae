import { describe, expect, it } from 'vitest'
import { alone, LOCK } from '../../functions/apply/target-lock.ts'
import { checkChain } from '../../functions/core/audit/audit-check.ts'
import { ABSENT, found } from '../../functions/core/fact.ts'
import type { PolicyDocument } from '../../functions/core/policy/policy.ts'
import type { Proposal } from '../../functions/core/proposal/proposal.ts'
import { countRepeats } from '../../functions/propose/repeats.ts'
import { DRAWING, type Fault, ONCALL, QUIET, worldWith } from '../fakes/apply-world.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'

type World = Awaited<ReturnType<typeof worldWith>>

const approval = (limitHours: number | null = null) => ({ by: ONCALL, atMs: NOON, limitHours, reason: null })
const approved = (changes = [TRUST_CHANGE, IDENTITY_CHANGE], changed: Partial<Proposal> = {}) =>
  proposalWith(changes, { status: 'approved', approvals: [approval()], ...changed })

/** The effects that people or AWS can see, in their order. */
function effects(): { readonly seen: readonly string[]; readonly watch: Fault } {
  const seen: string[] = []
  const names = new Map([
    ['objects.create', 'audit'],
    ['writer.write', 'IAM'],
    ['chat.update', 'card'],
  ])
  return { seen, watch: (call, moment) => void (moment === 'after' && seen.push(...[names.get(call) ?? []].flat())) }
}

async function trail(world: World): Promise<string[]> {
  const kinds: string[] = []
  for await (const record of world.log.records()) kinds.push(record.entry.kind)
  return kinds
}

async function reasons(world: World): Promise<{ readonly [kind: string]: string }> {
  const why: [string, string][] = []
  for await (const { entry } of world.log.records()) why.push([entry.kind, entry.why])
  return Object.fromEntries(why)
}

async function chain(world: World) {
  const stored = []
  for await (const one of world.log.stored()) stored.push(one)
  return checkChain(stored, await world.log.head())
}

/** Every read is answered as things stand now, whatever is written from here on. */
function behind(world: World): void {
  const before = new Map(world.iam.documents)
  world.iam.read = async target => {
    const document = before.get(keyOf(target))
    return document === undefined ? ABSENT : found(document)
  }
}

const others = (document: PolicyDocument): PolicyDocument => ({
  ...document,
  Statement: [...document.Statement, { Sid: 'Others', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }],
})

describe('apply', () => {
  it('writes identity first and trust last, records intent before and outcome after, and tells the card', async () => {
    const world = await worldWith(approved())
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.iam.writes.map(write => write.target.kind)).toEqual(['role-inline-policy', 'role-trust-policy'])
    expect(world.iam.documents.get(keyOf(IDENTITY_CHANGE.target))).toEqual(IDENTITY_CHANGE.after)
    expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.after)
    expect(await trail(world)).toEqual(['apply-intended', 'applied'])
    const proposal = await world.get()
    expect(proposal).toMatchObject({ status: 'applied', leaseUntilMs: null, failure: null, writing: null })
    expect(proposal.applied).toMatchObject({ answer: 'allowed', endsAtMs: null })
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

  it('begins no write with less than half a minute left of its three', async () => {
    for (const [laterMs, writes] of [
      [150_000, 1],
      [150_001, 0],
    ] as const) {
      const world = await worldWith(approved([IDENTITY_CHANGE]))
      const slow: Fault = (call, moment) => {
        if (call === 'objects.create' && moment === 'after' && world.iam.writes.length === 0)
          world.clock.nowMs = NOON + laterMs
      }
      await world
        .process(slow)
        .apply('p-1')
        .catch(() => {})
      expect(world.iam.writes).toHaveLength(writes)
    }
  })

  it('does nothing while another worker has it, and resumes after its lease', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE], { status: 'applying', leaseUntilMs: NOON + 1000 }))
    expect(await world.process().apply('p-1')).toBe('busy')
    expect(world.iam.writes).toEqual([])
    world.clock.nowMs = NOON + 1001
    expect(await world.process().apply('p-1')).toBe('applied')
  })

  describe('while the same denial comes again', () => {
    const again = async (world: World): Promise<void> => {
      const proposal = await world.get()
      const { denial, fingerprint, repeats } = proposal
      const count = repeats.count + 1
      const sighting = {
        fingerprint,
        denial,
        count,
        firstSeenMs: NOON,
        lastSeenMs: NOON,
        eventIds: [],
        proposalId: 'p-1',
      }
      const { store, chat, clock } = world
      await countRepeats(proposal, sighting, {
        store,
        chat,
        drawing: DRAWING,
        clock: () => clock.nowMs,
        observer: QUIET,
      })
    }

    it('takes the proposal although a repeat was counted in between', async () => {
      const world = await worldWith(approved([IDENTITY_CHANGE]))
      const { get } = world.store
      let times = 0
      world.store.get = async id => {
        const seen = await get(id)
        if (times++ === 0) await again(world)
        return seen
      }
      expect(await world.process().apply('p-1')).toBe('applied')
      expect((await world.get()).repeats.count).toBe(2)
    })

    it('undoes it although a repeat was counted in between, also when no card asked', async () => {
      const world = await worldWith(approved([IDENTITY_CHANGE]))
      await world.process().apply('p-1')
      const { get } = world.store
      let times = 0
      world.store.get = async id => {
        const seen = await get(id)
        if (times++ === 0) await again(world)
        return seen
      }
      expect(await world.process().revert('p-1', ONCALL)).toBe('reverted')
    })

    it('has an undoing that nobody can store asked for again by its message', async () => {
      const world = await worldWith(approved([IDENTITY_CHANGE]))
      await world.process().apply('p-1')
      let inside = false
      const { get } = world.store
      world.store.get = async id => {
        const seen = await get(id)
        if (inside) return seen
        inside = true
        await again(world)
        inside = false
        return seen
      }
      await expect(world.process().revert('p-1', ONCALL)).rejects.toThrow('too many others')
      expect((await world.get()).status).toBe('applied')
    })

    it('keeps the proposal while it writes', async () => {
      const world = await worldWith(approved([IDENTITY_CHANGE]))
      const { write } = world.iam
      world.iam.write = async (...change) => {
        await again(world)
        return write(...change)
      }
      expect(await world.process().apply('p-1')).toBe('applied')
      expect(await trail(world)).toEqual(['apply-intended', 'applied'])
    })
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

  it('writes a time-limited grant with its end in every statement that it adds', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [approval(8)] }))
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.iam.documents.get(keyOf(IDENTITY_CHANGE.target))?.Statement[0]?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
      DateLessThan: { 'aws:CurrentTime': '2026-11-24T20:00:00Z' },
    })
    expect((await world.get()).applied?.endsAtMs).toBe(NOON + 8 * HOUR)
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
  })

  describe('where IAM shows to readers what was before', () => {
    it('takes back the first write all the same when IAM refuses the second', async () => {
      const world = await worldWith(approved())
      world.iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'LimitExceeded', message: 'too long', retry: false })
      behind(world)
      expect(await world.process().apply('p-1')).toBe('failed')
      expect(world.iam.writes.map(write => write.after)).toEqual([IDENTITY_CHANGE.after, null])
      expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
    })

    it('takes back everything when none of it is seen in time', async () => {
      const world = await worldWith(approved())
      behind(world)
      expect(await world.process().apply('p-1')).toBe('failed')
      expect(await world.get()).toMatchObject({ status: 'failed', failure: { code: 'read-back' } })
      expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
      expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.before)
    })
  })

  it('leaves a throttled write for the next delivery', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    const key = keyOf(IDENTITY_CHANGE.target)
    world.iam.refusals.set(key, { code: 'Throttling', message: 'slow down', retry: true })
    await expect(world.process().apply('p-1')).rejects.toThrow('slow down')
    world.iam.refusals.delete(key)
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.iam.writes).toHaveLength(1)
    expect(await trail(world)).toEqual(['apply-intended', 'applied'])
  })

  it('fails, and says what is missing, when the writer may not read the target', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    world.iam.unreadable.set(keyOf(IDENTITY_CHANGE.target), 'the writer role lacks iam:GetRolePolicy')
    expect(await world.process().apply('p-1')).toBe('failed')
    expect(await world.get()).toMatchObject({ failure: { message: 'the writer role lacks iam:GetRolePolicy' } })
  })

  it('says what else was done for writes that were taken back, and for taking them back', async () => {
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
    expect((await world.get()).failure).toEqual({ code: 'AccessDenied', message, owner: null })
    expect(await reasons(world)).toMatchObject({ 'apply-failed': message })
  })

  it('reports what cannot be taken back, and leaves Revert open', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    world.iam.afterWrite = target =>
      void world.iam.documents.set(
        keyOf(target),
        others(world.iam.documents.get(keyOf(target)) ?? IDENTITY_CHANGE.after),
      )
    expect(await world.process().apply('p-1')).toBe('failed')
    const proposal = await world.get()
    expect(proposal).toMatchObject({ status: 'applied', failure: { code: 'read-back' } })
    expect(proposal.failure?.message).toContain('changed by somebody else')
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
      expect(await world.get()).toMatchObject({ status: 'stale', applied: null, failure: { code: 'drift' } })
      expect(await world.card()).toBe('stale drift -')
      expect(world.messages.map(({ kind }) => kind)).toEqual(['propose'])
    }
  })

  it('shows as standing only what could not be taken back', async () => {
    const world = await worldWith(approved())
    const identity = keyOf(IDENTITY_CHANGE.target)
    world.iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'LimitExceeded', message: 'too long', retry: false })
    world.iam.afterWrite = () => void world.iam.documents.set(identity, others(IDENTITY_CHANGE.after))
    expect(await world.process().apply('p-1')).toBe('failed')
    const { applied, failure } = await world.get()
    expect(applied?.changes.map(change => change.target)).toEqual([IDENTITY_CHANGE.target])
    expect(failure?.message).toBe(
      'too long. Not everything could be undone: arn:aws:iam::111122223333:role/deployer: the policy of deployer was changed by somebody else meanwhile',
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
    expect(await world.process().revert('p-1', ONCALL)).toBe('reverted')
    expect(world.iam.documents.get(identity)?.Statement.map(statement => statement.Sid)).toEqual(['Others'])
  })

  it('keeps in mind only its own statements when somebody else adds one before it ends', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    const key = keyOf(IDENTITY_CHANGE.target)
    world.iam.afterWrite = () => void world.iam.documents.set(key, others(IDENTITY_CHANGE.after))
    await world.process().apply('p-1')
    world.iam.afterWrite = null
    expect((await world.get()).applied?.changes.map(change => change.after)).toEqual([IDENTITY_CHANGE.after])
    expect(await world.process().revert('p-1', ONCALL)).toBe('reverted')
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

describe('a target that another proposal is changing', () => {
  const targets = [TRUST_CHANGE.target, IDENTITY_CHANGE.target]
  const deps = (world: World) => ({
    store: world.store,
    clock: () => world.clock.nowMs,
    observer: { log() {}, count() {} },
  })
  const lockOf = async (world: World, { arn, kind, policyName }: (typeof targets)[number]) =>
    (await world.store.getNote(`${LOCK}${arn}#${kind}#${policyName ?? ''}`))?.value

  it('is taken in one order by all, so that none holds one of two and waits for the other', async () => {
    const taken: string[][] = []
    for (const order of [targets, targets.toReversed()]) {
      const world = await worldWith(approved())
      const keys: string[] = []
      const { store, ...rest } = deps(world)
      const noted: typeof store.putNote = (key, version, value) => {
        keys.push(key)
        return store.putNote(key, version, value)
      }
      await alone(order, 'p-1', { ...rest, store: { ...store, putNote: noted } }, async () => taken.push([...keys]))
    }
    expect(taken[0]).toHaveLength(2)
    expect(taken[1]).toEqual(taken[0])
  })

  it('is not freed by a worker who has lost it to another in the meantime', async () => {
    const world = await worldWith(approved())
    const { target } = IDENTITY_CHANGE
    let end = () => {}
    const second = { ends: new Promise<void>(resolve => (end = resolve)), done: Promise.resolve() }
    await alone([target], 'p-1', deps(world), async () => {
      world.clock.nowMs += 180_001
      const begun = new Promise<void>(begins => {
        second.done = alone([target], 'p-2', deps(world), () => {
          begins()
          return second.ends
        })
      })
      await begun
    })
    expect(await lockOf(world, target)).toMatchObject({ holder: 'p-2' })
    end()
    await second.done
    expect(await lockOf(world, target)).toMatchObject({ holder: null })
  })

  it('is waited for, and free again when the other has died and its time is over', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    await world.add(approved([IDENTITY_CHANGE], { id: 'p-2' }))
    // Dies with everything that it holds: nothing of it reaches the table any more.
    let killed = false
    const dying = world.process(call => {
      if (call === 'writer.write') killed = true
      if (killed) throw new Error('killed')
    })
    await expect(dying.apply('p-1')).rejects.toThrow('killed')
    await expect(world.process().apply('p-2')).rejects.toThrow('under way')
    expect(world.iam.writes).toEqual([])
    world.clock.nowMs += 4 * 60_000
    expect(await world.process().apply('p-2')).toBe('applied')
    // It had begun to write this very document, and finds it there: it is not written twice.
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.iam.writes).toHaveLength(1)
  })
})

describe('revert', () => {
  const REVERT = { status: 'reverting' as const, revertRequest: { by: ONCALL, atMs: NOON + 1 } }

  async function applied(): Promise<World> {
    const world = await worldWith(approved())
    await world.process().apply('p-1')
    const now = await world.get()
    await world.store.replace(now, { ...now, ...REVERT })
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

  it('has its intent in the audit log before the first write, and its outcome after the last, before the card', async () => {
    const world = await applied()
    const { seen, watch } = effects()
    await world.process(watch).revert('p-1')
    expect(seen).toEqual(['audit', 'IAM', 'IAM', 'audit', 'card'])
  })

  it('is planned three times at most while others go on changing the policy', async () => {
    const world = await applied()
    let reads = 0
    const busy: Fault = (call, moment) => {
      if (call === 'writer.read' && moment === 'before') reads += 1
      if (call !== 'store.replace' || moment !== 'after') return
      const now = world.iam.documents.get(keyOf(TRUST_CHANGE.target))
      if (now !== undefined) world.iam.documents.set(keyOf(TRUST_CHANGE.target), others(now))
    }
    expect(await world.process(busy).revert('p-1')).toBe('failed')
    expect(world.iam.writes).toEqual([])
    // Each time both documents for the plan, and the first once more before it would be written.
    expect(reads).toBe(9)
  })

  it('has each plan that is written on record before it is written, also one made anew after a drift', async () => {
    const world = await applied()
    const { read, write } = world.iam
    let reads = 0
    world.iam.read = async target => {
      reads += 1
      // Both were read for the first plan; the trust policy is changed before it would be written.
      if (reads === 3) world.iam.documents.set(keyOf(TRUST_CHANGE.target), others(TRUST_CHANGE.after))
      return read(target)
    }
    const intended: unknown[] = []
    world.iam.write = async (target, document) => {
      for await (const { entry } of world.log.records())
        if (entry.kind === 'revert-intended')
          intended.push(...entry.changes.filter(each => keyOf(each.target) === keyOf(target)).map(each => each.after))
      expect(intended).toContainEqual(document)
      return write(target, document)
    }
    expect(await world.process().revert('p-1')).toBe('reverted')
    const [first] = TRUST_CHANGE.before?.Statement ?? []
    expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))?.Statement).toEqual([
      ...(first === undefined ? [] : [first]),
      { Sid: 'Others', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
    ])
    expect((await trail(world)).slice(2)).toEqual(['revert-intended', 'revert-intended', 'reverted'])
  })

  it('fails when what is read back is not what was written', async () => {
    const world = await applied()
    world.iam.afterWrite = target => world.iam.documents.set(keyOf(target), others(TRUST_CHANGE.after))
    expect(await world.process().revert('p-1')).toBe('failed')
    expect(await world.get()).toMatchObject({ status: 'applied', failure: { code: 'read-back' } })
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
      reverted: 'what was written was taken out again; version v3 was removed',
    })
  })

  it('takes out its own statements and leaves those that others added since', async () => {
    const world = await applied()
    world.iam.documents.set(keyOf(IDENTITY_CHANGE.target), others(IDENTITY_CHANGE.after))
    expect(await world.process().revert('p-1')).toBe('reverted')
    expect(world.iam.documents.get(keyOf(IDENTITY_CHANGE.target))?.Statement).toEqual([
      { Sid: 'Others', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
    ])
  })

  it('refuses on drift, writes nothing, and shows before, written and now', async () => {
    const world = await applied()
    const [own] = IDENTITY_CHANGE.after.Statement
    const edited = { ...IDENTITY_CHANGE.after, Statement: own === undefined ? [] : [{ ...own, Resource: '*' }] }
    world.iam.documents.set(keyOf(IDENTITY_CHANGE.target), edited)
    expect(await world.process().revert('p-1')).toBe('failed')
    expect(world.iam.writes).toEqual([])
    const { status, failure } = await world.get()
    expect(status).toBe('applied')
    expect(failure?.code).toBe('drift')
    expect(failure?.message).toMatch(/Before: .*Written: .*Now: .*"Resource":"\*"/)
    expect((await trail(world)).at(-1)).toBe('revert-failed')
  })

  it('may be asked for again after it failed, as an attempt of its own', async () => {
    const world = await applied()
    const key = keyOf(TRUST_CHANGE.target)
    world.iam.refusals.set(key, { code: 'AccessDenied', message: 'lacks iam:UpdateAssumeRolePolicy', retry: false })
    expect(await world.process().revert('p-1')).toBe('failed')
    world.iam.refusals.delete(key)
    expect(await world.process().revert('p-1', { id: 'cli', name: 'Ben' })).toBe('reverted')
    expect((await trail(world)).slice(2)).toEqual(['revert-intended', 'revert-failed', 'revert-intended', 'reverted'])
    expect((await world.get()).reverted?.by).toEqual({ id: 'cli', name: 'Ben' })
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
