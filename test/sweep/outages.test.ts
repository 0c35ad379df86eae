/** Outages of hours or days that end again. Nothing that they delayed may be lost. */
import { describe, expect, it } from 'vitest'
import type { GrantUse, Proposal } from '../../functions/domain/proposal/proposal.ts'
import { reverted, reverting } from '../../functions/domain/proposal/transitions.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { CHAT_OUTAGE } from '../fakes/memory-chat.ts'
import {
  type Changed,
  DENIAL,
  DIGEST,
  HOUR,
  MINUTE,
  NOON,
  OUTCOME,
  sampleProposal,
  VERIFICATION,
} from '../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../fakes/signing.ts'

const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const CARD = 'C0DEPLOYS/1795521600.000100'
const BUCKET_DOWN = new Error('the bucket is down')
const APPROVAL = { by: ANNA, atMs: NOON, limitHours: null, reason: null }
const APPLIED = {
  status: 'applied',
  approvals: [APPROVAL],
  applied: { ...OUTCOME, changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' },
  dueAtMs: NOON + 2 * MINUTE,
} as const satisfies Changed<'applied'>

/** Sweeps at intervals until this time. */
async function sweepUntil(bot: MemoryBot, untilMs: number, everyMs = MINUTE): Promise<void> {
  const sweep = makeSweep(bot)
  for (let ms = bot.clock() + everyMs; ms <= untilMs; ms += everyMs) {
    bot.setNow(ms)
    await sweep()
  }
}
const stored = async (bot: MemoryBot, id = 'p-1'): Promise<Proposal> => {
  const proposal = await bot.store.get(id)
  if (proposal === null) throw new Error('the proposal is gone')
  return proposal
}
const kindsOf = (bot: MemoryBot): readonly string[] => bot.audit.entries.map(({ kind }) => kind)
const workOf = (bot: MemoryBot): readonly object[] => bot.queue.sent.map(({ work }) => work)

const QUESTION = 'C0DEPLOYS/1795521600.000200'
const ASKED: GrantUse = {
  ...{ lookedAtMs: NOON + HOUR, wholeSinceMs: NOON, unseen: null, lastUsedAtMs: null },
  question: { atMs: NOON + 2 * HOUR, card: { conversation: 'C0DEPLOYS', message: '1795521600.000200' }, isSeen: true },
  kept: null,
}
async function pressedKeepAt(keptAtMs: number) {
  const bot = memoryBot()
  const standing = { ...APPLIED, status: 'confirmed', use: ASKED } as const
  const by = { by: ANNA, atMs: keptAtMs }
  const signed = signedBy(decisionAbout(sampleProposal(standing), { ...by, kind: 'keep' }))
  const dueAtMs = keptAtMs + 2 * MINUTE
  await bot.store.create(sampleProposal({ ...standing, use: { ...ASKED, kept: { ...by, signed } }, dueAtMs }))
  bot.setNow(keptAtMs)
  return bot
}

describe('an outage of the audit log that lasts longer than the first hour of a grant', () => {
  it('leaves on record that the change did not help, and has the denial analyzed again', async () => {
    const bot = memoryBot()
    await bot.store.create(sampleProposal(APPLIED))
    await bot.store.recordOccurrence(
      { ...DENIAL, id: 'again', timeMs: NOON + 90_000 },
      '0123456789abcdef',
      NOON + 90_000,
    )
    bot.audit.down = BUCKET_DOWN
    await sweepUntil(bot, NOON + 2 * HOUR)
    expect(kindsOf(bot)).toEqual([])
    bot.audit.down = null
    await sweepUntil(bot, NOON + 3 * HOUR)
    expect(kindsOf(bot)).toEqual(['did-not-help'])
    expect(workOf(bot)).toContainEqual({ kind: 'propose', fingerprint: '0123456789abcdef' })
    expect(workOf(bot)).toContainEqual({ kind: 'review', proposalId: 'p-1' })
  })
})

describe('a person who keeps a grant just before the daily look', () => {
  it('is on record although the audit log was down until after that look', async () => {
    const bot = await pressedKeepAt(NOON + 24 * HOUR)
    bot.audit.down = BUCKET_DOWN
    await sweepUntil(bot, NOON + 26 * HOUR)
    bot.audit.down = null
    await sweepUntil(bot, NOON + 27 * HOUR)
    expect(bot.audit.entries).toMatchObject([{ kind: 'confirmed', by: ANNA, life: { kind: 'kept' } }])
    expect(workOf(bot)).toContainEqual({ kind: 'review', proposalId: 'p-1' })
  })

  it('sees on the question that it was kept although the chat was down until after that look', async () => {
    const bot = await pressedKeepAt(NOON + 24 * HOUR)
    bot.chat.down = CHAT_OUTAGE
    await sweepUntil(bot, NOON + 26 * HOUR)
    bot.chat.down = null
    await sweepUntil(bot, NOON + 27 * HOUR)
    expect(bot.chat.cards.get(QUESTION)).toBeDefined()
    expect(workOf(bot)).toContainEqual({ kind: 'review', proposalId: 'p-1' })
  })
})

describe('a grant that somebody kept while the log was down, and that was reverted since', () => {
  it('has both on record once the log is back', async () => {
    const bot = await pressedKeepAt(NOON + 24 * HOUR)
    const held = await stored(bot)
    if (held.status !== 'confirmed') throw new Error('it is confirmed')
    await bot.store.replace(held, reverted(reverting(held, ANNA, bot.clock()), bot.clock()))
    await sweepUntil(bot, bot.clock() + 10 * MINUTE)
    expect(bot.audit.entries).toMatchObject([
      { kind: 'approved', by: ANNA },
      { kind: 'confirmed', by: ANNA, life: { kind: 'kept' } },
    ])
  })
})

describe('a table that is throttled for a moment', () => {
  it('does not leave the card of an old grant as it was: it is no refusal of the chat', async () => {
    const bot = await pressedKeepAt(NOON + 24 * HOUR * 10)
    const { get } = bot.store
    let throttled = 3
    bot.store.get = async id => {
      throttled -= 1
      if (throttled >= 0) throw new Error('ThrottlingException')
      return get(id)
    }
    await sweepUntil(bot, bot.clock() + 10 * MINUTE)
    expect(bot.chat.cards.get(QUESTION)).toBeDefined()
  })
})

describe('a change that has withdrawn an earlier grant', () => {
  it('is finished by `verify` also where all its messages died in an outage of the chat', async () => {
    const bot = memoryBot()
    const { changes } = sampleProposal({ status: 'applied' }).applied
    const [change] = changes
    if (change === undefined) throw new Error('there is a change')
    const applied = { ...APPLIED.applied, changes }
    await bot.store.create(sampleProposal({ ...APPLIED, applied, id: 'p-0', fingerprint: 'earlier', dueAtMs: null }))
    const taken = { ...change, before: change.after, after: { Version: '2012-10-17' as const, Statement: [] } }
    const previous = { id: 'p-0', status: 'applied', withdrawn: true } as const
    await bot.store.create(sampleProposal({ ...APPLIED, previous, patch: { changes: [taken], digest: DIGEST } }))
    bot.chat.down = CHAT_OUTAGE
    await sweepUntil(bot, NOON + 48 * HOUR, 5 * MINUTE)
    bot.queue.sent.length = 0
    bot.chat.down = null
    await sweepUntil(bot, NOON + 49 * HOUR)
    expect(workOf(bot)).toContainEqual({ kind: 'verify', proposalId: 'p-1' })
  })
})

describe('an open proposal whose reminder is due', () => {
  const TWO = { ...VERIFICATION, approvers: 2 }

  it('has its approval on record and on the card with the first reminder that comes after the outage', async () => {
    const bot = memoryBot()
    // Pressed at minute 29 while the log was down: due again at minute 31, after the reminder of minute 30.
    await bot.store.create(sampleProposal({ verification: TWO, approvals: [APPROVAL], dueAtMs: NOON + 31 * MINUTE }))
    await sweepUntil(bot, NOON + 35 * MINUTE)
    expect(bot.chat.replies).toHaveLength(1)
    expect(kindsOf(bot)).toEqual(['approved'])
    expect(bot.chat.cards.get(CARD)).toBe('open U0ONCALL1')
    expect((await stored(bot)).dueAtMs).toBe(NOON + 90 * MINUTE)
  })

  it('shows its state once the chat is back, although the reminder was lost with the outage', async () => {
    const bot = memoryBot()
    await bot.store.create(sampleProposal({ verification: TWO, approvals: [APPROVAL], dueAtMs: NOON + 31 * MINUTE }))
    bot.chat.down = CHAT_OUTAGE
    await sweepUntil(bot, NOON + 40 * MINUTE)
    bot.chat.down = null
    await sweepUntil(bot, NOON + 45 * MINUTE)
    expect(bot.chat.cards.get(CARD)).toBe('open U0ONCALL1')
  })
})
