/** How a value becomes an item of the table, and back. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { RolemedicError } from '../../../domain/base/errors.ts'
import type { Denial } from '../../../domain/denial/denial.ts'
import { isTooOld } from '../../../domain/denial/denial-timing.ts'
import { hasEnded, type Occurrence, type Proposal } from '../../../domain/proposal/proposal.ts'

/** Every item; the attributes beyond these are keys of the sparse indexes. */
export type Item = {
  readonly pk: string
  readonly version: number
  /** The value as JSON. */
  readonly document: string
  /** Random per write: by it a writer knows its own write again after a retried request. */
  readonly writeId: string
  readonly [attribute: string]: string | number
}

export type Attributes = { readonly [name: string]: string | number }

export const attributesOf = (values: Attributes): Record<string, AttributeValue> => marshall(values)

export const valuesOf = (attributes: Readonly<Record<string, AttributeValue>>): Attributes =>
  unmarshall({ ...attributes }) as Attributes

/** A occurrence, and more event ids than it shows: late redeliveries are recognised by them. */
export type StoredSighting = { readonly occurrence: Occurrence; readonly recentEventIds: readonly string[] }

/** DynamoDB refuses items above 400 KB, keys and names included. */
const MAX_DOCUMENT_BYTES = 380_000
const DAY_SECONDS = 86_400
const SIGHTING_KEPT_DAYS = 90
const RECENT_EVENT_IDS = 200
const SHOWN_EVENT_IDS = 10

const inDays = (ms: number, days: number) => Math.ceil(ms / 1000) + days * DAY_SECONDS

export const proposalKey = (id: string) => `proposal#${id}`
export const sightingKey = (fingerprint: string) => `occurrence#${fingerprint}`
export const noteKey = (key: string) => `note#${key}`
export const counterKey = (name: string) => `counter#${name}`

/** Never let go of: a card in Slack can be pressed at any time, and a patch that stands may be taken back years later. */
export function proposalItem(proposal: Proposal, writeId: string): Item {
  const ended = hasEnded(proposal.status)
  return {
    pk: proposalKey(proposal.id),
    version: proposal.version,
    document: boundedJson(proposal, proposalKey(proposal.id)),
    writeId,
    status: proposal.status,
    createdAtMs: proposal.createdAtMs,
    ...(proposal.dueAtMs === null ? {} : { dueKind: 'proposal', dueAtMs: proposal.dueAtMs }),
    ...(ended ? {} : { openKind: 'open' }),
  }
}

export function sightingItem(
  stored: StoredSighting,
  options: { readonly version: number; readonly writeId: string; readonly graceMs: number },
): Item {
  const { occurrence } = stored
  const { denial, fingerprint } = occurrence
  return {
    pk: sightingKey(fingerprint),
    version: options.version,
    document: boundedJson(stored, sightingKey(fingerprint)),
    writeId: options.writeId,
    place: placeOf(denial.accountId, denial.region),
    lastSeenMs: occurrence.lastSeenMs,
    expiresAt: inDays(occurrence.lastSeenMs, SIGHTING_KEPT_DAYS),
    // Old news is recorded, and nobody looks for the proposal that it has not.
    ...(occurrence.proposalId === null && !isTooOld(denial, occurrence.lastSeenMs)
      ? { dueKind: 'occurrence', dueAtMs: occurrence.firstSeenMs + options.graceMs }
      : {}),
  }
}

export const placeOf = (accountId: string | null, region: string | null) => `${accountId ?? '-'}#${region ?? '-'}`

export function firstSighting(denial: Denial, fingerprint: string, nowMs: number): StoredSighting {
  const eventIds = [denial.id]
  return {
    occurrence: {
      fingerprint,
      denial,
      count: 1,
      firstSeenMs: nowMs,
      lastSeenMs: nowMs,
      eventIds,
      proposalId: null,
    },
    recentEventIds: eventIds,
  }
}

/** The newest denial stands for all: its age decides whether a patch may still be offered. */
export function repeatedSighting(stored: StoredSighting, denial: Denial, nowMs: number): StoredSighting {
  const { occurrence } = stored
  const newer = (denial.timeMs ?? nowMs) >= (occurrence.denial.timeMs ?? 0)
  return {
    occurrence: {
      ...occurrence,
      denial: newer ? denial : occurrence.denial,
      count: occurrence.count + 1,
      firstSeenMs: Math.min(occurrence.firstSeenMs, nowMs),
      lastSeenMs: Math.max(occurrence.lastSeenMs, nowMs),
      eventIds: [...occurrence.eventIds, denial.id].slice(-SHOWN_EVENT_IDS),
    },
    recentEventIds: [...stored.recentEventIds, denial.id].slice(-RECENT_EVENT_IDS),
  }
}

/** The same denial told a second time, by a source that knows more of it: it is not counted again. */
export function twinSighting(stored: StoredSighting, denial: Denial, twinOf: string): StoredSighting {
  const { occurrence, recentEventIds } = stored
  const renamed = (ids: readonly string[]) => ids.map(id => (id === twinOf ? denial.id : id))
  const known = occurrence.denial.id === twinOf ? denial : occurrence.denial
  return {
    occurrence: { ...occurrence, denial: known, eventIds: renamed(occurrence.eventIds) },
    recentEventIds: renamed(recentEventIds),
  }
}

export const proposalIn = (item: Item): Proposal => JSON.parse(item.document) as Proposal
export const sightingIn = (item: Item): StoredSighting => JSON.parse(item.document) as StoredSighting

export function boundedJson(value: unknown, key: string): string {
  const text = JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_DOCUMENT_BYTES)
    throw new RolemedicError(
      'item-too-large',
      `${key} has ${bytes} bytes, the table holds ${MAX_DOCUMENT_BYTES} per item`,
    )
  return text
}
