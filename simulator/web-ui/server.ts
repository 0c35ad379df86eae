/** Serves the web page, notifies it of changes, and forwards button presses. */

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import * as z from 'zod'
import { UsageError } from '../../core/base/index.ts'
import type { AuditRecord } from '../../functions/domain/audit/index.ts'
import type { AppliedMode } from '../../functions/domain/config/index.ts'
import type { Bot } from '../bot.ts'
import type { HomeView, OpenView, StoredMessage } from '../fake-slack/fake-slack.ts'
import type { SampleAccounts } from '../sample-accounts.ts'
import { renderAccounts } from './accounts.ts'
import { renderAudit } from './audit.ts'
import { renderChannel } from './channel.ts'
import { homePage } from './home.ts'
import { type Layout, layout, MAX_EXPLAINED_CHARS } from './layout.ts'
import { renderModal } from './modal.ts'

/** What the page shows, and where its requests go. */
export type WebUiSource = Layout & {
  readonly accounts: SampleAccounts
  modeOf(accountId: string): Promise<AppliedMode>
  messages(): readonly StoredMessage[]
  modalFor(personId: string): OpenView | null
  homeFor(personId: string): HomeView | null
  audit(): Promise<readonly AuditRecord[]>
  onChange(listener: () => void): void
  press(personId: string, press: Press): Promise<void>
  /** What the endpoint of a deployed bot answers. */
  readonly page: Bot['page']
  /** Why a deploy failed, by its log, its event or its stack events. Plain text, which quotes the input. */
  explain(text: string): Promise<string>
}

const pressSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('press'),
    /** Null: the button is in the Home tab. */
    message: z.nullable(z.object({ channel: z.string(), ts: z.string() })),
    /** As the person saw it. The card can have changed since, and the bot then answers what happened. */
    button: z.object({
      type: z.enum(['button', 'overflow']),
      ...{ action_id: z.string(), block_id: z.string(), value: z.string() },
    }),
  }),
  z.object({ kind: z.literal('open-home') }),
  z.object({ kind: z.literal('sample'), id: z.string() }),
  z.object({ kind: z.literal('wait'), hours: z.int().check(z.positive(), z.lte(24 * 366)) }),
  z.object({ kind: z.literal('submit'), view: z.string(), values: z.array(z.string().max(3000)) }),
  z.object({ kind: z.literal('close'), view: z.string() }),
  z.object({ kind: z.literal('command'), text: z.string().max(3000) }),
])
export type Press = z.infer<typeof pressSchema>

const FILES: { readonly [path: string]: { readonly type: string; readonly url: URL } } = {
  '/client.js': { type: 'text/javascript', url: new URL('client.js', import.meta.url) },
  '/style.css': { type: 'text/css', url: new URL('style.css', import.meta.url) },
  '/logo.svg': { type: 'image/svg+xml', url: new URL('logo.svg', import.meta.url) },
  '/slack.css': {
    type: 'text/css',
    url: new URL('../../node_modules/slack-blocks-to-jsx/dist/style.css', import.meta.url),
  },
}

export async function serveWebUi(source: WebUiSource, port: number): Promise<{ url: string; close(): Promise<void> }> {
  const clients = new Set<ServerResponse>()
  source.onChange(() => {
    for (const client of clients) client.write('data: changed\n\n')
  })
  const server = createServer((request, response) => {
    answer(request, response, source, clients).catch((error: Error) => {
      if (!response.headersSent)
        response.writeHead(error instanceof UsageError ? 400 : 500, { 'content-type': 'text/plain' })
      response.end(error.message)
    })
  })
  await listen(server, port)
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      const message = taken
        ? `port ${port} is in use: stop the other program, or choose another port with --port`
        : error.message
      reject(new UsageError(message, { cause: error }))
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  source: WebUiSource,
  clients: Set<ServerResponse>,
): Promise<void> {
  // Protects against DNS rebinding and cross-site requests.
  const host = request.headers.host ?? ''
  const origin = request.headers.origin
  if (!/^(127\.0\.0\.1|localhost):\d+$/.test(host) || (origin !== undefined && origin !== `http://${host}`)) {
    response.writeHead(403).end('open this page as http://127.0.0.1')
    return
  }
  const url = new URL(request.url ?? '/', `http://${host}`)
  if (/^\/(approve|enroll)(\/|$)/.test(url.pathname)) return ownPage(request, url.pathname, response, source)
  if (request.method === 'POST' && url.pathname === '/explain') return explain(request, response, source)
  if (request.method === 'POST') return press(request, response, source)
  if (url.pathname === '/') return send(response, 'text/html', layout(source).html)
  if (url.pathname === '/state')
    return send(response, 'application/json', await state(source, url.searchParams.get('as') ?? ''))
  if (url.pathname === '/changes') {
    response
      .writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      .write('retry: 1000\n\n')
    clients.add(response)
    request.on('close', () => clients.delete(response))
    return
  }
  const permalink = /^\/archives\/([CGD][A-Z0-9]{2,20}\/p\d{7,16})$/.exec(url.pathname)?.[1]
  if (permalink !== undefined) {
    response.writeHead(302, { location: `/#${permalink}` }).end()
    return
  }
  const file = FILES[url.pathname]
  if (file === undefined) {
    response.writeHead(404).end('no such page')
    return
  }
  send(response, file.type, await readFile(file.url, 'utf8'))
}

/** Everything comes from the page's own origin, and no other page may frame its buttons. */
const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
}

function send(response: ServerResponse, type: string, body: string): void {
  response
    .writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', ...SECURITY })
    .end(body)
}

async function state(source: WebUiSource, personId: string): Promise<string> {
  const modal = source.modalFor(personId)
  const accounts = await Promise.all(
    source.accounts.all().map(async account => ({ account, mode: await source.modeOf(account.id) })),
  )
  return JSON.stringify({
    channel: renderChannel(source.messages(), personId).html,
    accounts: renderAccounts(accounts).html,
    audit: renderAudit(await source.audit()).html,
    home: homePage(source.homeFor(personId)).html,
    modal: modal === null ? '' : renderModal(modal).html,
  })
}

const MAX_BODY_BYTES = 1_048_576

async function jsonIn<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const body = schema.safeParse(JSON.parse(await bodyOf(request)))
  if (!body.success) throw new UsageError(z.prettifyError(body.error))
  return body.data
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  if (request.headers['content-type'] !== 'application/json')
    throw new UsageError('the content type must be application/json')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) throw new UsageError(`a request has at most ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const pressBody = z.object({ as: z.string(), press: pressSchema })
const explainBody = z.object({ text: z.string().max(MAX_EXPLAINED_CHARS) })

async function ownPage(
  request: IncomingMessage,
  path: string,
  response: ServerResponse,
  source: WebUiSource,
): Promise<void> {
  const body = request.method === 'POST' ? await bodyOf(request) : undefined
  const {
    statusCode,
    headers,
    body: text,
  } = await source.page({
    ...{ method: request.method ?? '', path, body, isBase64Encoded: false },
  })
  response.writeHead(statusCode, { ...headers }).end(text)
}

async function explain(request: IncomingMessage, response: ServerResponse, source: WebUiSource): Promise<void> {
  const { text } = await jsonIn(request, explainBody)
  send(response, 'text/plain', await source.explain(text))
}

async function press(request: IncomingMessage, response: ServerResponse, source: WebUiSource): Promise<void> {
  const { as, press: pressed } = await jsonIn(request, pressBody)
  await source.press(as, pressed)
  response.writeHead(204).end()
}
