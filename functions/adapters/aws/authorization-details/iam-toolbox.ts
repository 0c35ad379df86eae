/** Signed requests to IAM Toolbox, which has no npm client. https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/Welcome.html */
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { partitionOfRegion } from '../../../domain/iam/arn.ts'

export type ToolboxOptions = {
  readonly fetch?: typeof globalThis.fetch
  /** Scheme and host; AWS's own by default. */
  readonly endpoint?: (region: string) => string
}

export type ToolboxRequest = {
  readonly region: string
  readonly authorizationId: string
  readonly credentials: ConstructorParameters<typeof SignatureV4>[0]['credentials']
}

export type ToolboxGet = {
  readonly path: string
  readonly query: { readonly [name: string]: string }
  readonly timeoutMs: number
  readonly maxBytes: number
}

const DNS_SUFFIXES: { readonly [partition: string]: string } = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
}

/** Rejects on a timeout, and when the answer is larger than the limit. */
export async function getFromToolbox(
  { region, credentials }: ToolboxRequest,
  { path, query, timeoutMs, maxBytes }: ToolboxGet,
  { fetch = globalThis.fetch, endpoint = defaultEndpoint }: ToolboxOptions,
): Promise<{ readonly status: number; readonly body: string }> {
  const url = new URL(path, endpoint(region))
  const signer = new SignatureV4({ credentials, region, service: 'iam', sha256: Sha256 })
  const signed = await signer.sign({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: { ...query },
    headers: { host: url.host, accept: 'application/json' },
  })
  // Encoded as it was signed: `searchParams` would write a space as `+`.
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encoded(value)}`)
  if (pairs.length > 0) url.search = `?${pairs.join('&')}`
  // `fetch` sets the host itself.
  const { host: _, ...headers } = signed.headers
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
  return { status: response.status, body: await bodyOf(response, maxBytes) }
}

async function bodyOf({ body }: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error('the answer is larger than expected')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** As Signature Version 4 encodes. */
const encoded = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

function defaultEndpoint(region: string): string {
  const suffix = DNS_SUFFIXES[partitionOfRegion(region)]
  // Credentials of one partition are not sent to the hosts of another.
  if (suffix === undefined) throw new Error(`the host of IAM Toolbox in ${region} is not known`)
  return `https://iam-toolbox.${region}.${suffix}`
}
