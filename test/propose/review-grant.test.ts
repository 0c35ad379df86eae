import { describe, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { makeReview } from '../../functions/propose/review-grant.ts'
import { CONFIG, type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { memoryHistory, type RecordedCall } from '../fakes/memory-history.ts'
import { keyOf, memoryIam } from '../fakes/memory-iam.ts'
import { type Changed, HOUR, NOON, OUTCOME, sampleProposal } from '../fakes/sample-proposal.ts'
import { others } from '../verify/verify-fixture.ts'

const DAY = 24 * HOUR
const HELD = { status: 'confirmed', applied: OUTCOME, dueAtMs: null } as const

async function bench(changed: Changed<'confirmed'> = HELD, config = CONFIG) {
  const bot = memoryBot(config)
  const history = memoryHistory(bot.clock)
  const iam = memoryIam()
  for (const { target, after } of OUTCOME.changes) iam.documents.set(keyOf(target), after)
  await bot.store.create(sampleProposal(changed))
  const review = makeReview({ ...bot, documents: iam, history, regions: ['eu-west-1', 'us-east-1'] })
  return {
    bot,
    iam,
    history,
    /** One review on this day since the grant. */
    at: async (day: number) => {
      bot.setNow(NOON + day * DAY)
      return review('p-1')
    },
    /** One review a day. */
    days: async (from: number, to: number) => {
      const outcomes: string[] = []
      for (let day = from; day <= to; day += 1) {
        bot.setNow(NOON + day * DAY)
        outcomes.push(await review('p-1'))
      }
      return outcomes
    },
    use: async () => {
      const proposal = await bot.store.get('p-1')
      return proposal !== null && 'use' in proposal ? proposal.use : undefined
    },
    lives: () => bot.audit.entries.flatMap(({ life }) => (life === undefined ? [] : [life.kind])),
  }
}

/** The cards that ask, without the outcome of the change itself. */
const asks = ({ chat }: MemoryBot) => chat.posts.filter(({ key }) => key.startsWith('grant-question/'))

const used = (day: number, call: Partial<RecordedCall> = {}): RecordedCall => ({ atMs: NOON + day * DAY, ...call })

describe('the use of a grant', () => {
  it('is the success of the same call: same caller, same role, same service', async () => {
    const { history, at, use, lives } = await bench()
    history.calls.push(used(0.5))
    expect(await at(1)).toBe('used')
    expect(await use()).toMatchObject({ lastUsedAtMs: NOON + 0.5 * DAY, lookedAtMs: NOON + DAY })
    expect(lives()).toEqual(['used'])
  })

  it.each<[string, Partial<RecordedCall>, boolean]>([
    ['of another session of the same role', { session: 'run-2' }, true],
    ['in another Region that the bot hears from', { region: 'us-east-1' }, true],
    ['of the role by its name alone', { parameters: { taskRoleArn: 'app-task' } }, true],
    [
      'of another call that passes the role to the same service',
      { eventName: 'RunTask', parameters: { overrides: { taskRoleArn: 'arn:aws:iam::111122223333:role/app-task' } } },
      true,
    ],
    ['of another caller', { role: 'other' }, false],
    ['of another role', { roleArn: 'arn:aws:iam::111122223333:role/other-task' }, false],
    ['that failed', { errorCode: 'ClientException' }, false],
    ['from before the grant', { atMs: NOON - 1000 }, false],
    [
      'to another service',
      { eventName: 'CreateService', parameters: { role: 'arn:aws:iam::111122223333:role/app-task' } },
      false,
    ],
  ])('%s: a success counts or does not', async (_, call, counts) => {
    const { history, at, use } = await bench()
    history.calls.push(used(0.5, call))
    await at(1)
    expect((await use())?.lastUsedAtMs ?? null).toBe(counts ? (call.atMs ?? NOON + 0.5 * DAY) : null)
  })

  it('is recorded at most once a week, and remembered each day', async () => {
    const { history, days, use, lives } = await bench()
    for (let day = 1; day <= 28; day += 1) history.calls.push(used(day - 0.5))
    await days(1, 28)
    expect(lives().length).toBeGreaterThanOrEqual(4)
    expect(lives().length).toBeLessThanOrEqual(5)
    expect(await use()).toMatchObject({ lastUsedAtMs: NOON + 27.5 * DAY })
  })

  it('is searched from the last look on, an hour overlapping', async () => {
    const { history, days } = await bench()
    await days(1, 2)
    const own = history.searches.filter(
      ({ name, region }) => name === 'RegisterTaskDefinition' && region === 'eu-west-1',
    )
    expect(own.map(({ fromMs }) => fromMs)).toEqual([NOON, NOON + DAY - HOUR])
  })
})

describe('a grant that somebody took away outside of rolemedic', () => {
  it('is recorded once, and not asked about', async () => {
    const { bot, iam, days, use, lives } = await bench()
    await days(1, 2)
    iam.documents.clear()
    await days(3, 40)
    expect(lives()).toEqual(['gone'])
    expect(asks(bot)).toEqual([])
    expect(await use()).toMatchObject({ goneAtMs: NOON + 3 * DAY })
  })

  it.each([
    ['a part of it is left', 'left'],
    ['its documents cannot be read', 'unreadable'],
  ] as const)('is not gone where %s', async (_, how) => {
    const { iam, days, lives, use } = await bench()
    const [change] = OUTCOME.changes
    if (change === undefined) throw new Error('no change')
    if (how === 'left') iam.documents.set(keyOf(change.target), others(change.after))
    else iam.unreadable.set(keyOf(change.target), 'AccessDenied')
    await days(1, 2)
    expect(lives()).toEqual([])
    expect((await use())?.goneAtMs).toBeUndefined()
  })

  it('is gone although its change had replaced an earlier grant, which stays away', async () => {
    const [first] = OUTCOME.changes
    if (first === undefined) throw new Error('no change')
    const own = {
      Sid: 'Rolemedic99999999',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: 'arn:aws:iam::111122223333:role/old',
    } as const
    const theirs = { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' } as const
    const before = { Version: '2012-10-17', Statement: [theirs, own] }
    const after = { Version: '2012-10-17', Statement: [theirs, ...first.after.Statement] }
    const changes = [{ ...first, before, after }]
    const { iam, days, lives } = await bench({ ...HELD, applied: { ...OUTCOME, changes } })
    iam.documents.set(keyOf(first.target), { Version: '2012-10-17', Statement: [theirs] })
    await days(1, 1)
    expect(lives()).toEqual(['gone'])
  })

  it('stands again where it is there again', async () => {
    const { iam, days, use } = await bench()
    const before = new Map(iam.documents)
    iam.documents.clear()
    await days(1, 2)
    for (const [key, document] of before) iam.documents.set(key, document)
    await days(3, 3)
    expect((await use())?.goneAtMs).toBeUndefined()
  })
})

describe('a grant that is not used', () => {
  it('gets a card after 30 days, once, and not before', async () => {
    const { bot, days, use, lives } = await bench()
    expect(new Set(await days(1, 29))).toEqual(new Set(['quiet']))
    expect(await days(30, 59)).toEqual(['asked', ...Array.from({ length: 29 }, () => 'quiet')])
    expect(asks(bot)).toHaveLength(1)
    expect(asks(bot)[0]?.text).toBe('Still needed? deployer may pass app-task [Revert] [Keep] [Details]')
    expect((await use())?.question).toMatchObject({ atMs: NOON + 30 * DAY, isSeen: true })
    expect(lives()).toEqual(['offered'])
  })

  it('has the question on record although the audit log was down when it was posted', async () => {
    const { bot, days, at, lives } = await bench()
    await days(1, 29)
    bot.audit.down = new Error('the bucket is down')
    await expect(at(30)).rejects.toThrow('the bucket is down')
    bot.audit.down = null
    await days(31, 32)
    expect(asks(bot)).toHaveLength(1)
    expect(lives()).toEqual(['offered'])
  })

  it('has one question on record where it was not stored, and its use is seen otherwise by then', async () => {
    const { bot, days, at, lives, history } = await bench()
    await days(1, 29)
    const { replace } = bot.store
    bot.store.replace = async (current, next) => {
      if (bot.audit.entries.length > 0) throw new Error('the table is down')
      return replace(current, next)
    }
    await expect(at(30)).rejects.toThrow('the table is down')
    bot.store.replace = replace
    history.trouble = () => 'cut'
    await days(46, 46)
    expect(asks(bot)).toHaveLength(1)
    expect(lives()).toEqual(['offered'])
    expect((await bot.store.get('p-1')) ?? {}).toMatchObject({ use: { question: { atMs: NOON + 46 * DAY } } })
  })

  it('is asked about again after as long a time when nobody answers', async () => {
    const { bot, days } = await bench()
    await days(1, 61)
    expect(asks(bot)).toHaveLength(2)
  })

  it('counts from its last use', async () => {
    const { history, days } = await bench()
    history.calls.push(used(20.5))
    expect((await days(1, 49)).includes('asked')).toBe(false)
    expect((await days(50, 51))[1]).toBe('asked')
  })

  it('whose card is open says so when it is used after all, and is asked about again only after a new period', async () => {
    const { bot, history, days, use } = await bench()
    await days(1, 30)
    history.calls.push(used(30.5))
    await days(31, 59)
    const card = (await use())?.question?.card
    expect(bot.chat.cards.get(`${card?.conversation}/${card?.message}`)).toBe('In use: deployer may pass app-task')
    expect(asks(bot)).toHaveLength(1)
  })

  it('is asked about by what CloudTrail shows, not by what the table says', async () => {
    const { bot, history, at, use } = await bench()
    history.calls.push(used(10))
    const seen = await bot.store.get('p-1')
    if (seen?.status !== 'confirmed') throw new Error('it is confirmed')
    const never = { lookedAtMs: NOON + 29 * DAY, wholeSinceMs: NOON, unseen: null, lastUsedAtMs: null }
    await bot.store.replace(seen, { ...seen, use: { ...never, question: null, kept: null } })
    expect(await at(30)).toBe('used')
    expect((await use())?.lastUsedAtMs).toBe(NOON + 10 * DAY)
    expect(asks(bot)).toEqual([])
  })

  it('is never asked about where the configuration says so, nor when it ends by itself before', async () => {
    const off = await bench(
      HELD,
      botConfigSchema.parse({ mode: 'approve', channel: 'C0DEPLOYS', unusedGrantDays: null }),
    )
    expect((await off.days(1, 70)).includes('asked')).toBe(false)
    const brief = await bench({ ...HELD, applied: { ...OUTCOME, endsAtMs: NOON + 30 * DAY } })
    expect((await brief.days(1, 29)).includes('asked')).toBe(false)
  })
})

describe('a history that does not show everything', () => {
  it('makes no grant unused: people are asked later, and told that it may be in use', async () => {
    const { bot, history, days, use } = await bench()
    history.trouble = () => 'cut'
    expect((await days(1, 44)).includes('asked')).toBe(false)
    expect((await days(45, 46)).includes('asked')).toBe(true)
    expect((await use())?.question).toMatchObject({ isSeen: false })
    expect((await use())?.unseen).toContain('more calls than CloudTrail')
    expect(asks(bot)).toHaveLength(1)
  })

  it.each(['refused', 'throttled'] as const)('as it is %s for a day, is looked at again as a whole', async trouble => {
    const { bot, history, days, use } = await bench()
    history.trouble = atMs => (atMs === NOON + 12 * DAY ? trouble : 'none')
    expect((await days(1, 30))[29]).toBe('asked')
    expect((await use())?.question).toMatchObject({ isSeen: true })
    expect(asks(bot)).toHaveLength(1)
  })

  it('shows a call without the role that it passed: the grant may be in use', async () => {
    const { history, days, use } = await bench()
    history.calls.push(
      used(10.5, { eventName: 'CreateService', parameters: { cluster: 'c', taskDefinition: 'app:3' } }),
    )
    expect((await days(1, 44)).includes('asked')).toBe(false)
    expect((await days(45, 46)).includes('asked')).toBe(true)
    expect((await use())?.question).toMatchObject({ isSeen: false })
  })
})
