import { describe, expect, it } from 'vitest'
import { grantedBy } from '../../functions/domain/authority/checks/authority.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import {
  CALLER,
  DEPLOYMENT,
  HOUR,
  letIn,
  MINUTE,
  NOON,
  passRole,
  policy,
  resumeAsk,
  TRUST,
  TWO_CHANGES,
  writeAsk,
} from './grant-asks.ts'
import { AFTER, BEFORE, BOTH, diedAfter, diedOnce, LIMITED, REVERT, SPENT_KEY } from './two-changes.ts'
import { writeWorld } from './write-world.ts'

const CHANGED_BY_OTHERS = 'the policy of app-task was changed by someone else meanwhile'

/** IAM took the first write, and the process died before its mark. */
const diedBeforeMark = () => diedOnce(({ iam }) => iam.writes.length === 1)

describe('a resume', () => {
  it('writes what a crash kept from being written', async () => {
    for (const name of ['spent/', 'written/0', 'written/1'] as const) {
      const world = await diedAfter(name)
      world.clock.nowMs += 20 * MINUTE
      expect(await world.write(resumeAsk())).toMatchObject({ result: 'written', ask: 'resume' })
      expect(world.documents()).toEqual(AFTER)
      expect(world.iam.writes).toHaveLength(2)
    }
  })

  it('takes what has its new document for done, also without its mark', async () => {
    const world = await diedBeforeMark()
    expect(world.keys().some(key => key.startsWith('written/'))).toBe(false)
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'written' })
    expect(world.iam.writes).toHaveLength(2)
  })

  it.each([31 * MINUTE, 24 * HOUR, 7 * 24 * HOUR])('only goes back %i ms after it was begun', async lateMs => {
    const world = await diedAfter('written/0')
    world.clock.nowMs += lateMs
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code: 'resume-too-late' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('only goes back after the end that was approved', async () => {
    const early = await diedAfter('written/0', LIMITED)
    early.clock.nowMs = NOON + 20 * MINUTE
    expect(await early.write(resumeAsk())).toMatchObject({ result: 'written' })
    const world = await diedAfter(
      'written/0',
      writeAsk({ changes: TWO_CHANGES, decisions: [{ endsAtMs: NOON + 10 * MINUTE }] }),
    )
    world.clock.nowMs = NOON + 10 * MINUTE
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code: 'limit-over' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('is not asked whether its signatures are young: they were when it was begun', async () => {
    const ask = writeAsk({
      changes: TWO_CHANGES,
      decisions: [{ atMs: NOON - 24 * HOUR + MINUTE }],
      attestation: { atMs: NOON - 9 * MINUTE },
    })
    const world = await diedAfter('written/0', ask)
    world.clock.nowMs += 20 * MINUTE
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'written' })
  })

  it('only goes back under another configuration, which may have lowered the mode', async () => {
    const world = await diedAfter('written/0')
    world.own.configDigest = `sha256:${'e'.repeat(64)}`
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code: 'other-configuration' })
    expect(world.documents()).toEqual(BEFORE)
    const whole = await diedAfter('written/1')
    whole.own.configDigest = `sha256:${'e'.repeat(64)}`
    expect(await whole.write(resumeAsk())).toMatchObject({ result: 'written' })
  })

  it('does not write again what somebody has removed since, and undoes the rest', async () => {
    const world = await diedAfter('written/1')
    world.iam.documents.set(keyOf(TRUST), policy(...(TWO_CHANGES[0]?.before?.Statement ?? [])))
    const writes = world.iam.writes.length
    const outcome = await world.write(resumeAsk())
    expect(outcome).toMatchObject({ result: 'undone', code: 'removed' })
    expect(outcome.why).toBe('what was written to app-task was removed by someone else; it is not written again')
    expect(world.documents()).toEqual(BEFORE)
    expect(world.iam.writes.slice(writes).map(({ target, after }) => [target.kind, after])).toEqual([
      ['role-inline-policy', null],
    ])
  })

  it('reads a minute later what seems to be removed: IAM may only be late', async () => {
    const world = await diedAfter('written/1')
    const written = world.iam.documents.get(keyOf(CALLER))
    world.iam.documents.delete(keyOf(CALLER))
    const { sleep } = world.deps
    Object.assign(world.deps, {
      sleep: async (ms: number) => {
        await sleep(ms)
        if (ms === MINUTE && written !== undefined) world.iam.documents.set(keyOf(CALLER), written)
      },
    })
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'written' })
    expect(world.slept).toContain(MINUTE)
    expect(world.iam.writes).toHaveLength(2)
  })

  it.each([
    ['begun more than 30 minutes ago', 30, undefined, 'resume-too-late'],
    ['over', 10, [{ endsAtMs: NOON + 10 * MINUTE }], 'limit-over'],
  ])('writes nothing that is %s by the time of that second reading', async (_what, minutes, decisions, code) => {
    const world = await diedAfter('written/0', writeAsk({ changes: TWO_CHANGES, ...(decisions && { decisions }) }))
    const written = world.iam.documents.get(keyOf(CALLER))
    world.iam.documents.delete(keyOf(CALLER))
    world.clock.nowMs = NOON + (minutes - 0.5) * MINUTE
    const { sleep } = world.deps
    Object.assign(world.deps, {
      sleep: async (ms: number) => {
        await sleep(ms)
        if (ms === MINUTE && written !== undefined) world.iam.documents.set(keyOf(CALLER), written)
      },
    })
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('takes a mark that somebody else put as a write: it only keeps it from going forward', async () => {
    const world = await diedAfter('spent/')
    world.ledger.plant(`written/${DEPLOYMENT}/p-1/0`, '{}')
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code: 'removed' })
    expect(world.iam.writes).toEqual([])
  })

  it('undoes what it wrote where the rest has drifted, and leaves what others wrote', async () => {
    const world = await diedAfter('written/0')
    world.iam.documents.set(keyOf(TRUST), policy(letIn('ffffffff')))
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code: 'drift' })
    expect(world.documents()).toEqual({ [keyOf(TRUST)]: policy(letIn('ffffffff')) })
  })

  it.each([
    {
      what: 'beside what was written',
      theirs: policy(letIn(), letIn('ffffffff')),
      answer: { result: 'left', left: [{ arn: TRUST.arn, why: CHANGED_BY_OTHERS }] },
    },
    { what: 'in its place', theirs: policy(letIn('ffffffff')), answer: { result: 'undone', left: [] } },
  ])('keeps after a crash what a second reading shows others wrote $what', async ({ theirs, answer }) => {
    const world = await diedAfter('written/1')
    world.iam.documents.delete(keyOf(CALLER))
    const { sleep } = world.deps
    Object.assign(world.deps, {
      sleep: async (ms: number) => {
        await sleep(ms)
        if (ms === 5000) world.iam.documents.set(keyOf(TRUST), theirs)
      },
    })
    expect(await world.write(resumeAsk())).toMatchObject({ code: 'removed', ...answer })
    expect(world.documents()[keyOf(TRUST)]).toEqual(theirs)
  })

  it('lists what it cannot undo', async () => {
    const world = await diedAfter('written/0')
    world.iam.documents.set(keyOf(CALLER), policy(passRole(), passRole('ffffffff', 'other')))
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'left', code: 'drift', left: [{ arn: CALLER.arn }] })
    expect(world.documents()[keyOf(CALLER)]).toEqual(policy(passRole(), passRole('ffffffff', 'other')))
  })

  it('does not restore an earlier grant that has ended since', async () => {
    const earlier = passRole('11111111', 'earlier')
    const changes = [{ target: CALLER, before: policy(earlier), after: policy(passRole()) }]
    for (const [isEnded, expected] of [
      [false, policy(earlier)],
      [true, undefined],
    ] as const) {
      const world = writeWorld(changes)
      const ask = writeAsk({ changes, decisions: [{ proposalId: 'p-2' }] }, ['p-1'])
      world.iam.afterWrite = () => {
        if (isEnded) world.ledger.plant(`ended/${DEPLOYMENT}/p-1/x`, '{}')
        world.iam.afterWrite = null
      }
      const { read } = world.iam
      let reads = 0
      world.iam.read = async target => {
        reads += 1
        return reads === 3 ? { kind: 'unreadable', why: 'for a moment' } : read(target)
      }
      expect(await world.write(ask)).toMatchObject({ result: 'undone', code: 'target-unreadable' })
      expect(world.iam.documents.get(keyOf(CALLER))).toEqual(expected)
    }
  })

  it('answers once more what was signed before a crash, and signs it once', async () => {
    for (let at = 1; ; at += 1) {
      const world = writeWorld()
      const died = await world.killed(BOTH, at, 'after')
      if (died !== 'dead') break
      if (world.outcomes().length === 0) continue
      expect(await world.write(resumeAsk())).toMatchObject({ result: 'written', number: 1, ask: 'write' })
      expect(world.outcomes()).toHaveLength(1)
      expect(world.sent.at(-1)).toEqual({ kind: 'outcome', proposalId: 'p-1', number: 1 })
    }
  })

  it('of what was never begun is refused', async () => {
    const world = writeWorld()
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'refused', code: 'not-spent' })
    expect(world.sessions).toEqual([])
  })

  it('of what was taken away is refused, also if the outcome of its write was lost', async () => {
    const world = await diedAfter('written/1')
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away' })
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'refused', code: 'closed' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('goes back where a revert was signed and could not be finished', async () => {
    const world = await diedAfter('written/0')
    world.iam.refusals.set(keyOf(CALLER), { code: 'AccessDenied', message: 'no', retry: false })
    expect(await world.write(REVERT)).toMatchObject({
      result: 'not-taken-away',
    })
    world.iam.refusals.clear()
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code: 'given-up' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('believes no spent/ that another key signed', async () => {
    const world = await diedAfter('written/0')
    world.ledger.hide(SPENT_KEY)
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'refused', code: 'spent-foreign' })
    expect(world.iam.writes).toHaveLength(1)
  })
})

describe('what was granted', () => {
  it('is the same from the kept input as when it was written', async () => {
    const world = await diedAfter('spent/', LIMITED)
    const { grant } = JSON.parse(world.ledger.textOf(SPENT_KEY)).statement
    const { writes, endsAtMs } = grantedBy('p-1', grant)
    expect(endsAtMs).toBe(NOON + HOUR)
    await world.write(resumeAsk())
    expect(writes.map(({ after }) => after)).toEqual(world.iam.writes.map(({ after }) => after))
  })
})
