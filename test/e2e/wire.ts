/**
 * Stands before an emulator: answers what the emulator cannot hold, and passes everything else on. A request of AWS that AWS does not have fails,
 * and so does an answer that it would not give.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type AwsRequest, awsCall, serviceOf, wrongAnswer } from './aws-models.ts'

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
    const { method = 'POST', url: path = '' } = request
    const seen = { path, service: serviceOf(request), body: body.toString('utf8') }
    const answered = answerOf({ ...seen, method, headers: request.headers }, () =>
      [...rules].reverse().reduce<WireAnswer | null>((answer, rule) => answer ?? rule(seen), null),
    )
    if (answered !== null) {
      response.writeHead(answered.status, {
        'content-type': answered.body.startsWith('<') ? 'text/xml' : 'application/json',
      })
      response.end(answered.body)
      return
    }
    const { host: _, 'content-length': __, 'transfer-encoding': ___, connection: ____, ...headers } = request.headers
    const passed = await fetch(`${behind}${path}`, {
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

function answerOf(request: AwsRequest, rule: () => WireAnswer | null): WireAnswer | null {
  try {
    const call = awsCall(request)
    const answer = rule()
    const wrong = call === null || answer === null || answer.status !== 200 ? [] : wrongAnswer(call, answer.body)
    if (wrong.length === 0) return answer
    throw new Error(`a fake answers ${wrong.join(', ')}`)
  } catch (error) {
    return { status: 400, body: JSON.stringify({ __type: 'NotOfAws', message: String(error) }) }
  }
}

export const refusal = (message: string): WireAnswer => ({
  status: 403,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
})
