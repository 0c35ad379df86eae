/**
 * What may be written for one proposal, taken from the decisions that `decide` signed and from nothing else that is
 * stored: the item only says which documents they are about.
 */

import { type Brand, fail, HOUR_MS, ok, type Refusal, type Result } from '../../../core/base/index.ts'
import { fingerprintOf } from '../../../core/denial/index.ts'
import type { Diagnosis } from '../../../core/diagnosis/index.ts'
import {
  changeDigest,
  limitedPatch,
  type Patch,
  patchDigest,
  RISKS,
  type Risk,
  trustLast,
  type VerifiedPatch,
} from '../../../core/patch/index.ts'
import { type Decision, type KeyRing, pullRequestOf, verifyDecision } from '../authority/index.ts'
import type { PermanentGrants } from '../config/index.ts'
import type { ChatUserId } from '../messages/index.ts'
import {
  approvalsNeededUntil,
  endOf,
  endsAt,
  inTimeAtDecision,
  isOwnRequest,
  isQuorate,
  MAX_BREAK_GLASS_HOURS,
  NO_END_OFF,
  peopleIn,
  permanentNeeded,
  type Requester,
  withoutReplaced,
} from './approval-policy.ts'
import { youthOf } from './member-age.ts'
import {
  type Approval,
  approvalsOf,
  type Decidable,
  type Decided,
  type PlannedWrite,
  type Proposal,
} from './proposal.ts'

/** The signed approvals of one patch, and the only writes that follow from them. Only `grantOf()` makes one. */
export type Grant = Brand<
  {
    readonly proposalId: string
    readonly patch: Patch
    /** As signed, in the order in which they were given. */
    readonly approvals: readonly Approval[]
    readonly decisions: readonly Decision[]
    /** The earliest end of an approval that counted; null: without end. */
    readonly endsAtMs: number | null
    readonly writes: readonly PlannedWrite[]
  },
  'grant'
>

/** The item claims more than was signed. `why` says where they differ, for the audit log and the alarm. */
export type Forgery = { readonly why: string }

type Signable = Pick<Decidable, 'id' | 'denial' | 'patch' | 'approvals'>

export function grantOf(proposal: Signable, keys: KeyRing): Result<Grant, Forgery> {
  const verified = verifiedApprovals(proposal, keys)
  if (!verified.ok) return verified
  // The order in which they are stored is not signed.
  const approvals = withoutReplaced(verified.value).toSorted((a, b) => a.atMs - b.atMs)
  const decisions = approvals.flatMap(({ signed }) => (signed === null ? [] : [signed.decision]))
  if (decisions.length === 0) return forged('nobody has approved it')
  const { id, patch } = proposal
  const endsAtMs = endOf(inTimeAtDecision(approvals))
  const writes = plannedWrites(patch, endsAtMs)
  return ok({ proposalId: id, patch, approvals, decisions, endsAtMs, writes } as unknown as Grant)
}

/** Every approval as its signed decision has it. One that is not signed, or says something else, is a forgery. */
export function verifiedApprovals(proposal: Signable, keys: KeyRing): Result<readonly Approval[], Forgery> {
  const intact = patchDiffers(proposal.patch)
  if (intact !== null) return forged(intact)
  for (const approval of proposal.approvals) {
    const differs = approvalDiffers(approval, proposal, keys)
    if (differs !== null) return forged(differs)
  }
  return ok(proposal.approvals)
}

/** The digests that the patch carries are those of its documents; null when they are. */
export function patchDiffers({ changes, digest }: Patch): string | null {
  const changed = changes.find(change => changeDigest(change) !== change.digest)
  if (changed !== undefined)
    return `the change of ${changed.target.arn} does not have the digest that is stored with it`
  return patchDigest(changes) === digest ? null : 'the patch does not have the digest that is stored with it'
}

/** The proposal without the decisions that its people did not sign, and what is wrong with each. The log and the chat name nobody else. */
export function withSignedDecisions<P extends Proposal>(
  proposal: P,
  keys: KeyRing,
): { readonly proposal: P; readonly forged: readonly string[] } {
  const { patch } = proposal
  const about = patch === null ? null : { ...proposal, patch, approvals: approvalsOf(proposal) }
  const forgedPatch = patch === null ? 'there is no change to decide on' : patchDiffers(patch)
  const forged: string[] = []
  const isSigned = (differs: (about: Signable) => string | null): boolean => {
    const why = about === null ? forgedPatch : (forgedPatch ?? differs(about))
    if (why !== null) forged.push(why)
    return why === null
  }
  let seen: P = proposal
  if ('approvals' in seen) {
    const approvals = seen.approvals.filter(one => isSigned(about => approvalDiffers(one, about, keys)))
    seen = { ...seen, approvals }
  }
  if ('use' in seen && seen.use !== undefined && seen.use.kept !== null) {
    const { kept } = seen.use
    if (!isSigned(about => decidedDiffers(kept, 'keep', about, keys)))
      seen = { ...seen, use: { ...seen.use, kept: null } }
  }
  if (about !== null) seen = withSignedRatification(seen, keys, why => forged.push(why))
  if (seen.status === 'rejected' && seen.rejection.signed !== null) {
    const { rejection } = seen
    if (!isSigned(about => decidedDiffers(rejection, 'reject', about, keys)))
      seen = { ...seen, rejection: { ...rejection, signed: null } }
  }
  return { proposal: seen, forged }
}

/** The proposal with those alone who signed what they say of a break-glass. */
export function withSignedRatification<P extends Proposal>(
  proposal: P,
  keys: KeyRing,
  report: (why: string) => void = () => {},
): P {
  const { patch } = proposal
  if (patch === null || !('ratification' in proposal) || proposal.ratification === undefined) return proposal
  const { ratification } = proposal
  const isSigned = (one: Decided, kind: Decision['kind']): boolean => {
    const why = decidedDiffers(one, kind, { ...proposal, patch, approvals: [] }, keys)
    if (why !== null) report(why)
    return why === null
  }
  const { declined } = ratification
  return {
    ...proposal,
    ratification: {
      ...ratification,
      by: ratification.by.filter(one => isSigned(one, 'ratify')),
      declined: declined !== null && isSigned(declined, 'not-ratify') ? declined : null,
    },
  }
}

function decidedDiffers(
  { by, signed }: Decided,
  kind: Decision['kind'],
  about: Signable,
  keys: KeyRing,
): string | null {
  if (signed === null) return `the ${kind} by ${by.id} is not signed`
  const differs = decisionDiffers(signed, [kind], about, keys)
  if (differs !== null) return differs
  return signed.decision.by.userId === by.id
    ? null
    : `the ${kind} by ${by.id} was given by ${signed.decision.by.userId}`
}

function approvalDiffers(approval: Approval, proposal: Signable, keys: KeyRing): string | null {
  const { by, atMs, reason, signed } = approval
  if (signed === null) return `the approval by ${by.id} is not signed`
  const differs = decisionDiffers(signed, ['approve', 'break-glass'], proposal, keys)
  if (differs !== null) return differs
  const { decision } = signed
  if (decision.by.userId !== by.id) return `the approval by ${by.id} was given by ${decision.by.userId}`
  if (decision.atMs !== atMs) return `the approval by ${by.id} was given at another time`
  const end = endsAt(approval)
  if ((decision.endsAtMs ?? Number.POSITIVE_INFINITY) !== end) return `the approval by ${by.id} has another end`
  const withPull = approval.pullRequest === true ? 'with' : null
  if (pullRequestOf(decision) !== withPull)
    return `the approval by ${by.id} says otherwise whether a pull request follows`
  const isBreakGlass = decision.kind === 'break-glass'
  return isBreakGlass === (reason !== null) ? null : `the approval by ${by.id} is not a ${decision.kind}`
}

function decisionDiffers(
  signed: NonNullable<Decided['signed']>,
  kinds: readonly Decision['kind'][],
  { id, denial, patch }: Pick<Signable, 'id' | 'denial' | 'patch'>,
  keys: KeyRing,
): string | null {
  const verified = verifyDecision(signed, keys)
  if (!verified.ok) return verified.error
  const { kind, by, proposalId, patchDigest: digest, fingerprint } = verified.value
  const who = `the ${kind} by ${by.userId}`
  if (!kinds.includes(kind)) return `${who} does not decide this`
  if (proposalId !== id) return `${who} is about proposal ${proposalId}`
  if (digest !== patch.digest) return `${who} is about another change (${digest})`
  return fingerprint === fingerprintOf(denial) ? null : `${who} is about another denial`
}

/** Identity first and trust last: until the last write, nobody can use what is half open. */
function plannedWrites(patch: Patch, endsAtMs: number | null): readonly PlannedWrite[] {
  const limited = endsAtMs === null ? patch : limitedPatch(patch, endsAtMs)
  const required = limited.changes.filter(change => change.required)
  return trustLast(required).map(({ target, before, after }) => ({ target, before, after }))
}

/** Who or what asks for a revert: a signed decision, or the end that was signed with the approval. */
export type RevertAuthority =
  | { readonly kind: 'person'; readonly userId: ChatUserId }
  | { readonly kind: 'end-of-grant' }

/** A grant that was approved to end once the code has it: only such a one is ever taken away early, without a person. */
export const isBridge = ({ decisions, endsAtMs }: Pick<Grant, 'decisions' | 'endsAtMs'>): boolean =>
  endsAtMs !== null && decisions.some(decision => pullRequestOf(decision) === 'with')

/** No person: the end of a grant, or of a bridge. */
export const asksByItself = (by: Decided['by']): boolean => by.id === 'rolemedic'

export function revertAuthority(
  proposal: Signable & { readonly revertRequest: Decided },
  grant: Grant,
  keys: KeyRing,
  nowMs: number,
): Result<RevertAuthority, Forgery> {
  const { by, signed } = proposal.revertRequest
  if (signed !== null) {
    const differs = decisionDiffers(signed, ['revert'], proposal, keys)
    if (differs !== null) return forged(differs)
    return signed.decision.by.userId === by.id
      ? ok({ kind: 'person', userId: by.id })
      : forged(`the revert by ${by.id} was asked for by ${signed.decision.by.userId}`)
  }
  // The log would name a person who pressed nothing.
  if (!asksByItself(by)) return forged(`the revert by ${by.id} is not signed`)
  if (grant.endsAtMs !== null && grant.endsAtMs <= nowMs) return ok({ kind: 'end-of-grant' })
  return forged(`the revert by ${by.id} is not signed`)
}

const forged = (why: string) => fail<Forgery>({ why })

/** Verified again just now, and equal to what enough people approved. Only `approvedPatch()` makes one, and `verify` attests nothing else. */
export type ApprovedPatch = Brand<{ readonly verified: VerifiedPatch; readonly grant: Grant }, 'approved'>

/** The signed approvals, counted again by today's configuration. */
export type Recount = {
  /** Of people who may approve now. */
  readonly eligible: readonly Approval[]
  readonly requester: Requester
  readonly permanent: PermanentGrants
}

export function approvedPatch(
  verified: VerifiedPatch,
  diagnosis: Diagnosis,
  grant: Grant,
  recount: Recount,
): Result<ApprovedPatch, Refusal> {
  if (verified.patch.digest !== grant.patch.digest)
    return fail(refusal('digest-differs', 'What would be written now is not what was approved.'))
  const { requester, permanent } = recount
  const now = approvalsNeededUntil(
    grant.endsAtMs,
    { verification: verified.verification, diagnosis },
    requester,
    permanent,
  )
  const refused =
    glassRefusal(grant) ??
    endlessRefusal(grant, recount) ??
    recountRefusal(grant, recount, verified.verification.risk, now) ??
    growthRefusal(grant, recount, verified.verification.risk, now)
  return refused === null ? ok({ verified, grant } as ApprovedPatch) : fail(refused)
}

/** What one person alone approved ends soon, whatever is stored or was signed by an earlier version. Taking it away needs no such rule. */
function glassRefusal({ decisions }: Grant): Refusal | null {
  const isEndless = decisions.some(
    ({ kind, atMs, endsAtMs }) =>
      kind === 'break-glass' && (endsAtMs === null || endsAtMs > atMs + MAX_BREAK_GLASS_HOURS * HOUR_MS),
  )
  return isEndless
    ? refusal('break-glass-too-long', `Break-glass ends after ${MAX_BREAK_GLASS_HOURS} h at most: approve a new card.`)
    : null
}

function endlessRefusal({ endsAtMs }: Grant, { requester, permanent }: Recount): Refusal | null {
  return endsAtMs === null && permanentNeeded(permanent, requester) === null ? refusal('not-offered', NO_END_OFF) : null
}

/** Those who may approve today, were not denied themselves, and are members for long enough. */
function countedOf({ decisions }: Grant, { eligible, requester }: Recount, risk: Risk): readonly Approval[] {
  // As it was resolved when each approval was signed, too: the item may name somebody else since.
  const requesters = [requester, ...decisions.map(decision => decision.requester)]
  return inTimeAtDecision(eligible).filter(
    approval => youthOf(approval, risk) === null && !requesters.some(one => isOwnRequest(one, approval.by.id)),
  )
}

/** Each person consented to what the card said at that time. Break-glass needs nobody else, however many that would be. */
function growthRefusal(grant: Grant, recount: Recount, risk: Risk, needed: number): Refusal | null {
  for (const { signed } of countedOf(grant, recount, risk)) {
    if (signed === null) continue
    const { by, kind, risk: seen, approversNeeded } = signed.decision
    const saw = (now: string, then: string) =>
      refusal(RISK_GREW, `${now}, and ${then} when ${by.name} approved it: approve a new card.`)
    if (RISKS.indexOf(risk) > RISKS.indexOf(seen)) return saw(`The risk is ${risk} now`, `was ${seen}`)
    if (needed > approversNeeded && kind !== 'break-glass')
      return saw(`It needs ${needed} approvals now`, `needed ${approversNeeded}`)
  }
  return null
}

/** Of a refusal because the change opens more, or is less certain, than an approver saw. */
const RISK_GREW = 'risk-grew'

/** Why the approvals are not enough today; null: they are. `needed` is not less than what was signed. */
function recountRefusal(grant: Grant, recount: Recount, risk: Risk, needed: number): Refusal | null {
  const counted = countedOf(grant, recount, risk)
  const most = Math.max(needed, ...grant.decisions.map(({ approversNeeded }) => approversNeeded))
  if (isQuorate(counted, most)) return null
  return refusal('not-enough-approvals', `It needs ${most} approvals that count today and has ${peopleIn(counted)}.`)
}

const refusal = (code: string, message: string): Refusal => ({ code, message, owner: null })
