/** One call as an adapter makes it, with an answer in the service's own wire format. */
import type { IAMClientConfig } from '@aws-sdk/client-iam'

/** What every client is made with here: a connection that answers from memory, and somebody who listens to the retries. */
export type Settings = Required<Pick<IAMClientConfig, 'region' | 'credentials' | 'requestHandler'>> &
  Pick<IAMClientConfig, 'retryStrategy'>

export type Answer = {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

export type Sample = {
  /** Where the command stands in the SDK: `client-iam/GetRole`. */
  readonly call: string
  readonly send: (settings: Settings) => Promise<object>
  readonly answer: Answer
  /** What the adapters read from the answer, as paths. */
  readonly reads: readonly string[]
}

/** The ways in which AWS's services write; each has its own form of an error. */
export type Wire =
  | { readonly kind: 'query'; readonly xmlns: string }
  | { readonly kind: 'json'; readonly namespace: string; readonly version: '1.0' | '1.1' }
  | { readonly kind: 'rest-json' }
  | { readonly kind: 'rest-xml' }

const REQUEST_ID = '6f1c9e0a-1f3d-4c55-9a55-0f8b1f1f7a10'
const HEADERS = { 'x-amzn-requestid': REQUEST_ID }

export function queryAnswer(xmlns: string, operation: string, result: string): Answer {
  const given = result === '' ? '' : `<${operation}Result>${result}</${operation}Result>`
  const meta = `<ResponseMetadata><RequestId>${REQUEST_ID}</RequestId></ResponseMetadata>`
  const body = `<${operation}Response xmlns="${xmlns}">${given}${meta}</${operation}Response>`
  return { status: 200, headers: { ...HEADERS, 'content-type': 'text/xml' }, body }
}

export function jsonAnswer(version: '1.0' | '1.1' | 'rest', content: object): Answer {
  const type = version === 'rest' ? 'application/json' : `application/x-amz-json-${version}`
  return { status: 200, headers: { ...HEADERS, 'content-type': type }, body: JSON.stringify(content) }
}

export type Refusal = {
  /** As it stands on the wire, where some services leave out the word `Exception`. */
  readonly code: string
  readonly status: number
  readonly message: string
  readonly headers?: { readonly [name: string]: string }
  /** JSON services write either. */
  readonly messageMember?: 'message' | 'Message'
}

export function refusalAnswer(wire: Wire, refusal: Refusal): Answer {
  const { code, status, message, headers = {}, messageMember = 'message' } = refusal
  const json = { [messageMember]: message }
  switch (wire.kind) {
    case 'query': {
      const type = status < 500 ? 'Sender' : 'Receiver'
      const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error>`
      const body = `<ErrorResponse xmlns="${wire.xmlns}">${error}<RequestId>${REQUEST_ID}</RequestId></ErrorResponse>`
      return { status, headers: { ...HEADERS, 'content-type': 'text/xml', ...headers }, body }
    }
    case 'json': {
      const body = JSON.stringify({ __type: `${wire.namespace}#${code}`, ...json })
      const type = `application/x-amz-json-${wire.version}`
      return { status, headers: { ...HEADERS, 'content-type': type, ...headers }, body }
    }
    case 'rest-json': {
      const type = { 'content-type': 'application/json', 'x-amzn-errortype': code }
      return { status, headers: { ...HEADERS, ...type, ...headers }, body: JSON.stringify(json) }
    }
    case 'rest-xml': {
      const about = `<RequestId>TX5FQ8A2D</RequestId><HostId>a1b2c3</HostId>`
      const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${about}</Error>`
      return {
        status,
        headers: { 'x-amz-request-id': 'TX5FQ8A2D', 'content-type': 'application/xml', ...headers },
        body,
      }
    }
    default:
      return wire satisfies never
  }
}
