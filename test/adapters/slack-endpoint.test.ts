import { describe, expect, it } from 'vitest'
import { slackEndpoint } from '../../functions/adapters/slack/endpoint/endpoint.ts'
import { slackVerifier } from '../../functions/adapters/slack/endpoint/verify-request.ts'
import type { ChatRequest } from '../../functions/domain/proposal/click.ts'
import type { Handled } from '../../functions/ports/chat-handler.ts'
import type { Observer } from '../../functions/ports/observer.ts'
import { FAKE_ORIGIN, homeOpened, signRequest, slashCommand } from '../../simulator/slack-requests.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const NOW = 1_795_521_600_000
const NEVER = new Promise<never>(() => {})
const DONE: Handled = { reply: null, notify: async () => {} }

function endpoint(handle: (request: ChatRequest) => Promise<Handled>, timeoutMs = 40) {
  const posted: string[] = []
  const counted: string[] = []
  const logged: string[] = []
  const observer: Observer = {
    log: (_, message, fields) => logged.push(JSON.stringify({ message, ...fields })),
    count: metric => counted.push(metric),
  }
  const verifier = async () => slackVerifier({ secrets: [SECRET], clock: () => NOW })
  const notifyFailed = async ({ kind }: ChatRequest): Promise<void> => void posted.push(`failed ${kind}`)
  const answer = slackEndpoint({ verifier, handle, notifyFailed, observer, clock: () => NOW, timeoutMs })
  return { answer, counted, logged, posted }
}
const body = slashCommand({ id: 'U0ONCALL1', name: 'anna' }, 'C0DEPLOYS', 'secret-looking text')
const request = { ...signRequest(body, SECRET, NOW), isBase64Encoded: false }

describe('a request to the endpoint', () => {
  it('is handled once it is verified', async () => {
    const seen: ChatRequest[] = []
    const { answer } = endpoint(async each => {
      seen.push(each)
      return DONE
    })
    expect(await answer(request)).toEqual({ statusCode: 200, headers: {}, body: '' })
    expect(seen).toMatchObject([{ kind: 'command', text: 'secret-looking text' }])
  })

  it('is refused with 401, counted, and not handled, when it is not signed', async () => {
    const { answer, counted, logged } = endpoint(async () => {
      throw new Error('it was handled')
    })
    expect(await answer({ ...request, body: `${body}&x=1` })).toMatchObject({ statusCode: 401, body: '' })
    expect(counted).toEqual(['UnverifiedRequests'])
    expect(logged.join()).not.toContain('secret-looking')
  })

  it('is refused with 400 when it is signed and unreadable', async () => {
    const { answer } = endpoint(async () => DONE)
    const odd = { ...signRequest('payload=%7B', SECRET, NOW), isBase64Encoded: false }
    expect(await answer(odd)).toMatchObject({ statusCode: 400 })
  })

  it('is answered with the reply that only its person sees', async () => {
    const { answer } = endpoint(async () => ({ ...DONE, reply: { text: 'Nothing is open.', blocks: [] } }))
    const { headers, body: text } = await answer(request)
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(JSON.parse(text)).toEqual({ response_type: 'ephemeral', text: 'Nothing is open.', blocks: [] })
  })

  it('is answered in time although the announcement never ends', async () => {
    const { answer } = endpoint(async () => ({ ...DONE, notify: () => NEVER }))
    expect(await answer(request)).toMatchObject({ statusCode: 200 })
  })

  it('is done although telling people fails', async () => {
    const notify = async (): Promise<void> => {
      throw new Error('Slack is down')
    }
    const { answer, logged } = endpoint(async () => ({ ...DONE, notify }))
    expect(await answer(request)).toMatchObject({ statusCode: 200 })
    expect(logged.join()).toContain('announcement_failed')
  })

  it('is answered in time, and as a failure, when nothing was decided by then', async () => {
    const { answer, counted } = endpoint(() => NEVER)
    expect(await answer(request)).toMatchObject({ statusCode: 504 })
    expect(counted).toEqual(['LateRequests'])
  })

  it('is answered as a failure when handling it fails, without words of the request', async () => {
    const { answer, counted, logged } = endpoint(async () => {
      throw new Error('the table is down')
    })
    expect(await answer(request)).toEqual({ statusCode: 500, headers: {}, body: '' })
    expect(counted).toEqual(['FailedRequests'])
    expect(logged.join()).not.toContain('secret-looking')
  })
})

describe('a press', () => {
  const pressed = new URLSearchParams({
    payload: JSON.stringify({
      type: 'block_actions',
      user: { id: 'U0ONCALL1', username: 'anna' },
      channel: { id: 'C0DEPLOYS' },
      actions: [{ action_id: 'approve', value: `p-1:sha256:${'a'.repeat(64)}` }],
    }),
  }).toString()
  const press = { ...signRequest(pressed, SECRET, NOW), isBase64Encoded: false }

  it('has the time that is left since AWS received it, not since the function started', async () => {
    const { answer, counted, posted } = endpoint(async () => {
      await new Promise(done => setTimeout(done, 60))
      return { ...DONE, late: async () => void posted.push('late') }
    }, 300)
    expect(await answer(press)).toMatchObject({ statusCode: 200 })
    expect([counted, posted]).toEqual([[], []])
    expect(await answer({ ...press, receivedAtMs: NOW - 290 })).toMatchObject({ statusCode: 200 })
    expect([counted, posted]).toEqual([['LateRequests'], ['late']])
    // A clock that is behind that of AWS gives no more time.
    expect(await answer({ ...press, receivedAtMs: NOW + 60_000 })).toMatchObject({ statusCode: 200 })
    expect(posted).toEqual(['late'])
  })

  it('that comes late is carried through, and its answer too', async () => {
    const { answer, posted } = endpoint(async () => {
      await new Promise(done => setTimeout(done, 80))
      return { ...DONE, notify: async () => void posted.push('You are not among the approvers.') }
    })
    expect(await answer(press)).toMatchObject({ statusCode: 200 })
    expect(posted).toEqual(['You are not among the approvers.'])
  })

  it('that fails tells the person so, in time and late', async () => {
    for (const waitMs of [0, 80]) {
      const { answer, counted, posted } = endpoint(async () => {
        await new Promise(done => setTimeout(done, waitMs))
        throw new Error('the table is down')
      })
      expect(await answer(press)).toMatchObject({ statusCode: 500 })
      expect(counted).toContain('FailedRequests')
      expect(posted).toEqual(['failed click'])
    }
  })
})

describe('a request that has not the form of Slack', () => {
  const good = { ...signRequest(body, SECRET, NOW), isBase64Encoded: false }
  const without = (name: string) => Object.fromEntries(Object.entries(good.headers).filter(([key]) => key !== name))

  it.each([
    ['no signature', { ...good, headers: without('x-slack-signature') }],
    ['no timestamp', { ...good, headers: without('x-slack-request-timestamp') }],
    ['an old timestamp', { ...good, headers: { ...good.headers, 'x-slack-request-timestamp': '1795521000' } }],
    ['a header of JSON', { ...good, headers: { ...good.headers, 'content-type': 'application/json' } }],
    ['plain text', { ...good, headers: { ...good.headers, 'content-type': 'text/plain' } }],
    ['no body', { ...good, body: undefined }],
    ['a body of more than a million bytes', { ...good, body: 'a'.repeat(1_500_000) }],
  ])('is refused before any secret is read: %s', async (_, odd) => {
    let reads = 0
    const counted: string[] = []
    const answer = slackEndpoint({
      verifier: async () => {
        reads += 1
        return slackVerifier({ secrets: [SECRET], clock: () => NOW })
      },
      handle: async () => DONE,
      notifyFailed: async () => {},
      observer: { log: () => {}, count: metric => counted.push(metric) },
      clock: () => NOW,
    })
    expect(await answer(odd)).toMatchObject({ statusCode: 401 })
    expect([reads, counted]).toEqual([0, ['UnverifiedRequests']])
    expect(await answer(good)).toMatchObject({ statusCode: 200 })
    expect(reads).toBe(1)
  })
})

describe('an event', () => {
  const event = (text: string, secret = SECRET) => ({ ...signRequest(text, secret, NOW), isBase64Encoded: false })
  const challenge = JSON.stringify({ token: 'old', challenge: '3eZbrw1aB10FEMAGAZd4FyFQ', type: 'url_verification' })

  it('that verifies the address gets its own words back', async () => {
    const { answer, logged } = endpoint(async () => {
      throw new Error('it was handled')
    })
    const { statusCode, headers, body: text } = await answer(event(challenge))
    expect([statusCode, headers['content-type'], JSON.parse(text)]).toEqual([
      200,
      'application/json; charset=utf-8',
      { challenge: '3eZbrw1aB10FEMAGAZd4FyFQ' },
    ])
    expect(logged.join()).not.toContain('3eZbrw1aB10FEMAGAZd4FyFQ')
  })

  it('that verifies the address without the signature of the app is posted nothing', async () => {
    const { answer } = endpoint(async () => DONE)
    const forged = await answer(event(challenge, 'fedcba9876543210fedcba9876543210'))
    expect(forged).toEqual({ statusCode: 401, headers: {}, body: '' })
  })

  it('of an opened Home tab is handled, also when it is delivered again', async () => {
    const seen: ChatRequest[] = []
    const { answer } = endpoint(async each => {
      seen.push(each)
      return DONE
    })
    const first = event(homeOpened({ id: 'U0ONCALL1', name: 'anna' }, null, NOW))
    const retry = { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' }
    expect(await answer(first)).toEqual({ statusCode: 200, headers: {}, body: '' })
    expect(await answer({ ...first, headers: { ...first.headers, ...retry } })).toMatchObject({ statusCode: 200 })
    const home = { kind: 'home', userId: 'U0ONCALL1', origin: FAKE_ORIGIN }
    expect(seen).toMatchObject([home, home].map(each => ({ ...each, origin: { ...FAKE_ORIGIN, userTeamId: null } })))
  })

  it('that could not be done is asked for again, and wakes nobody', async () => {
    const { answer, counted } = endpoint(async () => ({ ...DONE, again: true }))
    expect(await answer(event(homeOpened({ id: 'U0ONCALL1', name: 'anna' }, null, NOW)))).toEqual({
      statusCode: 503,
      headers: {},
      body: '',
    })
    expect(counted).toEqual([])
  })

  it('that takes too long is answered in time, asked for again, and wakes nobody', async () => {
    const { answer, counted } = endpoint(() => NEVER)
    expect(await answer(event(homeOpened({ id: 'U0ONCALL1', name: 'anna' }, null, NOW)))).toMatchObject({
      statusCode: 503,
    })
    expect(counted).toEqual([])
  })
})
