/** Records, chain, report. */

export {
  bodyAfter,
  type ChainHead,
  isSignedRecord,
  MAX_RECORD_BYTES,
  parseAuditRecord,
  parseChainHead,
  recordBytes,
  recordName,
  recordUnder,
  type StoredRecord,
  sealed,
  sequenceIn,
  storedForm,
} from './audit-chain.ts'
export { type AuditStep, callerInLog, entryFor, noteInWords } from './audit-entry.ts'
export { AUDIT_KINDS, type AuditEntry, type AuditKind, type AuditRecord, isOfVerify } from './audit-record.ts'
export {
  type AuditReport,
  type Case,
  type CaseStep,
  type Lane,
  type ReportEvent,
  reportOf,
  type Tally,
  withoutSession,
} from './audit-report.ts'
export type { BrokenGlass, CaseOutcome } from './case-outcome.ts'
export { checkpointBytes, checkpointOf, parseCheckpoints, type SignedCheckpoint } from './checkpoint.ts'
export type { LedgerObject } from './ledger/ledger-object.ts'
export { PASSKEY_PREFIXES } from './ledger/passkey-records.ts'
export {
  isLogTrouble,
  isTimeToPost,
  type LogTrouble,
  logTroubleText,
  logWorksText,
  type WaitingForRecord,
} from './log-trouble.ts'
export { NOTICE_DETAILS, NOTICED } from './notice-details.ts'
export { recordNotice } from './record-notice.ts'
export { sameEntry } from './same-entry.ts'
export {
  GONE_WORDS,
  GRANT_STATES,
  type GrantState,
  GrantsSoFar,
  NOT_UNDONE,
  type StandingGrant,
} from './standing-grants.ts'
export { type ChainCheck, type ChainFinding, isDamage } from './verify-chain.ts'
export { LEDGER_PREFIXES, type LedgerToCheck } from './verify-ledger.ts'
export { checkLog, checkWholeLog, hash53, type LogCheck, LogStream, type LogToCheck } from './verify-log.ts'
