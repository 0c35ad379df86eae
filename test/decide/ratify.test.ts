import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { reportOf } from '../../functions/domain/audit/audit-report.ts'
import type { DecisionNow } from '../../functions/domain/authority/decision.ts'
import { verifyDecision } from '../../functions/domain/authority/statement.ts'
import type { Click, Origin } from '../../functions/domain/proposal/click.ts'
import type { Approval, Ratification } from '../../functions/domain/proposal/proposal.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { FAKE_APP, FAKE_WORKSPACE } from '../../simulator/slack-requests.ts'
import { CONFIG, follow, type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
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
import { decisionAbout, RING, signedBy } from '../fakes/signing.ts'

const ADA = { id: 'U0ONCALL1', name: 'Ada' }
const NIGHT = { group: 'S0NIGHT', announceChannel: 'C0NIGHT', askAtHourUtc: 8 }
const WITH_GLASS = {
  ...CONFIG,
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2', 'U0ONCALL3'], groups: [] },
  breakGlass: NIGHT,
}
/** Ended at 16:00; the next morning is 8:00 the day after. */
const ENDED = NOON + 4 * HOUR
const MORNING = NOON + 20 * HOUR
const GLASS: Unsigned<Approval> = { by: ADA, atMs: NOON, limitHours: 4, reason: 'orders are down' }
const QUESTION = { conversation: 'C0DEPLOYS', message: '1795593600.000100' }
const ORIGIN: Origin = { ...FAKE_WORKSPACE, userTeamId: null, appId: FAKE_APP }

/** Broken at noon, over at 16:00, with two people needed. */
async function broken(changed: Partial<Changed<'reverted'>> = {}): Promise<MemoryBot> {
  const bot = memoryBot(WITH_GLASS)
  const made = {
    status: 'reverted',
    approvals: [GLASS],
    verification: { ...VERIFICATION, risk: 'high', approvers: 2 },
    applied: { ...OUTCOME, atMs: NOON, endsAtMs: ENDED },
    reverted: { by: { id: 'rolemedic', name: 'rolemedic' }, atMs: ENDED },
    dueAtMs: MORNING,
  } as const
  await bot.store.create(sampleProposal({ ...made, ...changed } as Changed<'reverted'>))
  return bot
}

async function asked(changed: Partial<Changed<'reverted'>> = {}): Promise<MemoryBot> {
  const bot = await broken(changed)
  bot.setNow(MORNING)
  await makeSweep(bot)()
  return bot
}

const stored = async (bot: MemoryBot): Promise<Ratification | undefined> => {
  const proposal = await bot.store.get('p-1')
  return proposal !== null && 'ratification' in proposal ? proposal.ratification : undefined
}

async function press(bot: MemoryBot, action: Click['action'], by: string, reason: string | null = null) {
  const { card = QUESTION } = (await stored(bot)) ?? {}
  const click: Click = { action, by: { id: by, name: by.toLowerCase() }, proposalId: 'p-1', digest: DIGEST, reason }
  const handled = await makeDecide(bot)({
    kind: 'click',
    origin: ORIGIN,
    click,
    cardOf: 'p-1',
    conversation: card.conversation,
    message: card.message,
  })
  await handled.notify()
  await follow(bot)
  return stored(bot)
}

const caseOf = async (bot: MemoryBot) => {
  const records = []
  for await (const record of bot.audit.records()) records.push(record)
  return reportOf(records).cases[0]
}

describe('the morning after a break-glass', () => {
  it('asks the ordinary approvers once, and not the person who broke the glass', async () => {
    const bot = await broken()
    bot.setNow(MORNING - MINUTE)
    await makeSweep(bot)()
    expect(await stored(bot)).toBeUndefined()
    bot.setNow(MORNING)
    let posts = 0
    const post: typeof bot.chat.post = (...message) => {
      posts += 1
      return bot.chat.post(...message)
    }
    const counted = { ...bot, chat: { ...bot.chat, post } }
    await Promise.all([makeSweep(counted)(), makeSweep(counted)()])
    await makeSweep(counted)()
    // The chat finds an earlier message by its key, and none that is posted at the same time.
    expect(posts).toBe(1)
    expect(await stored(bot)).toMatchObject({ askedAtMs: MORNING, needed: 2, by: [], declined: null })
    const posted = [...bot.chat.cards.values()].filter(text => text.startsWith('Was this break-glass right?'))
    expect(posted).toEqual([
      'Was this break-glass right? Ada approved alone [Ratify] [Ratify, and ask for a grant] [Not ratified…] [Details]',
    ])
    expect(bot.chat.replies).toEqual([
      '@U0ONCALL2 @U0ONCALL3 Was it right to approve this alone? It waits until 2 of you ratify it, or one does not.',
    ])
  })

  it.each<[string, Partial<Changed<'reverted'>>]>([
    ['an ordinary approval', { approvals: [{ ...GLASS, reason: null }] }],
    ['a reason that nobody signed', { approvals: [{ ...GLASS, signed: null }] }],
  ])('asks nothing after %s', async (_, changed) => {
    expect(await stored(await asked(changed))).toBeUndefined()
  })

  it('never asks before the grant is over', async () => {
    const bot = await broken({ applied: { ...OUTCOME, atMs: NOON, endsAtMs: MORNING + HOUR } })
    bot.setNow(MORNING)
    await makeSweep(bot)()
    expect(await stored(bot)).toBeUndefined()
  })
})

describe('what people say of it', () => {
  it('is ratified by as many ordinary approvers as an approval takes, each signed and on record', async () => {
    const bot = await asked()
    await press(bot, 'ratify', 'U0ONCALL2')
    expect((await caseOf(bot))?.breakGlass).toMatchObject({ ratification: 'waiting', needed: 2 })
    await press(bot, 'ratify', 'U0ONCALL3')
    const records = bot.audit.entries.filter(({ life }) => life !== undefined)
    expect(records.map(({ by, life }) => [by?.id, life?.kind])).toEqual([
      ['U0ONCALL2', 'ratified'],
      ['U0ONCALL3', 'ratified'],
    ])
    for (const { life } of records) {
      const signed = life?.kind === 'ratified' ? verifyDecision(life.decision, RING) : null
      expect(signed).toMatchObject({ ok: true, value: { kind: 'ratify', proposalId: 'p-1', approversNeeded: 2 } })
    }
    expect(bot.queue.sent).toEqual([])
    expect([...bot.chat.cards.values()]).toContain('Ratified: Ada approved alone')
    // The announcement of that night is not repeated.
    expect([...bot.chat.cards.keys()].filter(key => key.startsWith('C0NIGHT'))).toEqual([])
  })

  it('counts a person once', async () => {
    const bot = await asked()
    await press(bot, 'ratify', 'U0ONCALL2')
    expect((await press(bot, 'ratify', 'U0ONCALL2'))?.by).toHaveLength(1)
  })

  it('counts a person once who has two accounts with one address, and no other account of who broke the glass', async () => {
    const bot = await asked()
    for (const [id, email] of [
      ['U0ONCALL2', 'bea@example.com'],
      ['U0ONCALL3', 'Bea@Example.com'],
    ] as const)
      bot.chat.verifiedEmails.set(id, known(email))
    await press(bot, 'ratify', 'U0ONCALL2')
    expect((await press(bot, 'ratify', 'U0ONCALL3'))?.by).toHaveLength(1)

    const signed = decisionAbout(sampleProposal(), { ...GLASS, kind: 'break-glass' }) as DecisionNow
    const own = signedBy({ ...signed, by: { ...signed.by, email: 'bea@example.com' } })
    const other = await asked({ approvals: [{ ...GLASS, signed: own }] })
    other.chat.verifiedEmails.set('U0ONCALL2', known('bea@example.com'))
    for (const action of ['ratify', 'not-ratify'] as const)
      expect(await press(other, action, 'U0ONCALL2', 'no')).toMatchObject({ by: [], declined: null })
  })

  it('is in the report by one person where two accounts have one address', async () => {
    const bot = await asked()
    bot.chat.verifiedEmails.set('U0ONCALL2', known('bea@example.com'))
    bot.chat.verifiedEmails.set('U0ONCALL3', known('omar@example.com'))
    await press(bot, 'ratify', 'U0ONCALL2')
    await press(bot, 'ratify', 'U0ONCALL3')
    expect((await caseOf(bot))?.breakGlass).toMatchObject({ ratification: 'ratified' })
    const records = []
    for await (const record of bot.audit.records()) records.push(record)
    const same = JSON.parse(JSON.stringify(records).replaceAll('omar@example.com', 'BEA@example.com'))
    expect(reportOf(same).cases[0]?.breakGlass).toMatchObject({ ratification: 'waiting', ratifiedBy: [{}] })
  })

  it.each([
    ['the person who broke the glass', 'U0ONCALL1', {}],
    ['somebody who is no approver', 'U0VISITOR', {}],
    ['the person who was denied', 'U0ONCALL2', { requester: { kind: 'person', userId: 'U0ONCALL2' } as const }],
  ])('is not for %s', async (_, by, changed) => {
    const bot = await asked(changed)
    for (const action of ['ratify', 'ratify-and-ask', 'not-ratify'] as const)
      expect(await press(bot, action, by, 'no')).toMatchObject({ by: [], declined: null })
    expect(bot.audit.entries.filter(({ life }) => life !== undefined)).toEqual([])
  })

  it('is not ratified with one reason, and that is the end of it', async () => {
    const bot = await asked()
    await press(bot, 'ratify', 'U0ONCALL2')
    expect((await press(bot, 'not-ratify', 'U0ONCALL3', ' '))?.declined).toBeNull()
    await press(bot, 'not-ratify', 'U0ONCALL3', 'the rollback was enough')
    expect(await press(bot, 'ratify', 'U0ONCALL3')).toMatchObject({ by: [{ by: { id: 'U0ONCALL2' } }] })
    expect(await caseOf(bot)).toMatchObject({
      breakGlass: {
        ratification: 'not-ratified',
        declined: { by: { id: 'U0ONCALL3' }, reason: 'the rollback was enough' },
      },
    })
    expect([...bot.chat.cards.values()]).toContain('Not ratified: Ada approved alone')
  })

  it('counts nobody whom the table names without a signature', async () => {
    const bot = await asked()
    const proposal = await bot.store.get('p-1')
    if (proposal?.status !== 'reverted' || proposal.ratification === undefined) throw new Error('nobody was asked')
    const forged = { by: { id: 'U0ONCALL3', name: 'omar' }, atMs: MORNING, signed: null }
    await bot.store.replace(proposal, { ...proposal, ratification: { ...proposal.ratification, by: [forged] } })
    expect(await press(bot, 'ratify', 'U0ONCALL2')).toMatchObject({ by: [{ by: { id: 'U0ONCALL2' } }] })
    expect((await caseOf(bot))?.breakGlass).toMatchObject({ ratification: 'waiting' })
  })

  it('is recorded by sweep where decide crashed before it', async () => {
    const bot = await asked()
    bot.audit.down = new Error('the log is down')
    await press(bot, 'ratify', 'U0ONCALL2').catch(() => {})
    bot.audit.down = null
    bot.setNow(MORNING + 3 * MINUTE)
    await makeSweep(bot)()
    const of = bot.audit.entries.filter(({ life }) => life !== undefined)
    expect(of.map(({ by, life }) => [by?.id, life?.kind])).toEqual([['U0ONCALL2', 'ratified']])
  })
})

describe('an ordinary grant after a break-glass', () => {
  const swept = async (bot: MemoryBot) => {
    bot.setNow(bot.clock() + 3 * MINUTE)
    await makeSweep(bot)()
    return bot.queue.sent.map(({ work }) => work)
  }

  it('is asked for once as many have ratified it as it takes, by one of them', async () => {
    const bot = await asked()
    expect(await press(bot, 'ratify-and-ask', 'U0ONCALL2')).toMatchObject({ asksForGrant: true, by: [{}] })
    expect(await swept(bot)).toEqual([])
    await press(bot, 'ratify', 'U0ONCALL3')
    expect(await swept(bot)).toEqual([{ kind: 'renew', proposalId: 'p-1' }])
    expect((await caseOf(bot))?.breakGlass).toMatchObject({ ratification: 'ratified', needed: 2 })
    const proposal = await bot.store.get('p-1')
    expect(proposal?.dueAtMs).toBe(null)
  })

  it.each([
    ['ratify', 'ratify'],
    ['ratify-and-ask', 'not-ratify'],
  ] as const)('is not asked for after %s and %s', async (first, second) => {
    const bot = await asked()
    await press(bot, first, 'U0ONCALL2')
    await press(bot, second, 'U0ONCALL3', 'it was not right')
    expect(await swept(bot)).toEqual([])
  })

  it('is not offered for a denial of more than a day ago, of which no change is drafted any more', async () => {
    const bot = await asked({ denial: { ...DENIAL, timeMs: MORNING - 24 * HOUR - 1 } })
    expect([...bot.chat.cards.values()].filter(text => text.includes('ask for a grant'))).toEqual([])
    expect((await press(bot, 'ratify-and-ask', 'U0ONCALL2'))?.by).toEqual([])
    expect((await press(bot, 'ratify', 'U0ONCALL2'))?.by).toHaveLength(1)
  })

  it('is not offered while what was granted alone could not be taken away', async () => {
    const bot = await asked({
      status: 'applied',
      failure: { code: 'changed', message: 'edited', owner: null },
    } as never)
    expect([...bot.chat.cards.values()].filter(text => text.includes('ask for a grant'))).toEqual([])
    expect((await press(bot, 'ratify-and-ask', 'U0ONCALL2'))?.by ?? []).toEqual([])
  })
})
