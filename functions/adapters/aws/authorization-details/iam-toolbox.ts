/** Signed requests to IAM Toolbox, which has no npm client. https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/Welcome.html */
import { type Credentials, type SignedAnswer, sendSigned, serviceEndpoint } from '../clients/signed-request.ts'

export type ToolboxOptions = {
  readonly fetch?: typeof globalThis.fetch
  /** Scheme and host. Default: AWS's endpoint. */
  readonly endpoint?: (region: string) => string
}

export type ToolboxRequest = {
  readonly region: string
  readonly authorizationId: string
  readonly credentials: Credentials
}

export type ToolboxGet = {
  readonly path: string
  readonly query: { readonly [name: string]: string }
  readonly timeoutMs: number
  readonly maxBytes: number
}

/** Rejects on a timeout and if the answer exceeds the limit. */
export function getFromToolbox(
  { region, credentials }: ToolboxRequest,
  { path, query, timeoutMs, maxBytes }: ToolboxGet,
  { fetch, endpoint = defaultEndpoint }: ToolboxOptions,
): Promise<SignedAnswer> {
  const from = { service: 'iam', region, credentials, endpoint: endpoint(region) }
  return sendSigned(
    from,
    { method: 'GET', path, query, headers: { accept: 'application/json' } },
    { timeoutMs, maxBytes, fetch },
  )
}

const defaultEndpoint = (region: string): string => serviceEndpoint('iam-toolbox', region)
