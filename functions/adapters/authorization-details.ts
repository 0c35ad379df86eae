/**
 * AWS's evaluation behind an authorization id. There is no npm client: a signed HTTPS request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { type DetailsPage, detailsPageIn, evaluationInDetails } from '../core/aws-evaluation.ts'
import type { AwsEvaluation } from '../core/denial.ts'
import { type Fact, known, unknown } from '../core/fact.ts'
import { partitionOf } from './account-access.ts'

type Credentials = ConstructorParameters<typeof SignatureV4>[0]['credentials']

export type AuthorizationDetailsOptions = {
  readonly fetch?: typeof globalThis.fetch
  readonly sleep?: (ms: number) => Promise<unknown>
  /** Scheme and host; for tests. */
  readonly endpoint?: (region: string) => string
}

export type AuthorizationDetailsRequest = {
  readonly region: string
  readonly authorizationId: string
  readonly credentials: Credentials
}

/** A denial is recorded some seconds after it happened; 404 until then. About a minute in all. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000]
const MAX_PAGES = 20
const TIMEOUT_MS = 10_000
const DNS_SUFFIXES: { readonly [partition: string]: string } = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
}

export async function readAuthorizationDetails(
  request: AuthorizationDetailsRequest,
  options: AuthorizationDetailsOptions = {},
): Promise<Fact<AwsEvaluation>> {
  // Both come from an error message and become part of a host name and a path.
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(request.region)) return unknown(`${request.region} is no Region`)
  if (!/^[0-9a-z]{1,128}$/.test(request.authorizationId))
    return unknown('the authorization id has another form than AWS documents')
  const pages: DetailsPage[] = []
  let nextToken: string | null = null
  do {
    const page = await pageOf(request, nextToken, options)
    if (!page.known) return page
    pages.push(page.value)
    nextToken = page.value.nextToken ?? null
  } while (nextToken !== null && pages.length < MAX_PAGES)
  const evaluation = evaluationInDetails(pages)
  return evaluation.ok ? known(evaluation.value) : unknown(evaluation.error)
}

async function pageOf(
  request: AuthorizationDetailsRequest,
  nextToken: string | null,
  { fetch = globalThis.fetch, sleep = delay, endpoint = defaultEndpoint }: AuthorizationDetailsOptions,
): Promise<Fact<DetailsPage>> {
  for (const waitMs of [...WAITS_MS, null]) {
    const answer = await send(request, nextToken, endpoint, fetch)
    if (answer.kind === 'page') {
      const page = detailsPageIn(answer.body)
      return page.ok ? known(page.value) : unknown(page.error)
    }
    if (answer.kind === 'refused' || waitMs === null) return unknown(answer.why)
    await sleep(waitMs)
  }
  return unknown('AWS has not recorded the authorization details')
}

type Answer =
  | { readonly kind: 'page'; readonly body: string }
  | { readonly kind: 'later' | 'refused'; readonly why: string }

async function send(
  { region, authorizationId, credentials }: AuthorizationDetailsRequest,
  nextToken: string | null,
  endpoint: (region: string) => string,
  fetch: typeof globalThis.fetch,
): Promise<Answer> {
  const url = new URL(`/authorization-details/${authorizationId}`, endpoint(region))
  const query: { [name: string]: string } = nextToken === null ? {} : { nextToken }
  const signer = new SignatureV4({ credentials, region, service: 'iam', sha256: Sha256 })
  try {
    const signed = await signer.sign({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query,
      headers: { host: url.host, accept: 'application/json' },
    })
    // Encoded as it was signed: `searchParams` would write a space as `+`.
    if (nextToken !== null) url.search = `?nextToken=${encodeURIComponent(nextToken)}`
    // `fetch` sets the host itself.
    const { host: _, ...headers } = signed.headers
    const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    return answerOf(response.status, await response.text())
  } catch (error) {
    return { kind: 'later', why: `the authorization details cannot be reached: ${wordsOf(error)}` }
  }
}

function answerOf(status: number, body: string): Answer {
  if (status === 200) return { kind: 'page', body }
  if (status === 404)
    return { kind: 'later', why: 'AWS has not recorded the authorization details: they are kept for 24 hours' }
  if (status === 403) {
    return { kind: 'refused', why: 'reading authorization details needs iam:GetRequestAuthorizationDetails' }
  }
  const kind = status === 429 || status >= 500 ? 'later' : 'refused'
  return { kind, why: `the authorization details were answered with HTTP ${status}` }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'unknown error'
}

function defaultEndpoint(region: string): string {
  return `https://iam-toolbox.${region}.${DNS_SUFFIXES[partitionOf(region)] ?? 'amazonaws.com'}`
}
