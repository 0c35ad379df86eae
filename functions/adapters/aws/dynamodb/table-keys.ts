/**
 * Keys and indexes of the one table: the stacks, the embedded store and the tests make it from here.
 * Indexes hold keys only, and have as key what their item kinds carry (see `adapters/table-schema.ts`).
 */
export const PARTITION_KEY = { name: 'pk', type: 'S' } as const
/** Seconds since the epoch, as DynamoDB wants it. Absent: stored forever. */
export const TTL_ATTRIBUTE = 'expiresAt'
export const DUE_INDEX = 'due'
export const OPEN_INDEX = 'open'
export const PLACE_INDEX = 'place'

export const INDEXES = [
  { name: DUE_INDEX, hash: { name: 'dueKind', type: 'S' }, range: { name: 'dueAtMs', type: 'N' } },
  { name: OPEN_INDEX, hash: { name: 'openKind', type: 'S' }, range: { name: 'createdAtMs', type: 'N' } },
  { name: PLACE_INDEX, hash: { name: 'place', type: 'S' }, range: { name: 'lastSeenMs', type: 'N' } },
] as const
