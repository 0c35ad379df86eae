/** Stands before an emulator: answers what the emulator cannot hold, and passes everything else on. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type WireRequest = { readonly path: string; readonly service: string; readonly body: string }
export type WireAnswer = { readonly status: number; readonly body: string }
/** Null: the emulator answers. */
export type WireRule = (request: WireRequest) => WireAnswer | null

export type Wire = Awaited<ReturnType<typeof startWire>>

export async function startWire(behind: string) {
  const rules = new Set<WireRule>()
  const here = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const seen = { path: request.url ?? '', service: serviceOf(request), body: body.toString('utf8') }
    for (const rule of [...rules].reverse()) {
      const answer = rule(seen)
      if (answer === null) continue
      response.writeHead(answer.status, {
        'content-type': answer.body.startsWith('<') ? 'text/xml' : 'application/json',
      })
      response.end(answer.body)
      return
    }
    const { host: _, 'content-length': __, 'transfer-encoding': ___, connection: ____, ...headers } = request.headers
    const { method = 'POST' } = request
    const passed = await fetch(`${behind}${request.url}`, {
      method,
      headers: headers as Record<string, string>,
      ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
    })
    const kept = [...passed.headers].filter(
      ([name]) => !/^(content-encoding|content-length|transfer-encoding|connection|date)$/.test(name),
    )
    response.writeHead(passed.status, Object.fromEntries(kept))
    // What it names, such as the URL of a queue, leads here again.
    response.end((await passed.text()).replaceAll(behind, here()))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: here(),
    /** The last rule comes first. Returns how to take it back. */
    answer(rule: WireRule): () => void {
      rules.add(rule)
      return () => void rules.delete(rule)
    },
    close: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}

const serviceOf = ({ headers }: IncomingMessage): string =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? ''

export const refusal = (message: string): WireAnswer => ({
  status: 403,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
})
