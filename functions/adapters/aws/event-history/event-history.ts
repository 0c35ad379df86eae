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
import {
  type EventHistory,
  type HistoryAttribute,
  type LookupLimits,
  NO_REQUEST_LEFT,
} from '../../../ports/event-history.ts'
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

/** Several denials of one account ask for the same within a minute: they share one answer. */
const STORED_MS = 60_000
const MAX_STORED = 200

type Window = { readonly fromMs: number; readonly toMs: number }
type Answer = { readonly events: readonly Event[]; readonly complete: boolean }
type StoredAnswer = {
  readonly atMs: number
  readonly window: Window | null
  readonly pages: number
  readonly answer: Answer
}

export function eventHistory({ client, sleep, clock }: EventHistoryOptions): EventHistory {
  const nextAtMs = new Map<string, number>()
  const stored = new Map<string, StoredAnswer>()

  async function lookUp(
    place: AccountRegion,
    attribute: LookupAttribute,
    window: Window | null,
    { maxRequests = MAX_PAGES, mayRequest = MAY }: LookupLimits,
  ): Promise<Fact<Answer>> {
    const maxPages = Math.min(maxRequests, MAX_PAGES)
    const key = JSON.stringify([place.accountId, place.region, attribute])
    const present = storedAnswer(stored.get(key), window, maxPages, clock())
    if (present !== null) return known(present)
    const events: Event[] = []
    let NextToken: string | undefined
    let pages = 0
    const times = window === null ? {} : { StartTime: new Date(window.fromMs), EndTime: new Date(window.toMs) }
    try {
      while (pages < maxPages && (await mayRequest())) {
        pages += 1
        await myTurn(place)
        const input = { LookupAttributes: [attribute], MaxResults: 50, ...times, ...(NextToken && { NextToken }) }
        const page = await client(place).send(new LookupEventsCommand(input))
        events.push(...(page.Events ?? []))
        NextToken = page.NextToken
        if (NextToken === undefined) break
      }
    } catch (error) {
      if (!(error instanceof Error) || !REFUSED.test(error.name)) throw error
      return unknown(`cloudtrail:LookupEvents was refused in account ${place.accountId}: ${error.message}`)
    }
    if (pages === 0) return unknown(NO_REQUEST_LEFT)
    const answer = { events, complete: NextToken === undefined }
    stored.delete(key)
    stored.set(key, { atMs: clock(), window, pages, answer })
    for (const oldest of stored.keys()) {
      if (stored.size <= MAX_STORED) break
      stored.delete(oldest)
    }
    return known(answer)
  }

  async function myTurn({ accountId, region }: AccountRegion): Promise<void> {
    const key = `${accountId}/${region}`
    const turnMs = Math.max(clock(), nextAtMs.get(key) ?? 0)
    nextAtMs.set(key, turnMs + MIN_GAP_MS)
    const waitMs = turnMs - clock()
    if (waitMs > 0) await sleep(waitMs)
  }

  return {
    async byId(place, eventId, limits = {}): Promise<Read<unknown>> {
      if (!EVENT_ID.test(eventId)) return ABSENT
      const attribute = { AttributeKey: 'EventId', AttributeValue: eventId } as const
      const read = await lookUp(place, attribute, null, { ...limits, maxRequests: 1 })
      if (!read.known) return unreadable(read.why)
      const record = read.value.events.filter(event => event.EventId === eventId).map(recordIn)[0]
      return record === undefined ? ABSENT : found(record)
    },
    async search(place, by, window, limits = {}) {
      const read = await lookUp(place, attributeOf(by), window, limits)
      if (!read.known) return read
      const { events, complete } = read.value
      const records = events.map(recordIn).filter(record => record !== undefined)
      return known({ records, complete, ...(records.length === events.length ? {} : { isTorn: true as const }) })
    },
  }
}

const MAY = async () => true

/** Null: it must be asked for. What happened within the last minute is in no answer yet. */
function storedAnswer(
  stored: StoredAnswer | undefined,
  window: Window | null,
  maxPages: number,
  nowMs: number,
): Answer | null {
  if (stored === undefined || nowMs - stored.atMs > STORED_MS) return null
  const { answer, pages } = stored
  if (window === null || stored.window === null)
    return window === stored.window && answer.events.length > 0 ? answer : null
  if (stored.window.fromMs > window.fromMs || window.toMs - stored.window.toMs > STORED_MS) return null
  const timeOf = ({ EventTime }: Event) => EventTime?.getTime() ?? window.fromMs
  const events = answer.events.filter(event => timeOf(event) >= window.fromMs && timeOf(event) <= window.toMs)
  const complete = answer.complete || answer.events.some(event => timeOf(event) < window.fromMs)
  return complete || pages >= maxPages ? { events, complete } : null
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
