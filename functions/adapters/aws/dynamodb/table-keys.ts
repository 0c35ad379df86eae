/**
 * Keys and indexes of the one table: the stacks, the embedded store and the tests make it from here.
 * Indexes hold keys only, and have as key what their item kinds carry (see `adapters/table-schema.ts`).
 */
export const PARTITION_KEY = { name: 'pk', type: 'S' } as const
/** Seconds since the epoch, as DynamoDB wants it. Absent: stored forever. */
export const TTL_ATTRIBUTE = 'expiresAt'
/** What the partition keys of each kind of item begin with. A key that is renamed loses what is stored under it: two have older words. */
export const ITEMS = { proposal: 'proposal#', occurrence: 'sighting#', marker: 'note#', counter: 'counter#' } as const
/**
 * Partition keys of the index of what is due, and of the index of what is open. Beside occurrences by account and Region, the
 * index of places lists the proposals whose change stands: no place is named so.
 */
export const PROPOSAL_DUE = 'proposal'
export const OCCURRENCE_DUE = 'sighting'
export const OPEN_KEY = 'open'
export const STANDING_KEY = 'standing'
export const DUE_INDEX = 'due'
export const OPEN_INDEX = 'open'
export const PLACE_INDEX = 'place'

export const INDEXES = [
  { name: DUE_INDEX, hash: { name: 'dueKind', type: 'S' }, range: { name: 'dueAtMs', type: 'N' } },
  { name: OPEN_INDEX, hash: { name: 'openKind', type: 'S' }, range: { name: 'createdAtMs', type: 'N' } },
  { name: PLACE_INDEX, hash: { name: 'place', type: 'S' }, range: { name: 'lastSeenMs', type: 'N' } },
] as const
