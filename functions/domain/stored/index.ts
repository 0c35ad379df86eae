/** Items of the table, with versions. */

export { COUNTERS } from './counters.ts'
export {
  AUDIT_HEAD,
  AUDIT_KEY_PREFIX,
  type AuditSearch,
  approverMarker,
  auditSearch,
  type CardPlacement,
  cardPlacement,
  changePosted,
  type DeployList,
  deployRecord,
  deploysBy,
  deploysIn,
  evidencePosted,
  firstRun,
  GRANT_STOP,
  type GrantStop,
  type HarvestedDenial,
  HEARD_ACCOUNTS,
  harvestedDenial,
  heardFrom,
  MARKERS,
  type Marker,
  noticePublished,
  type OwnApproval,
  observedDay,
  observedPosted,
  othersRevalidated,
  outcomePosted,
  passApprovals,
  pullRecord,
  RECORDS_NOTICED,
  reportedDeploysIn,
  SILENCE_WATCH,
  setSuggested,
  stormList,
  stormListKey,
  type TargetLock,
  targetLock,
  unsetModePosted,
  waitingLists,
} from './markers.ts'
export { OCCURRENCE, type StoredOccurrence } from './stored-occurrence.ts'
export { PROPOSAL } from './stored-proposal.ts'
export { BEFORE_VERSIONS, type Codec, CURRENT_VERSION, isItemUnreadable, itemUnreadable } from './versions.ts'
export { parseWork, workMessage } from './work-message.ts'
