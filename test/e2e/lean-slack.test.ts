/** Slack's client in a bundle, which lacks its queue, its own retries and its list of methods, beside the whole one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import * as whole from '../../functions/adapters/slack/chat/call.ts'
import type { SlackFault } from '../../functions/adapters/slack/chat/fault.ts'
import { bundleEntry } from '../../infra/bundle.ts'

const TIMEOUT_MS = 300

type Reply = (response: ServerResponse, request: IncomingMessage) => void
const json =
  (status: number, content: object, headers: { readonly [name: string]: string } = {}): Reply =>
  response =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content))
const OK = json(200, { ok: true, channel: 'C1', ts: '1795500000.000100', message: { text: 'größer' } })

let replies: Reply[] = []
let requests: object[] = []
let folder: string
let lean: typeof whole

const server = createServer(async (request, response) => {
  const { method, url, headers } = request
  const { authorization, accept, 'content-type': type } = headers
  requests.push({ method, url, authorization, accept, type, body: await text(request) })
  const reply = replies.shift() ?? OK
  reply(response, request)
})

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-lean-slack-'))
  const file = join(folder, 'call.mjs')
  await bundleEntry(join(import.meta.dirname, '../../functions/adapters/slack/chat/call.ts'), file)
  lean = await import(pathToFileURL(file).href)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  replies = []
  requests = []
})

const MESSAGE = {
  channel: 'C1',
  text: 'größer & mehr',
  blocks: [{ type: 'divider' }],
  unfurl_links: false,
  thread_ts: '1.2',
}

async function told(version: typeof whole, given: readonly Reply[], tries = 1) {
  replies = [...given]
  requests = []
  const call = version.slackCall({
    token: async () => 'xoxb-1',
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    timeoutMs: TIMEOUT_MS,
    budgetMs: 5_000,
    tries,
    firstWaitMs: 1,
  })
  const outcome = await call('chat.postMessage', MESSAGE).then(
    answer => ({ answer, fault: null }),
    (error: SlackFault) => ({ answer: null, fault: faultOf(error) }),
  )
  return { ...outcome, requests }
}

/** The class of the client's own error goes by its code: a bundle has no long names. */
function faultOf({ name, message, code, reason, retry, retryAfterMs, perhapsDone, cause }: SlackFault) {
  const error = cause as { readonly [name: string]: unknown; readonly message: string }
  const { code: kind, retryAfter, statusCode, body, data, original } = error
  const words = original instanceof Error ? original.message : null
  const own = { kind, message: error.message, retryAfter, statusCode, body, data, original: words }
  return { name, message, code, reason, retry, retryAfterMs, perhapsDone, cause: own }
}

const CASES: readonly (readonly [name: string, reply: Reply, expected: { readonly [name: string]: unknown }])[] = [
  [
    'too many calls',
    json(429, { ok: false, error: 'ratelimited' }, { 'retry-after': '7' }),
    {
      code: 'slack-rate-limited',
      retryAfterMs: 7_000,
      retry: true,
      cause: { kind: 'slack_webapi_rate_limited_error' },
    },
  ],
  [
    'too many calls, without saying until when',
    json(429, { ok: false, error: 'ratelimited' }),
    { code: 'slack-unreachable', retryAfterMs: null, retry: true },
  ],
  [
    'a fault of Slack',
    json(500, { ok: false }),
    {
      code: 'slack-unreachable',
      retry: true,
      perhapsDone: true,
      cause: { kind: 'slack_webapi_http_error', statusCode: 500 },
    },
  ],
  [
    'a refused request',
    response => response.writeHead(403).end('<html>no</html>'),
    { code: 'slack-unreachable', reason: 'HTTP 403', retry: false, cause: { kind: 'slack_webapi_http_error' } },
  ],
  [
    'a refusal in words',
    json(200, { ok: false, error: 'invalid_blocks', response_metadata: { messages: ['[ERROR] no such block'] } }),
    {
      code: 'slack-refused',
      reason: 'invalid_blocks',
      message: "Slack's chat.postMessage failed: invalid_blocks ([ERROR] no such block)",
      retry: false,
      cause: { kind: 'slack_webapi_platform_error' },
    },
  ],
  ['a token that is not good', json(200, { ok: false, error: 'token_revoked' }), { code: 'slack-token', retry: false }],
  [
    'a fault in words',
    json(200, { ok: false, error: 'internal_error' }),
    { code: 'slack-refused', retry: true, perhapsDone: true },
  ],
  [
    'a connection that breaks',
    (_, request) => request.socket.destroy(),
    {
      code: 'slack-unreachable',
      retry: true,
      perhapsDone: true,
      cause: { kind: 'slack_webapi_request_error', original: 'fetch failed' },
    },
  ],
  [
    'no answer in time',
    () => {},
    { code: 'slack-unreachable', retry: true, perhapsDone: true, cause: { kind: 'slack_webapi_request_error' } },
  ],
  ['a redirect', response => response.writeHead(302, { location: '/elsewhere' }).end(), { code: 'slack-unreachable' }],
  [
    'an answer that is no JSON',
    response => response.writeHead(200).end('<html>'),
    { code: 'slack-unreachable', retry: true, perhapsDone: true },
  ],
]

it.each(CASES)('%s is told as the whole client tells it', async (_, reply, expected) => {
  const given = await told(lean, [reply])
  expect(given).toEqual(await told(whole, [reply]))
  expect(given.fault).toMatchObject(expected)
  expect(given.requests).toHaveLength(1)
})

it('a call asks and understands as the whole client does', async () => {
  const given = await told(lean, [OK])
  expect(given).toEqual(await told(whole, [OK]))
  expect(given.answer).toMatchObject({ ok: true, ts: '1795500000.000100', message: { text: 'größer' } })
  expect(given.requests).toMatchObject([
    { method: 'POST', url: '/api/chat.postMessage', authorization: 'Bearer xoxb-1', accept: 'application/json' },
  ])
})

it('a call that failed for a moment is made again, and only as often as it may be', async () => {
  const passing = json(500, { ok: false })
  expect(await told(lean, [passing, passing, OK], 3)).toEqual(await told(whole, [passing, passing, OK], 3))
  expect(requests).toHaveLength(3)
  const given = await told(lean, [passing, passing, OK], 2)
  expect(given.fault).toMatchObject({ code: 'slack-unreachable' })
  expect(given.requests).toHaveLength(2)
})

it('calls at the same time do not wait for one another', async () => {
  let open = 0
  let most = 0
  const slow: Reply = response => {
    open += 1
    most = Math.max(most, open)
    setTimeout(() => {
      open -= 1
      OK(response, response.req)
    }, 50)
  }
  replies = [slow, slow, slow]
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`
  const limits = { timeoutMs: 2_000, budgetMs: 5_000, tries: 1, firstWaitMs: 1 }
  const call = lean.slackCall({ token: async () => 'xoxb-1', apiUrl: address, ...limits })
  await Promise.all([1, 2, 3].map(() => call('chat.postMessage', MESSAGE)))
  expect(most).toBe(3)
})
