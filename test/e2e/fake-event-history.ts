/**
 * CloudTrail's event history over HTTP, because moto has no LookupEvents.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

type Recorded = { readonly eventID: string; readonly eventName: string; readonly eventTime: string }
type Lookup = {
  readonly LookupAttributes: readonly [{ readonly AttributeKey: string; readonly AttributeValue: string }]
}

export type FakeEventHistory = {
  readonly url: string
  add(record: object): void
  close(): Promise<void>
}

export async function startFakeEventHistory(): Promise<FakeEventHistory> {
  const records: Recorded[] = []
  const server = createServer(async (request, response) => {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.')
    const { LookupAttributes } = (await json(request)) as Lookup
    const [{ AttributeKey, AttributeValue }] = LookupAttributes
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    if (operation !== 'LookupEvents' || !['EventId', 'EventName'].includes(AttributeKey)) {
      response.statusCode = 400
      return response.end(JSON.stringify({ __type: 'InvalidLookupAttributesException' }))
    }
    const found = records.filter(one => (AttributeKey === 'EventId' ? one.eventID : one.eventName) === AttributeValue)
    const Events = found.map(one => ({
      EventId: one.eventID,
      EventName: one.eventName,
      EventTime: Date.parse(one.eventTime) / 1_000,
      CloudTrailEvent: JSON.stringify(one),
    }))
    return response.end(JSON.stringify({ Events }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    add: record => void records.push(record as Recorded),
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}
