import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { SlackFault, slackChat } from '../../functions/adapters/slack/chat/chat.ts'
import type { Chat } from '../../functions/ports/chat.ts'
import { type Directory, type FakeSlack, startFakeSlack } from '../../simulator/fake-slack/fake-slack.ts'
import { FAKE_WORKSPACE } from '../../simulator/slack-requests.ts'

const running: FakeSlack[] = []

/** No call is late by what else the machine does. */
const LONG_LIMITS = { timeoutMs: 10_000, budgetMs: 40_000 }

async function workspace(
  options: Partial<Parameters<typeof slackChat>[0]> = {},
): Promise<{ slack: FakeSlack; chat: Chat }> {
  const slack = await startFakeSlack()
  running.push(slack)
  return {
    slack,
    chat: slackChat({
      token: 'xoxb-local',
      workspace: FAKE_WORKSPACE,
      apiUrl: slack.url,
      ...LONG_LIMITS,
      firstWaitMs: 20,
      ...options,
    }),
  }
}

const message = (text: string) => ({ text, blocks: [{ type: 'divider' }] })
const texts = (slack: FakeSlack): readonly string[] => slack.messages().map(message => message.text)
const faultOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no fault',
    error => error,
  )

afterEach(async () => {
  await Promise.all(running.splice(0).map(slack => slack.close()))
})

describe('access to Slack', () => {
  it('is taken, or refused as an outage', async () => {
    const { slack, chat } = await workspace()
    await chat.checkAccess()
    slack.addFault({ kind: 'refused', error: 'token_revoked', method: 'auth.test' })
    expect(await faultOf(chat.checkAccess())).toMatchObject({ reason: 'token_revoked', isOutage: true })
  })
})

describe('a card posted to Slack', () => {
  it('comes back with its place, and is updated and answered there', async () => {
    const { slack, chat } = await workspace()
    const card = await chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true })
    await chat.update(card, message('card, decided'))
    await chat.reply(card, message('3 more since'))
    await chat.postEphemeral({ conversation: 'C0DEPLOYS' }, 'U0VISITOR', message('only you see this'))
    expect(slack.messages()).toMatchObject([
      { text: 'card, decided', updatedCount: 1, ts: card.message, threadTs: null },
      { text: '3 more since', threadTs: card.message },
      { text: 'only you see this', ephemeralFor: 'U0VISITOR' },
    ])
  })

  it('is found instead of posted again, whatever was posted in between', async () => {
    const { slack, chat } = await workspace()
    const card = await chat.post('C0DEPLOYS', message('card'), 'p-1')
    for (let n = 0; n < 250; n += 1) await chat.post('C0DEPLOYS', message(`noise ${n}`), `noise-${n}`, { first: true })
    expect(await chat.post('C0DEPLOYS', message('card'), 'p-1')).toEqual(card)
    expect(texts(slack).filter(text => text === 'card')).toHaveLength(1)
  })

  it('is found again in its thread', async () => {
    const { slack, chat } = await workspace()
    const list = await chat.post('C0DEPLOYS', message('list'), 'digest')
    const card = await chat.reply(list, message('card'), { key: 'p-1' })
    expect(card.thread).toBe(list.message)
    expect(await chat.reply(list, message('card'), { key: 'p-1' })).toEqual(card)
    await chat.reply(card, message('a reply goes to the root of the thread'))
    expect(slack.messages().map(message => message.threadTs)).toEqual([null, list.message, list.message])
  })

  it('is found again also by an app that may not read metadata', async () => {
    const slack = await startFakeSlack({ withoutMetadata: true })
    running.push(slack)
    const chat = slackChat({
      token: 'xoxb-local',
      workspace: FAKE_WORKSPACE,
      apiUrl: slack.url,
      ...LONG_LIMITS,
      firstWaitMs: 20,
    })
    slack.addFault({ kind: 'reset', when: 'after', method: 'chat.postMessage' })
    const card = await chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true })
    expect(await chat.post('C0DEPLOYS', message('card'), 'p-1')).toEqual(card)
    expect(texts(slack)).toEqual(['card'])
  })

  it('is found among messages of other apps, whatever those carry', async () => {
    const { slack, chat } = await workspace()
    const text = (body: object) =>
      fetch(`${slack.url}chat.postMessage`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer other' },
        body: JSON.stringify({ channel: 'C0DEPLOYS', text: 'other', ...body }),
      })
    await text({ metadata: { event_type: 'other', event_payload: { key: 5 } } })
    await text({ metadata: { event_type: 'other', event_payload: { key: 'p-1' } } })
    const card = await chat.post('C0DEPLOYS', message('card'), 'p-1')
    await text({ blocks: [{ type: 'divider', block_id: 'p-10' }] })
    expect(await chat.post('C0DEPLOYS', message('card'), 'p-1')).toEqual(card)
    expect(texts(slack)).toEqual(['other', 'other', 'card', 'other'])
  })

  it.each([
    ['metadata', { metadata: { event_type: 'rolemedic_message', event_payload: { key: 'p-1' } } }],
    ['block id', { blocks: [{ type: 'divider', block_id: 'p-1' }] }],
  ])('is not taken for one of another app with its key as %s', async (_, body) => {
    const { slack, chat } = await workspace()
    await fetch(`${slack.url}chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer other' },
      body: JSON.stringify({ channel: 'C0DEPLOYS', text: 'not ours', ...body }),
    })
    const card = await chat.post('C0DEPLOYS', message('card'), 'p-1')
    expect(texts(slack)).toEqual(['not ours', 'card'])
    expect(await chat.post('C0DEPLOYS', message('card'), 'p-1')).toEqual(card)
  })

  it('is found among messages whose sender Slack does not give, or gives as nothing', async () => {
    const key = { metadata: { event_type: 'rolemedic_message', event_payload: { key: 'p-1' } } }
    const answers: { readonly [method: string]: object } = {
      'auth.test': { ok: true, bot_id: 'B0ROLEMEDIC' },
      'conversations.history': {
        ok: true,
        messages: [
          { ts: '3.000001', bot_id: null, ...key },
          { ts: '2.000001', user: 'U0VISITOR', ...key },
          { ts: '1.000001', bot_id: 'B0ROLEMEDIC', ...key },
        ],
      },
    }
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answers[request.url?.split('/').at(-1) ?? ''] ?? { ok: false, error: 'unexpected' }))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`
    const card = await slackChat({ token: 'xoxb-local', workspace: FAKE_WORKSPACE, apiUrl }).post(
      'C0DEPLOYS',
      message('card'),
      'p-1',
    )
    server.close()
    expect(card).toEqual({ conversation: 'C0DEPLOYS', message: '1.000001' })
  })

  it('is left alone when a person has deleted it', async () => {
    const { chat } = await workspace()
    expect(await chat.update({ conversation: 'C0DEPLOYS', message: '1.000001' }, message('gone'))).toBe(false)
  })
})

describe('a Slack that is ill', () => {
  it.each([
    { name: 'resets the connection before it posts', fault: { kind: 'reset', when: 'before' } },
    { name: 'resets the connection after it posted', fault: { kind: 'reset', when: 'after' } },
    { name: 'answers 500 before it posts', fault: { kind: 'http', status: 500 } },
    { name: 'answers 502 after it posted', fault: { kind: 'http', status: 502, when: 'after' } },
    { name: 'posts and then answers too late', fault: { kind: 'slow', ms: 2_000 } },
    { name: 'says internal_error', fault: { kind: 'refused', error: 'internal_error' } },
    { name: 'limits the rate for a second', fault: { kind: 'rate-limited', retryAfterSeconds: 1 } },
    { name: 'says that the app has posted too much', fault: { kind: 'refused', error: 'rate_limited' } },
  ] as const)('$name: the message is posted once', async ({ fault }) => {
    const { slack, chat } = await workspace(fault.kind === 'slow' ? { timeoutMs: fault.ms / 2 } : {})
    slack.addFault({ ...fault, method: 'chat.postMessage' })
    const card = await chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true })
    await chat.reply(card, message('reply'))
    expect(texts(slack)).toEqual(['card', 'reply'])
    expect(slack.messages()[0]?.ts).toBe(card.message)
  })

  it('loses the answer to a reply, and the reply is posted once', async () => {
    const { slack, chat } = await workspace()
    const card = await chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true })
    slack.addFault({ kind: 'reset', when: 'after', method: 'chat.postMessage' })
    await chat.reply(card, message('reply'))
    expect(texts(slack)).toEqual(['card', 'reply'])
  })

  it('opens a modal and loses the answer: the modal is open once', async () => {
    const { slack, chat } = await workspace()
    slack.addFault({ kind: 'reset', when: 'after' })
    await chat.openModal('7.7', { type: 'modal', title: { type: 'plain_text', text: 'Details' }, blocks: [] })
    expect(slack.views()).toHaveLength(1)
  })

  it('asks for a longer wait than there is time: the caller is told to come back, at once', async () => {
    const { slack, chat } = await workspace()
    slack.addFault({ kind: 'rate-limited', retryAfterSeconds: 120 })
    const fault = await faultOf(chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true }))
    expect(fault).toMatchObject({ code: 'slack-rate-limited', retry: true, retryAfterMs: 120_000 })
    expect(slack.calls()).toHaveLength(1)
  })

  it('limits the rate again and again: the message waits its turn as long as there is time', async () => {
    const { slack, chat } = await workspace({ tries: 2 })
    slack.addFault({ kind: 'rate-limited', retryAfterSeconds: 1, times: 3 })
    await chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true })
    expect(texts(slack)).toEqual(['card'])
    expect(slack.calls()).toHaveLength(4)
  })

  it('limits the rate of a reply whose caller knows how long to wait', async () => {
    const { slack, chat } = await workspace()
    const card = await chat.post('C0DEPLOYS', message('list'), 'l-1', { first: true })
    const asked: number[] = []
    const whenBusy = async (askedMs: number) => {
      asked.push(askedMs)
      return asked.length < 3 ? 10 : 60_000
    }
    slack.addFault({ kind: 'rate-limited', retryAfterSeconds: 2, times: 2 })
    await chat.reply(card, message('card'), { key: 'p-1', first: true, whenBusy })
    expect(asked).toEqual([2_000, 2_000])
    expect(texts(slack)).toEqual(['list', 'card'])
    // Longer than there is time.
    slack.addFault({ kind: 'rate-limited', retryAfterSeconds: 1 })
    const fault = await faultOf(chat.reply(card, message('late'), { key: 'p-2', first: true, whenBusy }))
    expect(fault).toMatchObject({ code: 'slack-rate-limited' })
    expect(texts(slack)).toEqual(['list', 'card'])
  })

  it('asks for no wait at all: the call is not repeated more often than any other', async () => {
    const { slack, chat } = await workspace({ tries: 2 })
    slack.addFault({ kind: 'rate-limited', retryAfterSeconds: 0, times: 50 })
    const fault = await faultOf(chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true }))
    expect(fault).toMatchObject({ code: 'slack-rate-limited' })
    expect(slack.calls()).toHaveLength(2)
  })

  it('limits the rate of an update that something else will show: it waits for nothing', async () => {
    const { slack, chat } = await workspace()
    const card = await chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true })
    slack.addFault({ kind: 'rate-limited', retryAfterSeconds: 1 })
    await expect(chat.update(card, message('newer'), { once: true })).rejects.toMatchObject({
      code: 'slack-rate-limited',
    })
    expect(slack.calls().filter(call => call.method === 'chat.update')).toHaveLength(1)
  })

  it('stays down: the tries are bounded, and the fault says that it may pass', async () => {
    const { slack, chat } = await workspace({ tries: 3 })
    slack.addFault({ kind: 'http', status: 503, times: 99 })
    const fault = await faultOf(chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true }))
    expect(fault).toBeInstanceOf(SlackFault)
    expect(fault).toMatchObject({ code: 'slack-unreachable', retry: true, isOutage: true })
    expect(slack.calls().filter(call => call.method === 'chat.postMessage')).toHaveLength(1)
    slack.clearFaults()
    await chat.post('C0DEPLOYS', message('card'), 'p-1')
    expect(texts(slack)).toEqual(['card'])
  })

  it.each([
    { error: 'channel_not_found', code: 'slack-refused', isOutage: false },
    { error: 'is_archived', code: 'slack-refused', isOutage: false },
    { error: 'invalid_auth', code: 'slack-token', isOutage: true },
    { error: 'ekm_access_denied', code: 'slack-refused', isOutage: true },
    { error: 'org_login_required', code: 'slack-refused', isOutage: true },
    { error: 'accesslimited', code: 'slack-refused', isOutage: true },
  ])('says $error: tried once, and not to be tried again', async ({ error, code, isOutage }) => {
    const { slack, chat } = await workspace()
    slack.addFault({ kind: 'refused', error, times: 99 })
    expect(await faultOf(chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true }))).toMatchObject({
      code,
      retry: false,
      isOutage,
    })
    expect(slack.calls()).toHaveLength(1)
  })

  it('says why it refuses: its word stays apart from the words around it', async () => {
    const { chat } = await workspace()
    const blocks = [{ type: 'header', text: { type: 'plain_text', text: '' } }]
    const fault = await faultOf(chat.post('C0DEPLOYS', { text: 'card', blocks }, 'p-1', { first: true }))
    expect(fault).toMatchObject({
      reason: 'invalid_blocks',
      message: "Slack's chat.postMessage failed: invalid_blocks (blocks[0].text is empty)",
    })
  })

  it('is spoken for by a proxy with a page of its own: the call is made again', async () => {
    const { slack, chat } = await workspace()
    slack.addFault({ kind: 'refused', error: '<html><title>502 Bad gateway</title></html>' })
    await chat.post('C0DEPLOYS', message('card'), 'p-1', { first: true })
    expect(texts(slack)).toEqual(['card'])

    slack.addFault({ kind: 'refused', error: '<html>', times: 99 })
    const fault = await faultOf(chat.post('C0DEPLOYS', message('another'), 'p-2', { first: true }))
    expect(fault).toMatchObject({ code: 'slack-unreachable', retry: true, perhapsDone: true })
    expect((fault as Error).message).not.toContain('<html>')
  })

  it('does not let the app read the channel: the card is still posted', async () => {
    const { slack, chat } = await workspace()
    slack.addFault({ kind: 'refused', error: 'missing_scope', method: 'conversations.history', times: 99 })
    await chat.post('C0DEPLOYS', message('card'), 'p-1')
    expect(texts(slack)).toEqual(['card'])
  })
})

describe('people, as Slack knows them', () => {
  const directory = { groups: { S0ONCALL: ['U0ONCALL1'] }, users: { 'ada@example.com': 'U0ADA1' } }

  it('are read once and remembered for a while', async () => {
    const { slack, chat } = await workspace()
    slack.setDirectory(directory)
    expect(await chat.groupMembers('S0ONCALL')).toEqual({ known: true, value: ['U0ONCALL1'] })
    expect(await chat.groupMembers('S0ONCALL')).toEqual({ known: true, value: ['U0ONCALL1'] })
    expect(slack.calls()).toHaveLength(1)
  })

  it('are read in the workspace that the settings name, which Slack asks for with the token of an organization', async () => {
    const inGroup = async (teamId: string | null) => {
      const { slack, chat } = await workspace({ workspace: { teamId, enterpriseId: 'E0ACME' } })
      slack.setDirectory(directory)
      await chat.groupMembers('S0ONCALL')
      return slack.calls().map(call => call.arguments['team_id'])
    }
    expect(await inGroup('T0FAKE')).toEqual(['T0FAKE'])
    expect(await inGroup(null)).toEqual([undefined])
  })

  it('are unknown when they cannot be read, and asked for again the next time', async () => {
    const { slack, chat } = await workspace({ tries: 1 })
    slack.setDirectory(directory)
    slack.addFault({ kind: 'http', status: 500 })
    expect(await chat.groupMembers('S0ONCALL')).toMatchObject({ known: false })
    expect(await chat.groupMembers('S0ONCALL')).toMatchObject({ known: true })
    expect(await chat.groupMembers('S0GONE')).toMatchObject({
      known: false,
      why: expect.stringContaining('no_such_subteam'),
    })
  })

  it('are known to be absent when Slack knows no such address', async () => {
    const { slack, chat } = await workspace()
    slack.setDirectory(directory)
    expect(await chat.userByEmail('ada@example.com')).toEqual({ known: true, value: 'U0ADA1' })
    expect(await chat.userByEmail('eve@example.com')).toEqual({ known: true, value: null })
    slack.addFault({ kind: 'refused', error: 'missing_scope' })
    expect(await chat.userByEmail('bob@example.com')).toMatchObject({ known: false })
  })
})

describe('the token', () => {
  it('is asked for at every call, so that a new one is taken up', async () => {
    let token = 'xoxb-old'
    const { slack, chat } = await workspace({ token: async () => token })
    await chat.post('C0DEPLOYS', message('one'), 'p-1', { first: true })
    token = 'xoxb-new'
    await chat.post('C0DEPLOYS', message('two'), 'p-2', { first: true })
    expect(slack.calls().map(call => call.token)).toEqual(['xoxb-old', 'xoxb-new'])
  })
})

describe('the account of a person who decides', () => {
  const GUEST = 'this Slack account is a guest'
  const APP = 'this Slack account is an app, not a person'
  const OTHERS = 'this Slack account belongs to another workspace'
  const memberships = async (accounts: Directory['accounts'], userId: string) => {
    const { slack, chat } = await workspace()
    slack.setDirectory({ groups: {}, users: {}, ...(accounts === undefined ? {} : { accounts }) })
    return chat.membership(userId)
  }

  it.each<[string, object | null, string]>([
    ['a guest of several channels', { is_restricted: true }, GUEST],
    ['a guest of one channel', { is_restricted: true, is_ultra_restricted: true }, GUEST],
    [
      'deactivated',
      { deleted: true, is_bot: undefined, is_restricted: undefined },
      'this Slack account is deactivated',
    ],
    ['an app', { is_bot: true }, APP],
    ['a workflow', { is_workflow_bot: true }, APP],
    ['of another workspace that shares no channel', { is_stranger: true }, OTHERS],
    ['of another workspace', { team_id: 'T0OTHERS' }, OTHERS],
    [
      'of another organization',
      { team_id: 'T0OTHERS', enterprise_user: { enterprise_id: 'E0X', teams: ['T0Y'] } },
      OTHERS,
    ],
    ['unknown to Slack', null, 'Slack does not know this user'],
  ])('that is %s is no member', async (_, account, why) => {
    expect(await memberships({ U0ANNA: account }, 'U0ANNA')).toEqual({
      known: true,
      value: { kind: 'not-a-member', why },
    })
  })

  it('that is Slackbot is no member, whatever its flags say', async () => {
    expect(await memberships({}, 'USLACKBOT')).toMatchObject({ value: { kind: 'not-a-member', why: APP } })
  })

  // https://docs.slack.dev/reference/objects/user-object: "whether the user is an authorized user of the calling app"
  it('that installed the app is a member', async () => {
    expect(await memberships({ U0ANNA: { is_app_user: true } }, 'U0ANNA')).toMatchObject({ value: { kind: 'member' } })
  })

  it('that belongs to the workspace, also by way of an organization, is a member', async () => {
    expect(await memberships({}, 'U0ANNA')).toEqual({ known: true, value: { kind: 'member' } })
    const grid = { team_id: 'E0GRID', enterprise_user: { enterprise_id: 'E0GRID', teams: ['T0X', 'T0FAKE'] } }
    expect(await memberships({ W0ANNA: grid }, 'W0ANNA')).toEqual({ known: true, value: { kind: 'member' } })
  })

  it.each<[string, object]>([
    ['does not say whether it is a guest', { is_restricted: undefined }],
    ['does not say whether it is an app', { is_bot: undefined }],
    ['is about another user', { id: 'U0OTHER' }],
  ])('cannot be read from an answer that %s', async (_, account) => {
    expect(await memberships({ U0ANNA: account }, 'U0ANNA')).toMatchObject({ known: false })
  })

  it('is asked for once in a decision, and again for the next', async () => {
    const { slack, chat } = await workspace({ accountsMaxAgeMs: 60_000 })
    await chat.membership('U0ANNA')
    await chat.membership('U0ANNA')
    expect(slack.calls().map(({ method }) => method)).toEqual(['users.info'])
    slack.setDirectory({ groups: {}, users: {}, accounts: { U0ANNA: { deleted: true } } })
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000)
    expect(await chat.membership('U0ANNA')).toMatchObject({ value: { kind: 'not-a-member' } })
    now.mockRestore()
  })

  it('that Slack does not answer for is unknown, and read again the next time', async () => {
    const { slack, chat } = await workspace({ tries: 1 })
    slack.addFault({ kind: 'http', status: 500 })
    expect(await chat.membership('U0ANNA')).toMatchObject({ known: false })
    expect(await chat.membership('U0ANNA')).toMatchObject({ known: true })
  })
})
