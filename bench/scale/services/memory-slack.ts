/** Slack's Web API in memory, behind `fetch`: the methods of the fake Slack, with Slack's rate limits. */
import { channelStore, type StoredMessage } from '../../../simulator/fake-slack/channel-store.ts'
import { type Arguments, type FakeWorkspace, METHODS } from '../../../simulator/fake-slack/methods.ts'
import type { EventQueue } from '../event-queue.ts'
import type { RateLimit } from './limits.ts'

export type SlackLimits = {
  /** The limit of `chat.postMessage` per channel. */
  readonly posts: RateLimit
  /** The limit of `chat.update` per workspace. */
  readonly updates: RateLimit
}

export type MemorySlack = {
  readonly fetch: typeof fetch
  messages(): readonly StoredMessage[]
  calls(method: string): number
  /** When a message first showed Approve. Null: it never did. */
  decidableAtMs(ts: string): number | null
}

/** `keepsBlocks`: somebody presses the buttons of messages. Otherwise only the key of each is kept. */
export function memorySlack(
  events: EventQueue,
  latencyMs: number,
  limits: SlackLimits,
  { keepsBlocks }: { readonly keepsBlocks: boolean },
): MemorySlack {
  const store = channelStore(null, events.now)
  const calls = new Map<string, number>()
  const decidable = new Map<string, number>()
  const workspace: FakeWorkspace = {
    store,
    withoutMetadata: false,
    botId: 'B0ROLEMEDIC',
    directory: () => ({ groups: {}, users: {} }),
    openView: () => null,
    home: () => null,
    publishHome: (_user, view) => ({ id: 'V1', hash: '1', view }),
    blockFault: () => null,
    viewFault: () => null,
    homeFault: () => null,
  }

  function waitMs(method: string, args: Arguments): number {
    switch (method) {
      case 'chat.postMessage':
        return limits.posts.take(String(args['channel']), events.now())
      case 'chat.update':
        return limits.updates.take('', events.now())
      default:
        return 0
    }
  }

  return {
    async fetch(url, options) {
      const method = String(url).split('/').at(-1) ?? ''
      const sent = argumentsOf(String(options?.body))
      const args = keepsBlocks ? sent : withKeyAlone(sent)
      await events.sleep(latencyMs)
      const wait = waitMs(method, args)
      if (wait > 0) return answer(method, 429, { ok: false, error: 'ratelimited' }, Math.ceil(wait / 1000))
      calls.set(method, (calls.get(method) ?? 0) + 1)
      const result = METHODS[method]?.(args, workspace) ?? { ok: false, error: 'unknown_method' }
      if (String(options?.body).includes(APPROVE)) {
        const ts = String('ts' in result ? result['ts'] : args['ts'])
        if (!decidable.has(ts)) decidable.set(ts, events.now())
      }
      return answer(method, 200, result)
    },
    messages: () => store.all(),
    calls: method => calls.get(method) ?? 0,
    decidableAtMs: ts => decidable.get(ts) ?? null,
  }
}

/** The action of a button, as the body of a request holds it. */
const APPROVE = encodeURIComponent('"action_id":"approve"')

/** A response without streams, which would wait for the real clock. */
function answer(url: string, status: number, body: object, retryAfterSeconds?: number): Response {
  const text = JSON.stringify(body)
  const headers = new Headers({ 'content-type': 'application/json' })
  if (retryAfterSeconds !== undefined) headers.set('retry-after', String(retryAfterSeconds))
  const response = { url, status, statusText: '', headers, text: async () => text, json: async () => JSON.parse(text) }
  return response as unknown as Response
}

/** The key is the id of the first block. A copy, because a part of a text keeps the whole text in memory. */
function withKeyAlone(args: Arguments): Arguments {
  const first: unknown = Array.isArray(args['blocks']) ? args['blocks'][0] : undefined
  if (typeof first !== 'object' || first === null || !('block_id' in first)) return args
  return JSON.parse(JSON.stringify({ ...args, blocks: [{ type: 'divider', block_id: first.block_id }] }))
}

const STRUCTURED = new Set(['blocks', 'metadata', 'view'])

function argumentsOf(body: string): Arguments {
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([name, value]) => [name, STRUCTURED.has(name) ? JSON.parse(value) : value]),
  )
}
