/** The port `EventHistory` over `cloudtrail:LookupEvents`, with the credentials that read the account. */

import {
  CloudTrailClient,
  type CloudTrailClientConfig,
  type Event,
  type LookupAttribute,
  LookupEventsCommand,
} from '@aws-sdk/client-cloudtrail'
import {
  ABSENT,
  type AccountRegion,
  type Fact,
  found,
  known,
  type Read,
  unknown,
  unreadable,
} from '../../../../core/base/index.ts'
import type { EventHistory, HistoryAttribute } from '../../../ports/event-history.ts'
import { LONG_TIMEOUTS } from '../clients/client-timeouts.ts'

export type EventHistoryOptions = {
  readonly client: (place: AccountRegion) => Pick<CloudTrailClient, 'send'>
  readonly sleep: (ms: number) => Promise<void>
  readonly clock: () => number
}

/** AWS allows two requests a second for each account and Region. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const MIN_GAP_MS = 500
const MAX_PAGES = 4
const MAX_RECORD_CHARS = 262_144
const REFUSED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|UnsupportedOperationException)$/
const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function eventHistory({ client, sleep, clock }: EventHistoryOptions): EventHistory {
  const nextAtMs = new Map<string, number>()

  async function lookUp(
    place: AccountRegion,
    attribute: LookupAttribute,
    window: { StartTime?: Date; EndTime?: Date },
    maxPages: number,
  ): Promise<Fact<{ readonly events: readonly Event[]; readonly complete: boolean }>> {
    const events: Event[] = []
    let NextToken: string | undefined
    try {
      for (let pages = 0; pages < maxPages; pages += 1) {
        await myTurn(place)
        const input = { LookupAttributes: [attribute], MaxResults: 50, ...window, ...(NextToken && { NextToken }) }
        const page = await client(place).send(new LookupEventsCommand(input))
        events.push(...(page.Events ?? []))
        NextToken = page.NextToken
        if (NextToken === undefined) break
      }
    } catch (error) {
      if (!(error instanceof Error) || !REFUSED.test(error.name)) throw error
      return unknown(`cloudtrail:LookupEvents was refused in account ${place.accountId}: ${error.message}`)
    }
    return known({ events, complete: NextToken === undefined })
  }

  async function myTurn({ accountId, region }: AccountRegion): Promise<void> {
    const key = `${accountId}/${region}`
    const turnMs = Math.max(clock(), nextAtMs.get(key) ?? 0)
    nextAtMs.set(key, turnMs + MIN_GAP_MS)
    const waitMs = turnMs - clock()
    if (waitMs > 0) await sleep(waitMs)
  }

  return {
    async byId(place, eventId): Promise<Read<unknown>> {
      if (!EVENT_ID.test(eventId)) return ABSENT
      const read = await lookUp(place, { AttributeKey: 'EventId', AttributeValue: eventId }, {}, 1)
      if (!read.known) return unreadable(read.why)
      const record = read.value.events.filter(event => event.EventId === eventId).map(recordIn)[0]
      return record === undefined ? ABSENT : found(record)
    },
    async search(place, by, { fromMs, toMs }, { maxRequests = MAX_PAGES } = {}) {
      const window = { StartTime: new Date(fromMs), EndTime: new Date(toMs) }
      const read = await lookUp(place, attributeOf(by), window, Math.min(maxRequests, MAX_PAGES))
      if (!read.known) return read
      const { events, complete } = read.value
      return known({ records: events.map(recordIn).filter(record => record !== undefined), complete })
    },
  }
}

function attributeOf(by: HistoryAttribute): LookupAttribute {
  if ('eventName' in by) return { AttributeKey: 'EventName', AttributeValue: by.eventName }
  if ('userName' in by) return { AttributeKey: 'Username', AttributeValue: by.userName }
  return { AttributeKey: 'ResourceName', AttributeValue: by.resourceName }
}

/** The record, which CloudTrail returns as JSON text. Undefined: the text is not JSON. */
function recordIn({ CloudTrailEvent: text }: Event): unknown {
  if (text === undefined || text.length > MAX_RECORD_CHARS) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** One client per account and Region. */
export function historyClients(
  credentials: (accountId: string) => NonNullable<CloudTrailClientConfig['credentials']>,
): (place: AccountRegion) => CloudTrailClient {
  const clients = new Map<string, CloudTrailClient>()
  return ({ accountId, region }) => {
    const key = `${accountId}/${region}`
    const present = clients.get(key)
    if (present !== undefined) return present
    const client = new CloudTrailClient({ region, credentials: credentials(accountId), ...LONG_TIMEOUTS })
    clients.set(key, client)
    return client
  }
}
