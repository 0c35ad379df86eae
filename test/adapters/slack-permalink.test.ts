import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { SlackFault, slackChat } from '../../functions/adapters/slack/chat/chat.ts'
import { FAKE_WORKSPACE } from '../../simulator/slack-requests.ts'

const running: Server[] = []
afterEach(() => {
  for (const server of running.splice(0)) server.closeAllConnections()
})

type Call = { readonly method: string; readonly body: URLSearchParams }
type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: object }

/** A Slack that returns these answers in order, and the last one from then on. */
async function slackThatSays(...replies: readonly Reply[]) {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => {
      text += chunk
    })
    request.on('end', () => {
      const reply = replies[Math.min(calls.length, replies.length - 1)]
      calls.push({ method: request.url?.split('/').at(-1) ?? '', body: new URLSearchParams(text) })
      response.writeHead(reply?.status ?? 200, { 'content-type': 'application/json', ...reply?.headers })
      response.end(JSON.stringify(reply?.body))
    })
  })
  running.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`
  const limits = { timeoutMs: 1_500, budgetMs: 2_000, firstWaitMs: 5 }
  return { calls, chat: slackChat({ token: 'xoxb-local', workspace: FAKE_WORKSPACE, apiUrl, ...limits }) }
}

const CARD = { conversation: 'C0DEPLOYS', message: '1795521600.000001' }
const LINK = 'https://acme.slack.com/archives/C0DEPLOYS/p1795521600000001'

describe('the link of a message', () => {
  it('is what Slack says, asked for once', async () => {
    const { calls, chat } = await slackThatSays({ body: { ok: true, channel: 'C0DEPLOYS', permalink: LINK } })
    expect(await chat.permalink(CARD)).toEqual({ known: true, value: LINK })
    expect(await chat.permalink(CARD)).toEqual({ known: true, value: LINK })
    expect(calls.map(({ method, body }) => [method, body.get('channel'), body.get('message_ts')])).toEqual([
      ['chat.getPermalink', 'C0DEPLOYS', '1795521600.000001'],
    ])
  })

  it.each<[string, Reply, string]>([
    ['the message is deleted', { body: { ok: false, error: 'message_not_found' } }, 'message_not_found'],
    ['the channel is gone', { body: { ok: false, error: 'channel_not_found' } }, 'channel_not_found'],
    ['the app has left', { body: { ok: false, error: 'not_in_channel' } }, 'not_in_channel'],
    ['Slack limits the rate', { status: 429, headers: { 'retry-after': '1' }, body: { ok: false } }, 'too many calls'],
    ['Slack is down', { status: 503, body: {} }, 'HTTP 503'],
    ['the answer has no link', { body: { ok: true } }, 'permalink'],
    ['the answer is no web address', { body: { ok: true, permalink: 'javascript:alert(1)' } }, 'permalink'],
  ])('is unknown when %s: nothing fails, and nothing waits', async (_, reply, why) => {
    const { calls, chat } = await slackThatSays(reply)
    expect(await chat.permalink(CARD)).toEqual({ known: false, why: expect.stringContaining(why) })
    expect(calls).toHaveLength(1)
  })

  it('is asked for again after it was unknown', async () => {
    const { chat } = await slackThatSays({ status: 500, body: {} }, { body: { ok: true, permalink: LINK } })
    expect(await chat.permalink(CARD)).toMatchObject({ known: false })
    expect(await chat.permalink(CARD)).toEqual({ known: true, value: LINK })
  })
})

describe('the Home tab', () => {
  const view = { type: 'home', blocks: [{ type: 'divider' }] }

  it('is published for one user', async () => {
    const { calls, chat } = await slackThatSays({ body: { ok: true, view } })
    await chat.publishHome('U0ONCALL1', view)
    expect(calls).toHaveLength(1)
    expect(calls[0]?.method).toBe('views.publish')
    expect(calls[0]?.body.get('user_id')).toBe('U0ONCALL1')
    expect(JSON.parse(calls[0]?.body.get('view') ?? '')).toEqual(view)
  })

  it('is published again where the answer was lost: the second shows the same', async () => {
    const { calls, chat } = await slackThatSays({ status: 500, body: {} }, { body: { ok: true, view } })
    await chat.publishHome('U0ONCALL1', view)
    expect(calls).toHaveLength(2)
  })

  it('that is switched off for the app is a fault with Slack’s word', async () => {
    const { chat } = await slackThatSays({ body: { ok: false, error: 'not_enabled' } })
    const fault = await chat.publishHome('U0ONCALL1', view).catch(error => error)
    expect(fault).toBeInstanceOf(SlackFault)
    expect(fault).toMatchObject({ reason: 'not_enabled', retry: false })
  })
})
