/** How AWS and Slack refuse: the answer of each protocol, by what is wrong. */
import type { RelayedAnswer, RelayedRequest } from './relay.ts'

/** `cut`: the request is lost. `lost`: it is carried out, and its answer is lost. `slow`: answered late. */
export type FaultName =
  | 'throttled'
  | 'unavailable'
  | 'denied'
  | 'expired'
  | 'disabled'
  | 'conflict'
  | 'cut'
  | 'lost'
  | 'slow'

type Shape = { readonly status: number; readonly code: string }

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and the pages of errors of each service. */
const SHAPES: { readonly [service: string]: { readonly [name in FaultName]?: Shape } } = {
  s3: {
    throttled: { status: 503, code: 'SlowDown' },
    unavailable: { status: 500, code: 'InternalError' },
    denied: { status: 403, code: 'AccessDenied' },
    expired: { status: 400, code: 'ExpiredToken' },
    disabled: { status: 400, code: 'KMS.DisabledException' },
    conflict: { status: 409, code: 'ConditionalRequestConflict' },
  },
  dynamodb: {
    throttled: { status: 400, code: 'ProvisionedThroughputExceededException' },
    unavailable: { status: 500, code: 'InternalServerError' },
    conflict: { status: 400, code: 'ConditionalCheckFailedException' },
  },
  kms: {
    unavailable: { status: 500, code: 'KMSInternalException' },
    disabled: { status: 400, code: 'DisabledException' },
  },
  iam: { conflict: { status: 409, code: 'ConcurrentModification' } },
}
const JSON_SHAPES: { readonly [name in FaultName]?: Shape } = {
  throttled: { status: 400, code: 'ThrottlingException' },
  unavailable: { status: 500, code: 'InternalServiceError' },
  denied: { status: 400, code: 'AccessDeniedException' },
  expired: { status: 400, code: 'ExpiredTokenException' },
}
const QUERY_SHAPES: { readonly [name in FaultName]?: Shape } = {
  throttled: { status: 400, code: 'Throttling' },
  unavailable: { status: 503, code: 'ServiceUnavailable' },
  denied: { status: 403, code: 'AccessDenied' },
  expired: { status: 403, code: 'ExpiredToken' },
}
const QUERY = ['iam', 'sts', 'sns']

export function faultAnswer(name: FaultName, { service }: RelayedRequest): RelayedAnswer {
  if (service === 'slack') return slackAnswer(name)
  const rest = QUERY.includes(service) ? QUERY_SHAPES : JSON_SHAPES
  const shape = SHAPES[service]?.[name] ?? (service === 's3' ? undefined : rest[name])
  if (shape === undefined) throw new Error(`${service} has no ${name}`)
  const { status, code } = shape
  const id = 'fault-request'
  if (service === 's3')
    return xml(status, `<Error><Code>${code}</Code><Message>injected</Message><RequestId>${id}</RequestId></Error>`)
  if (QUERY.includes(service))
    return xml(
      status,
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>injected</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
    )
  const body = JSON.stringify({ __type: `com.amazonaws#${code}`, message: 'injected' })
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': id }, body }
}

const xml = (status: number, body: string): RelayedAnswer => ({ status, headers: { 'content-type': 'text/xml' }, body })

/** https://docs.slack.dev/apis/web-api/rate-limits and https://docs.slack.dev/reference/methods/chat.postMessage#errors */
function slackAnswer(name: FaultName): RelayedAnswer {
  const headers = { 'content-type': 'application/json' }
  if (name === 'throttled')
    return { status: 429, headers: { ...headers, 'retry-after': '1' }, body: '{"ok":false,"error":"ratelimited"}' }
  if (name === 'unavailable') return { status: 503, headers: {}, body: 'upstream' }
  const error = { denied: 'missing_scope', expired: 'token_revoked', disabled: 'invalid_auth' }[name as string]
  if (error === undefined) throw new Error(`Slack has no ${name}`)
  return { status: 200, headers, body: JSON.stringify({ ok: false, error }) }
}
