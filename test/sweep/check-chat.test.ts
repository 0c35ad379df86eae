import { describe, expect, it } from 'vitest'
import { checkChat } from '../../functions/sweep/check-chat.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { CHAT_OUTAGE } from '../fakes/memory-chat.ts'
import { NOON } from '../fakes/sample-proposal.ts'

describe('a chat that does not take the token', () => {
  it('is counted more than once within the hour, although nothing is posted', async () => {
    const bot = memoryBot()
    const counted: string[] = []
    const observer = { ...bot.observer, count: (metric: string) => void counted.push(metric) }
    const hour = async () => {
      for (let minute = 0; minute < 60; minute += 1) {
        bot.setNow(NOON + minute * 60_000)
        await checkChat({ ...bot, observer })
      }
    }
    await hour()
    expect(counted).toEqual([])
    bot.chat.down = CHAT_OUTAGE
    await hour()
    expect(counted).toEqual(Array.from({ length: 6 }, () => 'ChatNotReached'))
  })
})
