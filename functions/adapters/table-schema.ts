/**
 * The one table. Every item is written alone, under a condition; nothing needs a transaction.
 *
 * | item     | pk                       | sparse keys                                                                |
 * | -------- | ------------------------ | -------------------------------------------------------------------------- |
 * | proposal | `proposal#<id>`          | `dueKind` = `proposal` + `dueAtMs` while something is due; `openKind` +     |
 * |          |                          | `createdAtMs` until it has ended                                           |
 * | sighting | `sighting#<fingerprint>` | `dueKind` = `sighting` + `dueAtMs` until a proposal stands for it;          |
 * |          |                          | `place` = `<account>#<region>` + `lastSeenMs` always                        |
 * | note     | `note#<key>`             | none                                                                       |
 * | counter  | `counter#<name>`         | none                                                                       |
 *
 * The value itself is canonical JSON in `document`; the other attributes exist for keys and conditions. Indexes hold
 * keys only: they lag behind the table, so whatever they name is read again before it is believed.
 */
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'

export const DUE_INDEX = 'due'
export const OPEN_INDEX = 'open'
export const PLACE_INDEX = 'place'
/** Seconds since the epoch, as DynamoDB wants it. Absent: kept for ever. */
export const TTL_ATTRIBUTE = 'expiresAt'

const index = (name: string, hash: string, range: string) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ],
  Projection: { ProjectionType: 'KEYS_ONLY' as const },
})

export const TABLE_SCHEMA = {
  TableName: 'rolemedic',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'dueKind', AttributeType: 'S' },
    { AttributeName: 'dueAtMs', AttributeType: 'N' },
    { AttributeName: 'openKind', AttributeType: 'S' },
    { AttributeName: 'createdAtMs', AttributeType: 'N' },
    { AttributeName: 'place', AttributeType: 'S' },
    { AttributeName: 'lastSeenMs', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    index(DUE_INDEX, 'dueKind', 'dueAtMs'),
    index(OPEN_INDEX, 'openKind', 'createdAtMs'),
    index(PLACE_INDEX, 'place', 'lastSeenMs'),
  ],
} satisfies CreateTableCommandInput
