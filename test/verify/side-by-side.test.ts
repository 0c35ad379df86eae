/** Versions of `decide`, `verify` and `write` side by side while a deployment replaces them: what one cannot read waits, and nothing is lost. */
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import { known } from '../../core/base/fact.ts'
import type { WriteAsk } from '../../functions/domain/authority/checks/input.ts'
import { decisionNowSchema } from '../../functions/domain/authority/decision.ts'
import type { Decision } from '../../functions/domain/authority/earlier-decision.ts'
import { signedBytes } from '../../functions/domain/authority/statement.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { eligiblePeople } from '../../functions/workflows/approval/eligible-people.ts'
import { consume } from '../../functions/write/write.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { MINUTE, NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, decisionAbout, signatureOf, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { ONCALL, type World, worldWith } from '../fakes/verify-world.ts'
import { approved } from './verify-fixture.ts'

const BOTH = [TRUST_CHANGE, IDENTITY_CHANGE].map(({ target }) => keyOf(target)).sort()
const DUE = { dueAtMs: NOON + 2 * MINUTE }

async function asked(): Promise<{ readonly world: World; readonly ask: WriteAsk }> {
  const world = await worldWith(approved(undefined, DUE))
  expect(await world.process().verify('p-1')).toBe('asked')
  const [ask] = world.asks.splice(0)
  if (ask === undefined) throw new Error('nothing was asked')
  return { world, ask }
}

async function writtenOnce(world: World): Promise<void> {
  await world.settle()
  expect((await world.get()).status).toBe('confirmed')
  expect(world.iam.writes.map(({ target }) => keyOf(target)).sort()).toEqual(BOTH)
}

describe('a newer verify beside an older write', () => {
  it.each([
    [
      'another attestation',
      (ask: WriteAsk) => {
        const { grant } = ask as Extract<WriteAsk, { ask: 'write' }>
        const statement = { ...grant.attestation.statement, schema: 'rolemedic.attestation/2' }
        return { ...ask, grant: { ...grant, attestation: { ...grant.attestation, statement } } }
      },
    ],
    ['another form', (ask: WriteAsk) => ({ ...ask, schema: 'rolemedic.ask/2' })],
    ['a member more', (ask: WriteAsk) => ({ ...ask, passkeys: [] })],
    [
      'decisions that say more about who could approve',
      (ask: WriteAsk) => {
        const { grant } = ask as Extract<WriteAsk, { ask: 'write' }>
        const decisions = grant.decisions.map(({ decision, signature }) => {
          const eligible = { ...decision.eligible, offCall: [] }
          return { decision: { ...decision, eligible }, signature }
        })
        return { ...ask, grant: { ...grant, decisions } }
      },
    ],
  ])('has %s: the alarm of unreadable messages comes, nothing is written, and it is asked again', async (_, newer) => {
    const { world, ask } = await asked()
    const alarms: string[] = []
    const observer = { log: () => {}, count: (metric: string) => void alarms.push(metric) }
    await consume(JSON.stringify(newer(ask)), { write: world.process().write, observer })
    expect(alarms).toEqual(['Unreadable'])
    expect(world.iam.writes).toEqual([])
    expect((await world.get()).status).toBe('applying')
    await writtenOnce(world)
  })
})

describe('who was on call', () => {
  const { eligible } = decisionNowSchema.shape
  /** As every version before `onCallGroup` read it. */
  const earlier = z.strictObject({ approvers: eligible.shape.approvers, breakGlass: eligible.shape.breakGlass })

  it.each([
    ['a group is named', { onCallGroup: 'S0ONCALL' }, false],
    ['none is, as after an upgrade', {}, true],
  ])('is in a decision only where %s: then an earlier write cannot read it', async (_, facts, isReadable) => {
    const config = botConfigSchema.parse({
      ...{ mode: 'approve', channel: 'C0DEPLOYS', approvers: { users: [ONCALL.id] } },
      ...facts,
    })
    const bot = memoryBot(config)
    bot.chat.groups.set('S0ONCALL', known([ONCALL.id]))
    const people = await eligiblePeople(sampleProposal(), config, bot.chat)
    expect(eligible.safeParse(people).success).toBe(true)
    expect(earlier.safeParse(people).success).toBe(isReadable)
  })
})

describe('a newer write beside an older verify', () => {
  it('has another outcome: it is an alarm and no answer, and comes home once verify can read it', async () => {
    const { world, ask } = await asked()
    const live = world.process()
    await live.write(ask)
    const key = `outcomes/${DEPLOYMENT}/000000000001`
    const text = world.ledger.textOf(key)
    const statement = { ...JSON.parse(text).statement, schema: 'rolemedic.outcome/2', passkeys: [] }
    const signature = signatureOf('outcomes', signedBytes('rolemedic.outcome/2', statement))
    const stored = (one: string) => world.ledger.stored.set(key, [{ id: 'v1', isDeleteMarker: false, text: one }])
    stored(canonicalJson({ statement, signature }))
    expect(await live.bringHome('p-1', 1)).toBe('nothing-to-do')
    expect(world.counted).toContain('OutcomeForeign')
    expect((await world.get()).status).toBe('applying')
    stored(text)
    await writtenOnce(world)
  })
})

describe('an older decide beside a newer verify', () => {
  it('has signed an approval that names no deployment: nothing is written, and a new card follows', async () => {
    const unsigned = approved(undefined, { approvals: [], ...DUE })
    const facts = { by: ONCALL, atMs: NOON, limitHours: null, reason: null }
    const { kind, patchDigest, fingerprint, requester, risk, approversNeeded, endsAtMs, reason, configDigest, atMs } =
      decisionAbout(unsigned, { ...facts, kind: 'approve' })
    const decision: Decision = {
      ...{ kind, patchDigest, fingerprint, requester, risk, approversNeeded, endsAtMs, reason, configDigest, atMs },
      schema: 'rolemedic.decision/1',
      proposalId: 'p-1',
      by: { userId: ONCALL.id, teamId: null, name: ONCALL.name },
    }
    const world = await worldWith({ ...unsigned, approvals: [{ ...facts, signed: signedBy(decision) }] })
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
    expect(world.messages).toContainEqual(expect.objectContaining({ kind: 'propose' }))
  })
})
