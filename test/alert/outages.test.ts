import { describe, expect, it } from 'vitest'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import { CHAT_OUTAGE } from '../fakes/memory-chat.ts'
import { alertBench, FILES, MINUTE } from './alert-fixture.ts'

describe('an alert that the chat does not take after it has taken the card', () => {
  it('is posted when the card is refreshed, which it is due for', async () => {
    const bot = alertBench(FILES)
    const { reply } = bot.chat
    bot.chat.reply = async (...given) => {
      if (given[2]?.key?.startsWith('deploy/')) throw CHAT_OUTAGE
      return reply(...given)
    }
    await bot.alert('deploys/stack-rollback')
    await bot.settle()
    const [proposal] = await bot.proposals()
    expect(proposal).toMatchObject({ status: 'open', dueAtMs: bot.clock.nowMs + 2 * MINUTE })
    expect(bot.alerts()).toEqual([])
    bot.chat.reply = reply
    bot.clock.nowMs += 2 * MINUTE
    await refreshCard(proposal?.id ?? '', bot.deps)
    expect(bot.alerts()).toHaveLength(1)
  })
})
