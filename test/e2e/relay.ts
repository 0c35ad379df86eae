/** What a function sends to AWS and Slack, seen on the wire: delayed, answered in another's place, or cut off. */
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type RelayedRequest = {
  /** As AWS signs it, such as `dynamodb`; or `slack`. */
  readonly service: string
  /** `UpdateItem`, `chat.update`, `PutObject`. */
  readonly operation: string
  readonly url: string
  readonly body: Buffer
}
export type RelayedAnswer = { readonly status: number; readonly headers: object; readonly body: Buffer | string }
/** Null: the connection is cut. */
export type OnRequest = (asked: RelayedRequest, forward: () => Promise<RelayedAnswer>) => Promise<RelayedAnswer | null>

export type Relay = {
  /** The address to use instead of `url`. */
  through(url: string): Promise<string>
  close(): Promise<void>
}

export function relay(onRequest: OnRequest): Relay {
  const servers: Server[] = []
  return {
    async through(url) {
      const server = createServer(async (asked, answered) => {
        try {
          const body = await buffer(asked)
          const answer = await onRequest({ ...callOf(asked, body), url: asked.url ?? '', body }, () =>
            forwarded(url, asked, body),
          )
          if (answer === null) return void asked.socket.destroy()
          answered.writeHead(answer.status, answer.headers as Record<string, string>)
          answered.end(answer.body)
        } catch {
          asked.socket.destroy()
        }
      })
      servers.push(server)
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      return url.replace(new URL(url).origin, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    },
    async close() {
      await Promise.all(
        servers.map(server => {
          server.closeAllConnections()
          return new Promise(resolve => server.close(resolve))
        }),
      )
    },
  }
}

function forwarded(url: string, asked: IncomingMessage, body: Buffer): Promise<RelayedAnswer> {
  const { hostname, port } = new URL(url)
  const { method = 'GET', headers } = asked
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, method, headers, path: asked.url }, async answer =>
      resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: await buffer(answer) }),
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const SLACK = /\/((?:chat|auth|users|usergroups|conversations|views)\.[\w.]+)$/

function callOf({ headers, method = 'GET', url = '' }: IncomingMessage, body: Buffer) {
  const [, service = ''] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization ?? '')) ?? []
  const slack = SLACK.exec(url.split('?')[0] ?? '')?.[1]
  if (slack !== undefined) return { service: 'slack', operation: slack }
  const target = headers['x-amz-target']
  if (target !== undefined) return { service, operation: String(target).split('.').at(-1) ?? '' }
  const action = /(?:^|&)Action=(\w+)/.exec(body.toString('latin1'))?.[1]
  if (action !== undefined) return { service, operation: action }
  if (method === 'PUT') return { service, operation: 'PutObject' }
  return { service, operation: /[?&]versions(?:[=&]|$)/.test(url) ? 'ListObjectVersions' : 'GetObject' }
}
