/** Whose presses are heard: by workspace, organization and app, and by when which group was seen to have them. */
import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { memberSince } from '../../functions/decide/first-seen.ts'
import { firstSeenKey } from '../../functions/domain/authority/people/first-seen.ts'
import type { Workspace } from '../../functions/domain/authority/people/workspace.ts'
import { type BotConfig, botConfigSchema } from '../../functions/domain/config/config.ts'
import type { DecidingAction, Origin } from '../../functions/domain/proposal/click.ts'
import { approvalsOf } from '../../functions/domain/proposal/proposal.ts'
import { FAKE_APP, FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { CODE } from '../fakes/bridge-world.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { HOUR, NOON, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT } from '../fakes/signing.ts'
import { ANNA, BEN, botWith, click, press } from './decide-fixture.ts'

const TEAM: Workspace = { teamId: 'T0OURS', enterpriseId: null }
const ORGANIZATION: Workspace = { teamId: null, enterpriseId: 'E0OURS' }
const BOTH: Workspace = { teamId: 'T0OURS', enterpriseId: 'E0OURS' }
const from = (teamId: string | null, enterpriseId: string | null, userTeamId: string | null): Origin => ({
  ...{ teamId, enterpriseId, userTeamId, appId: FAKE_APP },
})

describe('a press', () => {
  it.each<[string, Workspace, Origin, boolean]>([
    ['of the workspace', TEAM, from('T0OURS', null, 'T0OURS'), true],
    ['of the workspace, without that of the person', TEAM, from('T0OURS', null, null), true],
    ['of a workspace in some organization', TEAM, from('T0OURS', 'E0SOME', 'T0OURS'), true],
    ['of another workspace', TEAM, from('T0OTHER', null, 'T0OURS'), false],
    ['of no workspace', TEAM, from(null, null, 'T0OURS'), false],
    ['of a person of another workspace', TEAM, from('T0OURS', null, 'T0OTHER'), false],
    ['of the organization', ORGANIZATION, from('T0ANY', 'E0OURS', 'T0OTHER'), true],
    ['of another organization', ORGANIZATION, from('T0ANY', 'E0OTHER', 'T0ANY'), false],
    ['of no organization', ORGANIZATION, from('T0ANY', null, 'T0ANY'), false],
    ['of the workspace in the organization', BOTH, from('T0OURS', 'E0OURS', 'T0OTHER'), true],
    ['of a person of the workspace, to an app of the organization', BOTH, from(null, 'E0OURS', 'T0OURS'), true],
    ['of a person of another one, to an app of the organization', BOTH, from(null, 'E0OURS', 'T0OTHER'), false],
    ['of another workspace in the organization', BOTH, from('T0OTHER', 'E0OURS', 'T0OURS'), false],
    ['of the workspace in another organization', BOTH, from('T0OURS', 'E0OTHER', 'T0OURS'), false],
    ['where nothing to compare with is known', { teamId: null, enterpriseId: null }, FAKE_ORIGIN, false],
  ])('%s is taken or not', async (_, workspace, origin, isTaken) => {
    const bot = { ...(await botWith()), workspace }
    await press(bot, click('approve', ANNA, {}, origin))
    expect((await bot.store.get('p-1'))?.status).toBe(isTaken ? 'approved' : 'open')
    expect(bot.chat.ephemerals).toEqual([])
  })
})

const [GROUP, GLASS] = ['S0ONCALL', 'S0GLASS']
const CONFIG: BotConfig = botConfigSchema.parse({
  ...{ mode: 'approve', channel: 'C0DEPLOYS', approvers: { groups: [GROUP] } },
  breakGlass: { group: GLASS, announceChannel: 'C0SECURITY' },
})

/** Ben approves for long, and may break the glass for an hour. */
async function newInGlass(): Promise<MemoryBot> {
  const bot = memoryBot(CONFIG)
  bot.chat.groups.set(GROUP, known([ANNA.id, BEN.id]))
  bot.chat.groups.set(GLASS, known([ANNA.id]))
  bot.setNow(NOON - HOUR)
  const added = { kind: 'members', origin: FAKE_ORIGIN, group: GLASS, added: [BEN.id], eventId: 'Ev1' } as const
  await makeDecide(bot)(added)
  bot.chat.groups.set(GLASS, known([ANNA.id, BEN.id]))
  return botWith(sampleProposal({ verification: { ...VERIFICATION, risk: 'elevated' } }), bot)
}

describe('since when a person is in a group', () => {
  it('is asked of the group that breaks the glass, for that, and of the approvers for the rest', async () => {
    const bot = await newInGlass()
    await press(bot, click('break-glass', BEN, { reason: 'night' }))
    expect((await bot.store.get('p-1'))?.status).toBe('open')
    expect(bot.chat.ephemerals.at(-1)?.text).toMatch(/^Your approval does not count: you were first seen/)
    await press(bot, click('approve', BEN))
    expect((await bot.store.get('p-1'))?.status).toBe('approved')
  })

  it.each(['reject', 'pull-only'] as const)('is not asked where nothing is granted: %s', async action => {
    const bot = memoryBot(CONFIG)
    bot.chat.groups.set(GROUP, known([ANNA.id]))
    await botWith(sampleProposal(), bot)
    await press(bot, click(action, ANNA, { reason: 'no' }))
    expect([...bot.ledger.stored.keys()].filter(key => key.startsWith('members/'))).toEqual([])
  })

  const lists = (...groups: readonly string[]) => [{ users: [], groups }]
  const since = async (bot: MemoryBot, ...groups: readonly string[]) => memberSince(lists(...groups), BEN.id, bot)

  it('is the earliest of the groups of a list, and at once by the first reading of one', async () => {
    const bot = await newInGlass()
    expect(await since(bot, GLASS)).toEqual(known(NOON - HOUR))
    expect(await since(bot, GLASS, GROUP)).toEqual(known(null))
    bot.chat.groups.set('S0LATE', known([]))
    await since(bot, 'S0LATE')
    bot.chat.groups.set('S0LATE', known([BEN.id]))
    bot.setNow(NOON)
    expect(await since(bot, 'S0LATE', GLASS)).toEqual(known(NOON - HOUR))
  })

  it('is what the group that can be read says, and not known where none has the person or can be read', async () => {
    const bot = await newInGlass()
    bot.chat.groups.set('S0DOWN', unknown('the chat is down'))
    expect(await since(bot, 'S0DOWN', GLASS)).toEqual(known(NOON - HOUR))
    expect(await since(bot, 'S0DOWN')).toEqual(unknown('the chat is down'))
    bot.chat.groups.set('S0OTHERS', known([ANNA.id]))
    expect(await since(bot, 'S0OTHERS')).toEqual(unknown('no group has this person'))
    expect(await since(bot, 'S0OTHERS', 'S0DOWN')).toEqual(unknown('the chat is down'))
    // Who left a group keeps nothing of it.
    bot.chat.groups.set(GLASS, known([ANNA.id]))
    expect(await since(bot, GLASS)).toEqual(unknown('no group has this person'))
  })

  it('is the latest of the lists, and not known where one is not', async () => {
    const bot = await newInGlass()
    expect(await memberSince([...lists(GROUP), ...lists(GLASS)], BEN.id, bot)).toEqual(known(NOON - HOUR))
    bot.chat.groups.set('S0DOWN', unknown('the chat is down'))
    expect(await memberSince([...lists(GROUP), ...lists('S0DOWN')], BEN.id, bot)).toEqual(unknown('the chat is down'))
  })

  it('is not known where another object has the place of the record, and a delete marker makes nobody new', async () => {
    const bot = await newInGlass()
    bot.ledger.hide(firstSeenKey(DEPLOYMENT, GLASS, BEN.id))
    expect(await since(bot, GLASS)).toEqual(known(NOON - HOUR))
    bot.chat.groups.set('S0LATE', known([]))
    await since(bot, 'S0LATE')
    bot.chat.groups.set('S0LATE', known([BEN.id]))
    bot.ledger.plant(firstSeenKey(DEPLOYMENT, 'S0LATE', BEN.id), '{}')
    expect(await since(bot, 'S0LATE')).toEqual(unknown('another object stands where the record would be'))
  })

  it('is what the process that was sooner has signed', async () => {
    const bot = await newInGlass()
    bot.chat.groups.set('S0LATE', known([]))
    await since(bot, 'S0LATE')
    bot.chat.groups.set('S0LATE', known([BEN.id]))
    const { create } = bot.ledger
    let isFirst = true
    const ledger = {
      ...bot.ledger,
      create: async (key: string, text: string) => {
        if (isFirst) {
          isFirst = false
          bot.setNow(NOON - 2 * HOUR)
          await since(bot, 'S0LATE')
          bot.setNow(NOON)
        }
        return create(key, text)
      },
    }
    expect(await since({ ...bot, ledger } as MemoryBot, 'S0LATE')).toEqual(known(NOON - 2 * HOUR))
    expect(approvalsOf((await bot.store.get('p-1')) ?? expect.fail('it is gone'))).toEqual([])
  })
})

describe('a press that names the time for which it grants', () => {
  const config = (limitedGrantHours: number | null, bridgeHours = 72) =>
    botConfigSchema.parse({
      ...{ mode: 'approve', channel: 'C0DEPLOYS', approvers: { users: [ANNA.id] }, limitedGrantHours, bridgeHours },
      breakGlass: { group: GLASS, announceChannel: 'C0SECURITY' },
      grants: { permanent: { people: 'always', machines: 'always' } },
    })
  const alone = { patch: sampleProposal().patch, verification: VERIFICATION, followUps: [] }
  const template = { ...{ place: null, isMade: false, needs: [], unnamed: 0, refused: [], unread: null }, alone }
  const proposal = () =>
    sampleProposal({ code: CODE, template, requester: { kind: 'person', userId: 'U0DENIED' } } as never)

  it.each<[DecidingAction, number | null, ReturnType<typeof config>, ReturnType<typeof config>]>([
    ['approve-limited', 4, config(4), config(24)],
    ['approve-alone', 4, config(4), config(24)],
    ['approve-alone', 4, config(4), config(null)],
    ['approve-alone', null, config(null), config(4)],
    ['approve-with-pull', 72, config(4, 72), config(4, 168)],
    ['break-glass', 2, config(2), config(24)],
  ])(
    'grants for no other one once the configuration has changed: %s for %s h',
    async (action, hours, before, after) => {
      const pressed = async (deployed: BotConfig) => {
        const bot = { ...(await botWith(proposal())), config: deployed }
        bot.chat.groups.set(GLASS, known([ANNA.id]))
        await press(bot, click(action, ANNA, { hours, ...(action === 'break-glass' ? { reason: 'night' } : {}) }))
        const stored = (await bot.store.get('p-1')) ?? expect.fail('it is gone')
        return {
          given: approvalsOf(stored).map(one => one.limitHours),
          answers: bot.chat.ephemerals.map(({ text }) => text),
        }
      }
      expect(await pressed(before)).toEqual({ given: [hours], answers: [] })
      expect(await pressed(after)).toEqual({
        given: [],
        answers: ['Approvals are for another time now than when you saw this card. Read it again, then press.'],
      })
    },
  )
})
