import { describe, expect, it } from 'vitest'
import { configSchema } from '../../functions/domain/config/config.ts'
import type { Notice } from '../../functions/domain/messages/notice.ts'
import { makeIntake } from '../../functions/intake/intake.ts'
import { checkMembers, isTimeToCheck } from '../../functions/sweep/check-members.ts'
import { memoryStore } from '../fakes/memory-store.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
const MINUTE = 60_000
const HUB = '111122223333'
const MEMBER = '444455556666'
const SECOND = '777788889999'

/** Heartbeats arrive through intake, as in the cloud. */
function setUp(
  settings: { retired?: readonly string[]; accounts?: readonly string[]; regions?: readonly string[] } = {},
) {
  const { retired = [], accounts = [], regions = ['eu-west-1'] } = settings
  const store = memoryStore()
  const metrics: [string, number | undefined][] = []
  const logged: unknown[] = []
  const notices: Notice[] = []
  const clock = { nowMs: NOON, topicDown: false }
  const observer = {
    log: (_: string, name: string, fields?: object) => void logged.push({ name, ...fields }),
    count: (metric: string, value?: number) => void metrics.push([metric, value]),
  }
  const intake = makeIntake({
    store,
    queue: { send: async () => {} },
    clock: () => clock.nowMs,
    observer,
    config: { settleSeconds: 60 },
    ownRoleArns: [],
    readerRole: { name: 'rolemedic-reader', membershipOf: async () => 'member' },
  })
  const beat = (account: string, region = 'eu-west-1') =>
    intake({
      source: 'rolemedic.heartbeat',
      'detail-type': 'Heartbeat',
      account,
      region,
      time: new Date(clock.nowMs).toISOString(),
      detail: { version: '0.1.0' },
    })
  const check = () =>
    checkMembers({
      store,
      clock: () => clock.nowMs,
      observer,
      config: configSchema.parse({ mode: 'approve', organizationAccounts: accounts }),
      notifier: {
        publish: async notice => {
          if (clock.topicDown) throw new Error('the topic is down')
          notices.push(notice)
        },
      },
      members: { ownAccountId: HUB, inOrganization: true, regions, retired },
    })
  const silentNow = () => metrics.filter(([name]) => name === 'SilentMembers').at(-1)?.[1]
  return { clock, beat, check, notices, logged, silentNow }
}

/** Every member sends a heartbeat each 15 minutes, except silent ones. The check runs every five minutes. */
async function pass(bot: ReturnType<typeof setUp>, minutes: number, beating: readonly string[]): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 5) {
    bot.clock.nowMs += 5 * MINUTE
    if (minute % 15 === 0) for (const account of beating) await bot.beat(account)
    await bot.check()
  }
}

describe('the members', () => {
  it('are silent to nobody while each sends its heartbeat', async () => {
    const bot = setUp()
    await pass(bot, 6 * 60, [HUB, MEMBER, SECOND])
    expect([bot.silentNow(), bot.notices]).toEqual([0, []])
  })

  it('of which one falls silent raise one alarm, which names it, and its end', async () => {
    const bot = setUp()
    await pass(bot, 60, [HUB, MEMBER, SECOND])
    await pass(bot, 180, [HUB, SECOND])
    expect(bot.silentNow()).toBe(1)
    expect(bot.notices).toHaveLength(1)
    expect(bot.notices[0]?.text).toContain(`- ${MEMBER} eu-west-1: last heard `)
    expect(bot.notices[0]?.text).not.toContain(SECOND)
    expect(bot.logged).toContainEqual(expect.objectContaining({ name: 'member_silent', account: MEMBER }))
    await pass(bot, 30, [HUB, MEMBER, SECOND])
    expect(bot.silentNow()).toBe(0)
    expect(bot.notices.map(({ subject }) => subject)).toEqual([
      'rolemedic: 1 account and Region is silent',
      'rolemedic: every account and Region is heard again',
    ])
  })

  it('that fall silent together are one notice', async () => {
    const bot = setUp()
    await pass(bot, 60, [HUB, MEMBER, SECOND])
    await pass(bot, 90, [HUB])
    expect(bot.notices).toHaveLength(1)
    expect(bot.notices[0]?.detail).toMatchObject({ silent: [{ accountId: MEMBER }, { accountId: SECOND }] })
  })

  it('that the configuration names and that were never heard are silent after an hour', async () => {
    const bot = setUp({ accounts: [MEMBER], regions: ['eu-west-1', 'us-east-1'] })
    await pass(bot, 55, [HUB])
    expect(bot.silentNow()).toBe(0)
    await pass(bot, 15, [HUB])
    expect(bot.notices[0]?.detail).toMatchObject({
      silent: [
        { accountId: HUB, region: 'us-east-1', lastHeardAt: null },
        { accountId: MEMBER, region: 'eu-west-1', lastHeardAt: null },
        { accountId: MEMBER, region: 'us-east-1', lastHeardAt: null },
      ],
    })
  })

  it('that the settings retire are expected no more', async () => {
    const bot = setUp({ retired: [MEMBER] })
    await pass(bot, 60, [HUB, MEMBER])
    await pass(bot, 120, [HUB])
    expect([bot.silentNow(), bot.notices]).toEqual([0, []])
  })

  it('are reported again where the topic was down', async () => {
    const bot = setUp()
    await pass(bot, 60, [HUB, MEMBER])
    bot.clock.topicDown = true
    await expect(pass(bot, 90, [HUB])).rejects.toThrow('the topic is down')
    bot.clock.topicDown = false
    await pass(bot, 60, [HUB])
    expect(bot.notices).toHaveLength(1)
  })

  it('are looked at every five minutes', () => {
    const minutes = Array.from({ length: 60 }, (_, minute) => minute)
    expect(minutes.filter(minute => isTimeToCheck(NOON + minute * MINUTE + 1_234))).toEqual([
      0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55,
    ])
  })
})
