/**
 * Asks `write` to take away what was granted: for a signed revert, for an end that was signed with the approval, or for a bridge that the
 * code has replaced. `write` computes what to remove by itself; here it is only asked, and what it answers is shown.
 */
import { fail, type Refusal, type Result } from '../../core/base/index.ts'
import { samePolicy } from '../../core/iam/index.ts'
import { revertChange, type Target } from '../../core/patch/index.ts'
import {
  type KeyRing,
  ledgerKey,
  type SignedOutcome,
  type TakeAwayReason,
  type WriteAsk,
} from '../domain/authority/index.ts'
import { ROLEMEDIC } from '../domain/messages/index.ts'
import {
  type Applied,
  asksByItself,
  bridgeKept,
  type Forgery,
  type Grant,
  grantOf,
  isBridge,
  type PlannedWrite,
  type Proposal,
  type Reverted as RevertedProposal,
  type Reverting,
  revertAuthority,
  reverted,
  revertFailed,
  revertLeased,
  settled,
} from '../domain/proposal/index.ts'
import { mayStillApprove } from '../workflows/approval/recount-approvals.ts'
import { FORGED_MESSAGE, reportForgery } from '../workflows/approval/report-forgery.ts'
import { revalidateOthers } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { askWriter } from './ask-writer.ts'
import { LEASE_MS, type VerifyDeps } from './deps.ts'
import { earlierGrant } from './earlier-grant.ts'
import { type Lease, type NotLeased, record, transition, withLease } from './lease.ts'
import { leftInWords, outcomeInWords, signedChange } from './outcomes.ts'

/** `kept`: the request is denied without the bridge. */
export type RevertResult = 'asked' | 'reverted' | 'failed' | 'kept' | 'busy' | 'nothing-to-do'

export function makeRevert(deps: VerifyDeps): (proposalId: string) => Promise<RevertResult> {
  return async proposalId => {
    const seen = await deps.store.get(proposalId)
    if (seen === null) return 'nothing-to-do'
    if (seen.status === 'reverted') return finish(seen, deps)
    if (seen.status === 'applied' && seen.failure !== null) return showFailed(seen, deps)
    const acquire = (current: Proposal): Result<Reverting, NotLeased> => {
      if (current.status !== 'reverting') return fail('nothing-to-do')
      const leased = revertLeased(current, LEASE_MS, deps.clock())
      return leased.ok ? leased : fail('busy')
    }
    return withLease(seen, acquire, targetsOf, deps, lease => work(lease, deps))
  }
}

const targetsOf = ({ patch }: Reverting): readonly Target[] =>
  patch.changes.filter(change => change.required).map(change => change.target)

async function work(lease: Lease<Reverting>, deps: VerifyDeps): Promise<RevertResult> {
  const { current } = lease
  const ring = await deps.keys.ring()
  const grant = grantOf(current, ring)
  if (!grant.ok) return endForged(lease, grant.error, deps)
  const reason = await reasonOf(lease, grant.value, deps)
  if (reason === 'kept') {
    const { id } = await transition(lease, bridgeKept(current, deps.clock()), deps)
    await refreshCard(id, deps)
    return 'kept'
  }
  if (!reason.ok) return reason.error === 'forged' ? 'failed' : endFailed(current, lease, reason.error, null, deps)
  const isKept = (await deps.ledger.versions(ledgerKey('spent', deps.deploymentId, current.id))).length > 0
  const earlier = isKept ? null : await earlierGrant(current, deps)
  const ask: WriteAsk = {
    schema: 'rolemedic.ask/1',
    ask: 'take-away',
    proposalId: current.id,
    reason: reason.value,
    earlier,
    askedAtMs: current.revertRequest.atMs,
  }
  await record(
    current,
    { kind: 'revert-intended', why: whyOf(current), changes: backOf(grant.value.writes), ...stepOf(current) },
    deps,
  )
  return askWriter(lease, ask, deps)
}

/** Why it is to be taken away, as `write` can check it. `forged`: the proposal has ended already. */
async function reasonOf(
  lease: Lease<Reverting>,
  grant: Grant,
  deps: VerifyDeps,
): Promise<Result<TakeAwayReason, Refusal | 'forged'> | 'kept'> {
  const { current } = lease
  const { revertRequest, pull } = current
  const observations = pull?.covered ?? []
  const [first, second] = observations
  const isEarly = revertRequest.signed === null && asksByItself(revertRequest.by) && isBridge(grant)
  const isBefore = grant.endsAtMs !== null && deps.clock() < grant.endsAtMs
  if (isEarly && isBefore) {
    if (first === undefined || second === undefined) return 'kept'
    return { ok: true, value: { kind: 'covered', observations: [first, second] } }
  }
  const authority = revertAuthority(current, grant, await deps.keys.ring(), deps.clock())
  if (!authority.ok) {
    await endForged(lease, authority.error, deps)
    return fail('forged')
  }
  if (authority.value.kind === 'end-of-grant') return { ok: true, value: { kind: 'end' } }
  const { userId } = authority.value
  // The person who pressed Revert could approve then, as `decide` saw: that stands where Slack does not answer now.
  const may = await mayStillApprove(userId, false, current, deps.config, deps.chat)
  if (may.known && !may.value)
    return fail({ code: 'not-an-approver', message: 'The person who asked is no longer an approver.', owner: null })
  const { signed } = revertRequest
  return signed === null ? fail(FORGED) : { ok: true, value: { kind: 'revert', decision: signed } }
}

/** Trust first, and to what was before. */
const backOf = (writes: readonly PlannedWrite[]): readonly PlannedWrite[] =>
  writes.toReversed().map(({ target, before, after }) => ({ target, before: after, after: before }))

/** With what others have added since, as far as it can be read and shows nothing of the grant any more. */
async function backAsRead(back: readonly PlannedWrite[], { documents }: VerifyDeps): Promise<readonly PlannedWrite[]> {
  const read: PlannedWrite[] = []
  for (const one of back) {
    const { target, before: written, after: old } = one
    const isSet = target.kind === 'permission-set-inline-policy'
    const live = isSet ? null : await documents.read(target).catch(() => null)
    const isRead = live !== null && live.kind !== 'unreadable'
    const now = live?.kind === 'found' ? live.value : null
    const without = revertChange({ target, before: old, after: written }, now)
    const isGone = isRead && without.ok && samePolicy(without.value, now)
    read.push(isGone ? { ...one, after: now } : one)
  }
  return read
}

const FORGED: Refusal = { code: 'forged', message: FORGED_MESSAGE, owner: null }

async function endForged(lease: Lease<Reverting>, { why }: Forgery, deps: VerifyDeps): Promise<'failed'> {
  await reportForgery(lease.current, why, deps)
  return endFailed(byNobody(lease.current), lease, FORGED, null, deps)
}

/** `write` has taken it away for good. */
export async function endReverted(
  lease: Lease<Reverting>,
  outcome: SignedOutcome,
  deps: VerifyDeps,
): Promise<RevertResult> {
  const { requestIds } = outcome.statement
  const why = outcomeInWords(outcome.statement, targetsOf(lease.current))
  const ring = await deps.keys.ring()
  const signed = await signedChange(lease.current, deps)
  const changes = await backAsRead(backOf(signed.writes), deps)
  const current = await withTrueAsker(lease.current, grantOf(lease.current, ring), ring, deps)
  const step = { ...signed.step, kind: 'reverted', why, changes, requestIds, outcome } as const
  await record(current, { ...step, ...stepOf(current) }, deps)
  const stored = await transition(lease, reverted(current, deps.clock()), deps)
  deps.observer.count('Reverted')
  return finish(stored, deps)
}

/** `write` ended what it had begun, and nothing says that it was applied: only the log is told. */
export async function recordEnded(seen: Proposal, outcome: SignedOutcome, deps: VerifyDeps): Promise<void> {
  const { atMs, code, requestIds } = outcome.statement
  if (seen.status === 'reverted' || code === 'ended') return
  const { writes, endsAtMs, isBegun, step } = await signedChange(seen, deps)
  if (!isBegun || endsAtMs === null || atMs < endsAtMs) return
  const why = outcomeInWords(
    outcome.statement,
    writes.map(({ target }) => target),
  )
  const changes = await backAsRead(backOf(writes), deps)
  await record(seen, { ...step, kind: 'reverted', n: atMs, by: ROLEMEDIC, why, changes, requestIds, outcome }, deps)
}

/** `write` may have ended it by itself. */
async function withTrueAsker(
  current: Reverting,
  grant: Result<Grant, Forgery>,
  ring: KeyRing,
  deps: VerifyDeps,
): Promise<Reverting> {
  const { revertRequest } = current
  if (grant.ok && revertRequest.signed === null && asksByItself(revertRequest.by)) return current
  const authority = grant.ok ? revertAuthority(current, grant.value, ring, deps.clock()) : grant
  if (authority.ok) return current
  await reportForgery(current, authority.error.why, deps)
  return byNobody(current)
}

/** Who has not signed it is not named. */
const byNobody = (current: Reverting): Reverting => ({
  ...current,
  revertRequest: { ...current.revertRequest, by: ROLEMEDIC, signed: null },
})

export async function endNotReverted(
  lease: Lease<Reverting>,
  outcome: SignedOutcome,
  deps: VerifyDeps,
): Promise<RevertResult> {
  const { code, left, notes } = outcome.statement
  const targets = targetsOf(lease.current)
  const drift = await driftOf(lease.current, outcome, deps)
  const why = left.length === 0 ? outcome.statement.why : leftInWords(outcome.statement, targets)
  const refusal: Refusal = {
    ...(drift ?? { code: code ?? 'not-taken-away', owner: null }),
    message: outcomeInWords({ why: drift?.message ?? why, notes }, targets),
  }
  const ring = await deps.keys.ring()
  const current = await withTrueAsker(lease.current, grantOf(lease.current, ring), ring, deps)
  return endFailed(current, lease, refusal, outcome, deps)
}

/** What somebody else has changed, with the policy before, as written, and now. Null: it is not that, or cannot be read. */
async function driftOf(
  { applied }: Reverting,
  { statement: { left } }: SignedOutcome,
  { documents }: VerifyDeps,
): Promise<Refusal | null> {
  for (const change of applied.changes) {
    const { target } = change
    if (!left.some(one => one.arn === target.arn && one.policyName === target.policyName)) continue
    if (target.kind === 'permission-set-inline-policy') continue
    const read = await documents.read(target)
    if (read.kind === 'unreadable') continue
    const without = revertChange(change, read.kind === 'found' ? read.value : null)
    if (!without.ok) return without.error
  }
  return null
}

async function endFailed(
  current: Reverting,
  lease: Lease<Reverting>,
  why: Refusal,
  outcome: SignedOutcome | null,
  deps: VerifyDeps,
): Promise<'failed'> {
  const signed = outcome === null ? {} : { outcome }
  const { step } = await signedChange(current, deps)
  await record(current, { ...step, kind: 'revert-failed', why: why.message, ...signed, ...stepOf(current) }, deps)
  const stored = await transition(lease, revertFailed(current, why, deps.clock()), deps)
  deps.observer.count('RevertFailed')
  return showFailed(stored, deps)
}

/** A redelivery after a crash repeats it. */
async function showFailed({ id }: Applied, deps: VerifyDeps): Promise<'failed'> {
  await refreshCard(id, deps)
  return 'failed'
}

async function finish(proposal: RevertedProposal, deps: VerifyDeps): Promise<RevertResult> {
  if (proposal.dueAtMs !== null) {
    const isShown = await refreshCard(proposal.id, deps)
    await revalidateOthers(proposal, deps)
    if (isShown) await deps.store.replace(proposal, settled(proposal, deps.config))
  }
  return 'reverted'
}

/** In the log, each press of Revert is an attempt of its own. */
const stepOf = ({ revertRequest }: Reverting) => ({
  n: revertRequest.atMs,
  by: revertRequest.by,
  decision: revertRequest.signed,
})

function whyOf({ applied, revertRequest }: Reverting): string {
  if (applied.endsAtMs === null || !asksByItself(revertRequest.by)) return 'asked for by a person'
  return revertRequest.atMs < applied.endsAtMs
    ? 'the request is allowed without this bridge'
    : 'the time of the grant is over'
}
