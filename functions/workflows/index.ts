export { modeOfDenial, withoutFaults } from './approval/account-mode.ts'
export { approvalSummaryOf } from './approval/approval-summary.ts'
export { approverGroups, approverListsOf } from './approval/approver-directory.ts'
export { makePressed } from './approval/carry-out-decision.ts'
export { changesToday } from './approval/changes-today.ts'
export { requesterOf } from './approval/requester-identity.ts'
export { channelsOf } from './card/card-placement.ts'
export { postCard } from './card/post-card.ts'
export { refreshCard } from './card/refresh-card.ts'
export { type Analysis, type AnalysisOptions, analyze, type TrailGiven } from './denial/analyze-denial.ts'
export { askChain, issuedBehind, promptly } from './denial/ask-chain.ts'
export { readRecord } from './denial/decode-record.ts'
export { gather } from './denial/gather-access.ts'
export { ingestDenial } from './denial/ingest-denial.ts'
export { judgeSetWith } from './denial/judge-set.ts'
export { callsAfter } from './denial/later-success.ts'
export { countedWitness, type Lookups } from './denial/lookups.ts'
export {
  bothWrites,
  HISTORY_MS,
  namesBehind,
  namesOf,
  readWrites,
} from './denial/seen-writes.ts'
export { type AnalyzeAgain, analyzeBundle } from './deploy/analyze-bundle.ts'
export { analyzeNeeds, type NeedAnswer } from './deploy/analyze-needs.ts'
export { analyzeTogether } from './deploy/analyze-together.ts'
export { announceDeploy } from './deploy/correlate-deploy.ts'
export { decodePermissions, isEncoded } from './deploy/decode-permissions.ts'
export { withMade } from './deploy/deploy-snapshot.ts'
export { draftCodeTrust } from './deploy/draft-code-trust.ts'
export {
  type FaultQuestion,
  judgeTrustFaults,
} from './deploy/judge-trust-faults.ts'
