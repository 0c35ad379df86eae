export { proposalsTable, TABLE_SCHEMA } from './proposals-table.ts'
export { tableAccess } from './table-access.ts'
export { attributesOf, markerKey } from './table-items.ts'
export { INDEXES, PARTITION_KEY, TTL_ATTRIBUTE } from './table-keys.ts'
