/**
 * Keys and indexes of the one table. Stacks, embedded store and tests use this definition. Indexes hold only keys and are keyed
 * by attributes that some kinds of items have (see `table-schema.ts`).
 */
export const PARTITION_KEY = { name: 'pk', type: 'S' } as const
/** Seconds since the epoch, as DynamoDB requires. Absent: the item does not expire. */
export const TTL_ATTRIBUTE = 'expiresAt'
/** The prefix of the partition keys of each kind of item. A renamed prefix loses everything stored under it, so two keep older words. */
export const ITEMS = { proposal: 'proposal#', occurrence: 'sighting#', marker: 'note#', counter: 'counter#' } as const
/**
 * Partition keys of the indexes of due and of open items. The index of places has occurrences by account and Region, and under
 * keys of their own the proposals whose change is in IAM, without and with an end, and those to decide, by account.
 */
/** By the rank of what is due. Earlier versions put every proposal under the first, where it stays until its next write. */
export const PROPOSALS_DUE = ['proposal', 'draft', 'card'] as const
export const OCCURRENCE_DUE = 'sighting'
export const OPEN_KEY = 'open'
export const STANDING_KEY = 'standing'
export const LIMITED_KEY = 'limited'
export const openInKey = (accountId: string) => `open/${accountId}`
export const DUE_INDEX = 'due'
export const OPEN_INDEX = 'open'
export const PLACE_INDEX = 'place'

export const INDEXES = [
  { name: DUE_INDEX, hash: { name: 'dueKind', type: 'S' }, range: { name: 'dueAtMs', type: 'N' } },
  { name: OPEN_INDEX, hash: { name: 'openKind', type: 'S' }, range: { name: 'createdAtMs', type: 'N' } },
  { name: PLACE_INDEX, hash: { name: 'place', type: 'S' }, range: { name: 'lastSeenMs', type: 'N' } },
] as const
