import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../core/base/fact.ts'
import { asPlainText, type RichText } from '../../../core/base/rich-text.ts'
import { type Config, configSchema } from '../../../functions/domain/config/config.ts'
import type { Home } from '../../../functions/domain/home/home.ts'
import { PROPOSAL } from '../../../functions/domain/stored/stored-proposal.ts'
import { rememberApprovals } from '../../../functions/workflows/home/own-approvals.ts'
import { gatherHome, publishHome } from '../../../functions/workflows/home/publish-home.ts'
import { type MemoryBot, memoryBot } from '../../fakes/memory-bot.ts'
import {
  APPROVAL,
  CARD,
  HOUR,
  MINUTE,
  NOON,
  OUTCOME,
  sampleProposal,
  VERIFICATION,
} from '../../fakes/sample-proposal.ts'

const ANA = 'U0ONCALL1'
const VIEWERS = { users: ['U0VIEWER'] }
const BEN = { id: 'U0ONCALL2', name: 'Ben' }
const LINK = 'https://fake.slack.com/archives/C0DEPLOYS/p1795521600000100'
const TITLE = 'deployer was denied iam:PassRole on app-task'
const CHANGE = 'Lets deployer pass app-task to ECS tasks, nothing else.'

type Shown = { readonly [section: string]: readonly string[] }
const text = (line: RichText): string => asPlainText(line)

/** Every section as lines of plain text: items with their links, then notes. */
function shown(home: Home): Shown {
  return Object.fromEntries(
    home.sections.map(({ title, items, notes }) => [
      title,
      [
        ...items.map(item => `${text(item.title)} | ${text(item.detail)} | ${item.link ?? 'no link'}`),
        ...notes.map(text),
      ],
    ]),
  )
}

const see = async (bot: MemoryBot, userId = ANA): Promise<Shown> => shown(await gatherHome(userId, bot))

function botAt(minutes: number, config?: Config): MemoryBot {
  const bot = memoryBot(config)
  bot.setNow(NOON + minutes * MINUTE)
  return bot
}

describe('what waits for a person', () => {
  it('is each open card that they may approve, what expires first before the others, with its link', async () => {
    const bot = botAt(5)
    await bot.store.create(sampleProposal({ id: 'p-1' }))
    const newer = { ...CARD, message: '1795521600.000200' }
    const sooner = { createdAtMs: NOON + MINUTE, expiresAtMs: NOON + HOUR }
    await bot.store.create(sampleProposal({ id: 'p-2', ...sooner, card: newer }))
    const line = (hour: number) => `${CHANGE} Low risk, 0 of 1 approval given. Expires 2026-11-24 ${hour}:00 UTC.`
    expect((await see(bot))['Waiting for you']).toEqual([
      `${TITLE} | ${line(13)} | https://fake.slack.com/archives/C0DEPLOYS/p1795521600000200`,
      `${TITLE} | ${line(20)} | ${LINK}`,
    ])
  })

  it('says whose approval it has of how many, to the person who is needed next', async () => {
    const bot = botAt(5)
    const given = [{ ...APPROVAL, by: BEN }]
    await bot.store.create(sampleProposal({ verification: { ...VERIFICATION, approvers: 2 }, approvals: given }))
    expect((await see(bot))['Waiting for you']).toEqual([
      `${TITLE} | ${CHANGE} Low risk, 1 of 2 approvals given, by Ben. Expires 2026-11-24 20:00 UTC. | ${LINK}`,
    ])
  })

  it('names the deploy that broke, and below it who was denied what', async () => {
    const bot = botAt(5)
    const deploy = { key: 'd', title: 'the pipeline orders-prod' }
    await bot.store.create(sampleProposal({ deploy }))
    expect((await see(bot))['Waiting for you']?.[0]).toMatch(
      /^The pipeline orders-prod failed \| deployer was denied iam:PassRole on app-task\. Lets deployer pass /,
    )
  })

  it('is no card that they have approved: others have to', async () => {
    const bot = botAt(5)
    const proposal = sampleProposal({ verification: { ...VERIFICATION, approvers: 2 }, approvals: [APPROVAL] })
    await bot.store.create(proposal)
    await rememberApprovals(proposal, bot)
    expect(await see(bot)).toMatchObject({
      'Waiting for you': ['Nothing waits for you.'],
      'What you approved': [`${TITLE} | You approved it 2026-11-24 12:01 UTC. It waits for another person. | ${LINK}`],
    })
  })

  it('is not their own request: that waits for others, with the reason', async () => {
    const bot = botAt(5)
    const requester = { kind: 'person', userId: ANA } as const
    await bot.store.create(sampleProposal({ id: 'p-1', requester, createdAtMs: NOON + 2 * MINUTE }))
    await bot.store.create(sampleProposal({ id: 'p-2' }))
    const { 'Waiting for you': yours = [], 'Waiting for others': others = [] } = await see(bot)
    expect([yours.length, others.length]).toEqual([1, 1])
    expect(yours[0]).not.toContain('own')
    expect(others[0]).toContain('UTC. This is your own denied request: somebody else must approve it. |')
  })

  it('is no card of an account that others decide on: it waits for others', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      approvers: { users: [ANA] },
      accounts: { '111122223333': { approvers: { users: [BEN.id] } } },
    })
    const bot = botAt(5, config)
    await bot.store.create(sampleProposal())
    const home = await see(bot)
    expect(home['Waiting for you']).toEqual(['Nothing waits for you.'])
    expect(home['Waiting for others']).toEqual([expect.stringContaining(TITLE)])
    expect((await see(bot, BEN.id))['Waiting for you']?.[0]).toContain(TITLE)
  })

  it('is nothing where the mode approves nothing, or the time is over', async () => {
    const config = configSchema.parse({ mode: 'recommend', approvers: { users: [ANA] } })
    const observed = botAt(5, config)
    await observed.store.create(sampleProposal())
    expect((await see(observed))['Waiting for you']?.[0]).toBe('Nothing waits for you.')
    const late = botAt(8 * 60)
    await late.store.create(sampleProposal())
    expect((await see(late))['Waiting for you']?.[0]).toBe('Nothing waits for you.')
  })

  it('is an applied change that needs a person', async () => {
    const bot = botAt(60)
    const failure = { code: 'drift', message: 'Somebody edited the policy.', owner: null }
    await bot.store.create(sampleProposal({ id: 'p-1', status: 'applied', failure }))
    const repeats = { count: 2, firstSeenMs: NOON - MINUTE, lastSeenMs: NOON + 20 * MINUTE }
    await bot.store.create(sampleProposal({ id: 'p-2', status: 'applied', repeats, createdAtMs: NOON - 1 }))
    await bot.store.create(sampleProposal({ id: 'p-3', status: 'applied', createdAtMs: NOON - 2 }))
    expect((await see(bot))['Waiting for you']).toEqual([
      `Needs a person: let deployer pass app-task | A part of the change may still stand: Somebody edited the policy. | ${LINK}`,
      `Did not help: let deployer pass app-task | Denied again 2026-11-24 12:20 UTC: revert it, so that no unused access is left behind. | ${LINK}`,
    ])
  })

  it('is listed up to twenty, and the rest is counted', async () => {
    const bot = botAt(5, configSchema.parse({ mode: 'approve', approvers: { users: [ANA] }, viewers: VIEWERS }))
    for (let n = 0; n < 23; n += 1) await bot.store.create(sampleProposal({ id: `p-${n}`, createdAtMs: NOON + n }))
    const lines = (await see(bot))['Waiting for you'] ?? []
    expect([lines.length, lines.at(-1)]).toEqual([21, '3 more: rolemedic audit report --out report.html'])
    const others = (await see(bot, 'U0VIEWER'))['Waiting for others'] ?? []
    expect([others.length, others.at(-1)]).toEqual([6, '18 more: /rolemedic open'])
  })
})

describe('what a person approved', () => {
  const resultOf = async (proposal: ReturnType<typeof sampleProposal>, approvedBy = APPROVAL) => {
    const bot = botAt(60)
    await rememberApprovals(
      { ...sampleProposal({ status: 'approved' }), approvals: [{ ...approvedBy, signed: null }] },
      bot,
    )
    await bot.store.create(proposal)
    return (await see(bot))['What you approved']?.[0]
      ?.split(' | ')[1]
      ?.replace('You approved it 2026-11-24 12:01 UTC. ', '')
  }
  const by = BEN

  it('is listed with what happened to it', async () => {
    const of = (proposal: unknown) => resultOf(proposal as ReturnType<typeof sampleProposal>)
    expect(await of(sampleProposal({ status: 'approved' }))).toBe('It is being written.')
    expect(await of(sampleProposal({ status: 'applied' }))).toBe('It was applied 2026-11-24 12:00 UTC.')
    const applied = { ...OUTCOME, endsAtMs: NOON + 8 * HOUR }
    expect(await of(sampleProposal({ status: 'confirmed', applied }))).toBe(
      'It was applied 2026-11-24 12:00 UTC, and it works. It ends by itself 2026-11-24 20:00 UTC.',
    )
    expect(await of(sampleProposal({ status: 'reverting', revertRequest: { by, atMs: NOON } }))).toBe(
      'It is being undone, as Ben asked.',
    )
    expect(await of(sampleProposal({ status: 'reverted', reverted: { by, atMs: NOON } }))).toBe(
      'It was reverted by Ben, 2026-11-24 12:00 UTC.',
    )
    expect(await of(sampleProposal({ status: 'rejected', rejection: { by, atMs: NOON, reason: 'wrong role' } }))).toBe(
      'Ben rejected it: wrong role',
    )
    expect(await of(sampleProposal({ status: 'expired' }))).toBe('Nobody else decided in time: nothing was changed.')
    expect(await of(sampleProposal({ status: 'failed' }))).toBe('Nothing was written: the policy was changed')
    expect(await of(sampleProposal({ status: 'open' }))).toBe(
      'Your approval does not count any more, as the change was made again: look at it once more.',
    )
  })

  it('leaves out what cannot be read, and the rest is there', async () => {
    const bot = botAt(60)
    for (const id of ['p-1', 'p-2']) await rememberApprovals(sampleProposal({ id, status: 'approved' }), bot)
    await bot.store.create(sampleProposal({ id: 'p-1', status: 'confirmed' }))
    bot.store.plant('proposal#p-2', JSON.stringify({ ...(PROPOSAL.write(sampleProposal()) as object), status: 'odd' }))
    const lines = (await see(bot))['What you approved'] ?? []
    expect(lines[0]).toContain('It was applied')
    expect(lines).toHaveLength(2)
  })
})

describe('what stands', () => {
  it('says where, since when, until when, and who approved it', async () => {
    const bot = botAt(60)
    const both = [APPROVAL, { ...APPROVAL, by: BEN }]
    await bot.store.create(sampleProposal({ id: 'p-1', status: 'confirmed', approvals: both }))
    const until = (hours: number) => ({ ...OUTCOME, atMs: NOON + MINUTE, endsAtMs: NOON + hours * HOUR })
    await bot.store.create(sampleProposal({ id: 'p-2', status: 'applied', applied: until(8) }))
    await bot.store.create(sampleProposal({ id: 'p-3', status: 'reverted' }))
    await bot.store.create(sampleProposal({ id: 'p-4', status: 'confirmed', applied: until(2) }))
    const home = await see(bot, BEN.id)
    const ends = (hour: number) =>
      `${CHANGE} | In the inline policy rolemedic of role deployer (111122223333). Since 2026-11-24 12:01 UTC, until 2026-11-24 ${hour}:00 UTC, approved by Ana. | ${LINK}`
    expect(home['Ends next']).toEqual([ends(14), ends(20)])
    expect(home['What still stands']).toEqual([
      `${CHANGE} | In the inline policy rolemedic of role deployer (111122223333). Since 2026-11-24 12:00 UTC, without end, approved by Ana and Ben. | ${LINK}`,
    ])
  })

  it('is listed up to twenty, with how many more; of very many, at least how many', async () => {
    const bot = botAt(60)
    const stand = (n: number) => bot.store.create(sampleProposal({ id: `p-${n}`, status: 'confirmed' }))
    for (let n = 0; n < 45; n += 1) await stand(n)
    expect((await see(bot))['What still stands']?.at(-1)).toBe('25 more: rolemedic audit grants')
    for (let n = 45; n < 60; n += 1) await stand(n)
    expect((await see(bot))['What still stands']?.at(-1)).toBe('More than 30 more: rolemedic audit grants')
    const applied = { ...OUTCOME, endsAtMs: NOON + 8 * HOUR }
    for (let n = 0; n < 60; n += 1)
      await bot.store.create(sampleProposal({ id: `e-${n}`, status: 'confirmed', applied }))
    const limited = (await see(bot))['Ends next'] ?? []
    expect([limited.length, limited.at(-1)]).toEqual([11, 'More than 40 more: rolemedic audit grants'])
  })
})

describe('a Home tab', () => {
  it('with nothing to show says what to do first', async () => {
    const bot = botAt(0, configSchema.parse({ mode: 'approve', channel: 'C0DEPLOYS', approvers: { users: [ANA] } }))
    const home = await gatherHome(ANA, bot)
    expect(home.notices.map(text)).toEqual([
      'Welcome. rolemedic has no card yet. When a call is denied a role, a card comes to the channel C0DEPLOYS: it says why, and offers the smallest change for you to approve.',
      'To do first: invite the app to that channel (/invite @rolemedic), then run rolemedic doctor --live: it says whether denials arrive here. /rolemedic help lists what you can ask.',
    ])
    expect(shown(home)).toEqual({
      'Waiting for you': ['Nothing waits for you.'],
      'What you approved': ['Nothing yet. What happens to a change after you approve it is listed here.'],
      'What still stands': ['No change of rolemedic is in IAM now.'],
    })
  })

  it('of a viewer shows what stands, and says that they approve nothing', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      approvers: { users: [ANA] },
      viewers: VIEWERS,
    })
    const bot = botAt(60, config)
    await bot.store.create(sampleProposal({ id: 'p-1' }))
    await bot.store.create(sampleProposal({ id: 'p-2', status: 'confirmed' }))
    const home = await see(bot, 'U0VIEWER')
    expect(home['Waiting for you']).toEqual([
      'You may look, and approve nothing: approvers in rolemedic.config.json names who may.',
    ])
    expect(home['Waiting for others']).toHaveLength(1)
    expect(home['What still stands']).toHaveLength(1)
    expect(home['What you approved']).toEqual([])
  })

  it.each([
    [
      'a stranger',
      known({ kind: 'member' } as const),
      'Only approvers and the viewers of rolemedic.config.json may ask this.',
    ],
    [
      'a guest',
      known({ kind: 'not-a-member', why: 'this Slack account is a guest' } as const),
      'You cannot ask this here: this Slack account is a guest.',
    ],
    [
      'an account that cannot be read',
      unknown('Slack is down'),
      'Your account in the chat could not be read: Slack is down. Try again.',
    ],
  ])('of %s has the reason and no data, and nothing is read for it', async (_, membership, why) => {
    const bot = botAt(5)
    await bot.store.create(sampleProposal())
    bot.chat.memberships.set('U0SOMEBODY', membership)
    const never = () => Promise.reject(new Error('it was read'))
    const store = { ...bot.store, open: never, standing: never, limited: never, get: never, getMarker: never }
    const home = await gatherHome('U0SOMEBODY', { ...bot, store })
    expect([home.notices.map(text), home.sections]).toEqual([[why], []])
  })

  it('has no link where Slack names none, and is complete without it', async () => {
    const bot = botAt(5)
    await bot.store.create(sampleProposal())
    bot.chat.links.set('C0DEPLOYS/1795521600.000100', unknown('message_not_found'))
    expect((await see(bot))['Waiting for you']?.[0]).toMatch(/ \| no link$/)
  })

  it('is published for who opened it', async () => {
    const bot = botAt(5)
    await publishHome(ANA, bot)
    expect([...bot.chat.homes.keys()]).toEqual([ANA])
  })

  it('that was prepared long ago, before the function was frozen, is not published', async () => {
    const bot = botAt(5)
    const renderer = {
      home: (home: Home) => {
        bot.setNow(NOON + 60 * MINUTE)
        return home
      },
    }
    await publishHome(ANA, { ...bot, renderer })
    expect(bot.chat.homes.size).toBe(0)
  })
})
