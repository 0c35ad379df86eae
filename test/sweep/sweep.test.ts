import { describe, expect, it } from 'vitest'
import { configSchema } from '../../functions/domain/config/config.ts'
import type {
  Applied,
  Approval,
  Drafted,
  GrantUse,
  Outcome,
  Proposal,
  Status,
} from '../../functions/domain/proposal/proposal.ts'
import { opened } from '../../functions/domain/proposal/transitions.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { CHAT_OUTAGE, CHAT_REFUSAL } from '../fakes/memory-chat.ts'
import {
  type Changed,
  DENIAL,
  DIGEST,
  HOUR,
  MINUTE,
  NOON,
  OUTCOME,
  sampleProposal,
  type Unsigned,
  VERIFICATION,
} from '../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../fakes/signing.ts'

const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const CARD = 'C0DEPLOYS/1795521600.000100'
const approval = (changed: Partial<Unsigned<Approval>> = {}): Unsigned<Approval> => ({
  by: ANNA,
  atMs: NOON,
  limitHours: null,
  reason: null,
  ...changed,
})
const appliedAt = (changed: Partial<Outcome> = {}, others: Partial<Applied> = {}): Changed<'applied'> => ({
  status: 'applied',
  approvals: [approval()],
  applied: { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed', ...changed },
  dueAtMs: NOON + 2 * MINUTE,
  ...others,
})

async function botWith<const S extends Status = 'open'>(
  changed: Changed<S>,
  bot: MemoryBot = memoryBot(),
): Promise<MemoryBot> {
  await bot.store.create(sampleProposal(changed))
  return bot
}
/** Two concurrent sweeps, as happens if one takes longer than a minute. */
async function sweepAt(bot: MemoryBot, ms: number): Promise<void> {
  bot.setNow(ms)
  await Promise.all([makeSweep(bot)(), makeSweep(bot)()])
}
const stored = async (bot: MemoryBot): Promise<Proposal> => {
  const proposal = await bot.store.get('p-1')
  if (proposal === null) throw new Error('the proposal is gone')
  return proposal
}
async function post(bot: MemoryBot, proposal: Drafted): Promise<void> {
  const card = await bot.chat.post('C0DEPLOYS', await bot.renderer.card(proposal, NOON), proposal.id)
  await bot.store.replace(proposal, opened(proposal, card, bot.config, bot.clock()))
}
const kindsOf = (bot: MemoryBot): readonly string[] => bot.audit.entries.map(({ kind }) => kind)
const workOf = (bot: MemoryBot): readonly object[] => bot.queue.sent.map(({ work }) => work)

describe('a change that has withdrawn an earlier grant', () => {
  it('is finished by the function that can sign what it ended, where that crashed before', async () => {
    const changes = sampleProposal({ status: 'applied' }).applied.changes
    const bot = await botWith({ ...appliedAt({ changes }), id: 'p-0', fingerprint: 'earlier', dueAtMs: null })
    const [change] = changes
    if (change === undefined) throw new Error('there is a change')
    const taken = { ...change, before: change.after, after: { Version: '2012-10-17' as const, Statement: [] } }
    await botWith(
      appliedAt(
        {},
        { previous: { id: 'p-0', status: 'applied', withdrawn: true }, patch: { changes: [taken], digest: DIGEST } },
      ),
      bot,
    )
    await sweepAt(bot, NOON + 3 * MINUTE)
    expect(workOf(bot)).toContainEqual({ kind: 'verify', proposalId: 'p-1' })
    expect(kindsOf(bot)).not.toContain('reverted')
    expect((await bot.store.get('p-0'))?.status).toBe('applied')
  })
})

describe('an open proposal', () => {
  it('is left alone while nothing is due', async () => {
    const bot = await botWith({})
    await sweepAt(bot, NOON + 29 * MINUTE)
    expect(bot.chat.replies).toEqual([])
    expect((await stored(bot)).version).toBe(1)
  })

  it('is reminded of after 30 minutes, then after 60 more, then after 120 more', async () => {
    const bot = await botWith({})
    const remindedAt: number[] = []
    for (let minute = 0; minute < 8 * 60; minute += 1) {
      const before = bot.chat.replies.length
      await sweepAt(bot, NOON + minute * MINUTE)
      if (bot.chat.replies.length > before) remindedAt.push(minute)
    }
    expect(remindedAt).toEqual([30, 90, 210, 450])
  })

  it('is reminded of in words that name the approvers and the time left', async () => {
    const bot = await botWith({})
    await sweepAt(bot, NOON + 30 * MINUTE)
    expect(bot.chat.replies).toEqual([
      '@U0ONCALL1 @U0ONCALL2 This still waits for an approval, and ends in 7 h. Denied once so far.',
    ])
  })

  it('is reminded of with the number of denials until now', async () => {
    const bot = await botWith({})
    for (const id of ['e-1', 'e-2', 'e-3'])
      await bot.store.recordOccurrence({ ...DENIAL, id }, '0123456789abcdef', NOON)
    await sweepAt(bot, NOON + 30 * MINUTE)
    expect(bot.chat.replies[0]).toMatch(/Denied 3 times so far\.$/)
  })

  it('gets one reminder after an outage in which several were missed', async () => {
    const bot = await botWith({})
    await sweepAt(bot, NOON + 5 * HOUR)
    await sweepAt(bot, NOON + 5 * HOUR + MINUTE)
    expect(bot.chat.replies).toHaveLength(1)
    expect((await stored(bot)).dueAtMs).toBe(NOON + 450 * MINUTE)
  })

  it('ends after eight hours: on record, on its card, and never due again', async () => {
    const bot = await botWith({ remindersSent: 4, dueAtMs: NOON + 8 * HOUR })
    await sweepAt(bot, NOON + 8 * HOUR)
    expect(bot.chat.cards.get(CARD)).toBe('expired')
    await sweepAt(bot, NOON + 8 * HOUR + 2 * MINUTE)
    expect(await stored(bot)).toMatchObject({ status: 'expired', dueAtMs: null })
    expect(kindsOf(bot)).toEqual(['expired'])
  })

  it('that ended while Slack was down says so once Slack is back', async () => {
    const bot = await botWith({ dueAtMs: NOON + 8 * HOUR })
    bot.chat.down = new Error('Slack is down')
    await sweepAt(bot, NOON + 8 * HOUR)
    expect(await stored(bot)).toMatchObject({ status: 'expired', dueAtMs: NOON + 8 * HOUR + 2 * MINUTE })
    bot.chat.down = null
    await sweepAt(bot, NOON + 8 * HOUR + 2 * MINUTE)
    expect(bot.chat.cards.get(CARD)).toBe('expired')
    expect(kindsOf(bot)).toEqual(['expired'])
    expect((await stored(bot)).dueAtMs).toBe(null)
  })

  it('whose card can never be rendered again, as its channel is archived, is dropped after a day, recorded', async () => {
    const bot = await botWith({})
    bot.chat.down = CHAT_REFUSAL
    await sweepAt(bot, NOON + 8 * HOUR)
    await sweepAt(bot, NOON + 31 * HOUR)
    expect((await stored(bot)).dueAtMs).toBe(NOON + 31 * HOUR + 2 * MINUTE)
    await sweepAt(bot, NOON + 32 * HOUR)
    expect(await stored(bot)).toMatchObject({ status: 'expired', dueAtMs: null })
    expect(kindsOf(bot)).toEqual(['expired'])
  })

  it('that ended days before Slack is back says so then', async () => {
    const bot = await botWith({})
    bot.chat.down = CHAT_OUTAGE
    for (const hours of [8, 32, 80]) await sweepAt(bot, NOON + hours * HOUR)
    expect((await stored(bot)).dueAtMs).toBe(NOON + 80 * HOUR + 2 * MINUTE)
    bot.chat.down = null
    await sweepAt(bot, NOON + 80 * HOUR + 2 * MINUTE)
    expect(bot.chat.cards.get(CARD)).toBe('expired')
    expect(kindsOf(bot)).toEqual(['expired'])
    expect((await stored(bot)).dueAtMs).toBe(null)
  })

  it('that ended long after it was decided says so once Slack is back, too', async () => {
    const endedMs = NOON + 72 * HOUR
    const ended = { status: 'reverted', reverted: { by: ANNA, atMs: endedMs }, dueAtMs: endedMs + 2 * MINUTE } as const
    const bot = await botWith({ ...appliedAt(), ...ended })
    bot.chat.down = new Error('Slack is down')
    await sweepAt(bot, endedMs + 2 * MINUTE)
    bot.chat.down = null
    await sweepAt(bot, endedMs + 4 * MINUTE)
    expect(bot.chat.cards.get(CARD)).toMatch(/^reverted/)
    expect((await stored(bot)).dueAtMs).toBe(null)
  })

  it('that ended long after it was decided is left after a day, too', async () => {
    const endedMs = NOON + 72 * HOUR
    const ended = { status: 'reverted', reverted: { by: ANNA, atMs: endedMs }, dueAtMs: endedMs + 2 * MINUTE } as const
    const bot = await botWith({ ...appliedAt(), ...ended })
    bot.chat.down = CHAT_REFUSAL
    await sweepAt(bot, endedMs + 24 * HOUR)
    expect((await stored(bot)).dueAtMs).toBe(null)
  })

  it('gets the record and the card of an approval whose process died right after storing it', async () => {
    const two = { ...VERIFICATION, approvers: 2 }
    const bot = await botWith({ verification: two, approvals: [approval()], dueAtMs: NOON + 2 * MINUTE })
    await sweepAt(bot, NOON + 2 * MINUTE)
    expect(bot.audit.entries).toMatchObject([{ kind: 'approved', key: 'p-1/approved/0', by: ANNA, atMs: NOON }])
    expect(bot.chat.cards.get(CARD)).toBe('open U0ONCALL1')
    expect(await stored(bot)).toMatchObject({ status: 'open', dueAtMs: NOON + 30 * MINUTE })
  })
})

describe('a proposal that was stored and not posted', () => {
  const drafted = { status: 'drafted', dueAtMs: NOON + 2 * MINUTE } as const

  it('is posted, once', async () => {
    const bot = await botWith(drafted)
    const deps = { ...bot, postCard: (proposal: Drafted) => post(bot, proposal) }
    bot.setNow(NOON + 2 * MINUTE)
    await Promise.all([makeSweep(deps)(), makeSweep(deps)()])
    expect(bot.chat.posts).toHaveLength(1)
    expect(await stored(bot)).toMatchObject({ status: 'open', dueAtMs: NOON + 2 * MINUTE })
  })

  it.each([
    ['counts what was denied again before that', 2, [{ kind: 'propose', fingerprint: sampleProposal().fingerprint }]],
    ['has nothing to count otherwise', 1, []],
  ])('%s', async (_, count, work) => {
    const bot = await botWith(drafted)
    for (let n = 1; n <= count; n += 1)
      await bot.store.recordOccurrence({ ...DENIAL, id: `again-${n}` }, sampleProposal().fingerprint, NOON + n)
    bot.setNow(NOON + 2 * MINUTE)
    await makeSweep({ ...bot, postCard: (proposal: Drafted) => post(bot, proposal) })()
    expect(bot.chat.posts).toHaveLength(1)
    expect(workOf(bot)).toEqual(work)
  })

  it('is recorded before its card is posted, as its creator may have crashed before that', async () => {
    const bot = await botWith(drafted)
    const known: string[][] = []
    const deps = {
      ...bot,
      postCard: async (proposal: Drafted) => {
        known.push([...kindsOf(bot)])
        await post(bot, proposal)
      },
    }
    bot.setNow(NOON + 2 * MINUTE)
    await makeSweep(deps)()
    expect(known).toEqual([['denial-seen', 'proposed']])
  })

  it('is tried again later when Slack is down, and ends in time when it stays down', async () => {
    const bot = await botWith(drafted)
    bot.chat.down = new Error('Slack is down')
    const deps = { ...bot, postCard: (proposal: Drafted) => post(bot, proposal) }
    bot.setNow(NOON + 2 * MINUTE)
    expect(await makeSweep(deps)()).toMatchObject({ proposals: 1, failures: 1 })
    expect(await stored(bot)).toMatchObject({ status: 'drafted', dueAtMs: NOON + 4 * MINUTE })
    bot.setNow(NOON + 8 * HOUR)
    await makeSweep(deps)()
    expect(await stored(bot)).toMatchObject({ status: 'expired' })
  })
})

describe('a decision whose work was lost', () => {
  it('is recorded and queued when the process died after storing the approval', async () => {
    const bot = await botWith({ status: 'approved', approvals: [approval()], dueAtMs: NOON + 2 * MINUTE })
    await sweepAt(bot, NOON + 2 * MINUTE)
    expect(kindsOf(bot)).toEqual(['approved'])
    expect(workOf(bot)).toEqual([{ kind: 'verify', proposalId: 'p-1' }])
    expect(await stored(bot)).toMatchObject({ status: 'approved', dueAtMs: NOON + 4 * MINUTE })
    expect(bot.chat.cards.get(CARD)).toBe('approved U0ONCALL1')
  })

  it('names nobody in the log or the chat who did not sign', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' },
    })
    const mallory = { id: 'U0ONCALL2', name: 'Ben' }
    const [honest] = sampleProposal({ status: 'approved', approvals: [approval()] }).approvals
    const approvals = [
      { ...approval({ by: mallory, reason: 'night' }), signed: null },
      ...(honest === undefined ? [] : [{ ...honest, by: mallory }, honest]),
    ]
    const bot = await botWith({ status: 'approved', approvals, dueAtMs: NOON }, memoryBot(config))
    await sweepAt(bot, NOON)
    expect(bot.audit.entries).toMatchObject([{ kind: 'approved', key: 'p-1/approved/0', by: ANNA }])
    expect(bot.chat.posts.filter(({ channel }) => channel === 'C0SECURITY')).toEqual([])
    // `verify` decides whether it may be written.
    expect(workOf(bot)).toEqual([{ kind: 'verify', proposalId: 'p-1' }])
  })

  it('announces a break-glass approval before it queues it', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' },
    })
    const approvals = [approval({ reason: 'production is down' })]
    const bot = await botWith({ status: 'approved', approvals, dueAtMs: NOON }, memoryBot(config))
    bot.chat.down = new Error('Slack is down')
    await sweepAt(bot, NOON)
    expect(workOf(bot)).toEqual([])
    bot.chat.down = null
    await sweepAt(bot, NOON + 2 * MINUTE)
    expect(bot.chat.posts).toMatchObject([{ channel: 'C0SECURITY' }])
    expect(workOf(bot)).toEqual([{ kind: 'verify', proposalId: 'p-1' }])
  })

  it('is queued again when a worker died, and not while its lease lasts', async () => {
    const leaseUntilMs = NOON + 5 * MINUTE
    const bot = await botWith({ status: 'applying', approvals: [approval()], leaseUntilMs, dueAtMs: NOON })
    await sweepAt(bot, NOON + 4 * MINUTE)
    expect(workOf(bot)).toEqual([])
    await sweepAt(bot, leaseUntilMs)
    expect(workOf(bot)).toEqual([{ kind: 'verify', proposalId: 'p-1' }])
  })

  it('is queued again when a revert was lost', async () => {
    const bot = await botWith({
      status: 'reverting',
      revertRequest: { by: ANNA, atMs: NOON, signed: null },
      dueAtMs: NOON + 2 * MINUTE,
    })
    await sweepAt(bot, NOON + 2 * MINUTE)
    expect(workOf(bot)).toEqual([{ kind: 'revert', proposalId: 'p-1' }])
  })
})

describe('a change that was applied', () => {
  const denied = async (bot: MemoryBot, eventMs: number, heardMs: number): Promise<void> => {
    await bot.store.recordOccurrence(
      { ...DENIAL, id: `event-${eventMs}`, timeMs: eventMs },
      '0123456789abcdef',
      heardMs,
    )
    await bot.store.claimOccurrence('0123456789abcdef', null, 'p-1')
  }

  it('is confirmed when the denial does not come again', async () => {
    const bot = await botWith(appliedAt())
    for (let minute = 0; minute < 15; minute += 1) await sweepAt(bot, NOON + minute * MINUTE)
    expect(await stored(bot)).toMatchObject({ status: 'applied' })
    await sweepAt(bot, NOON + 16 * MINUTE)
    expect(await stored(bot)).toMatchObject({ status: 'confirmed', dueAtMs: NOON + HOUR })
    expect(kindsOf(bot)).toEqual(['confirmed'])
    expect(bot.chat.cards.get(CARD)).toBe('confirmed U0ONCALL1')
  })

  it.each<[string, Changed<'applied'>]>([
    ['is still denied as read back', appliedAt({ answer: 'denied' })],
    ['could not be evaluated again', appliedAt({ answer: 'unknown' })],
    ['was written in part', appliedAt({}, { failure: { code: 'refused', message: 'IAM said no.', owner: null } })],
  ])('is not confirmed by silence when it %s', async (_, changed) => {
    const bot = await botWith(changed)
    await sweepAt(bot, NOON + 16 * MINUTE)
    expect(await stored(bot)).toMatchObject({ status: 'applied', dueAtMs: NOON + HOUR })
    expect(kindsOf(bot)).toEqual([])
  })

  it('is confirmed on record although its channel is archived, and is not polled forever', async () => {
    const bot = await botWith(appliedAt())
    bot.chat.down = CHAT_REFUSAL
    await sweepAt(bot, NOON + 16 * MINUTE)
    await sweepAt(bot, NOON + 33 * HOUR)
    expect(await stored(bot)).toMatchObject({ status: 'confirmed', dueAtMs: NOON + 57 * HOUR })
    expect(kindsOf(bot)).toEqual(['confirmed'])
  })

  it('is analyzed again when the denial comes back after the change was visible everywhere', async () => {
    const bot = await botWith(appliedAt())
    await denied(bot, NOON + 90_000, NOON + 3 * MINUTE)
    await sweepAt(bot, NOON + 4 * MINUTE)
    await sweepAt(bot, NOON + 20 * MINUTE)
    expect(kindsOf(bot)).toEqual(['did-not-help'])
    expect(workOf(bot)).toEqual([{ kind: 'propose', fingerprint: '0123456789abcdef' }])
    expect(await stored(bot)).toMatchObject({
      status: 'applied',
      repeats: { lastSeenMs: NOON + 90_000 },
      dueAtMs: NOON + HOUR,
    })
  })

  it('is analyzed again although its channel is archived, and is not polled forever', async () => {
    const bot = await botWith(appliedAt())
    bot.chat.down = CHAT_REFUSAL
    await denied(bot, NOON + 90_000, NOON + 3 * MINUTE)
    await sweepAt(bot, NOON + 4 * MINUTE)
    expect(workOf(bot)[0]).toEqual({ kind: 'propose', fingerprint: '0123456789abcdef' })
    await sweepAt(bot, NOON + 33 * HOUR)
    expect(await stored(bot)).toMatchObject({ status: 'applied', dueAtMs: NOON + 57 * HOUR })
    expect(kindsOf(bot)).toEqual(['did-not-help'])
  })

  it('is not blamed for a denial of before it that CloudTrail delivered late', async () => {
    const bot = await botWith(appliedAt())
    await denied(bot, NOON - MINUTE, NOON + 10 * MINUTE)
    await sweepAt(bot, NOON + 16 * MINUTE)
    expect(kindsOf(bot)).toEqual(['confirmed'])
  })

  it('is not blamed for a denial within the minute that IAM takes', async () => {
    const bot = await botWith(appliedAt())
    await denied(bot, NOON + 60_000, NOON + 2 * MINUTE)
    await sweepAt(bot, NOON + 16 * MINUTE)
    expect(kindsOf(bot)).toEqual(['confirmed'])
  })

  it('is cleared away by the bot itself at the end of its time, once', async () => {
    const endsAtMs = NOON + 8 * HOUR
    const bot = await botWith({ ...appliedAt({ endsAtMs }), status: 'confirmed', dueAtMs: endsAtMs })
    await sweepAt(bot, endsAtMs - 1)
    expect(workOf(bot)).toEqual([])
    await sweepAt(bot, endsAtMs)
    expect(await stored(bot)).toMatchObject({ status: 'reverting', revertRequest: { by: { id: 'rolemedic' } } })
    expect(workOf(bot)).toEqual([{ kind: 'revert', proposalId: 'p-1' }])
  })

  it('with an end is confirmed first, an hour before its end a card is asked for that keeps it, and then its end is due', async () => {
    const endsAtMs = NOON + 8 * HOUR
    const bot = await botWith(appliedAt({ endsAtMs }))
    await sweepAt(bot, NOON + 15 * MINUTE)
    expect(await stored(bot)).toMatchObject({ status: 'confirmed', dueAtMs: endsAtMs - HOUR })
    expect(workOf(bot)).not.toContainEqual({ kind: 'renew', proposalId: 'p-1' })
    await sweepAt(bot, endsAtMs - HOUR)
    await sweepAt(bot, endsAtMs - HOUR + MINUTE)
    expect(workOf(bot).filter(work => 'kind' in work && work.kind === 'renew')).toEqual([
      { kind: 'renew', proposalId: 'p-1' },
    ])
    expect(await stored(bot)).toMatchObject({ status: 'confirmed', isEndOffered: true, dueAtMs: endsAtMs })
  })

  it('asks for that card again where it crashed before it was noted', async () => {
    const endsAtMs = NOON + 2 * HOUR
    const bot = await botWith({ ...appliedAt({ endsAtMs }), status: 'confirmed', dueAtMs: endsAtMs - HOUR / 2 })
    bot.queue.down = new Error('the queue is down')
    await sweepAt(bot, endsAtMs - HOUR / 2)
    bot.queue.down = null
    await sweepAt(bot, endsAtMs - HOUR / 2 + 3 * MINUTE)
    expect(workOf(bot)).toContainEqual({ kind: 'renew', proposalId: 'p-1' })
  })

  it.each<[string, Partial<Changed<'applied'>>]>([
    ['a break-glass', { approvals: [approval({ reason: 'orders are down', limitHours: 4 })] }],
    ['a grant that does not help', { applied: { ...OUTCOME, endsAtMs: NOON + 4 * HOUR, answer: 'denied' } }],
  ])('asks for no card that keeps %s', async (_, changed) => {
    const bot = await botWith({ ...appliedAt({ endsAtMs: NOON + 4 * HOUR }), ...changed } as Changed<'applied'>)
    for (const atMs of [NOON + 15 * MINUTE, NOON + 3 * HOUR, NOON + 4 * HOUR - MINUTE]) await sweepAt(bot, atMs)
    expect(workOf(bot)).not.toContainEqual({ kind: 'renew', proposalId: 'p-1' })
  })
})

describe('a grant that stands', () => {
  const use = (changed: Partial<GrantUse> = {}): GrantUse => ({
    ...{ lookedAtMs: NOON + HOUR, wholeSinceMs: NOON, unseen: null, lastUsedAtMs: null, question: null, kept: null },
    ...changed,
  })
  const standing = (changed: Partial<GrantUse> = {}, dueAtMs = NOON + 25 * HOUR) =>
    ({ ...appliedAt(), status: 'confirmed', use: use(changed), dueAtMs }) as const

  it('is looked at an hour after it was confirmed, by the function that may read the account', async () => {
    const bot = await botWith({ ...appliedAt(), status: 'confirmed', dueAtMs: NOON + HOUR })
    await sweepAt(bot, NOON + HOUR)
    await sweepAt(bot, NOON + HOUR + MINUTE)
    expect(bot.queue.sent.map(({ work }) => work).filter(({ kind }) => kind !== 'suggest')).toEqual([
      { kind: 'review', proposalId: 'p-1' },
    ])
    expect((await stored(bot)).dueAtMs).toBe(NOON + 25 * HOUR)
  })

  it('is counted with its equals once it is confirmed, with an end too', async () => {
    for (const endsAtMs of [null, NOON + 8 * HOUR]) {
      const bot = await botWith(appliedAt({ endsAtMs }))
      await sweepAt(bot, NOON + 15 * MINUTE)
      expect(workOf(bot)).toContainEqual({ kind: 'suggest', proposalId: 'p-1' })
    }
  })

  it('is not counted where a configured set takes its role in', async () => {
    const set = {
      name: 'app',
      pattern: 'arn:aws:iam::111122223333:role/app-*',
      services: ['ecs-tasks.amazonaws.com'],
    }
    const config = configSchema.parse({ mode: 'approve', channel: 'C0DEPLOYS', approvedRoleSets: [set] })
    const bot = await botWith(appliedAt(), memoryBot(config))
    await sweepAt(bot, NOON + 15 * MINUTE)
    expect([(await stored(bot)).status, workOf(bot)]).toEqual(['confirmed', []])
  })

  it('is looked at again a day after the last look, and nothing else is done to it', async () => {
    const bot = await botWith(standing())
    await sweepAt(bot, NOON + 25 * HOUR - 1)
    expect(workOf(bot)).toEqual([])
    await sweepAt(bot, NOON + 25 * HOUR)
    expect(workOf(bot)).toEqual([{ kind: 'review', proposalId: 'p-1' }])
    expect(kindsOf(bot)).toEqual([])
    expect(bot.chat.cards.get(CARD)).toBeUndefined()
  })

  it('is not looked at where the configuration asks for none', async () => {
    const config = configSchema.parse({ mode: 'approve', channel: 'C0DEPLOYS', unusedGrantDays: null })
    const bot = await botWith({ ...appliedAt(), status: 'confirmed', dueAtMs: NOON + HOUR }, memoryBot(config))
    await sweepAt(bot, NOON + HOUR)
    expect(bot.queue.sent.map(({ work }) => work.kind)).not.toContain('review')
    expect((await stored(bot)).dueAtMs).toBe(null)
  })

  it('has on record who kept it, although the process died before', async () => {
    const by = { by: ANNA, atMs: NOON + 20 * HOUR }
    const signed = signedBy(decisionAbout(sampleProposal(standing()), { ...by, kind: 'keep' }))
    const bot = await botWith(standing({ kept: { ...by, signed } }, NOON + 20 * HOUR + 2 * MINUTE))
    await sweepAt(bot, NOON + 20 * HOUR + 2 * MINUTE)
    const life = { kind: 'kept', decision: signed }
    expect(bot.audit.entries).toMatchObject([{ kind: 'confirmed', ...by, life }])
    expect(bot.chat.cards.get(CARD)).toBe('confirmed U0ONCALL1')
    expect((await stored(bot)).dueAtMs).toBe(NOON + 25 * HOUR)
  })

  const endsAtMs = NOON + 4 * HOUR
  const kept = { by: ANNA, atMs: NOON + 3 * HOUR }
  it.each<[string, Changed<'applied' | 'confirmed'>]>([
    ['nobody has answered', { status: 'confirmed' }],
    ['somebody keeps it', { status: 'confirmed', use: use({ kept: { ...kept, signed: null } }) }],
    ['it was never confirmed', { applied: { changes: [], atMs: NOON, endsAtMs, answer: 'unknown' } }],
    ['a person was called for', { failure: { code: 'moved', message: 'the policy was changed', owner: null } }],
    ['it did not help', { repeats: { count: 2, firstSeenMs: NOON + HOUR, lastSeenMs: NOON + 2 * HOUR } }],
  ])('ends with the time of a break-glass approval where %s', async (_, changed) => {
    const approvals = [approval({ reason: 'production is down', limitHours: 4 })]
    const grant = { ...appliedAt({ endsAtMs }), approvals, dueAtMs: endsAtMs, ...changed } as Changed<'applied'>
    const bot = await botWith(grant)
    await sweepAt(bot, endsAtMs - 1)
    expect((await stored(bot)).status).not.toBe('reverting')
    await sweepAt(bot, endsAtMs)
    expect(await stored(bot)).toMatchObject({ status: 'reverting', revertRequest: { by: { id: 'rolemedic' } } })
    expect(workOf(bot)).toContainEqual({ kind: 'revert', proposalId: 'p-1' })
  })
})

describe('an occurrence without a proposal', () => {
  it('is queued for a proposal again, once in five minutes', async () => {
    const bot = memoryBot()
    await bot.store.recordOccurrence(DENIAL, '0123456789abcdef', NOON)
    await sweepAt(bot, NOON + 4 * MINUTE)
    expect(workOf(bot)).toEqual([])
    await sweepAt(bot, NOON + 5 * MINUTE)
    await sweepAt(bot, NOON + 6 * MINUTE)
    expect(workOf(bot)).toEqual([{ kind: 'propose', fingerprint: '0123456789abcdef' }])
    await sweepAt(bot, NOON + 11 * MINUTE)
    expect(workOf(bot)).toHaveLength(2)
  })
})

describe('a sweep', () => {
  it('ends a grant whose time is over and posts what nobody has seen, however many cards were due before', async () => {
    const endsAtMs = NOON + HOUR
    const bot = await botWith({ ...appliedAt({ endsAtMs }), status: 'confirmed', dueAtMs: endsAtMs })
    const drafted = { id: 'p-draft', status: 'drafted', dueAtMs: endsAtMs } as const
    await bot.store.create(sampleProposal(drafted))
    for (let n = 0; n < 400; n += 1)
      await bot.store.create(sampleProposal({ id: `p-open-${n}`, dueAtMs: NOON + 2 * MINUTE }))
    bot.setNow(endsAtMs)
    await makeSweep({ ...bot, postCard: (proposal: Drafted) => post(bot, proposal) })()
    expect((await stored(bot)).status).toBe('reverting')
    expect((await bot.store.get('p-draft'))?.status).toBe('open')
  })

  it('takes those first within its time, too: cards that expire at once each write a record', async () => {
    const bot = memoryBot()
    let nowMs = NOON + 8 * HOUR
    const clock = () => nowMs
    for (let n = 0; n < 300; n += 1) await bot.store.create(sampleProposal({ id: `p-open-${n}`, dueAtMs: nowMs }))
    const later = { expiresAtMs: NOON + 12 * HOUR, dueAtMs: nowMs } as const
    await bot.store.create(sampleProposal({ ...later, id: 'p-draft', status: 'drafted' }))
    await bot.store.create(sampleProposal({ ...later, id: 'p-failed', status: 'failed' }))
    const audit: typeof bot.audit = {
      ...bot.audit,
      async append(entry) {
        nowMs += 100
        return bot.audit.append(entry)
      },
    }
    const slow = { ...bot, audit, clock }
    const swept = await makeSweep({ ...slow, postCard: (proposal: Drafted) => post(slow, proposal) })()
    expect(swept.more).toBe(true)
    expect((await bot.store.get('p-draft'))?.status).toBe('open')
    expect((await bot.store.get('p-failed'))?.dueAtMs).toBeNull()
  })

  it('goes on after one proposal that cannot be handled, and lets that one step aside', async () => {
    const bot = memoryBot()
    await bot.store.create(sampleProposal({ id: 'broken', status: 'approved', approvals: [approval()], dueAtMs: NOON }))
    await bot.store.create(sampleProposal({ dueAtMs: NOON + 8 * HOUR }))
    bot.queue.down = new Error('the queue is down')
    bot.setNow(NOON + 8 * HOUR)
    expect(await makeSweep(bot)()).toMatchObject({ proposals: 2, failures: 1 })
    expect((await stored(bot)).status).toBe('expired')
    expect((await bot.store.get('broken'))?.dueAtMs).toBe(NOON + 8 * HOUR + 2 * MINUTE)
  })

  it('shows its cards although lost denials cannot be queued again, and counts each of them', async () => {
    const bot = memoryBot()
    await bot.store.create(sampleProposal({ status: 'drafted', dueAtMs: NOON + 2 * MINUTE }))
    for (const fingerprint of ['0123456789abcdef', 'fedcba9876543210'])
      await bot.store.recordOccurrence(DENIAL, fingerprint, NOON)
    const { queue } = bot
    const deps: MemoryBot = {
      ...bot,
      postCard: async (proposal: Drafted) => post(bot, proposal),
      queue: {
        ...queue,
        send: async (work, options) => {
          if (work.kind === 'propose' && work.fingerprint === '0123456789abcdef') throw new Error('no such queue')
          await queue.send(work, options)
        },
      },
    }
    bot.setNow(NOON + 5 * MINUTE)
    expect(await makeSweep(deps)()).toMatchObject({ failures: 1, occurrences: 1 })
    expect(workOf(bot)).toEqual([{ kind: 'propose', fingerprint: 'fedcba9876543210' }])
    expect(bot.chat.posts).toHaveLength(1)
  })

  it('shows its cards although the table does not list lost denials', async () => {
    const bot = memoryBot()
    await bot.store.create(sampleProposal({ status: 'drafted', dueAtMs: NOON + 2 * MINUTE }))
    const dueOccurrences = async (): Promise<never> => {
      throw new Error('throttled')
    }
    bot.setNow(NOON + 5 * MINUTE)
    const deps = { ...bot, store: { ...bot.store, dueOccurrences }, postCard: (each: Drafted) => post(bot, each) }
    expect(await makeSweep(deps)()).toMatchObject({ failures: 1, occurrences: 0 })
    expect(bot.chat.posts).toHaveLength(1)
  })

  it('leaves lost denials to the next one when the queue is slow', async () => {
    const bot = memoryBot()
    for (let n = 0; n < 9; n += 1) await bot.store.recordOccurrence(DENIAL, `lost-${n}`, NOON)
    const begin = NOON + 5 * MINUTE
    let nowMs = begin
    const send = async (): Promise<void> => {
      nowMs += 10_000
    }
    expect(await makeSweep({ ...bot, clock: () => nowMs, queue: { ...bot.queue, send } })()).toMatchObject({
      occurrences: 3,
    })
  })

  it('goes on after an item that does not parse', async () => {
    const bot = memoryBot()
    bot.store.plant('proposal#p-bad', JSON.stringify({ ...sampleProposal({ dueAtMs: NOON }), status: 'granted' }))
    await bot.store.create(sampleProposal({ dueAtMs: NOON }))
    bot.setNow(NOON + 8 * HOUR)
    expect(await makeSweep(bot)()).toMatchObject({ proposals: 1, failures: 0 })
    expect((await stored(bot)).status).toBe('expired')
  })

  it('stops before its function is stopped, and says that there is more', async () => {
    const bot = memoryBot()
    for (const id of ['a', 'b', 'c']) await bot.store.create(sampleProposal({ id, dueAtMs: NOON }))
    let nowMs = NOON + 8 * HOUR
    const clock = (): number => {
      nowMs += 10_000
      return nowMs
    }
    expect(await makeSweep({ ...bot, clock })()).toMatchObject({ more: true })
  })

  it('calls a group of approvers, and counts the approvals that it has', async () => {
    const config = configSchema.parse({ mode: 'approve', approvers: { groups: ['S0ONCALL'] } })
    const bot = await botWith(
      { verification: { ...VERIFICATION, approvers: 2 }, approvals: [approval()] },
      memoryBot(config),
    )
    await sweepAt(bot, NOON + 30 * MINUTE)
    expect(bot.chat.replies).toEqual(['@S0ONCALL This has 1 of 2 approvals, and ends in 7 h. Denied once so far.'])
  })
})
