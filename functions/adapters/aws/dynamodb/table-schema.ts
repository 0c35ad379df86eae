/**
 * The one table. Every item is written alone, under a condition; nothing needs a transaction.
 *
 * | item       | pk                       | sparse keys                                                                |
 * | ---------- | ------------------------ | -------------------------------------------------------------------------- |
 * | proposal   | `proposal#<id>`          | one of `PROPOSALS_DUE` + `dueAtMs` while something is due; `openKind` +     |
 * |            |                          | `createdAtMs` until it has ended; `place` = `open/<account>` and, in        |
 * |            |                          | `lastSeenMs`, when it expires, while it is open; while its change stands,   |
 * |            |                          | `standing` and when it was applied, or `limited` and when it ends            |
 * | occurrence | `ITEMS.occurrence`, then  | `dueKind` = `OCCURRENCE_DUE` + `dueAtMs` until a proposal claims it;        |
 * |            | its fingerprint          | `place` = `<account>#<region>` + `lastSeenMs` always                        |
 * | marker     | `note#<key>`             | none                                                                       |
 * | counter    | `counter#<name>`         | none                                                                       |
 *
 * The value itself is JSON in `document`; the other attributes exist for keys and conditions. Indexes hold
 * keys only: they lag behind the table, so whatever they name is read again before it is believed.
 */
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { INDEXES, PARTITION_KEY } from './table-keys.ts'

const KEYS = [PARTITION_KEY, ...INDEXES.flatMap(({ hash, range }) => [hash, range])]

export const TABLE_SCHEMA = {
  TableName: 'rolemedic',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: KEYS.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
  KeySchema: [{ AttributeName: PARTITION_KEY.name, KeyType: 'HASH' }],
  GlobalSecondaryIndexes: INDEXES.map(({ name, hash, range }) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: hash.name, KeyType: 'HASH' as const },
      { AttributeName: range.name, KeyType: 'RANGE' as const },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  })),
} satisfies CreateTableCommandInput
