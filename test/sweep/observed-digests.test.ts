import { describe, expect, it } from 'vitest'
import { configSchema } from '../../functions/domain/config/config.ts'
import { observedDay } from '../../functions/domain/stored/markers.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { HOUR, MINUTE, NOON } from '../fakes/sample-proposal.ts'

/** 2026-11-24, whose end is twelve hours after noon. */
const DAY = 20_781
const MIDNIGHT = NOON + 12 * HOUR
const AFTER_MIDNIGHT = MIDNIGHT + 5 * MINUTE
const CONFIG = configSchema.parse({
  mode: 'observe',
  accounts: { '444455556666': { channel: 'C0OTHER' } },
})
const SEEN = {
  denials: 37,
  distinct: 3,
  changes: 2,
  informations: 1,
  causes: { 'scp-gap': 2, 'identity-gap': 35 },
  principals: { 'arn:aws:iam::111122223333:role/deployer': 30, 'arn:aws:iam::111122223333:role/ci': 7 },
  roles: { 'arn:aws:iam::111122223333:role/app-task': 37 },
  settings: { mode: 30, 'organizationalUnits.ou-ab12-11111111.mode': 7 },
  cards: ['deployer was denied iam:PassRole on app-task (low risk)'],
  unread: null,
}

async function observed(config = CONFIG): Promise<MemoryBot> {
  const bot = memoryBot(config)
  await bot.store.putMarker(observedDay('C0DEPLOYS', DAY), 0, SEEN)
  return bot
}

describe('the digest of observed accounts', () => {
  it('comes once the day is over, once, and says what was seen and how to move up', async () => {
    const bot = await observed()
    const sweep = makeSweep(bot)
    bot.setNow(MIDNIGHT - MINUTE)
    await sweep()
    expect(bot.chat.posts).toEqual([])
    bot.setNow(AFTER_MIDNIGHT)
    await Promise.all([sweep(), makeSweep(bot)()])
    bot.setNow(MIDNIGHT + HOUR)
    await sweep()
    await makeSweep(bot)()
    expect(bot.chat.posts).toEqual([
      {
        channel: 'C0DEPLOYS',
        key: `observed-posted/C0DEPLOYS/${DAY}`,
        text: [
          'rolemedic observed on 2026-11-24 (UTC): 37 denials, 3 cards would have been posted: 2 with a change to approve, 1 that name whom to ask.',
          'Causes: identity-gap (35), scp-gap (2)',
          'Busiest principals: arn:aws:iam::111122223333:role/deployer (30), arn:aws:iam::111122223333:role/ci (7)',
          'Busiest roles: arn:aws:iam::111122223333:role/app-task (37)',
          'Would have been a card: deployer was denied iam:PassRole on app-task (low risk)',
          'Nothing was changed and nobody was asked. For cards, write into rolemedic.config.json: "mode": "recommend" or "organizationalUnits": { "ou-ab12-11111111": { "mode": "recommend" } }',
        ].join('\n'),
      },
    ])
  })

  it('has what was counted just before midnight and stored after the first sweep of the new day', async () => {
    const bot = memoryBot(CONFIG)
    const sweep = makeSweep(bot)
    bot.setNow(MIDNIGHT)
    await sweep()
    await bot.store.putMarker(observedDay('C0DEPLOYS', DAY), 0, SEEN)
    bot.setNow(MIDNIGHT + 4 * MINUTE)
    await sweep()
    await bot.store.putMarker(observedDay('C0DEPLOYS', DAY), 1, { ...SEEN, denials: 38 })
    expect(bot.chat.posts).toEqual([])
    bot.setNow(AFTER_MIDNIGHT)
    await sweep()
    expect(bot.chat.posts.map(({ text }) => text)).toEqual([expect.stringContaining('on 2026-11-24 (UTC): 38 denials')])
  })

  it('comes after an outage of the chat of less than three days', async () => {
    const bot = await observed()
    bot.chat.down = new Error('Slack is down')
    bot.setNow(AFTER_MIDNIGHT)
    expect(await makeSweep(bot)()).toMatchObject({ failures: 1 })
    bot.chat.down = null
    bot.setNow(MIDNIGHT + 50 * HOUR)
    await makeSweep(bot)()
    expect(bot.chat.posts).toHaveLength(1)
  })

  it('comes to a channel although another one takes no messages, and is tried again there', async () => {
    const bot = await observed()
    await bot.store.putMarker(observedDay('C0OTHER', DAY), 0, SEEN)
    const isArchived = { C0DEPLOYS: true }
    const post: typeof bot.chat.post = async (channel, ...rest) => {
      if (channel === 'C0DEPLOYS' && isArchived.C0DEPLOYS) throw new Error('is_archived')
      return bot.chat.post(channel, ...rest)
    }
    const sweep = makeSweep({ ...bot, chat: { ...bot.chat, post } })
    bot.setNow(AFTER_MIDNIGHT)
    expect(await sweep()).toMatchObject({ failures: 1 })
    expect(bot.chat.posts.map(({ channel }) => channel)).toEqual(['C0OTHER'])
    isArchived.C0DEPLOYS = false
    bot.setNow(AFTER_MIDNIGHT + MINUTE)
    expect(await sweep()).toMatchObject({ failures: 0 })
    expect(bot.chat.posts.map(({ channel }) => channel)).toEqual(['C0OTHER', 'C0DEPLOYS'])
  })

  it('reads the table once a day, not with each sweep', async () => {
    const bot = await observed()
    let reads = 0
    const { getMarker } = bot.store
    const store = {
      ...bot.store,
      getMarker: (async marker => {
        reads += 1
        return getMarker(marker)
      }) as typeof getMarker,
    }
    const sweep = makeSweep({ ...bot, store })
    for (let minute = 0; minute < 60; minute += 1) {
      bot.setNow(AFTER_MIDNIGHT + minute * MINUTE)
      await sweep()
    }
    // Two channels and three days: whether the digest was posted, and what was observed.
    expect(reads).toBeLessThanOrEqual(12)
  })

  it('is not looked for where no account is observed', async () => {
    const bot = await observed(configSchema.parse({ mode: 'recommend' }))
    bot.setNow(AFTER_MIDNIGHT)
    await makeSweep(bot)()
    expect(bot.chat.posts).toEqual([])
  })
})
