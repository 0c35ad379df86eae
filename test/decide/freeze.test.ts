import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { asPlainText } from '../../core/base/rich-text.ts'
import { cardOf } from '../../functions/domain/card/card.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { decidingMode } from '../../functions/workflows/approval/account-mode.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { approver, HOUR, MINUTE, NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { ANNA, botWith, click, press } from './decide-fixture.ts'

const WINDOW = { name: 'year end', owner: 'release board', from: '2026-11-24T11:00:00Z', until: '2026-11-24T13:00:00Z' }
const CONFIG = configSchema.parse({
  mode: 'approve',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
  breakGlass: { group: 'S0GLASS', announceChannel: 'C0GLASS' },
  freezeWindows: [WINDOW],
})
const frozenBot = (): MemoryBot => {
  const bot = memoryBot(CONFIG)
  bot.chat.groups.set('S0GLASS', known([ANNA.id]))
  return bot
}
const statusOf = async (bot: MemoryBot) => (await bot.store.get('p-1'))?.status

describe('a press in a freeze', () => {
  it.each(['approve', 'approve-limited'] as const)('of %s does nothing, and says whom to ask', async action => {
    const bot = await botWith(sampleProposal(), frozenBot())
    await press(bot, click(action))
    expect(await statusOf(bot)).toBe('open')
    expect(bot.chat.ephemerals.map(({ text }) => text)).toEqual([
      'Nothing is granted in this freeze: year end, until 2026-11-24 13:00 UTC. Ask release board.',
    ])
    expect([bot.queue.sent, bot.audit.entries]).toEqual([[], []])
  })

  it.each([
    ['break-glass', 'approved'],
    ['reject', 'rejected'],
  ] as const)('of %s counts', async (action, status) => {
    const bot = await botWith(sampleProposal(), frozenBot())
    await press(bot, click(action, ANNA, { reason: 'production is down' }))
    expect(await statusOf(bot)).toBe(status)
  })

  it('counts once it is over', async () => {
    const bot = await botWith(sampleProposal(), frozenBot())
    bot.setNow(NOON + HOUR)
    await press(bot, click('approve'))
    expect(await statusOf(bot)).toBe('approved')
  })
})

describe('a card in a freeze', () => {
  const shown = async (nowMs: number) => {
    const mode = await decidingMode(sampleProposal(), { config: CONFIG, units: async () => known([]) })
    const count = { needed: 1, mayApprove: approver('U0ONCALL1') }
    return cardOf(sampleProposal(), { config: CONFIG, mode, nowMs, ...count })
  }

  it('has a line with its end and owner, and no Approve', async () => {
    const card = await shown(NOON + MINUTE)
    expect(card.lines.map(asPlainText)).toContainEqual(
      expect.stringMatching(/Frozen until .*: year end. Ask release board./),
    )
    expect(card.buttons.map(({ action }) => action)).toEqual(['reject', 'break-glass', 'details'])
  })

  it('has its buttons again once it is over', async () => {
    const card = await shown(NOON + HOUR)
    expect(card.lines.map(asPlainText).join(' ')).not.toContain('Frozen')
    expect(card.buttons.map(({ action }) => action)).toContain('approve')
  })
})
