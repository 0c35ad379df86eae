/** Reads of services for which the command line has no client, with the credentials and the endpoints of the AWS CLI. */
import { setTimeout as sleep } from 'node:timers/promises'
import { partitionOfRegion } from '../../core/iam/index.ts'
import { type Credentials, sendSigned, serviceEndpoint } from '../../functions/adapters/aws/clients/index.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'

/** The host and the name in the signature, and the name in `AWS_ENDPOINT_URL_…`. */
const SERVICES = {
  account: 'ACCOUNT',
  events: 'EVENTBRIDGE',
  kms: 'KMS',
  lambda: 'LAMBDA',
  monitoring: 'CLOUDWATCH',
  sns: 'SNS',
  sqs: 'SQS',
} as const
type AskedService = keyof typeof SERVICES

/**
 * AWS Account Management answers in one Region of a partition, its `implicitGlobalRegion`: `endpointRuleSet` of
 * https://github.com/aws/aws-sdk-js-v3/blob/main/codegen/sdk-codegen/aws-models/account.json and
 * https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
 */
const ACCOUNT_REGIONS: { readonly [partition: string]: string } = {
  aws: 'us-east-1',
  'aws-cn': 'cn-northwest-1',
  'aws-us-gov': 'us-gov-west-1',
}

export type AskAws = {
  /** AWS's JSON protocol, such as `TrentService.DescribeKey`. */
  json(service: AskedService, target: string, body: object): Promise<unknown>
  get(service: AskedService, path: string, query?: { readonly [name: string]: string }): Promise<unknown>
  post(service: AskedService, path: string, body: object): Promise<unknown>
  /** The Query protocol: the XML of the answer. */
  query(
    service: AskedService,
    version: string,
    action: string,
    given: { readonly [name: string]: string },
  ): Promise<string>
}

const LIMITS = { timeoutMs: 10_000, maxBytes: 4_000_000 }
const TRIES = 5
const FIRST_WAIT_MS = 200

type Asked = Omit<Parameters<typeof sendSigned>[1], 'headers'> & {
  readonly headers?: { readonly [name: string]: string }
}

/** Throws errors with the names that the SDK's clients give them. */
export function askAws(
  { region, credentials }: { readonly region: string; readonly credentials: Credentials },
  { env }: Pick<UseCaseWorld, 'env'>,
): AskAws {
  async function send(service: AskedService, request: Asked): Promise<string> {
    const given = env[`AWS_ENDPOINT_URL_${SERVICES[service]}`] ?? env['AWS_ENDPOINT_URL']
    const where = (service === 'account' ? ACCOUNT_REGIONS[partitionOfRegion(region)] : null) ?? region
    const from = { service, region: where, credentials, endpoint: given ?? serviceEndpoint(service, where) }
    for (let tries = 1; ; tries += 1) {
      const { status, body } = await sendSigned(from, { headers: {}, ...request }, LIMITS).catch(withReason)
      if (status === 200) return body
      // REST services name the error in a header; the others answer 400 with its name.
      if (tries === TRIES || !(status >= 500 || status === 429 || /Throttl|TooManyRequests/.test(body)))
        throw faultOf(service, status, body)
      await sleep(FIRST_WAIT_MS * 2 ** tries)
    }
  }
  const parsed = async (service: AskedService, request: Asked): Promise<unknown> =>
    JSON.parse(await send(service, request))
  // SQS speaks the first version alone.
  const jsonOf = (service: AskedService) => content(`application/x-amz-json-${service === 'sqs' ? '1.0' : '1.1'}`)
  const content = (type: string) => ({ 'content-type': type })
  return {
    json: (service, target, body) =>
      parsed(service, {
        method: 'POST',
        path: '/',
        headers: { ...jsonOf(service), 'x-amz-target': target },
        body: JSON.stringify(body),
      }),
    get: (service, path, query = {}) => parsed(service, { method: 'GET', path, query }),
    post: (service, path, body) =>
      parsed(service, { method: 'POST', path, headers: content('application/json'), body: JSON.stringify(body) }),
    query: (service, version, action, given) =>
      send(service, {
        method: 'POST',
        path: '/',
        headers: content('application/x-www-form-urlencoded'),
        body: new URLSearchParams({ Action: action, Version: version, ...given }).toString(),
      }),
  }
}

function withReason(error: unknown): never {
  throw unreachedBy(error)
}

/** `fetch` itself says only that it failed, and the cause nothing where a host has several addresses. */
export function unreachedBy(error: unknown): unknown {
  const cause = error instanceof TypeError ? error.cause : null
  const [first = cause]: readonly unknown[] = cause instanceof AggregateError ? cause.errors : []
  return first instanceof Error ? first : error
}

const BY_STATUS: { readonly [status: number]: string } = { 403: 'AccessDenied', 404: 'NotFound' }

function faultOf(service: string, status: number, body: string): Error {
  const code = /"__type" ?: ?"(?:[^"#]*#)?([^"]+)"|<Code>([^<]+)/.exec(body)?.slice(1).find(Boolean)
  const message = /"[Mm]essage" ?: ?"([^"]+)"|<Message>([^<]+)/.exec(body)?.slice(1).find(Boolean)
  return Object.assign(new Error(message ?? `${service} answered ${status}`), {
    name: code ?? BY_STATUS[status] ?? 'Error',
  })
}

/** The answers page by page, to the one without a `NextToken`. */
export async function* pagesOf<Page>(
  ask: (from: { readonly NextToken?: string }) => Promise<Page>,
  nextOf: (page: Page) => string | null | undefined,
): AsyncGenerator<Page> {
  let from: { readonly NextToken?: string } | null = {}
  while (from !== null) {
    const page: Page = await ask(from)
    yield page
    const NextToken = nextOf(page)
    from = NextToken == null ? null : { NextToken }
  }
}

/** Undefined: the last page. */
export const nextTokenIn = (xml: string): string | undefined => textsIn(xml, 'NextToken').find(Boolean)

/** The texts of an element without children, in the order of the XML. */
export const textsIn = (xml: string, element: string): readonly string[] =>
  xml
    .split(`<${element}>`)
    .slice(1)
    .map(rest => unescaped(rest.slice(0, Math.max(0, rest.indexOf('<')))))

const ENTITIES: { readonly [entity: string]: string } = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
const unescaped = (text: string): string =>
  text.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? '')
