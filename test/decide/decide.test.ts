import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { asPlainText } from '../../core/base/rich-text.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import type { RequesterClaim } from '../../functions/domain/authority/requester.ts'
import { ledgerKey } from '../../functions/domain/authority/spent.ts'
import type { NoticeCard } from '../../functions/domain/card/grants/notice-card.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { type ChatRequest, DECIDING_ACTIONS, type Origin } from '../../functions/domain/proposal/click.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { applied, applying } from '../../functions/domain/proposal/transitions.ts'
import { firstLook } from '../../functions/domain/stored/markers.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { CONFIG, follow, type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { memoryChat } from '../fakes/memory-chat.ts'
import {
  DIGEST,
  HOUR,
  inStatus,
  MINUTE,
  movedTo,
  NOON,
  OTHER_DIGEST,
  sampleProposal,
  VERIFICATION,
} from '../fakes/sample-proposal.ts'
import { DEPLOYMENT } from '../fakes/signing.ts'
import { ANNA, AT, BEN, botWith, click, NOWHERE, press, VISITOR } from './decide-fixture.ts'

const CARD = 'C0DEPLOYS/1795521600.000100'

const statusIn = async (bot: MemoryBot): Promise<string | undefined> => (await bot.store.get('p-1'))?.status
const stored = async (bot: MemoryBot): Promise<Proposal> => {
  const proposal = await bot.store.get('p-1')
  if (proposal === null) throw new Error('the proposal is gone')
  return proposal
}
const kindsOf = (bot: MemoryBot): readonly string[] => bot.audit.entries.map(({ kind }) => kind)

describe('an approval', () => {
  it('is stored, recorded, queued for the target and then shown', async () => {
    const bot = await botWith()
    await press(bot, click('approve'))
    expect(await statusIn(bot)).toBe('approved')
    expect(bot.audit.entries).toMatchObject([
      { kind: 'approved', key: 'p-1/approved/0', by: ANNA, digest: DIGEST, atMs: NOON + 5 * MINUTE },
    ])
    expect(bot.queue.sent).toEqual([
      {
        work: { kind: 'verify', proposalId: 'p-1' },
        group: 'arn:aws:iam::111122223333:role/deployer',
        deduplicationId: 'verify/p-1/2',
      },
    ])
    expect(bot.chat.cards.get(CARD)).toBe('approved U0ONCALL1')
  })

  it('is taken once when two people press in the same moment, whichever process hears them', async () => {
    const bot = await botWith()
    // Two instances share nothing but the store, as two Lambda environments do.
    const [one, other] = [makeDecide(bot), makeDecide(bot)]
    const answers = await Promise.all([one(click('approve', ANNA)), other(click('approve', BEN))])
    for (const { notify } of answers) await notify()
    await follow(bot)
    expect(inStatus(await bot.store.get('p-1'), 'approved').approvals).toHaveLength(1)
    expect(kindsOf(bot)).toEqual(['approved'])
    expect(bot.queue.sent).toHaveLength(1)
    expect(bot.chat.ephemerals).toHaveLength(1)
    expect(bot.chat.ephemerals[0]?.text).toMatch(/^Approved by (anna|ben) \(U0ONCALL[12]\), 2026-11-24 12:05 UTC/)
  })

  it('by two people at the same moment gives both their place where two are needed', async () => {
    const bot = await botWith(sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } }))
    await press(bot, click('approve', ANNA), click('approve', BEN))
    expect(await statusIn(bot)).toBe('approved')
    expect([...kindsOf(bot)].sort()).toEqual(['approved', 'approved'])
    expect(bot.queue.sent).toHaveLength(1)
  })

  it('by a second account with the same verified address is that of one person', async () => {
    const bot = await botWith(sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } }))
    bot.chat.verifiedEmails.set(ANNA.id, known('anna@example.com'))
    bot.chat.verifiedEmails.set(BEN.id, known('Anna@Example.com'))
    await press(bot, click('approve', ANNA))
    await press(bot, click('approve', BEN))
    expect(inStatus(await bot.store.get('p-1'), 'open').approvals.map(({ by }) => by)).toEqual([ANNA])
    expect(bot.chat.ephemerals.map(({ to, text }) => [to, text])).toEqual([
      [BEN.id, 'Your approval already counts. It still needs 1 more from other people.'],
    ])
    bot.chat.verifiedEmails.set(BEN.id, known('ben@example.com'))
    await press(bot, click('approve', BEN))
    expect(await statusIn(bot)).toBe('approved')
  })

  it('changes nothing when its request is sent again with the same body', async () => {
    const bot = await botWith()
    await press(bot, click('approve'))
    await press(bot, click('approve'))
    expect(kindsOf(bot)).toEqual(['approved'])
    expect(bot.queue.sent).toHaveLength(1)
    expect(bot.chat.ephemerals).toMatchObject([{ to: 'U0ONCALL1', channel: 'C0DEPLOYS' }])
  })

  it('never shows the change as made: only that it was approved', async () => {
    const bot = await botWith()
    await press(bot, click('approve'))
    const texts = [...bot.chat.cards.values(), ...bot.chat.replies, ...bot.chat.ephemerals.map(({ text }) => text)]
    expect(texts.join(' ')).not.toMatch(/applied|granted/i)
  })

  it('leaves the card correct when the change was written before the card was rendered', async () => {
    const bot = await botWith()
    const decided = await makeDecide(bot)(click('approve'))
    // `verify` overtakes: it claims, writes and finishes before the response has been told about.
    const approved = inStatus(await stored(bot), 'approved')
    const leased = applying(approved, MINUTE, NOON + 5 * MINUTE)
    const writing = leased.ok ? await bot.store.replace(approved, leased.value) : leased
    if (!writing.ok) throw new Error('it could not be leased')
    const outcome = { changes: [], atMs: NOON + 5 * MINUTE, endsAtMs: null, answer: 'allowed' as const }
    await bot.store.replace(writing.value, applied(writing.value, outcome, null, NOON + 5 * MINUTE))
    await decided.notify()
    await follow(bot)
    expect(bot.chat.cards.get(CARD)).toBe('applied U0ONCALL1')
  })

  it('is not undone by a chat that does not answer', async () => {
    const bot = await botWith()
    await makeDecide(bot)(click('approve'))
    bot.chat.down = new Error('Slack is down')
    await follow(bot)
    expect(await statusIn(bot)).toBe('approved')
    expect(bot.queue.sent).toMatchObject([{ work: { kind: 'verify' } }])
  })

  it('that could not be recorded is not carried out, and stays due', async () => {
    const bot = await botWith()
    bot.audit.down = new Error('the log cannot be written')
    await makeDecide(bot)(click('approve'))
    await expect(follow(bot)).rejects.toThrow('cannot be written')
    expect(bot.queue.sent).toMatchObject([{ work: { kind: 'pressed' } }])
    expect(await bot.store.get('p-1')).toMatchObject({ status: 'approved', dueAtMs: NOON + 7 * MINUTE })
  })
})

describe('approvals for different times', () => {
  const two = () => botWith(sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } }))

  it('tell the second person that the first one’s shorter time counts', async () => {
    const bot = await two()
    await press(bot, click('approve-limited', BEN))
    await press(bot, click('approve', ANNA))
    expect(bot.chat.ephemerals).toEqual([
      {
        channel: 'C0DEPLOYS',
        to: 'U0ONCALL1',
        text: 'Your approval counts. The change applies for 8 h, as @ben approved only that.',
      },
    ])
  })

  it('no longer count after the shorter time, and the next click gets that answer before anything is queued', async () => {
    const bot = await two()
    await press(bot, click('approve-limited', BEN))
    bot.setNow(NOON + 5 * MINUTE + 8 * HOUR)
    await bot.store.replace(await stored(bot), { ...(await stored(bot)), expiresAtMs: NOON + 24 * HOUR })
    await press(bot, click('approve', ANNA))
    expect(await statusIn(bot)).toBe('open')
    expect(bot.queue.sent).toEqual([])
    expect(bot.chat.ephemerals.map(({ to, text }) => [to, text])).toEqual([
      ['U0ONCALL1', 'Your approval counts. @ben approved for 8 h, and that time is over: another person must approve.'],
    ])
    // Whose time is over may approve again, and then it is enough.
    await press(bot, click('approve', BEN))
    expect(await statusIn(bot)).toBe('approved')
    expect(bot.queue.sent).toHaveLength(1)
    expect(bot.chat.ephemerals).toHaveLength(1)
  })

  it('tell nothing to the one who chose the shorter time, nor when both chose it', async () => {
    const bot = await two()
    await press(bot, click('approve', ANNA))
    await press(bot, click('approve-limited', BEN))
    const alike = await two()
    await press(alike, click('approve-limited', ANNA))
    await press(alike, click('approve-limited', BEN))
    expect([...bot.chat.ephemerals, ...alike.chat.ephemerals]).toEqual([])
    expect(await statusIn(alike)).toBe('approved')
  })
})

describe('a rejection', () => {
  const reason = 'wrong role'

  it('needs the same right as an approval', async () => {
    const bot = await botWith()
    await press(bot, click('reject', VISITOR, { reason }))
    expect(await statusIn(bot)).toBe('open')
    expect(bot.audit.entries).toEqual([])
    expect(bot.chat.ephemerals).toEqual([
      { channel: 'C0DEPLOYS', to: 'U0VISITOR', text: 'You are not among the approvers of this account.' },
    ])
  })

  it('ends the proposal, is recorded with its reason, and shown', async () => {
    const bot = await botWith()
    await press(bot, click('reject', BEN, { reason }))
    expect(await bot.store.get('p-1')).toMatchObject({
      status: 'rejected',
      rejection: { by: BEN, reason },
      dueAtMs: NOON + 7 * MINUTE,
    })
    expect(bot.audit.entries).toMatchObject([{ kind: 'rejected', by: BEN, why: 'wrong role' }])
    expect(bot.queue.sent).toEqual([])
    expect(bot.chat.cards.get(CARD)).toBe('rejected')
  })

  it.each(['', '  \n '])('without a reason (“%s”) changes nothing, and the form says what it lacks', async blank => {
    const bot = await botWith()
    const handled = await makeDecide(bot)(click('reject', BEN, { reason: blank }))
    expect(handled.wrong).toEqual({ input: 'reason', message: 'Say why: the people who wait for it read this.' })
    await handled.notify()
    expect(await statusIn(bot)).toBe('open')
    expect(bot.audit.entries).toEqual([])
    expect(bot.chat.ephemerals).toEqual([])
  })

  it('against an approval in the same moment leaves exactly one of them', async () => {
    const bot = await botWith()
    await press(bot, click('approve', ANNA), click('reject', BEN, { reason }))
    const status = await statusIn(bot)
    expect(kindsOf(bot)).toEqual([status])
    expect(bot.queue.sent).toHaveLength(status === 'approved' ? 1 : 0)
    expect(bot.chat.ephemerals).toHaveLength(1)
  })

  it('says that it stands, where an approval was stored in the moment between its two records', async () => {
    const bot = await botWith()
    const { create } = bot.ledger
    const ledger = {
      ...bot.ledger,
      create: async (key: string, text: string) => {
        await (await makeDecide(bot)(click('approve', ANNA))).notify()
        return create(key, text)
      },
    }
    await (await makeDecide({ ...bot, ledger })(click('reject', BEN, { reason }))).notify()
    expect(await statusIn(bot)).toBe('approved')
    // `write` refuses it for this.
    expect(await bot.ledger.versions(ledgerKey('rejected', DEPLOYMENT, 'p-1'))).toHaveLength(1)
    expect(bot.chat.ephemerals.map(({ text }) => text)).toEqual([
      'Your answer is on record: what is not written yet will not be. Approved by anna (U0ONCALL1), 2026-11-24 12:05 UTC; the change is being written.',
    ])
  })
})

describe('a click that is refused', () => {
  const refused = async (bot: MemoryBot, request: ChatRequest): Promise<string | undefined> => {
    const before = await bot.store.get('p-1')
    await press(bot, request)
    expect(await bot.store.get('p-1')).toEqual(before)
    expect([bot.audit.entries, bot.queue.sent]).toEqual([[], []])
    return bot.chat.ephemerals[0]?.text
  }

  it('comes from an old card, after a newer patch', async () => {
    expect(await refused(await botWith(), click('approve', ANNA, { digest: OTHER_DIGEST }))).toBe(
      'The change on this card was replaced after you saw it. Read the card again, then press.',
    )
  })

  it.each(DECIDING_ACTIONS)(
    'comes before the second look: %s is refused in words, and nothing is queued',
    async action => {
      const bot = memoryBot()
      const early = { isBegun: true, againAtMs: NOON + MINUTE, card: null, isOver: false }
      await bot.store.putMarker(firstLook('p-1'), 0, early)
      expect(await refused(bot, click(action))).toBe(
        'IAM may still be settling: this is looked at again 2026-11-24 12:01:00 UTC, and there is nothing to decide before.',
      )
      await bot.store.putMarker(firstLook('p-1'), 1, { ...early, isOver: true })
      expect(await refused({ ...bot, chat: memoryChat() }, click(action))).toBe(
        'This proposal is not on record any more.',
      )
    },
  )

  it('comes after the end, before a sweep has noticed', async () => {
    const bot = await botWith()
    bot.setNow(NOON + 8 * HOUR)
    expect(await refused(bot, click('approve'))).toMatch(/^The time to decide has run out/)
  })

  it('comes from a person without the right', async () => {
    expect(await refused(await botWith(), click('approve', VISITOR))).toBe(
      'You are not among the approvers of this account.',
    )
  })

  it('comes while the group of approvers cannot be read', async () => {
    const config = configSchema.parse({ mode: 'approve', approvers: { groups: ['S0ONCALL'] } })
    const bot = await botWith(sampleProposal(), memoryBot(config))
    expect(await refused(bot, click('approve'))).toBe(
      'It cannot be seen whether you may decide this: group S0ONCALL cannot be read.',
    )
  })

  it('comes from the person who was denied', async () => {
    const bot = await botWith(sampleProposal({ requester: { kind: 'email', email: 'anna@example.com' } }))
    bot.chat.emails.set('anna@example.com', known('U0ONCALL1'))
    expect(await refused(bot, click('approve'))).toMatch(/^This is your own denied request/)
  })

  it.each<[string, RequesterClaim]>([
    ['proves', { kind: 'email', email: 'anna@example.com' }],
    ['claims', { kind: 'unknown', why: 'a session name proves nothing', claimed: 'Anna@example.com' }],
  ])('names whose verified address the session %s, also where Slack does not find it', async (_, requester) => {
    const bot = await botWith(sampleProposal({ requester }))
    bot.chat.emails.set('anna@example.com', unknown('ratelimited'))
    bot.chat.emails.set('Anna@example.com', unknown('ratelimited'))
    bot.chat.verifiedEmails.set(ANNA.id, known('anna@example.com'))
    expect(await refused(bot, click('approve'))).toMatch(/^The session of the denied request claims to be you/)
    expect(bot.audit.entries).toEqual([])
    await press(bot, click('approve', BEN))
    expect(kindsOf(bot)).toEqual(['approved'])
  })

  it.each<[string, Origin]>([
    ['workspace', { ...FAKE_ORIGIN, teamId: 'T0OTHERS', userTeamId: 'T0OTHERS' }],
    ['workspace of a person in a shared channel', { ...FAKE_ORIGIN, userTeamId: 'T0OTHERS' }],
    ['app', { ...FAKE_ORIGIN, appId: 'A0OTHERS' }],
    ['unknown place', NOWHERE],
  ])('comes from a foreign %s', async (_, origin) => {
    const bot = await botWith()
    expect(await refused(bot, click('approve', ANNA, {}, origin))).toBe(undefined)
  })

  it.each([
    ['another channel', { conversation: 'C0OTHERS' }],
    ['another message of the channel', { message: '1795521600.000101' }],
    ['a place that the payload does not name', { message: null }],
    ['the card of another proposal', { cardOf: 'p-2' }],
  ])('comes from %s', async (_, elsewhere) => {
    const bot = await botWith()
    await bot.store.create(
      sampleProposal({ id: 'p-2', card: { conversation: 'C0DEPLOYS', message: '1795521600.000200' } }),
    )
    expect(await refused(bot, { ...click('approve'), ...elsewhere })).toBe(
      'This message is not the card of the proposal, so nothing was done. Press the button on the card itself.',
    )
  })

  it('comes while the card is being posted, unless that ends within the moment that people wait for', async () => {
    const early = await botWith(sampleProposal({ status: 'drafted' }))
    expect(await refused(early, click('approve'))).toBe('The card is still being posted. Try again in a minute.')
    const bot = await botWith(sampleProposal({ status: 'drafted' }))
    const drafted = (await bot.store.get('p-1')) ?? expect.fail('no proposal')
    const sleep = async (): Promise<void> => {
      await bot.store.replace(drafted, { ...sampleProposal(), version: drafted.version })
    }
    await press({ ...bot, sleep }, click('approve'))
    expect(await bot.store.get('p-1')).toMatchObject({ status: 'approved' })
  })

  it('comes from a message that claims to be the card of a later draft, which has none yet', async () => {
    const bot = await botWith(sampleProposal({ status: 'applied' }))
    await bot.store.create(sampleProposal({ id: 'p-2', status: 'drafted', previous: { id: 'p-1', status: 'applied' } }))
    expect(await refused(bot, { ...click('revert'), cardOf: 'p-2', message: '1795521600.000300' })).toMatch(
      /^This message is not the card of the proposal/,
    )
  })

  it.each(['approve', 'approve-limited', 'reject', 'break-glass'] as const)(
    'comes from somebody who is no full member any more, or whose account cannot be read: %s',
    async action => {
      const bot = await botWith(sampleProposal(), memoryBot(GLASS))
      bot.chat.groups.set('S0GLASS', known(['U0ONCALL1']))
      const press = click(action, ANNA, { reason: 'because' })
      bot.chat.memberships.set('U0ONCALL1', known({ kind: 'not-a-member', why: 'this Slack account is a guest' }))
      expect(await refused(bot, press)).toBe('You cannot decide this: this Slack account is a guest.')
      bot.chat.memberships.set('U0ONCALL1', unknown('Slack is down'))
      bot.chat.ephemerals.length = 0
      expect(await refused(bot, press)).toBe('Your account in the chat could not be read: Slack is down. Press again.')
    },
  )

  it('names a proposal that is not on record', async () => {
    const bot = await botWith()
    expect(await refused(bot, click('approve', ANNA, { proposalId: 'p-2' }))).toMatch(/not on record/)
  })
})

const GLASS = configSchema.parse({
  mode: 'approve',
  approvers: { users: ['U0ONCALL1'] },
  breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' },
})

describe('break-glass', () => {
  const config = configSchema.parse({
    mode: 'approve',
    breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' },
  })
  const two = sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } })
  const reason = 'production is down'

  it('is recorded with its reason, and announced before it is carried out', async () => {
    const bot = await botWith(two, memoryBot(config))
    bot.chat.groups.set('S0GLASS', known(['U0ONCALL1']))
    await makeDecide(bot)(click('break-glass', ANNA, { reason }))
    bot.queue.down = new Error('nothing is begun')
    await expect(follow(bot)).rejects.toThrow('nothing is begun')
    expect(bot.audit.entries).toMatchObject([{ kind: 'break-glass', by: ANNA, why: reason }])
    expect(bot.chat.posts).toMatchObject([
      {
        channel: 'C0SECURITY',
        text: expect.stringContaining('anna (U0ONCALL1) approved alone'),
      },
    ])
  })

  it('is announced with its reason, risk, account, end, card and a Revert that works from there', async () => {
    const bot = await botWith(two, memoryBot({ ...config, approvers: { users: ['U0ONCALL2'], groups: [] } }))
    bot.chat.groups.set('S0GLASS', known(['U0ONCALL1']))
    const shown: NoticeCard[] = []
    const renderer: typeof bot.renderer = {
      ...bot.renderer,
      notice: card => {
        shown.push(card)
        return bot.renderer.notice(card)
      },
    }
    await press({ ...bot, renderer }, click('break-glass', ANNA, { reason }))
    const [notice] = shown
    const words = [...(notice?.lines ?? []), ...(notice?.more ?? [])].map(line => asPlainText(line))
    expect(asPlainText(notice?.headline ?? [])).toBe(
      'Low risk break-glass in account 111122223333: anna (U0ONCALL1) approved alone',
    )
    expect(words.slice(0, 3).join('\n')).toMatch(/^Reason: production is down\n.*\nChange: Lets /)
    expect(words.join('\n')).toMatch(/^Low risk\./m)
    expect(words.join('\n')).toMatch(/^Account: .*111122223333/m)
    expect(words.join('\n')).toMatch(/^It ends by itself 2026-11-24 16:\d\d UTC at the latest\.$/m)
    expect(words.join('\n')).toMatch(/^The card \(https:/m)
    expect(notice?.buttons.map(({ action, value }) => [action, value])).toEqual([['revert', `p-1:${DIGEST}`]])
    expect(await statusIn(bot)).toBe('approved')

    const moved = await bot.store.get('p-1')
    if (moved === null) throw new Error('it is stored')
    await bot.store.replace(
      moved,
      movedTo(moved, {
        status: 'applied',
        applied: { changes: [], atMs: NOON, endsAtMs: NOON + 240 * MINUTE, answer: 'allowed' },
      }),
    )
    const there = (action: 'revert' | 'keep', conversation = 'C0SECURITY') => ({
      ...click(action, BEN),
      conversation,
      message: '99.1',
    })
    for (const copy of [there('keep'), there('revert', 'C0OTHER')]) {
      await press(bot, copy)
      expect(await statusIn(bot)).toBe('applied')
      expect(bot.chat.ephemerals.at(-1)?.text).toMatch(/^This message is not the card of the proposal/)
    }
    await press(bot, there('revert'))
    expect(await statusIn(bot)).toBe('reverting')
  })

  it('is not carried out when it cannot be announced', async () => {
    const bot = await botWith(two, memoryBot(config))
    bot.chat.groups.set('S0GLASS', known(['U0ONCALL1']))
    await makeDecide(bot)(click('break-glass', ANNA, { reason }))
    bot.chat.down = new Error('Slack is down')
    await expect(follow(bot)).rejects.toThrow('Slack is down')
    expect(bot.queue.sent).toMatchObject([{ work: { kind: 'pressed' } }])
  })

  it('does not exist where it is not configured', async () => {
    const bot = await botWith(two)
    await press(bot, click('break-glass', ANNA, { reason }))
    expect(await statusIn(bot)).toBe('open')
  })
})

describe('an earlier approval', () => {
  it('does not count once its giver has left the workspace, or cannot be seen', async () => {
    for (const membership of [known({ kind: 'not-a-member', why: 'deactivated' } as const), unknown('Slack is down')]) {
      const bot = await botWith(sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } }))
      await press(bot, click('approve', ANNA))
      bot.chat.memberships.set('U0ONCALL1', membership)
      await press(bot, click('approve', BEN))
      expect(await statusIn(bot)).toBe('open')
      bot.chat.memberships.delete('U0ONCALL1')
      await press(bot, click('approve', BEN))
      expect(await statusIn(bot)).toBe('approved')
    }
  })
})

describe('a revert', () => {
  const done = sampleProposal({
    status: 'applied',
    approvals: [{ by: BEN, atMs: NOON, limitHours: null, reason: null }],
    applied: { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' },
  })

  it('is queued once, however often it is pressed', async () => {
    const bot = await botWith(done)
    await press(bot, click('revert', ANNA), click('revert', BEN))
    await press(bot, click('revert', ANNA))
    expect(await statusIn(bot)).toBe('reverting')
    expect(bot.queue.sent.map(({ work }) => work)).toEqual([{ kind: 'revert', proposalId: 'p-1' }])
    expect(bot.chat.ephemerals).toHaveLength(2)
  })

  it('waits behind no grant of the same role, whose work may fail for hours', async () => {
    const bot = await botWith(done)
    await makeDecide(bot)(click('revert', ANNA))
    bot.setNow(bot.clock() + 5 * MINUTE)
    await makeSweep(bot)()
    expect(bot.queue.sent.map(({ work, group }) => [work.kind, group])).toEqual([
      ['pressed', 'p-1'],
      ['revert', 'p-1'],
    ])
  })

  it('may be pressed on the card that follows, as long as that card names it', async () => {
    const bot = await botWith(done)
    const card = { conversation: 'C0DEPLOYS', message: '1795521600.000200' }
    const previous = { id: 'p-1', status: 'applied' as const, digest: DIGEST }
    await bot.store.create(sampleProposal({ id: 'p-2', card, previous }))
    await bot.store.create(sampleProposal({ id: 'p-3', card, previous: { ...previous, id: 'p-0' } }))
    await press(bot, { ...click('revert'), ...card, cardOf: 'p-3' })
    expect(await statusIn(bot)).toBe('applied')
    await press(bot, { ...click('revert'), ...card, cardOf: 'p-2' })
    expect(await statusIn(bot)).toBe('reverting')
  })

  it('needs an account that is a full member', async () => {
    const bot = await botWith(done)
    bot.chat.memberships.set('U0ONCALL1', known({ kind: 'not-a-member', why: 'this Slack account is deactivated' }))
    await press(bot, click('revert', ANNA))
    expect(await statusIn(bot)).toBe('applied')
  })

  it('needs the right of an approver', async () => {
    const bot = await botWith(done)
    await press(bot, click('revert', VISITOR))
    expect(await statusIn(bot)).toBe('applied')
  })
})

describe('a form', () => {
  const form = (name: 'details' | 'reject' | 'break-glass', by = ANNA, digest = DIGEST) => ({
    kind: 'form' as const,
    origin: FAKE_ORIGIN,
    ...AT,
    form: name,
    by,
    proposalId: 'p-1',
    digest,
    triggerId: 'trigger-1',
  })

  it('opens only from the card', async () => {
    const bot = await botWith()
    await press(bot, { ...form('details'), message: '1.1' }, { ...form('reject'), conversation: 'C0OTHERS' })
    expect(bot.chat.modals).toEqual([])
  })

  it('with the details opens for everybody', async () => {
    const bot = await botWith()
    await press(bot, form('details', VISITOR))
    expect(bot.chat.modals).toEqual([{ trigger: 'trigger-1', view: { form: 'details', proposalId: 'p-1' } }])
  })

  it('that asks for a reason opens only for those who may decide', async () => {
    const bot = await botWith()
    await press(bot, form('reject', VISITOR))
    await press(bot, form('break-glass', ANNA))
    await press(bot, form('reject', ANNA, OTHER_DIGEST))
    expect(bot.chat.modals).toEqual([])
    expect(bot.chat.ephemerals).toHaveLength(3)
    await press(bot, form('reject', ANNA))
    expect(bot.chat.modals).toHaveLength(1)
  })
})

it('a press on a proposal whose record cannot be read decides nothing, and says so', async () => {
  const bot = await botWith()
  bot.store.plant('proposal#p-1', '{}')
  await press(bot, click('approve'))
  const unread = 'The record of this proposal cannot be read. The administrators of rolemedic have been alerted.'
  expect(bot.chat.ephemerals).toMatchObject([{ to: 'U0ONCALL1', text: unread }])
  expect(bot.queue.sent).toEqual([])
})

describe('the sample configuration of these tests', () => {
  it('has no break-glass and two approvers', () => {
    expect(CONFIG.breakGlass).toBe(null)
    expect(CONFIG.approvers.users).toEqual(['U0ONCALL1', 'U0ONCALL2'])
  })
})
