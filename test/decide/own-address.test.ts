import { expect, it } from 'vitest'
import { slackEndpoint } from '../../functions/adapters/slack/endpoint/endpoint.ts'
import { verifyOwnAddress } from '../../functions/adapters/slack/endpoint/verify-own-address.ts'
import { slackVerifier } from '../../functions/adapters/slack/endpoint/verify-request.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
const [SECRET, OTHER] = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210']

/** The endpoint of `decide`, behind `fetch`. */
const endpoint =
  (secret: string): typeof fetch =>
  async (_url, init) => {
    const answer = slackEndpoint({
      verifier: async () => slackVerifier({ secrets: [secret], clock: () => NOON }),
      handle: () => Promise.reject(new Error('no request of a person')),
      notifyFailed: async () => {},
      observer: SILENT_OBSERVER,
      clock: () => NOON,
    })
    const headers = init?.headers as { readonly [name: string]: string }
    const { statusCode, body } = await answer({ headers, body: String(init?.body), isBase64Encoded: false })
    return new Response(body, { status: statusCode })
  }
const trial = (fetch: typeof globalThis.fetch) =>
  verifyOwnAddress({ url: 'https://bot.example.com/slack', secret: SECRET, nowMs: NOON, fetch })

it('is content with an address that takes what Slack signs', async () => {
  await expect(trial(endpoint(SECRET))).resolves.toBe(undefined)
})

it.each<[string, typeof fetch, RegExp]>([
  ['of a bot with another secret', endpoint(OTHER), /answered 401, and not the challenge/],
  ['of something else', async () => new Response('hello'), /answered 200, and not the challenge/],
  ['where nothing is', () => Promise.reject(new TypeError('fetch failed')), /fetch failed/],
])('rejects for one %s', async (_what, fetch, words) => {
  await expect(trial(fetch)).rejects.toThrow(words)
})
