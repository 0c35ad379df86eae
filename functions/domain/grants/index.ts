/** Which calls use a grant, and when people are asked about it. */

export {
  approvalsKeyOf,
  equalApprovals,
  hasLasted,
  type PassApproval,
  passApproval,
  type SetSuggestion,
  suggestedSet,
  withPassApproval,
} from './equal-approvals.ts'
export {
  isAsked,
  isQuiet,
  isUseSeen,
  type Look,
  nextLookFrom,
  openQuestion,
  quietSinceMs,
  wholeLookFrom,
  withLook,
} from './grant-review.ts'
export { allEvents, ownEvents, traceOf, type WrittenGrant } from './granted-calls.ts'
export { assessSet, type JudgedMember, type JudgedSet, type SetQuestion } from './judge-set.ts'
