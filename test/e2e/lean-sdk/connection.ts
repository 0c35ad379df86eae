/** A connection of an AWS client that answers from memory and keeps what was asked. */
import { Readable } from 'node:stream'
import type { Answer, Settings } from './sample.ts'

export type Asked = {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly query: unknown
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  /** Of the signature, which changes each time. */
  readonly signed: string
}

export type Call = {
  readonly asked: readonly Asked[]
  readonly answer: object | null
  readonly error: Error | null
  /** As the client's own retries would take the error; null when they were not asked. */
  readonly retried: string | null
}

type HttpRequest = {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly query?: unknown
  readonly headers: { readonly [name: string]: string }
  readonly body?: unknown
}

/** Different each time, or about the client's own version. */
const OF_NO_ACCOUNT = new Set([
  'user-agent',
  'x-amz-user-agent',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'x-amz-date',
  'authorization',
])

/** With one answer, the retries are only listened to; with several, the client tries again as it always does. */
export async function callOver(
  send: (settings: Settings) => Promise<object>,
  answer: Answer,
  ...later: readonly Answer[]
): Promise<Call> {
  const asked: Asked[] = []
  let retried: string | null = null
  const handle = async (request: HttpRequest) => {
    const { status: statusCode, headers, body } = [answer, ...later][asked.length] ?? answer
    asked.push(askedBy(request))
    return { response: { statusCode, headers: { ...headers }, body: Readable.from([Buffer.from(body)]) } }
  }
  const settings = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
    requestHandler: { handle, updateHttpClientConfig() {}, httpHandlerConfigs: () => ({}) },
    ...(later.length > 0
      ? {}
      : {
          retryStrategy: listening(type => {
            retried = type
          }),
        }),
  } as unknown as Settings
  try {
    return { asked, answer: await send(settings), error: null, retried }
  } catch (error) {
    return { asked, answer: null, error: error instanceof Error ? error : new Error(String(error)), retried }
  }
}

function listening(hear: (errorType: string) => void) {
  return {
    acquireInitialRetryToken: async () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
    refreshRetryTokenForRetry: async (_: object, { errorType }: { readonly errorType: string }) => {
      hear(errorType)
      throw new Error('one attempt is enough here')
    },
    recordSuccess() {},
  }
}

function askedBy({ method, protocol, hostname, port, path, query, headers, body }: HttpRequest): Asked {
  const signature = headers['authorization'] ?? ''
  return {
    method,
    host: `${protocol}//${hostname}:${port ?? ''}`,
    path,
    query,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_NO_ACCOUNT.has(name.toLowerCase()))),
    body: body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body ?? ''),
    signed: signature.replace(/\/\d{8}\//, '/<day>/').replace(/Signature=.*/, ''),
  }
}
