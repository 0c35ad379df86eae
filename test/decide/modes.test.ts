import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { changeDigest, patchDigest } from '../../core/patch/patch.ts'
import { answerCommand } from '../../functions/decide/command.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { ANNA, botWith, click, press } from './decide-fixture.ts'

const OU = 'ou-ab12-11111111'
const ACCOUNT = '111122223333'
const APPROVERS = {
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'], groups: [] },
  breakGlass: { group: 'S0GLASS', announceChannel: 'C0GLASS' },
}
const configured = (given: object): MemoryBot => {
  const bot = memoryBot(configSchema.parse({ mode: 'approve', ...APPROVERS, ...given }))
  bot.chat.groups.set('S0GLASS', known([ANNA.id]))
  return bot
}
const statusOf = async (bot: MemoryBot) => (await bot.store.get('p-1'))?.status
const answers = (bot: MemoryBot) => bot.chat.ephemerals.map(({ text }) => text)

describe.each(['observe', 'recommend'] as const)('a press on a card of an account in %s', mode => {
  it.each(['approve', 'approve-limited', 'reject', 'break-glass'] as const)(
    'of %s does nothing, and says which setting forbids it',
    async action => {
      const bot = await botWith(sampleProposal(), configured({ accounts: { [ACCOUNT]: { mode } } }))
      await press(bot, click(action, ANNA, { reason: 'it is night' }))
      expect(await statusOf(bot)).toBe('open')
      expect(answers(bot)).toEqual([
        `The mode of this account is ${mode} (accounts.${ACCOUNT}.mode in rolemedic.config.json), so nothing is approved here.`,
      ])
      expect(bot.queue.sent).toEqual([])
      expect(bot.audit.entries).toEqual([])
    },
  )

  it('of Approve does nothing where the change is in another account, of this mode', async () => {
    const { patch } = sampleProposal()
    const other = '444455556666'
    const changes = patch.changes.map(one => {
      const there = { ...one, target: { ...one.target, accountId: other } }
      return { ...there, digest: changeDigest(there) }
    })
    const digest = patchDigest(changes)
    const bot = await botWith(
      sampleProposal({ patch: { ...patch, changes, digest } }),
      configured({ accounts: { [other]: { mode } } }),
    )
    await press(bot, click('approve', ANNA, { digest }))
    expect(await statusOf(bot)).toBe('open')
    expect(answers(bot)).toEqual([
      `The mode of this account is ${mode} (accounts.${other}.mode in rolemedic.config.json), so nothing is approved here.`,
    ])
  })

  it('of Revert undoes what stands', async () => {
    const applied = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' } as const
    const proposal = sampleProposal({
      status: 'applied',
      approvals: [{ by: ANNA, atMs: NOON, limitHours: null, reason: null }],
      applied,
    })
    const bot = await botWith(proposal, configured({ mode }))
    await press(bot, click('revert'))
    expect(await statusOf(bot)).toBe('reverting')
    expect(bot.queue.sent).toMatchObject([{ work: { kind: 'revert' } }])
  })
})

describe('a press where the unit decides', () => {
  const inUnit = configured({ mode: 'observe', organizationalUnits: { [OU]: { mode: 'approve' } } })

  it('counts for an account that is in it now', async () => {
    const bot = await botWith(sampleProposal(), { ...inUnit, units: async () => known(['r-ab12', OU]) })
    await press(bot, click('approve'))
    expect(await statusOf(bot)).toBe('approved')
  })

  it.each([
    [
      'is in no unit of the configuration',
      async () => known(['r-ab12']),
      /The mode of this account is observe \(mode /,
    ],
    [
      'cannot be placed',
      async () => unknown('access denied'),
      /cannot be seen in which organizational unit .*access denied/,
    ],
    [
      'cannot be asked for',
      async () => Promise.reject(new Error('timeout')),
      /Organizations could not be asked: .*timeout/,
    ],
  ] as const)('does nothing for an account that %s', async (_what, units, why) => {
    const bot = await botWith(sampleProposal(), {
      ...configured({ mode: 'observe', organizationalUnits: { [OU]: { mode: 'approve' } } }),
      units,
    })
    await press(bot, click('approve'))
    expect(await statusOf(bot)).toBe('open')
    expect(answers(bot)).toEqual([expect.stringMatching(why)])
  })
})

describe('a press of Revert', () => {
  it('asks for no unit, so that Organizations cannot keep it from counting', async () => {
    const applied = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' } as const
    const approvals = [{ by: ANNA, atMs: NOON, limitHours: null, reason: null }]
    const bot = await botWith(sampleProposal({ status: 'applied', approvals, applied }), {
      ...configured({ mode: 'observe', organizationalUnits: { [OU]: { mode: 'approve' } } }),
      units: () => new Promise(() => {}),
    })
    await press(bot, click('revert'))
    expect(await statusOf(bot)).toBe('reverting')
  })
})

describe('the slash command', () => {
  const ask = async (text: string) => {
    const bot = await botWith(sampleProposal(), configured({ accounts: { [ACCOUNT]: { mode: 'recommend' } } }))
    return (await answerCommand({ by: ANNA, text, conversation: null }, bot)).text
  }

  it('says for a list and for one proposal that nobody can approve, and why', async () => {
    expect(await ask('open')).toContain(
      `Nobody can approve it: the mode is recommend (accounts.${ACCOUNT}.mode in rolemedic.config.json).`,
    )
    expect(await ask('show p-1')).toContain(
      `Nobody can approve here: the mode is recommend (accounts.${ACCOUNT}.mode in rolemedic.config.json).`,
    )
  })
})

describe('Details on an open card', () => {
  it('renders the card again, as approvers or mode may have changed', async () => {
    const bot = await botWith()
    const { card } = sampleProposal()
    bot.chat.cards.set(`${card.conversation}/${card.message}`, 'as it was')
    const { action: _, ...at } = click('approve').click
    await press(bot, {
      ...click('approve'),
      kind: 'form',
      form: 'details',
      triggerId: 't-1',
      by: ANNA,
      proposalId: at.proposalId,
      digest: at.digest,
    } as never)
    expect(bot.chat.modals).toHaveLength(1)
    expect(bot.chat.cards.get(`${card.conversation}/${card.message}`)).toBe('open')
  })
})
