/** A signed request to an AWS service for which no npm client is bundled. */

import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { partitionOfRegion } from '../../../../core/iam/index.ts'

export type Credentials = ConstructorParameters<typeof SignatureV4>[0]['credentials']

export type SignedFrom = {
  /** The service name in the signature. */
  readonly service: string
  readonly region: string
  readonly credentials: Credentials
  /** Scheme and host. */
  readonly endpoint: string
}

export type SigV4Request = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: { readonly [name: string]: string }
  readonly headers: { readonly [name: string]: string }
  readonly body?: string
}

export type SignedLimits = {
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly fetch?: typeof globalThis.fetch | undefined
}

export type SignedAnswer = { readonly status: number; readonly body: string }

/** Rejects on a timeout and if the answer exceeds the limit. */
export async function sendSigned(from: SignedFrom, request: SigV4Request, limits: SignedLimits): Promise<SignedAnswer> {
  const { url, headers } = await signed(from, request)
  return sendPrepared(url, { ...request, headers }, limits)
}

/** `url`: encoded as in the signature. The headers are without the host, which `fetch` sets itself. */
export async function signed(
  { service, region, credentials, endpoint }: SignedFrom,
  { method, path, query = {}, headers: own, body }: SigV4Request,
): Promise<{ readonly url: URL; readonly headers: { readonly [name: string]: string } }> {
  const url = new URL(path, endpoint)
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 })
  const made = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: { ...query },
    headers: { host: url.host, ...own },
    ...(body === undefined ? {} : { body }),
  })
  // Encodes as in the signature: `searchParams` would write a space as `+`.
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encoded(value)}`)
  if (pairs.length > 0) url.search = `?${pairs.join('&')}`
  const { host: _, ...headers } = made.headers
  return { url, headers }
}

/** A request that is signed already. */
export async function sendPrepared(
  url: URL,
  { method, headers, body }: Pick<SigV4Request, 'method' | 'headers' | 'body'>,
  { timeoutMs, maxBytes, fetch = globalThis.fetch }: SignedLimits,
): Promise<SignedAnswer> {
  const response = await fetch(url, {
    ...(method === 'GET' ? {} : { method, body: body ?? '' }),
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
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

/** The encoding of Signature Version 4. */
const encoded = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

const DNS_SUFFIXES: { readonly [partition: string]: string } = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
}

/** Refuses hosts of another partition than the credentials. */
export function serviceEndpoint(host: string, region: string): string {
  const suffix = DNS_SUFFIXES[partitionOfRegion(region)]
  if (suffix === undefined) throw new Error(`the host of ${host} in ${region} is not known`)
  return `https://${host}.${region}.${suffix}`
}
