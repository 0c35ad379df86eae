import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { cardOf } from '../../functions/domain/card/card.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { decidingMode } from '../../functions/workflows/approval/account-mode.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { follow, type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { approver, DIGEST, MINUTE, NOON, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { ANNA, AT, BEN, botWith, click, press } from './decide-fixture.ts'

const TICKET = { pattern: '(?:OPS|SEC)-[0-9]{1,6}', url: 'https://acme.atlassian.net/browse/{ticket}', required: true }
const asking = (approval: object, more: object = {}) =>
  configSchema.parse({
    mode: 'approve',
    approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
    breakGlass: { group: 'S0GLASS', announceChannel: 'C0GLASS' },
    approval,
    ...more,
  })
const BOTH = asking({ reason: 'required', ticket: TICKET })
const botAsking = async (config = BOTH, changed = {}): Promise<MemoryBot> => {
  const bot = memoryBot(config)
  bot.chat.groups.set('S0GLASS', known([ANNA.id]))
  return botWith(sampleProposal(changed), bot)
}
const pressed = (action: Parameters<typeof click>[0], changed = {}, by = ANNA) => ({
  ...click(action, by, changed),
  triggerId: 'trigger-1',
})
const stored = async (bot: MemoryBot) => bot.store.get('p-1')

describe('an approval that is asked for a reason and a ticket', () => {
  it.each(['approve', 'approve-limited'] as const)('opens a form with %s, and decides nothing', async action => {
    const bot = await botAsking()
    await press(bot, pressed(action))
    expect(bot.chat.modals).toHaveLength(1)
    expect((await stored(bot))?.status).toBe('open')
    expect([bot.queue.sent, bot.audit.entries, bot.chat.ephemerals]).toEqual([[], [], []])
  })

  it('counts with both, which are signed, recorded and on the card', async () => {
    const bot = await botAsking()
    await press(bot, pressed('approve', { reason: ' the release waits for it ', ticket: 'OPS-12' }))
    const after = await stored(bot)
    expect(after).toMatchObject({
      status: 'approved',
      approvals: [
        {
          reason: null,
          signed: { decision: { kind: 'approve', reason: 'the release waits for it', ticket: 'OPS-12' } },
        },
      ],
    })
    expect(bot.audit.entries.map(({ kind, why }) => [kind, why])).toContainEqual([
      'approved',
      'approved: the release waits for it, OPS-12',
    ])
    if (after === null) throw new Error('gone')
    const mode = await decidingMode(after, { config: BOTH, units: async () => known([]) })
    const card = cardOf(after, { config: BOTH, mode, nowMs: NOON, needed: 1, mayApprove: approver('U0ONCALL1') })
    const shown = JSON.stringify(card)
    expect(shown).toContain('{"kind":"link","text":"OPS-12","url":"https://acme.atlassian.net/browse/OPS-12"}')
    expect(shown).toContain('the release waits for it')
  })

  it.each([
    ['', 'OPS-12', 'reason', 'Say why: it is recorded with your approval.'],
    ['   ', 'OPS-12', 'reason', 'Say why: it is recorded with your approval.'],
    ['why', '', 'ticket', 'Name the ticket of this change. Its form is (?:OPS|SEC)-[0-9]{1,6}.'],
    ['why', 'OPS-1 and more', 'ticket', 'Name the ticket of this change. Its form is (?:OPS|SEC)-[0-9]{1,6}.'],
    ['why', 'xOPS-1', 'ticket', 'Name the ticket of this change. Its form is (?:OPS|SEC)-[0-9]{1,6}.'],
  ])('with the reason "%s" and the ticket "%s" stays in its form', async (reason, ticket, input, message) => {
    const bot = await botAsking()
    const handled = await makeDecide(bot)(pressed('approve', { reason, ticket }))
    expect(handled.wrong).toEqual({ input, message })
    expect((await stored(bot))?.status).toBe('open')
  })

  it('of a person who may not approve opens no form', async () => {
    const bot = await botAsking()
    await press(bot, pressed('approve', {}, { id: 'U0VISITOR', name: 'victor' }))
    expect(bot.chat.modals).toEqual([])
    expect(bot.chat.ephemerals.map(({ text }) => text)).toEqual(['You are not among the approvers of this account.'])
  })

  it('does not make a break-glass of one approval where two are needed', async () => {
    const bot = await botAsking(BOTH, { verification: { ...VERIFICATION, risk: 'high', approvers: 2 } })
    await press(bot, pressed('approve', { reason: 'why', ticket: 'SEC-1' }))
    expect((await stored(bot))?.status).toBe('open')
    await press(bot, pressed('approve', { reason: 'me too', ticket: 'SEC-1' }, BEN))
    expect((await stored(bot))?.status).toBe('approved')
  })

  it('is not asked by break-glass, which has a reason of its own', async () => {
    const bot = await botAsking()
    await press(bot, pressed('break-glass', { reason: 'production is down' }))
    expect(await stored(bot)).toMatchObject({ status: 'approved', approvals: [{ reason: 'production is down' }] })
  })

  it('may leave out what is optional', async () => {
    const bot = await botAsking(asking({ ticket: { ...TICKET, required: false } }))
    await press(bot, pressed('approve'))
    expect(bot.chat.modals).toHaveLength(1)
    await press(bot, pressed('approve', { reason: '', ticket: '' }))
    expect(await stored(bot)).toMatchObject({
      status: 'approved',
      approvals: [{ signed: { decision: { reason: null, ticket: null } } }],
    })
  })
})

describe('a form from before a reason or a ticket was asked for', () => {
  const NO_PLACE =
    'A reason or a ticket is asked for here, and the form that you sent had no place for it. Press the button again: its form has one.'

  it('decides nothing, says to press again, and draws the card again, whose button opens the new form', async () => {
    const bot = await botAsking()
    const { triggerId: _, ...sent } = pressed('approve-limited')
    await press(bot, sent)
    expect((await stored(bot))?.status).toBe('open')
    expect(bot.chat.ephemerals.map(({ text }) => text)).toEqual([NO_PLACE])
    expect(bot.chat.cards.get('C0DEPLOYS/1795521600.000100')).toBe('open')
    const again = {
      form: 'approve-limited',
      by: ANNA,
      proposalId: 'p-1',
      digest: DIGEST,
      triggerId: 'trigger-2',
    } as const
    await press(bot, { kind: 'form', origin: FAKE_ORIGIN, ...AT, ...again })
    expect(bot.chat.modals.map(({ view }) => view)).toEqual([
      { form: { action: 'approve-limited', asked: { reason: 'required', ticket: TICKET } }, proposalId: 'p-1' },
    ])
  })

  it('without the ticket that is asked for by now does not show an error on an input that it lacks', async () => {
    const bot = await botAsking()
    const handled = await makeDecide(bot)(pressed('approve', { reason: 'why' }))
    expect(handled.wrong).toBeUndefined()
    await handled.notify()
    await follow(bot)
    expect(bot.chat.ephemerals.map(({ text }) => text)).toEqual([NO_PLACE])
    expect(bot.chat.cards.get('C0DEPLOYS/1795521600.000100')).toBe('open')
  })
})

describe('no form opens', () => {
  it.each([
    ['where nothing is asked', asking({})],
    ['below the risk from which on it is asked', asking({ reason: 'required', fromRisk: 'elevated' })],
    [
      'in an account that asks for nothing',
      asking({ reason: 'required' }, { accounts: { '111122223333': { approval: { reason: 'optional' } } } }),
    ],
  ])('%s', async (_where, config) => {
    const bot = await botAsking(config)
    await press(bot, pressed('approve'))
    expect(bot.chat.modals).toEqual([])
    expect((await stored(bot))?.status).toBe('approved')
  })
})

describe('the buttons of a card', () => {
  const shown = async (config = BOTH, units = known<readonly string[]>([])) => {
    const proposal = sampleProposal({ verification: { ...VERIFICATION, risk: 'elevated' } })
    const mode = await decidingMode(proposal, { config, units: async () => units })
    const card = cardOf(proposal, {
      config,
      mode,
      nowMs: NOON + MINUTE,
      needed: 1,
      mayApprove: approver('U0ONCALL1'),
    })
    return card.buttons.filter(({ action }) => action.startsWith('approve'))
  }

  it('say that a form follows, and leave the confirmation to it', async () => {
    const buttons = await shown()
    expect(buttons.map(({ label, confirm }) => [label.endsWith('…'), confirm])).toEqual(buttons.map(() => [true, null]))
    expect(buttons.length).toBeGreaterThan(0)
  })

  it('do so too where the unit of an account cannot be seen, and any unit asks', async () => {
    const config = asking({}, { organizationalUnits: { 'ou-ab12-11111111': { approval: { reason: 'required' } } } })
    const [button] = await shown(config, unknown('throttled'))
    expect(button?.label).toMatch(/…$/)
    const [elsewhere] = await shown(config)
    expect(elsewhere?.label).not.toMatch(/…$/)
  })
})
