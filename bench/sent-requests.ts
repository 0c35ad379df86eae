/** Records every HTTP request of this process through Node's diagnostics channel, so that the tested code needs no counters. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'

export type SentRequest = { readonly service: string; readonly operation: string }

/** The service is in the signature; for some services the operation is in the target header. */
export function watchRequests(): { take(): readonly SentRequest[]; stop(): void } {
  let seen: SentRequest[] = []
  const onRequest = (message: unknown) => {
    const { request } = message as { request: ClientRequest }
    const signature = String(request.getHeader('authorization') ?? '')
    const [, service = 'other'] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(signature) ?? []
    const [, operation = ''] = /\.(\w+)$/.exec(String(request.getHeader('x-amz-target') ?? '')) ?? []
    seen.push({ service, operation })
  }
  subscribe('http.client.request.start', onRequest)
  return {
    take() {
      const taken = seen
      seen = []
      return taken
    },
    stop: () => void unsubscribe('http.client.request.start', onRequest),
  }
}
