/** A local server that answers like the comment API of GitHub or GitLab, and records the requests. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = {
  readonly method: string
  readonly path: string
  readonly token: string
  readonly body: string | null
}
export type Comment = { id: number; body: string; user?: { type: string }; system?: boolean }

export type CodeHost = {
  readonly url: string
  readonly asked: readonly Asked[]
  readonly comments: Comment[]
  /** The status that every write gets instead. */
  refuseWrites(status: number | null): void
  close(): Promise<void>
}

export async function codeHost(kind: 'github' | 'gitlab', comments: Comment[] = []): Promise<CodeHost> {
  const asked: Asked[] = []
  let refused: number | null = null
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request)
    const body = text === '' ? null : String((JSON.parse(text) as { body: unknown }).body)
    const url = new URL(request.url ?? '/', 'http://localhost')
    const token = request.headers.authorization ?? request.headers['private-token'] ?? ''
    asked.push({ method: request.method ?? '', path: url.pathname, token: String(token), body })
    const send = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (request.method === 'GET') {
      const size = Number(url.searchParams.get('per_page'))
      const page = Number(url.searchParams.get('page'))
      return send(200, comments.slice((page - 1) * size, page * size))
    }
    if (refused !== null) return send(refused, { message: 'Resource not accessible by integration' })
    if (request.method === 'POST') {
      const added = {
        id: 1_000 + comments.length,
        body: body ?? '',
        ...(kind === 'github' ? { user: { type: 'Bot' } } : {}),
      }
      comments.push(added)
      return send(201, added)
    }
    const id = Number(url.pathname.split('/').at(-1))
    const found = comments.find(one => one.id === id)
    if (found === undefined) return send(404, { message: 'Not Found' })
    found.body = body ?? ''
    return send(200, found)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    comments,
    refuseWrites(status) {
      refused = status
    },
    close: () => new Promise(done => server.close(() => done())),
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
