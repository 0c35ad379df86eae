export { proposalsTable, TABLE_SCHEMA } from './proposals-table.ts'
export { type TableAccess, tableAccess } from './table-access.ts'
export { attributesOf, markerKey } from './table-items.ts'
export {
  DUE_INDEX,
  INDEXES,
  ITEMS,
  OCCURRENCE_DUE,
  OPEN_INDEX,
  OPEN_KEY,
  PARTITION_KEY,
  PLACE_INDEX,
  PROPOSAL_DUE,
  STANDING_KEY,
  TTL_ATTRIBUTE,
} from './table-keys.ts'
