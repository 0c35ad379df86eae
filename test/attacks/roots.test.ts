/** Whom rolemedic believes: what each of them can do, and where it ends. */
import { describe, expect } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { type SecretsOptions, secretsManager } from '../../functions/adapters/aws/messaging/secrets.ts'
import { slackVerifier } from '../../functions/adapters/slack/endpoint/verify-request.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { failureOf } from '../../functions/domain/proposal/proposal.ts'
import { FAKE_ORIGIN, signRequest } from '../../simulator/slack-requests.ts'
import { ANNA, BEN, botWith, click, press } from '../decide/decide-fixture.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { HOUR, MINUTE, NOON, OTHER_DIGEST, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith } from '../fakes/two-sided.ts'
import { worldWith } from '../fakes/verify-world.ts'
import { ANA, CALLER, ONE_CHANGE, passRole, policy, writeAsk } from '../write/grant-asks.ts'
import { writeWorld } from '../write/write-world.ts'
import { attack } from './attack.ts'

const HIGH = { ...VERIFICATION, risk: 'high' as const, approvers: 2 as const }
const statusIn = async (bot: MemoryBot) => (await bot.store.get('p-1'))?.status

describe('anyone who holds what an approver holds', () => {
  attack('X1', async () => {
    const low = await botWith()
    await press(low, click('approve', ANNA, { digest: OTHER_DIGEST }))
    await press(low, click('break-glass', ANNA, { reason: 'now' }))
    expect(await statusIn(low)).toBe('open')
    await press(low, click('approve'))
    expect(await statusIn(low)).toBe('approved')

    const high = await botWith(sampleProposal({ verification: HIGH }))
    await press(high, click('approve'))
    await press(high, click('approve'))
    expect(await statusIn(high)).toBe('open')
    const own = await botWith(sampleProposal({ requester: { kind: 'person', userId: ANNA.id } }))
    await press(own, click('approve'))
    expect(await statusIn(own)).toBe('open')
  })

  attack('X2', async () => {
    const config = botConfigSchema.parse({ mode: 'approve', channel: 'C0DEPLOYS', approvers: { groups: ['S0ONCALL'] } })
    async function withBenAdded(verification: typeof HIGH | typeof VERIFICATION): Promise<MemoryBot> {
      const bot = memoryBot(config)
      bot.chat.groups.set('S0ONCALL', known([ANNA.id]))
      await botWith(sampleProposal({ verification, expiresAtMs: NOON + 48 * HOUR }), bot)
      await makeDecide(bot)({
        kind: 'members',
        origin: FAKE_ORIGIN,
        group: 'S0ONCALL',
        added: [BEN.id],
        eventId: 'Ev1',
      })
      bot.chat.groups.set('S0ONCALL', known([ANNA.id, BEN.id]))
      return bot
    }
    const low = await withBenAdded(VERIFICATION)
    await press(low, click('approve', BEN))
    expect(await statusIn(low)).toBe('approved')

    const high = await withBenAdded(HIGH)
    await press(high, click('approve', ANNA))
    await press(high, click('approve', BEN))
    expect(await statusIn(high)).toBe('open')
    high.setNow(NOON + 5 * MINUTE + 24 * HOUR)
    await press(high, click('approve', BEN))
    expect(await statusIn(high)).toBe('approved')

    const first = memoryBot(config)
    first.chat.groups.set('S0ONCALL', known([ANNA.id, BEN.id]))
    await botWith(sampleProposal({ verification: HIGH }), first)
    await press(first, click('approve', ANNA))
    await press(first, click('approve', BEN))
    expect(await statusIn(first)).toBe('approved')
  })

  attack('X3', async () => {
    const [leaked, next] = ['the-signing-secret-of-the-app', 'the-next-signing-secret-of-the-app']
    const answers = (by: { readonly id: string }, nowMs: number, secrets: readonly string[]) => {
      const payload = encodeURIComponent(JSON.stringify({ user: { id: by.id } }))
      const request = { ...signRequest(`payload=${payload}`, leaked, nowMs), isBase64Encoded: false }
      return slackVerifier({ secrets, clock: () => nowMs })(request).ok
    }
    for (const by of [ANNA, BEN]) expect(answers(by, NOON, [leaked])).toBe(true)
    expect(answers(ANNA, NOON, [next])).toBe(false)
    // Rotated at noon.
    const client = {
      send: async ({ input }: { readonly input: { readonly VersionStage?: string } }) =>
        input.VersionStage === 'AWSCURRENT'
          ? { SecretString: next, CreatedDate: new Date(NOON) }
          : { SecretString: leaked, CreatedDate: new Date(NOON - 90 * 24 * HOUR) },
    } as unknown as SecretsOptions['client']
    for (const [afterMs, expected] of [
      [24 * HOUR - 1, true],
      [24 * HOUR, false],
    ] as const) {
      const nowMs = NOON + afterMs
      const valid = await secretsManager({ client, clock: () => nowMs }).valid('slack-signing')
      expect(answers(ANNA, nowMs, valid)).toBe(expected)
    }
    const bot = await botWith()
    await press(bot, click('approve', ANNA, { digest: OTHER_DIGEST }))
    expect(await statusIn(bot)).toBe('open')
  })
})

describe('anyone who holds what a deployment holds', () => {
  attack('X4', async () => {
    const eve = { id: 'U0EVE', name: 'eve' }
    const config = (users: readonly string[], mode = 'approve') =>
      botConfigSchema.parse({ mode, channel: 'C0DEPLOYS', approvers: { users } })
    for (const [given, status] of [
      [config([ANNA.id]), 'open'],
      [config([eve.id], 'recommend'), 'open'],
      [config([eve.id]), 'approved'],
    ] as const) {
      const bot = await botWith(sampleProposal(), memoryBot(given))
      await press(bot, click('approve', eve))
      expect(await statusIn(bot)).toBe(status)
    }
  })

  attack('X5', async () => {
    const made = { ...ANA, userId: 'U0NOBODY', name: 'Nobody', email: null }
    const eligible = { approvers: [made.userId], breakGlass: [] }
    const edge = [{ target: CALLER, before: null, after: policy(passRole('0a1b2c3d', 'any-role')) }]
    const world = writeWorld(edge)
    expect(await world.write(writeAsk({ changes: edge, decisions: [{ by: made, eligible }] }))).toMatchObject({
      result: 'written',
    })
    const more = [{ target: CALLER, before: null, after: policy({ ...passRole(), Action: 'iam:AttachUserPolicy' }) }]
    const other = writeWorld(ONE_CHANGE)
    expect(await other.write(writeAsk({ changes: more, decisions: [{ by: made, eligible }] }))).toMatchObject({
      result: 'refused',
      code: 'outside-grammar',
    })
    expect(other.iam.writes).toEqual([])
  })
})

describe('an approver with the table', () => {
  attack('X6', async () => {
    const own = proposalWith([IDENTITY_CHANGE], { requester: { kind: 'person', userId: ANNA.id } })
    const world = await worldWith(own)
    const live = world.process()
    const { digest } = own.patch
    const pressed = async () => {
      await (await live.decide(click('approve', ANNA, { digest }))).notify()
      return (await world.get()).status
    }
    expect(await pressed()).toBe('open')
    // From another session, both `decide` and the analysis of `verify` conclude that a machine was denied.
    const now = await world.get()
    await world.store.replace(now, { ...now, requester: { kind: 'machine' } })
    expect(await pressed()).toBe('approved')
    expect(await live.apply('p-1')).toBe('applied')
    expect(world.iam.writes.map(({ target, after }) => [target, after])).toEqual([
      [IDENTITY_CHANGE.target, IDENTITY_CHANGE.after],
    ])

    // From elevated risk on, CloudTrail is asked first, and its record has another session.
    const approvals = [ANNA, BEN].map(by => ({ by, atMs: NOON, limitHours: null, reason: null }))
    const risky = proposalWith([IDENTITY_CHANGE], { status: 'approved', verification: HIGH, approvals })
    for (const [answer, status] of [
      [{ kind: 'refuted', why: 'the record has another session' }, 'failed'],
      [{ kind: 'confirmed', denial: risky.denial }, 'applied'],
    ] as const) {
      const asked = await worldWith(risky)
      asked.history.answer = () => answer
      expect(await asked.process().apply('p-1')).toBe(status)
      expect(failureOf(await asked.get())?.code).toBe(status === 'failed' ? 'unwitnessed' : undefined)
    }
  })
})
