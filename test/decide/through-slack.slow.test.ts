import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { cardRenderer } from '../../functions/adapters/composition/renderer.ts'
import { slackChat } from '../../functions/adapters/slack/chat/chat.ts'
import { type HttpAnswer, slackEndpoint } from '../../functions/adapters/slack/endpoint/endpoint.ts'
import { slackVerifier } from '../../functions/adapters/slack/endpoint/verify-request.ts'
import { slackSideRenderer } from '../../functions/adapters/slack/renderer.ts'
import { makeDecide, makeNotifyFailed } from '../../functions/decide/decide.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import type { Person } from '../../functions/domain/messages/person.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { postOutcome } from '../../functions/workflows/card/post-outcome.ts'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import { type FakeSlack, type StoredMessage, startFakeSlack } from '../../simulator/fake-slack/fake-slack.ts'
import {
  buttonPress,
  buttonsOf,
  FAKE_WORKSPACE,
  formSubmission,
  homeOpened,
  signRequest,
  slashCommand,
} from '../../simulator/slack-requests.ts'
import { follow, type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { inStatus, MINUTE, NOON, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const BEN = { id: 'U0ONCALL2', name: 'ben' }
const VISITOR = { id: 'U0VISITOR', name: 'victor' }
const CONFIG = configSchema.parse({
  mode: 'approve',
  approvers: { users: ['U0ONCALL1'], groups: ['S0ONCALL'] },
  breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' },
})
const PATIENCE_MS = 1_000
/** How long Slack waits. */
const SLACK_MS = 3_000
/** No call is late by what else the machine does. */
const LONG_LIMITS = { endpointMs: 60_000, timeoutMs: 10_000, budgetMs: 20_000 }
const SHORT_LIMITS = { endpointMs: PATIENCE_MS, timeoutMs: 800, budgetMs: 1_600 }

let slack: FakeSlack
let bot: Omit<MemoryBot, 'chat'> & { readonly chat: ReturnType<typeof slackChat> }
/** From when on a press is late. */
let limitMs = SLACK_MS
let isInTime = false
let send: (body: string) => Promise<HttpAnswer>

/** The bot as it is deployed from the HTTP request to the HTTP calls of Slack; only table, log and queue are in memory. */
async function start(changed: Partial<Proposal> = {}, config = CONFIG, limits = LONG_LIMITS): Promise<void> {
  const { endpointMs, ...ofCalls } = limits
  const chat = slackChat({ token: 'xoxb-test', workspace: FAKE_WORKSPACE, apiUrl: slack.url, tries: 2, ...ofCalls })
  bot = {
    ...memoryBot(config),
    chat,
    renderer: { ...cardRenderer({ config, chat, units: async () => known([]) }), ...slackSideRenderer },
  }
  bot.setNow(NOON + MINUTE)
  const card = await chat.post('C0DEPLOYS', { text: 'posting', blocks: [] }, 'p-1', { first: true })
  await bot.store.create(sampleProposal({ card, ...changed }))
  await refreshCard('p-1', bot)
  const verifier = slackVerifier({ secrets: [SECRET], clock: bot.clock })
  const endpoint = slackEndpoint({
    verifier: async () => verifier,
    handle: makeDecide(bot),
    notifyFailed: makeNotifyFailed(bot),
    observer: bot.observer,
    clock: bot.clock,
    timeoutMs: endpointMs,
  })
  send = async body => {
    const answering = endpoint({ ...signRequest(body, SECRET, bot.clock()), isBase64Encoded: false })
    // Of two timers of one process the shorter one ends first, however late both are.
    isInTime = await Promise.race([answering.then(() => true), delay(limitMs, false, { ref: false })])
    const answer = await answering
    await follow(bot)
    return answer
  }
}

const card = (): StoredMessage => {
  const [first] = slack
    .messages()
    .filter(({ channel, ephemeralFor }) => channel === 'C0DEPLOYS' && ephemeralFor === null)
  if (first === undefined) throw new Error('there is no card')
  return first
}
const cardText = (): string => JSON.stringify(card().blocks)
const ephemerals = (): readonly (readonly [string | null, string])[] =>
  slack
    .messages()
    .filter(({ ephemeralFor }) => ephemeralFor !== null)
    .map(({ ephemeralFor, text }) => [ephemeralFor, text])
const press = (by: Person, action: string, message = card()): Promise<HttpAnswer> => {
  const [button] = buttonsOf(message, action)
  if (button === undefined) throw new Error(`the card has no button ${action}`)
  return send(buttonPress(by, message, button))
}
const offered = (): readonly string[] =>
  ['approve', 'approve-limited', 'reject', 'break-glass', 'revert', 'details'].filter(
    action => buttonsOf(card(), action).length > 0,
  )

beforeEach(async () => {
  limitMs = SLACK_MS
  slack = await startFakeSlack({
    directory: { groups: { S0ONCALL: ['U0ONCALL2'], S0GLASS: ['U0ONCALL1'] }, users: {} },
  })
})
afterEach(() => slack.close())

describe('a card in Slack', () => {
  it('in the thread of a storm answers there, also after its form', async () => {
    await start()
    const list = card()
    const place = { conversation: 'C0DEPLOYS', message: list.ts }
    const threaded = await bot.chat.reply(place, { text: 'posting', blocks: [] }, { key: 'p-2' })
    await bot.store.create(sampleProposal({ id: 'p-2', card: threaded }))
    await refreshCard('p-2', bot)
    const shown = (): StoredMessage => slack.messages().find(({ ts }) => ts === threaded.message) ?? list
    const before = shown()
    await press(VISITOR, 'approve', before)
    await press(ANNA, 'reject', before)
    await press(BEN, 'approve', before)
    const [form] = slack.views()
    if (form === undefined) throw new Error('no form opened')
    await send(formSubmission(ANNA, form, ['not this role']))
    const whispered = slack.messages().filter(({ ephemeralFor }) => ephemeralFor !== null)
    expect(whispered.map(({ ephemeralFor, threadTs }) => [ephemeralFor, threadTs])).toEqual([
      ['U0VISITOR', list.ts],
      ['U0ONCALL1', list.ts],
    ])
  })

  it('is approved by one press, loses its buttons, and says who did it and nothing more', async () => {
    await start()
    expect(offered()).toEqual(['approve', 'approve-limited', 'reject', 'break-glass', 'details'])
    expect(await press(BEN, 'approve')).toEqual({ statusCode: 200, headers: {}, body: '' })
    expect((await bot.store.get('p-1'))?.status).toBe('approved')
    expect(offered()).toEqual(['details'])
    expect(cardText()).toContain('U0ONCALL2')
    expect(cardText()).not.toMatch(/applied|granted/i)
  })

  it('tells a visitor alone that the press did nothing', async () => {
    await start()
    const before = cardText()
    await press(VISITOR, 'approve')
    await press(VISITOR, 'reject')
    expect(ephemerals()).toEqual([
      ['U0VISITOR', 'You are not among the approvers of this account.'],
      ['U0VISITOR', 'You are not among the approvers of this account.'],
    ])
    expect([cardText(), slack.views()]).toEqual([before, []])
  })

  it('tells the second who presses what the first did', async () => {
    await start()
    const seen = card()
    await press(BEN, 'approve', seen)
    await press(ANNA, 'approve', seen)
    expect(ephemerals()).toEqual([
      ['U0ONCALL1', 'Approved by ben (U0ONCALL2), 2026-11-24 12:01 UTC; the change is being written.'],
    ])
  })

  it('is rejected through its form, with the reason on the card as text', async () => {
    await start()
    await press(ANNA, 'reject')
    const [form] = slack.views()
    if (form === undefined) throw new Error('no form opened')
    await send(formSubmission(ANNA, form, ['not <!channel> this *role* <@U0ONCALL2>']))
    expect(await bot.store.get('p-1')).toMatchObject({ status: 'rejected', rejection: { by: ANNA } })
    expect(cardText()).toContain('not <!channel> this *role* <@U0ONCALL2>')
    expect(cardText()).not.toContain('"type":"mrkdwn"')
    expect(card().text).not.toMatch(/<[!@]/)
  })

  it('is not rejected without a reason: the form stays open and says so', async () => {
    await start()
    await press(ANNA, 'reject')
    const [form] = slack.views()
    if (form === undefined) throw new Error('no form opened')
    const answer = await send(formSubmission(ANNA, form, ['   ']))
    expect(answer.statusCode).toBe(200)
    expect(JSON.parse(answer.body)).toEqual({
      response_action: 'errors',
      errors: { reason: 'Say why: the people who wait for it read this.' },
    })
    expect((await bot.store.get('p-1'))?.status).toBe('open')
  })

  it('that asks for a reason and a ticket is approved by its form', async () => {
    const ticket = { pattern: 'OPS-[0-9]+', url: 'https://acme.atlassian.net/browse/{ticket}', required: true }
    await start({}, { ...CONFIG, approval: { reason: 'required', ticket, fromRisk: 'low', passkey: 'off' } })
    await press(BEN, 'approve')
    expect((await bot.store.get('p-1'))?.status).toBe('open')
    const [form] = slack.views()
    if (form === undefined) throw new Error('no form opened')
    const wrong = await send(formSubmission(BEN, form, ['the release waits', 'OPS']))
    expect(JSON.parse(wrong.body)).toEqual({
      response_action: 'errors',
      errors: { ticket: 'Name the ticket of this change. Its form is OPS-[0-9]+.' },
    })
    expect(await send(formSubmission(BEN, form, ['the release waits', 'OPS-7']))).toMatchObject({ statusCode: 200 })
    expect(await bot.store.get('p-1')).toMatchObject({
      status: 'approved',
      approvals: [{ by: BEN, signed: { decision: { reason: 'the release waits', ticket: 'OPS-7' } } }],
    })
    expect(cardText()).toContain('https://acme.atlassian.net/browse/OPS-7')
  })

  it('is approved alone through break-glass, and announced in the second channel', async () => {
    await start({ verification: { ...VERIFICATION, risk: 'high', approvers: 2 } })
    await press(ANNA, 'break-glass')
    const [form] = slack.views()
    if (form === undefined) throw new Error('no form opened')
    await send(formSubmission(ANNA, form, ['production is down']))
    expect((await bot.store.get('p-1'))?.status).toBe('approved')
    const announced = slack.messages().filter(({ channel }) => channel === 'C0SECURITY')
    expect(announced.map(({ text }) => text)).toEqual([expect.stringContaining('production is down')])
  })

  it('is reminded of, and its end is told, in words that a locked phone shows with what they are about', async () => {
    await start()
    bot.setNow(NOON + 30 * MINUTE)
    await makeSweep(bot)()
    const { channel, ts } = card()
    const applied = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' } as const
    await postOutcome(sampleProposal({ card: { conversation: channel, message: ts }, status: 'applied', applied }), bot)
    const [, reminder, result] = slack.messages().filter(({ threadTs }) => threadTs !== null)
    expect(reminder?.text).toBe(
      'deployer was denied iam:PassRole on app-task. This still waits for an approval, and ends in 7 h. Denied once so far.',
    )
    expect(result?.text).toBe('deployer was denied iam:PassRole on app-task. Applied: the request is allowed now.')
    expect(JSON.stringify([reminder?.blocks, result?.blocks])).not.toContain('was denied')
  })

  it('offers nothing to a person whose group cannot be read', async () => {
    await start()
    slack.addFault({ kind: 'refused', method: 'usergroups.users.list', error: 'missing_scope', times: 10 })
    await press(BEN, 'approve')
    expect((await bot.store.get('p-1'))?.status).toBe('open')
    expect(ephemerals()[0]?.[1]).toMatch(/^It cannot be seen whether you may decide this/)
  })
})

describe('while Slack does not answer', () => {
  it('a press is acknowledged in time, the decision stands, and the card is put right later', async () => {
    await start({}, CONFIG, SHORT_LIMITS)
    slack.addFault({ kind: 'reset', method: 'chat.update', when: 'before', times: 50 })
    limitMs = PATIENCE_MS + 600
    expect(await press(ANNA, 'approve')).toMatchObject({ statusCode: 200 })
    expect(isInTime).toBe(true)
    expect((await bot.store.get('p-1'))?.status).toBe('approved')
    expect(offered()).toContain('approve')

    slack.clearFaults()
    bot.setNow(NOON + 4 * MINUTE)
    await makeSweep(bot)()
    expect(offered()).toEqual(['details'])
  })

  it('a press of somebody whose right cannot be read decides nothing, and may be repeated', async () => {
    await start({}, CONFIG, SHORT_LIMITS)
    slack.addFault({ kind: 'slow', method: 'usergroups.users.list', ms: 4_000, times: 4 })
    await press(BEN, 'approve')
    expect(isInTime).toBe(true)
    expect(await bot.store.get('p-1')).toMatchObject({ status: 'open', approvals: [] })
    slack.clearFaults()
    expect(await press(BEN, 'approve')).toMatchObject({ statusCode: 200 })
    expect(inStatus(await bot.store.get('p-1'), 'approved').approvals.map(({ by }) => by)).toEqual([BEN])
  })
})

describe('the slash command', () => {
  it('answers with a link to the card', async () => {
    await start()
    const { body } = await send(slashCommand(ANNA, 'C0DEPLOYS', 'open'))
    const { channel, ts } = card()
    expect(body).toContain(`/archives/${channel}/p${ts.replace('.', '')}`)
  })

  it('is answered to its person alone, with names from outside as text', async () => {
    const sample = sampleProposal()
    const principal = { ...sample.denial.principal, name: '<!channel>`x`' }
    await start({ denial: { ...sample.denial, principal } })
    const answer = JSON.parse((await send(slashCommand(ANNA, 'C0DEPLOYS', 'open'))).body)
    expect(answer.response_type).toBe('ephemeral')
    expect(answer.text).not.toMatch(/<!channel>/)
    expect(JSON.stringify(answer.blocks)).toContain('<!channel>')
    expect(JSON.stringify(answer.blocks)).not.toContain('mrkdwn')
  })
})

describe('the Home tab', () => {
  const open = (by: Person) => send(homeOpened(by, slack.home(by.id), bot.clock()))
  const shown = (by: Person): string => JSON.stringify(slack.home(by.id)?.view ?? null)

  it('has the open card with its link, and after the press what happened to it', async () => {
    await start()
    expect(await open(ANNA)).toEqual({ statusCode: 200, headers: {}, body: '' })
    const { channel, ts } = card()
    expect(shown(ANNA)).toContain(`/archives/${channel}/p${ts.replace('.', '')}`)
    expect(shown(ANNA)).toContain('Nothing yet.')
    await press(ANNA, 'approve')
    await open(ANNA)
    expect(shown(ANNA)).toContain('Nothing waits for you.')
    expect(shown(ANNA)).toContain('It is being written.')
  })

  it('of a visitor has the reason why nothing is shown, and no data', async () => {
    await start()
    await open(VISITOR)
    expect(shown(VISITOR)).toContain('Only approvers and the viewers of rolemedic.config.json may ask this.')
    expect(shown(VISITOR)).not.toContain('app-task')
  })

  it('is complete without a link where Slack has a fault', async () => {
    await start()
    slack.addFault({ kind: 'refused', error: 'message_not_found', method: 'chat.getPermalink', times: 9 })
    await open(ANNA)
    expect(shown(ANNA)).toContain('app-task')
    expect(shown(ANNA)).not.toContain('"link"')
  })

  it('is asked for again where Slack does not take it, and is there the second time', async () => {
    await start()
    slack.addFault({ kind: 'refused', error: 'not_enabled', method: 'views.publish' })
    expect(await open(ANNA)).toMatchObject({ statusCode: 503 })
    expect(slack.home(ANNA.id)).toBe(null)
    expect(await open(ANNA)).toMatchObject({ statusCode: 200 })
    expect(shown(ANNA)).toContain('app-task')
  })

  it('is answered in time where Slack is slow, as something to be sent again', async () => {
    await start({}, CONFIG, SHORT_LIMITS)
    slack.addFault({ kind: 'slow', ms: 1_400, method: 'users.info', times: 9 })
    limitMs = 1_400
    expect(await open(ANNA)).toMatchObject({ statusCode: 503 })
    expect(isInTime).toBe(true)
  })
})
