import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { configWarnings } from '../../functions/domain/config/check-config.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { BEN, click, press } from '../decide/decide-fixture.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { MINUTE, NOON, sampleProposal } from '../fakes/sample-proposal.ts'

const ACCOUNT = '111122223333'
const config = (given: object) =>
  configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1'], groups: ['S0APPROVE'] }, ...given })

async function botWith(given: object): Promise<MemoryBot> {
  const bot = memoryBot(config(given))
  bot.chat.groups.set('S0APPROVE', known([BEN.id]))
  bot.chat.groups.set('S0NOW', known(['U0AWAKE']))
  await bot.store.create(sampleProposal())
  return bot
}
async function reminded(bot: MemoryBot): Promise<string | undefined> {
  bot.setNow(NOON + 30 * MINUTE)
  await makeSweep(bot)()
  return bot.chat.replies[0]?.split(' This still waits')[0]
}

describe('a reminder', () => {
  it.each([
    ['mentions the approvers where no group is on call', {}, '@U0ONCALL1 @S0APPROVE'],
    ['mentions who is on call, and nobody else', { onCallGroup: 'S0NOW' }, '@S0NOW'],
    [
      'mentions who is on call for the account',
      { onCallGroup: 'S0ELSE', accounts: { [ACCOUNT]: { onCallGroup: 'S0NOW' } } },
      '@S0NOW',
    ],
    [
      'mentions the approvers of an account that has nobody on call',
      { onCallGroup: 'S0NOW', accounts: { [ACCOUNT]: { onCallGroup: null } } },
      '@U0ONCALL1 @S0APPROVE',
    ],
  ])('%s', async (_what, given, mentioned) => {
    expect(await reminded(await botWith(given))).toBe(mentioned)
  })

  it.each([
    ['is empty', known([])],
    ['cannot be read', unknown('missing_scope')],
  ])('mentions the approvers where the group on call %s', async (_how, members) => {
    const bot = await botWith({ onCallGroup: 'S0NOW' })
    bot.chat.groups.set('S0NOW', members)
    expect(await reminded(bot)).toBe('@U0ONCALL1 @S0APPROVE')
  })
})

describe('who is on call', () => {
  it('may not approve by that, and is in the signed decision of an approver who is not on call', async () => {
    const bot = await botWith({ onCallGroup: 'S0NOW' })
    bot.setNow(NOON + MINUTE)
    await press(bot, click('approve', { id: 'U0AWAKE', name: 'ola' }))
    expect((await bot.store.get('p-1'))?.status).toBe('open')
    await press(bot, click('approve', BEN))
    expect(await bot.store.get('p-1')).toMatchObject({
      status: 'approved',
      approvals: [{ by: BEN, signed: { decision: { eligible: { onCall: ['U0AWAKE'] } } } }],
    })
  })

  it.each([
    ['onCallGroup', { onCallGroup: 'S0APPROVE' }],
    ['onCallGroup', { onCallGroup: 'S0GLASS', breakGlass: { group: 'S0GLASS', announceChannel: 'C0GLASS' } }],
    [`accounts.${ACCOUNT}.onCallGroup`, { accounts: { [ACCOUNT]: { onCallGroup: 'S0APPROVE' } } }],
  ])('is warned of where %s also approves', (setting, given) => {
    expect(configWarnings(config(given)).filter(line => line.startsWith(`${setting}: `))).toEqual([
      expect.stringContaining('also approves'),
    ])
    expect(configWarnings(config({ onCallGroup: 'S0NOW' })).join()).not.toContain('onCallGroup')
  })
})
