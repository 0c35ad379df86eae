/**
 * CloudTrail's event history over HTTP, because moto has no LookupEvents: records of the asked account and Region, newest first.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

type Json = { readonly [member: string]: unknown }
type Recorded = Json & { readonly eventID: string; readonly eventName: string; readonly eventTime: string }
type Lookup = {
  readonly LookupAttributes?: readonly { readonly AttributeKey: string; readonly AttributeValue: string }[]
  /** Seconds. */
  readonly StartTime?: number
  readonly EndTime?: number
  readonly MaxResults?: number
  readonly NextToken?: string
}

export type FakeEventHistory = {
  readonly url: string
  /** Every request that was answered with events: its attribute, account and Region. */
  readonly asked: readonly string[]
  add(record: object): void
  close(): Promise<void>
}

const MOST = 50
const DAYS_90_S = 90 * 86_400

class Refused extends Error {}

/** `accountOf`: the account of an access key. AWS takes two requests a second for each account and Region. */
export async function startFakeEventHistory(
  accountOf: (accessKeyId: string) => Promise<string>,
  perSecond = 2,
  nowMs = () => performance.now(),
): Promise<FakeEventHistory> {
  const records: Recorded[] = []
  const asked: string[] = []
  const buckets = new Map<string, { left: number; atMs: number }>()

  function throttle(place: string): void {
    const atMs = nowMs()
    const bucket = buckets.get(place) ?? { left: perSecond, atMs }
    bucket.left = Math.min(perSecond, bucket.left + ((atMs - bucket.atMs) * perSecond) / 1_000)
    bucket.atMs = atMs
    buckets.set(place, bucket)
    if (bucket.left < 1) throw new Refused('ThrottlingException')
    bucket.left -= 1
  }

  async function answer(request: IncomingMessage): Promise<object> {
    if (String(request.headers['x-amz-target']).split('.')[1] !== 'LookupEvents')
      throw new Refused('UnsupportedOperationException')
    const lookup = (await json(request)) as Lookup
    const { LookupAttributes = [], MaxResults = MOST } = lookup
    const [attribute, ...more] = LookupAttributes
    const valueIn = attribute === undefined ? () => [] : LISTED[attribute.AttributeKey]
    if (valueIn === undefined || more.length > 0) throw new Refused('InvalidLookupAttributesException')
    if (MaxResults < 1 || MaxResults > MOST) throw new Refused('InvalidMaxResultsException')
    const nowS = Date.now() / 1_000
    const { StartTime = nowS - DAYS_90_S, EndTime = nowS } = lookup
    if (StartTime > EndTime) throw new Refused('InvalidTimeRangeException')
    const [, key = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? []
    const account = await accountOf(key)
    throttle(`${account} ${region}`)
    // A token goes with the parameters of its first request.
    const { NextToken, ...question } = lookup
    const token = JSON.parse(NextToken ?? 'null') as { from: number; question: string } | null
    if (token !== null && token.question !== JSON.stringify(question)) throw new Refused('InvalidNextTokenException')
    const found = records
      .filter(one => one['recipientAccountId'] === account && one['awsRegion'] === region)
      .filter(({ eventTime }) => secondsOf(eventTime) >= StartTime && secondsOf(eventTime) <= EndTime)
      .filter(one => attribute === undefined || valueIn(one).includes(attribute.AttributeValue))
      .toSorted((a, b) => secondsOf(b.eventTime) - secondsOf(a.eventTime))
    const from = token?.from ?? 0
    asked.push(`${account} ${region} ${attribute?.AttributeKey} ${attribute?.AttributeValue}`)
    const next = { from: from + MaxResults, question: JSON.stringify(question) }
    return {
      Events: found.slice(from, from + MaxResults).map(eventOf),
      ...(next.from < found.length ? { NextToken: JSON.stringify(next) } : {}),
    }
  }

  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    try {
      const given = await answer(request)
      response.end(JSON.stringify(given))
    } catch (error) {
      response.statusCode = error instanceof Refused ? 400 : 500
      response.end(JSON.stringify({ __type: (error as Error).message }))
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `http://127.0.0.1:${port}`, asked },
    add: record => void records.push(record as Recorded),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const secondsOf = (time: string): number => Date.parse(time) / 1_000

const membersOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/** A session is listed by its name. */
function userOf(record: Json): string {
  const { userName, arn } = membersOf(record['userIdentity'])
  return String(userName ?? String(arn).split('/').at(-1))
}

const RESOURCE_TYPES: { readonly [parameter: string]: string } = {
  roleName: 'AWS::IAM::Role',
  userName: 'AWS::IAM::User',
  groupName: 'AWS::IAM::Group',
  policyArn: 'AWS::IAM::Policy',
  permissionsBoundary: 'AWS::IAM::Policy',
}

/** What a write of IAM names in its parameters. */
const resourcesOf = (record: Json): readonly { readonly ResourceType: string; readonly ResourceName: string }[] =>
  Object.entries(membersOf(record['requestParameters'])).flatMap(([parameter, name]) => {
    const ResourceType = Object.hasOwn(RESOURCE_TYPES, parameter) ? RESOURCE_TYPES[parameter] : undefined
    return ResourceType === undefined || typeof name !== 'string' ? [] : [{ ResourceType, ResourceName: name }]
  })

/** By https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupAttribute.html */
const LISTED: { readonly [key: string]: (record: Recorded) => readonly string[] } = {
  EventId: ({ eventID }) => [eventID],
  EventName: ({ eventName }) => [eventName],
  EventSource: record => [String(record['eventSource'])],
  ReadOnly: record => [String(record['readOnly'] ?? false)],
  Username: record => [userOf(record)],
  AccessKeyId: record => [String(membersOf(record['userIdentity'])['accessKeyId'])],
  ResourceType: record => resourcesOf(record).map(({ ResourceType }) => ResourceType),
  ResourceName: record => resourcesOf(record).map(({ ResourceName }) => ResourceName),
}

const eventOf = (record: Recorded): object => ({
  EventId: record.eventID,
  EventName: record.eventName,
  EventTime: secondsOf(record.eventTime),
  EventSource: record['eventSource'],
  Username: userOf(record),
  Resources: resourcesOf(record),
  CloudTrailEvent: JSON.stringify(record),
})
