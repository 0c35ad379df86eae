/**
 * The event that each account and Region sends to the hub at intervals, on the path of its denials. Custom events must not have
 * a source that begins with `aws.`, so heartbeats need a source and a rule of their own.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
 */

import * as z from 'zod'
import { parseTime } from '../../../core/base/index.ts'

export const HEARTBEAT_SOURCE = 'rolemedic.heartbeat'
export const HEARTBEAT_TYPE = 'Heartbeat'
/** The name of its EventBridge rule. */
export const HEARTBEAT_RULE = 'heartbeat'
export const HEARTBEAT_PATTERN = { source: [HEARTBEAT_SOURCE], 'detail-type': [HEARTBEAT_TYPE] } as const

export type MemberRegion = { readonly accountId: string; readonly region: string }

export type Heartbeat = MemberRegion & {
  readonly sentAtMs: number
  /** The version of the deployed member template. Null: the template does not send it. */
  readonly version: string | null
}

/** AWS sets `account` and `region`; the sender of an event chooses `time` and `detail`. */
const envelope = z.object({
  source: z.literal(HEARTBEAT_SOURCE),
  'detail-type': z.literal(HEARTBEAT_TYPE),
  account: z.string().check(z.regex(/^\d{12}$/)),
  region: z.string().check(z.regex(/^[a-z]{2,}(-[a-z]+)+-\d$/)),
  time: z.string().check(z.maxLength(40)),
  detail: z.unknown(),
})

const VERSION = /^[\w.+-]{1,64}$/

/** Null: it is no event of this source, or one that AWS did not send as the schedule of a member does. */
export function readHeartbeat(event: unknown): Heartbeat | null {
  const read = envelope.safeParse(event)
  const sentAtMs = read.success ? parseTime(read.data.time) : null
  if (!read.success || sentAtMs === null) return null
  const { account, region, detail } = read.data
  const version = memberOf(detail, 'version')
  const isVersion = typeof version === 'string' && VERSION.test(version)
  return { accountId: account, region, sentAtMs, version: isVersion ? version : null }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown })[name] : undefined
}
