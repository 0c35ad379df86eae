/** Servers behind proxies that all die at once, as they do for a process that is killed: at a chosen request that changes something. */
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type Fuse = {
  /** The address to use instead of `url`. */
  through(url: string): Promise<string>
  /** Lets so many changes through, and nothing after the last of them, not even its answer. */
  blowAfter(changes: number): void
  /** False: fewer changes were made. */
  repair(): boolean
  /** The changes since it was set, in order. */
  readonly changes: readonly string[]
  close(): Promise<void>
}

const READS =
  /^(?:Get|List|Describe|Query|Scan|Batch(?:Get|Check)|Lookup|Receive|Verify|Sign$|Assume|Decode|auth|users|usergroups|conversations)/

export function fuse(): Fuse {
  const servers: Server[] = []
  const changes: string[] = []
  let last = Number.POSITIVE_INFINITY
  let isBlown = false

  async function forward(
    url: string,
    asked: IncomingMessage,
  ): Promise<{ status: number; headers: object; body: Buffer }> {
    const body = await buffer(asked)
    const { method = 'GET', headers } = asked
    const operation = operationOf(asked, body)
    if (!READS.test(operation)) {
      changes.push(operation)
      if (changes.length >= last) isBlown = true
    }
    const { hostname, port } = new URL(url)
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ hostname, port, method, headers, path: asked.url }, async answer =>
        resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: await buffer(answer) }),
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  return {
    changes,
    async through(url) {
      const server = createServer(async (asked, answered) => {
        if (isBlown) return void asked.socket.destroy()
        try {
          const { status, headers, body } = await forward(url, asked)
          // The change was made, and nobody lives to hear of it.
          if (isBlown) return void asked.socket.destroy()
          answered.writeHead(status, headers as Record<string, string>)
          answered.end(body)
        } catch {
          asked.socket.destroy()
        }
      })
      servers.push(server)
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      return url.replace(new URL(url).origin, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    },
    blowAfter(count) {
      changes.length = 0
      last = count
      isBlown = count === 0
    },
    repair() {
      const wasBlown = isBlown
      isBlown = false
      last = Number.POSITIVE_INFINITY
      return wasBlown
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

/** `UpdateItem`, `chat.update`, `PUT` of S3. */
function operationOf({ headers, method = 'GET', url = '' }: IncomingMessage, body: Buffer): string {
  const target = headers['x-amz-target']
  if (target !== undefined) return String(target).split('.').at(-1) ?? ''
  const action = /(?:^|&)Action=(\w+)/.exec(body.toString('latin1'))?.[1]
  if (action !== undefined) return action
  const slack = /\/((?:chat|auth|users|usergroups|conversations|views)\.[\w.]+)$/.exec(url.split('?')[0] ?? '')?.[1]
  if (slack !== undefined) return slack
  return method === 'GET' || method === 'HEAD' ? 'Get' : method
}
