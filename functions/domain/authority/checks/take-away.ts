/**
 * What says yes to taking away. It needs less than granting: no age, configuration, risk, mode or head count of the decisions that
 * granted applies, and keys that sign no longer count.
 */
import * as z from 'zod'
import { canonicalJson } from '../../../../core/base/canonical-json.ts'
import { fail, ok, type Result } from '../../../../core/base/result.ts'
import { hasOwnSid, type Statement } from '../../../../core/iam/policy/policy-document.ts'
import { commonValues, minus } from '../../../../core/iam/policy/same-policy.ts'
import type { DocumentChange, Target } from '../../../../core/patch/target.ts'
import { isSigned, signedBytes, verified, verifyDecision } from '../statement.ts'
import { approves, type Granted, grantedBy, MAX_SKEW_MS, type No, no, type Own } from './authority.ts'
import { type AnyDecision, type EarlierGrantInput, OBSERVATION, type TakeAwayReason } from './input.ts'

/** What was granted, by decisions of any version. */
export type AnyGranted = Granted<AnyDecision>

const MAX_REVERT_AGE_MS = 24 * 60 * 60_000
const COVERED_FOR_MS = 10 * 60_000

const appliedShape = z.looseObject({
  schema: z.literal('rolemedic.audit/1'),
  entry: z.looseObject({ kind: z.enum(['applied', 'apply-failed']), proposalId: z.string(), digest: z.string() }),
})

/** Of a version that kept no `spent/`: its signed decisions, and the record of the write under the key of that time. */
export function grantedEarlier(input: EarlierGrantInput | null, proposalId: string, own: Own): Result<AnyGranted, No> {
  if (input === null) return fail(no('not-spent', 'nothing says that it was written'))
  const granted = grantedBy(proposalId, input)
  for (const signed of input.decisions) {
    const read = verifyDecision(signed, own.keys)
    if (!read.ok) return fail(no('forged', read.error))
    if (read.value.deploymentId !== undefined)
      return fail(no('not-earlier', 'a decision of this version has a spent/ or was never written'))
    if (!approves(read.value)) return fail(no('not-approved', 'it approves nothing'))
    if (!isAbout(granted, read.value)) return fail(no('other-change', 'a decision is about another change'))
  }
  const { body, signature } = input.applied
  const record = z.safeParse(appliedShape, body).data?.entry
  const isRecorded =
    isSigned(signedBytes('rolemedic.audit/1', body), signature, own.keys, 'audit') &&
    record?.proposalId === proposalId &&
    record.digest === granted.patchDigest
  return isRecorded ? ok(granted) : fail(no('not-recorded', 'the audit log does not say that it was written'))
}

const isAbout = (granted: AnyGranted, one: Pick<AnyGranted, 'proposalId' | 'patchDigest'>): boolean =>
  one.proposalId === granted.proposalId && one.patchDigest === granted.patchDigest

/** Whether these writes removed everything that the earlier grant added, and it stood before them. */
export function isWithdrawn(earlier: AnyGranted, writes: readonly DocumentChange[]): boolean {
  let isAny = false
  for (const { target, before, after } of earlier.writes) {
    const old = before?.Statement ?? []
    const added = minus(after.Statement, old)
    if (added.length === 0) continue
    const now = writes.find(one => placeOf(one.target) === placeOf(target))
    if (now === undefined || minus(added, now.before?.Statement ?? []).length > 0) return false
    const changed = minus(now.after.Statement, now.before?.Statement ?? [])
    // In a statement of others, a value may be one of a longer list. One of rolemedic's own belongs to the change that made it last.
    const isIn = (one: Statement, to: Statement) => minus([commonValues(one, to) ?? one], old).length > 0
    const isKept = (one: Statement) => !hasOwnSid(one) && changed.some(to => to.Sid === one.Sid && isIn(one, to))
    if (minus(added, now.after.Statement).length < added.length || added.some(isKept)) return false
    isAny = true
  }
  return isAny
}

const placeOf = ({ kind, arn, policyName }: Target): string => canonicalJson([kind, arn, policyName])

/** Null: it may be taken away for this reason. */
export function mayTakeAway(granted: AnyGranted, reason: TakeAwayReason, own: Own): No | null {
  if (reason.kind === 'revert') return revertIsSigned(granted, reason, own)
  if (reason.kind === 'covered') return codeCovers(granted, reason, own)
  const isOver = granted.endsAtMs !== null && granted.endsAtMs <= own.nowMs
  return isOver ? null : no('not-over', 'the time that was approved is not over')
}

type Reason<K extends TakeAwayReason['kind']> = Extract<TakeAwayReason, { kind: K }>

function revertIsSigned(granted: AnyGranted, reason: Reason<'revert'>, own: Own): No | null {
  const read = verifyDecision(reason.decision, own.keys)
  if (!read.ok) return no('forged', read.error)
  const { kind, atMs, deploymentId } = read.value
  if (kind !== 'revert') return no('no-revert', `a ${kind} reverts nothing`)
  if (!isAbout(granted, read.value)) return no('other-change', 'the revert is about another change')
  // The revert of a version before did not say for which deployment it is.
  if (deploymentId !== undefined && deploymentId !== own.deploymentId)
    return no('other-deployment', 'it was signed for another deployment of rolemedic')
  const isYoung = atMs > own.nowMs - MAX_REVERT_AGE_MS && atMs <= own.nowMs + MAX_SKEW_MS
  return isYoung ? null : no('revert-too-old', 'it was asked for more than 24 h ago: press Revert again')
}

/** A bridge ends early where `verify` saw twice, some time apart, that the code grants the same. */
function codeCovers(granted: AnyGranted, { observations }: Reason<'covered'>, own: Own): No | null {
  if (granted.endsAtMs === null || !granted.decisions.some(({ pullRequest }) => pullRequest === 'with'))
    return no('no-bridge', 'nobody approved it to end before its time')
  for (const one of observations) {
    const read = verified(OBSERVATION, one, own.keys)
    if (!read.ok) return no('forged', read.error)
    if (read.value.deploymentId !== own.deploymentId || !isAbout(granted, read.value))
      return no('other-change', 'the observation is about another change')
  }
  const [{ atMs: firstMs }, { atMs: secondMs }] = [observations[0].statement, observations[1].statement]
  const isApart = secondMs - firstMs >= COVERED_FOR_MS
  const isFresh = secondMs > own.nowMs - COVERED_FOR_MS && secondMs <= own.nowMs + MAX_SKEW_MS
  return isApart && isFresh ? null : no('not-covered', 'it was not seen twice that the code grants the same')
}
