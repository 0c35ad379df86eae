/** A local HTTP server for the part of Slack's Web API that the bot uses. Stores messages and injects faults. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { RolemedicError } from '../../core/base/index.ts'
import { messageBreaches, viewBreaches } from '../../functions/adapters/slack/blocks/index.ts'
import { blocksFault, homeFault, viewFault } from './block-kit.ts'
import { channelStore, type StoredMessage } from './channel-store.ts'
import { type Fault, faultPlan } from './faults.ts'
import {
  type Arguments,
  botOf,
  type Directory,
  type FakeWorkspace,
  type HomeView,
  METHODS,
  type OpenView,
  type SlackAnswer,
} from './methods.ts'

export type { StoredMessage } from './channel-store.ts'
export type { Fault } from './faults.ts'
export type { Directory, HomeView, OpenView } from './methods.ts'

export type SlackCall = {
  readonly method: string
  readonly atMs: number
  readonly arguments: Arguments
  readonly token: string | null
}

export type FakeSlack = {
  /** Ends in `/api/`, as a Slack client expects its API URL. */
  readonly url: string
  close(): Promise<void>
  messages(): readonly StoredMessage[]
  views(): readonly OpenView[]
  closeView(id: string): void
  /** What the app has published in this user's Home tab. Null: nothing yet. */
  home(userId: string): HomeView | null
  /** Every request that arrived, including those that a fault affected. */
  calls(): readonly SlackCall[]
  setDirectory(directory: Directory): void
  addFault(next: Fault): void
  clearFaults(): void
  /** Calls `listener` after each change of a message or a view; returns a function that unsubscribes. */
  onChange(listener: () => void): () => void
}

const EMPTY: Directory = { groups: {}, users: {} }
const MAX_BODY_BYTES = 1_000_000

export async function startFakeSlack(
  options: {
    readonly port?: number
    readonly statePath?: string
    readonly now?: () => number
    readonly directory?: Directory
    /** Simulates an app that cannot read message metadata. */
    readonly withoutMetadata?: boolean
    /** The scopes of every token. */
    readonly scopes?: readonly string[]
    /** Called for errors of the fake itself. */
    readonly onFault?: (error: unknown) => void
  } = {},
): Promise<FakeSlack> {
  const now = options.now ?? Date.now
  const store = channelStore(options.statePath ?? null, now)
  const plan = faultPlan()
  const listeners = new Set<() => void>()
  const usedTriggers = new Set<string>()
  const calls: SlackCall[] = []
  let directory = options.directory ?? EMPTY
  let views: readonly OpenView[] = []
  const homes = new Map<string, HomeView>()
  let published = 0

  const changed = (): void => {
    for (const listener of listeners) listener()
  }

  const workspace: Omit<FakeWorkspace, 'botId'> = {
    store,
    withoutMetadata: options.withoutMetadata === true,
    directory: () => directory,
    openView(triggerId, view) {
      if (usedTriggers.has(triggerId)) return null
      usedTriggers.add(triggerId)
      const opened = { id: `V${usedTriggers.size}`, triggerId, view }
      views = [...views, opened]
      return opened
    },
    blockFault: blocks => blocksFault(blocks) ?? messageBreaches(blocks)[0] ?? null,
    home: userId => homes.get(userId) ?? null,
    publishHome(userId, view) {
      published += 1
      const id = homes.get(userId)?.id ?? `VHOME${homes.size + 1}`
      const home = { id, hash: `${Math.floor(now() / 1000)}.${published}`, view }
      homes.set(userId, home)
      return home
    },
    viewFault: view => viewFault(view) ?? viewBreaches(view)[0] ?? null,
    homeFault: view => homeFault(view) ?? viewBreaches(view)[0] ?? null,
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = /^\/api\/([A-Za-z.]+)$/.exec(request.url ?? '')?.[1] ?? ''
    const args = argumentsOf(request, await bodyOf(request))
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null
    calls.push({ method, atMs: now(), arguments: args, token })
    const fault = plan.take(method)
    if (fault?.kind === 'rate-limited') {
      response
        .writeHead(429, { 'retry-after': String(fault.retryAfterSeconds) })
        .end('{"ok":false,"error":"ratelimited"}')
      return
    }
    if (fault?.kind === 'http' && fault.when !== 'after') {
      response.writeHead(fault.status).end('injected fault')
      return
    }
    if (fault?.kind === 'reset' && fault.when === 'before') {
      request.socket.resetAndDestroy()
      return
    }
    const answer =
      fault?.kind === 'refused' ? { ok: false, error: fault.error } : answerTo(method, args, token, workspace)
    if (answer.ok && CHANGES.has(method)) changed()
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    if (fault?.kind === 'http') {
      response.writeHead(fault.status).end('injected fault')
      return
    }
    if (fault?.kind === 'slow') await delay(fault.ms, undefined, { ref: false })
    const headers = { 'content-type': 'application/json', 'x-oauth-scopes': (options.scopes ?? SCOPES).join(',') }
    response.writeHead(200, headers).end(JSON.stringify(answer))
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(error => {
      options.onFault?.(error)
      response
        .writeHead(400, { 'content-type': 'text/plain' })
        .end(error instanceof Error ? error.message : String(error))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new RolemedicError('fake-slack', 'the server has no port')

  return {
    url: `http://127.0.0.1:${address.port}/api/`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    messages: () => store.all(),
    views: () => views,
    closeView(id) {
      views = views.filter(view => view.id !== id)
      changed()
    },
    home: userId => homes.get(userId) ?? null,
    calls: () => calls,
    setDirectory(next) {
      directory = next
    },
    addFault: plan.add,
    clearFaults: plan.clear,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The scopes of docs/slack-app-manifest.yaml. Slack returns a token's scopes with every answer. */
const SCOPES = [
  ...['chat:write', 'commands', 'usergroups:read', 'users:read.email', 'users:read'],
  ...['channels:history', 'groups:history'],
]

const CHANGES = new Set(['chat.postMessage', 'chat.update', 'chat.postEphemeral', 'views.open', 'views.publish'])

function answerTo(
  method: string,
  args: Arguments,
  token: string | null,
  workspace: Omit<FakeWorkspace, 'botId'>,
): SlackAnswer {
  if (!Object.hasOwn(METHODS, method)) return { ok: false, error: 'unknown_method' }
  if (token === null) return { ok: false, error: 'not_authed' }
  return METHODS[method]?.(args, { ...workspace, botId: botOf(token) }) ?? { ok: false, error: 'unknown_method' }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new RolemedicError('fake-slack', 'the request is larger than 1 MB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Slack accepts JSON, or a form with structured arguments as JSON strings. */
function argumentsOf(request: IncomingMessage, body: string): Arguments {
  if (request.headers['content-type']?.startsWith('application/json')) {
    const parsed: unknown = JSON.parse(body === '' ? '{}' : body)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  }
  const entries = [...new URLSearchParams(body)].map(([name, value]): [string, unknown] => [
    name,
    STRUCTURED.has(name) ? JSON.parse(value) : value,
  ])
  return Object.fromEntries(entries)
}

const STRUCTURED = new Set(['blocks', 'view', 'metadata'])
