/**
 * What says yes to taking away. It needs less than granting: no age, configuration, risk, mode or head count of the decisions that
 * granted applies, and keys that sign no longer count.
 */
import * as z from 'zod'
import { canonicalJson, digestOf } from '../../../../core/base/canonical-json.ts'
import { fail, ok, type Result } from '../../../../core/base/result.ts'
import { hasOwnSid } from '../../../../core/iam/policy/own-sid.ts'
import type { Statement } from '../../../../core/iam/policy/policy-document.ts'
import { commonValues } from '../../../../core/iam/policy/value-added.ts'
import { minus } from '../../../../core/patch/minus.ts'
import { changeDigest, type Target } from '../../../../core/patch/target.ts'
import { verifyDecision } from '../decision.ts'
import { type Decision, isOfNow, pullRequestOf } from '../earlier-decision.ts'
import { OBSERVATION } from '../observation.ts'
import { isSigned, signedBytes } from '../signature.ts'
import { verified } from '../statement.ts'
import { endOfGrant, MAX_SKEW_MS, type No, no, type OneWrite, type Own, writesOfGrant } from './authority.ts'
import type { EarlierGrantInput, GrantInput, TakeAwayReason } from './input.ts'

/** What was granted, as signed. */
export type Granted = {
  readonly proposalId: string
  readonly patchDigest: string
  readonly decisions: readonly Decision[]
  readonly endsAtMs: number | null
  readonly writes: readonly OneWrite[]
}

const MINUTE_MS = 60_000
const MAX_REVERT_AGE_MS = 24 * 60 * MINUTE_MS
const COVERED_FOR_MS = 10 * MINUTE_MS

/** Of a `spent/` whose own signature was verified. */
export function grantedBy({ decisions, attestation, changes }: GrantInput): Granted {
  const all = decisions.map(({ decision }) => decision)
  const { proposalId, patchDigest } = attestation.statement
  const endsAtMs = endOfGrant(all)
  return { proposalId, patchDigest, decisions: all, endsAtMs, writes: writesOfGrant({ changes }, endsAtMs) }
}

const appliedShape = z.looseObject({
  schema: z.literal('rolemedic.audit/1'),
  entry: z.looseObject({
    kind: z.enum(['applied', 'apply-failed']),
    proposalId: z.string(),
    digest: z.string(),
  }),
})

/** Of a version that kept no `spent/`: its signed decisions, and the record of the write under the key of that time. */
export function grantedEarlier(
  { decisions, changes, applied }: EarlierGrantInput,
  proposalId: string,
  own: Own,
): Result<Granted, No> {
  const patchDigest = digestOf(changes.map(changeDigest))
  for (const signed of decisions) {
    const read = verifyDecision(signed, own.keys)
    if (!read.ok) return fail(no('forged', read.error))
    const { value } = read
    if (isOfNow(value)) return fail(no('not-earlier', 'a decision of this version has a spent/ or was never written'))
    if (value.kind !== 'approve' && value.kind !== 'break-glass') return fail(no('not-approved', 'it approves nothing'))
    if (value.proposalId !== proposalId || value.patchDigest !== patchDigest)
      return fail(no('other-change', 'a decision is about another change'))
  }
  const record = z.safeParse(appliedShape, applied.body)
  const isRecorded =
    record.success &&
    isSigned(signedBytes('rolemedic.audit/1', applied.body), applied.signature, own.keys, 'audit') &&
    record.data.entry.proposalId === proposalId &&
    record.data.entry.digest === patchDigest
  if (!isRecorded) return fail(no('not-recorded', 'the audit log does not say that it was written'))
  const all = decisions.map(({ decision }) => decision)
  const endsAtMs = endOfGrant(all)
  return ok({ proposalId, patchDigest, decisions: all, endsAtMs, writes: writesOfGrant({ changes }, endsAtMs) })
}

/** Whether these writes removed everything that the earlier grant added, and it stood before them. */
export function isWithdrawn(earlier: Granted, writes: readonly OneWrite[]): boolean {
  const added = earlier.writes.flatMap(({ target, before, after }) => {
    const statements = minus(after.Statement, before?.Statement ?? [])
    return statements.length === 0 ? [] : [{ place: placeOf(target), statements, old: before?.Statement ?? [] }]
  })
  return (
    added.length > 0 &&
    added.every(({ place, statements, old }) => {
      const now = writes.find(({ target }) => placeOf(target) === place)
      if (now === undefined || minus(statements, now.before?.Statement ?? []).length > 0) return false
      const changed = minus(now.after.Statement, now.before?.Statement ?? [])
      // In a statement of others, a value may be one of a longer list. One of rolemedic's own belongs to the change that made it last.
      const isIn = (one: Statement, to: Statement) => minus([commonValues(one, to) ?? one], old).length > 0
      const isKept = (one: Statement) => !hasOwnSid(one) && changed.some(to => to.Sid === one.Sid && isIn(one, to))
      return minus(statements, now.after.Statement).length === statements.length && !statements.some(isKept)
    })
  )
}

const placeOf = ({ kind, arn, policyName }: Target): string => canonicalJson([kind, arn, policyName])

/** Null: it may be taken away for this reason. */
export function mayTakeAway(granted: Granted, reason: TakeAwayReason, own: Own): No | null {
  switch (reason.kind) {
    case 'revert':
      return revertIsSigned(granted, reason, own)
    case 'end':
      return granted.endsAtMs !== null && granted.endsAtMs <= own.nowMs
        ? null
        : no('not-over', 'the time that was approved is not over')
    case 'covered':
      return codeCovers(granted, reason, own)
    default:
      return no('no-reason', 'it gives no reason')
  }
}

function revertIsSigned(granted: Granted, { decision: signed }: Extract<TakeAwayReason, { kind: 'revert' }>, own: Own) {
  const read = verifyDecision(signed, own.keys)
  if (!read.ok) return no('forged', read.error)
  const { value } = read
  if (value.kind !== 'revert') return no('no-revert', `a ${value.kind} reverts nothing`)
  if (value.proposalId !== granted.proposalId || value.patchDigest !== granted.patchDigest)
    return no('other-change', 'the revert is about another change')
  // The revert of a version before did not say for which deployment it is.
  if (isOfNow(value) && value.deploymentId !== own.deploymentId)
    return no('other-deployment', 'it was signed for another deployment of rolemedic')
  const isYoung = value.atMs > own.nowMs - MAX_REVERT_AGE_MS && value.atMs <= own.nowMs + MAX_SKEW_MS
  return isYoung ? null : no('revert-too-old', 'it was asked for more than 24 h ago: press Revert again')
}

/** A bridge ends early where `verify` saw twice, some time apart, that the code grants the same. */
function codeCovers(granted: Granted, { observations }: Extract<TakeAwayReason, { kind: 'covered' }>, own: Own) {
  if (granted.endsAtMs === null || granted.decisions.every(decision => pullRequestOf(decision) !== 'with'))
    return no('no-bridge', 'nobody approved it to end before its time')
  const [first, second] = observations
  for (const one of observations) {
    const read = verified(OBSERVATION, one, own.keys)
    if (!read.ok) return no('forged', read.error)
    const { deploymentId, proposalId, patchDigest } = read.value
    if (deploymentId !== own.deploymentId || proposalId !== granted.proposalId || patchDigest !== granted.patchDigest)
      return no('other-change', 'the observation is about another change')
  }
  const [firstMs, secondMs] = [first.statement.atMs, second.statement.atMs]
  const isApart = secondMs - firstMs >= COVERED_FOR_MS
  const isFresh = secondMs > own.nowMs - COVERED_FOR_MS && secondMs <= own.nowMs + MAX_SKEW_MS
  return isApart && isFresh ? null : no('not-covered', 'it was not seen twice that the code grants the same')
}
