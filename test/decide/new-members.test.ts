/** Who was first seen in a group of approvers less than a day ago, and what their presses count for. */
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import { known, unknown } from '../../core/base/fact.ts'
import type { Risk } from '../../core/patch/verification/verification.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { FIRST_SEEN, type FirstSeen, firstSeenKey } from '../../functions/domain/authority/people/first-seen.ts'
import { statementBytes } from '../../functions/domain/authority/statement.ts'
import { type BotConfig, botConfigSchema } from '../../functions/domain/config/config.ts'
import { approvalsOf, type Proposal } from '../../functions/domain/proposal/proposal.ts'
import { approvalSummaryOf } from '../../functions/workflows/approval/approval-summary.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { HOUR, MINUTE, NOON, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, signatureOf } from '../fakes/signing.ts'
import { ANNA, BEN, botWith, click, press } from './decide-fixture.ts'

const GROUP = 'S0ONCALL'
const CONFIG: BotConfig = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { groups: [GROUP] },
  breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' },
})
const keyOf = (user: string | null, group = GROUP) => firstSeenKey(DEPLOYMENT, group, user)

/** Anna is in the first reading; Ben was added an hour ago. */
async function world(risk: Risk = 'elevated', changes: Partial<Proposal> = {}): Promise<MemoryBot> {
  const bot = memoryBot(CONFIG)
  bot.setNow(NOON - HOUR)
  bot.chat.groups.set(GROUP, known([ANNA.id]))
  await added(bot, BEN.id)
  bot.chat.groups.set(GROUP, known([ANNA.id, BEN.id]))
  bot.chat.groups.set('S0GLASS', known([ANNA.id]))
  bot.chat.posts.length = 0
  return botWith(sampleProposal({ verification: { ...VERIFICATION, risk }, ...changes } as never), bot)
}

const added = async (bot: MemoryBot, ...people: readonly string[]) =>
  makeDecide(bot)({ kind: 'members', origin: FAKE_ORIGIN, group: GROUP, added: people, eventId: `Ev${people[0]}` })

const stored = async (bot: MemoryBot): Promise<Proposal> => (await bot.store.get('p-1')) ?? expect.fail('it is gone')
const sinceOf = async (bot: MemoryBot): Promise<readonly unknown[]> =>
  approvalsOf(await stored(bot)).map(
    ({ signed }) => (signed?.decision.by as { memberSinceMs?: unknown } | undefined)?.memberSinceMs,
  )
const seenOf = (bot: MemoryBot, user: string | null): FirstSeen => JSON.parse(bot.ledger.textOf(keyOf(user))).statement

/** As another deployment, another key, or an earlier time would have signed it. */
function planted(
  user: string | null,
  users: readonly string[],
  use: 'decisions' | 'attestations',
  deployment = DEPLOYMENT,
) {
  const statement: FirstSeen = {
    ...{ schema: 'rolemedic.first-seen/1', deploymentId: deployment, key: keyOf(user), users, atMs: 0 },
  }
  return canonicalJson({ statement, signature: signatureOf(use, statementBytes(FIRST_SEEN, statement)) })
}

describe('a member of the approver group for less than 24 h', () => {
  it.each(['elevated', 'high'] as const)(
    'does not count at %s risk: it is recorded, and said on the card and to them',
    async risk => {
      const bot = await world(risk)
      await press(bot, click('approve', BEN))
      expect((await stored(bot)).status).toBe('open')
      expect(await sinceOf(bot)).toEqual([NOON - HOUR])
      const summary = await approvalSummaryOf(await stored(bot), bot.config, bot.chat, NOON)
      expect(summary.had).toEqual([])
      expect(bot.chat.ephemerals.map(({ text }) => text)).toEqual([
        'Your approval is on record and does not count: you were first seen in the approver group less than 24 h ago, and the risk is not low. It counts if you press again after 2026-11-25 11:00 UTC.',
      ])
      expect(bot.audit.entries).toMatchObject([
        { kind: 'approved', why: 'approved; not counted, as a new member of the approver group' },
      ])
      expect(bot.queue.sent).toEqual([])
    },
  )

  it('counts at low risk', async () => {
    const bot = await world('low')
    await press(bot, click('approve', BEN))
    expect((await stored(bot)).status).toBe('approved')
  })

  it('is no second person beside one who counts, and a press more changes nothing', async () => {
    const bot = await world('elevated', { verification: { ...VERIFICATION, risk: 'elevated', approvers: 2 } } as never)
    await press(bot, click('approve', ANNA))
    await press(bot, click('approve', BEN))
    await press(bot, click('approve', BEN))
    expect((await stored(bot)).status).toBe('open')
    expect(await sinceOf(bot)).toEqual([null, NOON - HOUR])
    expect(bot.chat.ephemerals.at(-1)?.text).toMatch(/^Your approval does not count: you were first seen/)
  })

  it('counts with a press after the day', async () => {
    const bot = await world('elevated', { expiresAtMs: NOON + 72 * HOUR })
    await press(bot, click('approve', BEN))
    bot.setNow(NOON + 23 * HOUR - 1)
    await press(bot, click('approve', BEN))
    expect((await stored(bot)).status).toBe('open')
    bot.setNow(NOON + 23 * HOUR)
    await press(bot, click('approve', BEN))
    expect((await stored(bot)).status).toBe('approved')
  })

  it('does not break the glass', async () => {
    const bot = await world()
    await press(bot, click('approve', ANNA))
    const other = await world()
    await makeDecide(other)({ kind: 'members', origin: FAKE_ORIGIN, group: 'S0GLASS', added: [BEN.id], eventId: 'Ev2' })
    other.chat.groups.set('S0GLASS', known([ANNA.id, BEN.id]))
    await press(other, click('break-glass', BEN, { reason: 'night' }))
    expect((await stored(other)).status).toBe('open')
    expect(approvalsOf(await stored(other))).toEqual([])
    await press(other, click('break-glass', ANNA, { reason: 'night' }))
    expect((await stored(other)).status).toBe('approved')
  })
})

describe('who counts at once', () => {
  it('is everybody in the first reading, also one made by the first press after an upgrade', async () => {
    const bot = memoryBot(CONFIG)
    bot.chat.groups.set(GROUP, known([ANNA.id, BEN.id]))
    await botWith(sampleProposal({ verification: { ...VERIFICATION, risk: 'high' } }), bot)
    await press(bot, click('approve', BEN))
    expect((await stored(bot)).status).toBe('approved')
    expect(seenOf(bot, null)).toMatchObject({ users: [ANNA.id, BEN.id] })
  })

  it('is everybody whom the configuration names, in the group or not', async () => {
    const named = botConfigSchema.parse({ ...CONFIG, approvers: { users: [BEN.id], groups: [GROUP] } })
    const bot = { ...(await world()), config: named }
    await press(bot, click('approve', BEN))
    expect((await stored(bot)).status).toBe('approved')
    expect(await sinceOf(bot)).toEqual([null])
  })

  it('is anybody who left and came back: the first time stays', async () => {
    const bot = await world('elevated', { expiresAtMs: NOON + 72 * HOUR })
    bot.setNow(NOON + 30 * HOUR)
    await added(bot, BEN.id, ANNA.id)
    expect(seenOf(bot, BEN.id).atMs).toBe(NOON - HOUR)
    await press(bot, click('approve', BEN))
    expect((await stored(bot)).status).toBe('approved')
  })

  it('is decided for each list of approvers: the latest of them counts', async () => {
    const accounts = { '111122223333': { approvers: { groups: ['S0ORDERS'] } } }
    const bot = { ...(await world()), config: botConfigSchema.parse({ ...CONFIG, accounts }) }
    // A group that the configuration names from now on has its own first reading.
    bot.chat.groups.set('S0ORDERS', known([ANNA.id, BEN.id]))
    await press(bot, click('approve', BEN))
    expect(await sinceOf(bot)).toEqual([null])
  })
})

describe('where it cannot be known since when', () => {
  it('nobody counts from elevated risk on, and it is said: the group cannot be read, or what is kept', async () => {
    const bot = await world()
    bot.ledger.versions = async () => {
      throw new Error('the bucket is down')
    }
    await press(bot, click('approve', ANNA))
    expect((await stored(bot)).status).toBe('open')
    expect(await sinceOf(bot)).toEqual([undefined])
    expect(bot.chat.ephemerals.at(-1)?.text).toBe(
      'Your approval is on record and does not count: it could not be seen since when you are in the approver group. Press again.',
    )
  })

  it('a first reading is made of nothing but a group that could be read', async () => {
    const bot = memoryBot(CONFIG)
    bot.chat.groups.set(GROUP, unknown('Slack is down'))
    await added(bot, BEN.id)
    expect([...bot.ledger.stored.keys()]).toEqual([keyOf(BEN.id)])
    // Read later, it holds Ben too: he is still new.
    bot.chat.groups.set(GROUP, known([ANNA.id, BEN.id]))
    await botWith(sampleProposal({ verification: { ...VERIFICATION, risk: 'high' } }), bot)
    await press(bot, click('approve', BEN))
    expect(await sinceOf(bot)).toEqual([NOON])
  })
})

describe('what others put where it is kept', () => {
  it.each<[string, (bot: MemoryBot) => void]>([
    ['a delete marker', bot => bot.ledger.hide(keyOf(BEN.id))],
    ['a delete marker over the first reading', bot => bot.ledger.hide(keyOf(null))],
    ['a later version', bot => bot.ledger.plant(keyOf(BEN.id), planted(BEN.id, [BEN.id], 'attestations'))],
    ['a later first reading', bot => bot.ledger.plant(keyOf(null), planted(null, [BEN.id], 'attestations'))],
  ])('makes nobody older: %s', async (_, attack) => {
    const bot = await world()
    attack(bot)
    await press(bot, click('approve', BEN))
    expect(await sinceOf(bot)).toEqual([NOON - HOUR])
    expect((await stored(bot)).status).toBe('open')
    await press(bot, click('approve', ANNA))
    expect((await stored(bot)).status).toBe('approved')
  })

  it.each<[string, string]>([
    ['signed by another function', planted(null, [BEN.id], 'attestations')],
    ['signed for another deployment', planted(null, [BEN.id], 'decisions', 'aaaaaaaa-2222')],
    ['moved from another key', planted(ANNA.id, [BEN.id], 'decisions')],
    ['that is no JSON', '{'],
  ])('is no first reading: one %s. Everybody is seen again', async (_, text) => {
    const bot = memoryBot(CONFIG)
    bot.ledger.plant(keyOf(null), text)
    bot.chat.groups.set(GROUP, known([ANNA.id, BEN.id]))
    await botWith(
      sampleProposal({ verification: { ...VERIFICATION, risk: 'high' }, expiresAtMs: NOON + 72 * HOUR }),
      bot,
    )
    await press(bot, click('approve', BEN))
    expect(await sinceOf(bot)).toEqual([NOON + 5 * MINUTE])
    bot.setNow(NOON + 25 * HOUR)
    await press(bot, click('approve', BEN))
    expect((await stored(bot)).status).toBe('approved')
  })

  it('where a person is kept, keeps that person from counting', async () => {
    const bot = memoryBot(CONFIG)
    bot.chat.groups.set(GROUP, known([ANNA.id]))
    await added(bot, 'U0OTHER')
    bot.ledger.plant(keyOf(BEN.id), planted(BEN.id, [BEN.id], 'attestations'))
    bot.chat.groups.set(GROUP, known([ANNA.id, BEN.id]))
    await botWith(sampleProposal({ verification: { ...VERIFICATION, risk: 'high' } }), bot)
    await press(bot, click('approve', BEN))
    expect(await sinceOf(bot)).toEqual([undefined])
  })
})

describe('an event that somebody was added', () => {
  it('is told to the channel once, with the names, from when they count, and who had been there', async () => {
    const bot = await world()
    await added(bot, 'U0CARL', ANNA.id)
    await added(bot, 'U0CARL', ANNA.id)
    expect(bot.chat.posts).toMatchObject([
      { channel: 'C0DEPLOYS', key: `members/${GROUP}/EvU0CARL`, text: '2 people were added to a group of approvers' },
    ])
    expect(seenOf(bot, 'U0CARL')).toMatchObject({ users: ['U0CARL'], atMs: NOON + 5 * MINUTE })
    expect([...bot.ledger.stored.keys()]).not.toContain(keyOf(ANNA.id))
  })

  it('is asked for again where the chat takes no message, and then it is told', async () => {
    const bot = await world()
    bot.chat.down = new Error('Slack is down')
    expect(await added(bot, 'U0CARL')).toMatchObject({ again: true })
    bot.chat.down = null
    expect(await added(bot, 'U0CARL')).not.toHaveProperty('again')
    expect(bot.chat.posts).toHaveLength(1)
  })

  it('of another group, of another workspace, or of nobody is nothing', async () => {
    const bot = await world()
    const before = [...bot.ledger.stored.keys()]
    const event = { kind: 'members', origin: FAKE_ORIGIN, group: GROUP, added: ['U0CARL'], eventId: 'Ev9' } as const
    for (const one of [
      { ...event, group: 'S0OTHER' },
      { ...event, added: [] },
      { ...event, origin: { ...FAKE_ORIGIN, teamId: 'T0OTHER' } },
      { ...event, origin: { ...FAKE_ORIGIN, appId: 'A0OTHER' } },
    ])
      await makeDecide(bot)(one)
    expect([...bot.ledger.stored.keys()]).toEqual(before)
    expect(bot.chat.posts).toEqual([])
  })

  it('keeps at most 20 people, and the others from their first press', async () => {
    const bot = await world()
    const many = Array.from({ length: 45 }, (_, n) => `U0NEW${n}`)
    await added(bot, ...many)
    expect([...bot.ledger.stored.keys()].filter(key => key.includes('U0NEW'))).toHaveLength(20)
    expect(bot.chat.posts.at(-1)?.text).toBe('45 people were added to a group of approvers')
    bot.chat.groups.set(GROUP, known([ANNA.id, ...many]))
    await press(bot, click('approve', { id: 'U0NEW44', name: 'last' }))
    expect(await sinceOf(bot)).toEqual([NOON + 5 * MINUTE])
  })
})

it('the Home tab and the slash command make the first reading of each group', async () => {
  for (const request of [
    { kind: 'home', origin: { ...FAKE_ORIGIN, userTeamId: null }, userId: ANNA.id },
    { kind: 'command', origin: FAKE_ORIGIN, by: ANNA, text: 'help', conversation: null },
  ] as const) {
    const bot = memoryBot(CONFIG)
    bot.chat.groups.set(GROUP, known([ANNA.id]))
    bot.chat.groups.set('S0GLASS', known([BEN.id]))
    await (await makeDecide(bot)(request)).notify()
    expect([...bot.ledger.stored.keys()].sort()).toEqual([keyOf(null, 'S0GLASS'), keyOf(null)].sort())
  }
})
