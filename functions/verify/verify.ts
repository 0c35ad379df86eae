/**
 * Is what people approved still right? Lease ─► read and analyze again ─► attest ─► ask `write`. Its answer comes home through a queue
 * of its own (`bring-home.ts`). After a crash at any step, the next delivery or `sweep` asks again.
 */

import { fail, HOUR_MS, never, ok, type Refusal, type Result, RolemedicError } from '../../core/base/index.ts'
import { samePolicy } from '../../core/iam/index.ts'
import { type Risk, type Target, withdraws } from '../../core/patch/index.ts'
import {
  ATTESTATION,
  type Attestation,
  decisionsDigest,
  isOfNow,
  isSignedNow,
  ledgerKey,
  MAX_ATTESTATION_AGE_MS,
  MAX_SKEW_MS,
  needsWitness,
  type Signed,
  statementBytes,
} from '../domain/authority/index.ts'
import {
  type Applied,
  type Applying,
  type ApprovedPatch,
  applying,
  approvalsNeededUntil,
  approvedPatch,
  type Confirmed,
  freezeRefusal,
  type Grant,
  grantOf,
  isRollingOut,
  modeRefusal,
  type Proposal,
  released,
  reopened,
  SOLVED,
  seenOf,
  waitingForRecord,
  waitingForResume,
  whoseRequest,
} from '../domain/proposal/index.ts'
import { GRANT_STOP, type GrantStop } from '../domain/stored/index.ts'
import { decidingMode } from '../workflows/approval/account-mode.ts'
import { countChange } from '../workflows/approval/changes-today.ts'
import { proposedAgain } from '../workflows/approval/record-proposed.ts'
import { peopleOrAgain, recountApprovals } from '../workflows/approval/recount-approvals.ts'
import { FORGED_MESSAGE, reportForgery } from '../workflows/approval/report-forgery.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { chainForWrite } from '../workflows/denial/ask-chain.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import { callsAfter, lastDenied, solvedBy } from '../workflows/denial/later-success.ts'
import { lastLookups } from '../workflows/denial/lookups.ts'
import { asProposed, type Beside } from '../workflows/deploy/analyze-bundle.ts'
import { othersLeft } from '../workflows/deploy/others-left.ts'
import { askWriter } from './ask-writer.ts'
import { LEASE_MS, type VerifyDeps } from './deps.ts'
import { type Lease, type NotLeased, record, transition, withLease } from './lease.ts'
import { endRefused, endUnwritten, finish, lookAgain, type VerifyResult } from './outcomes.ts'

export function makeVerify(deps: VerifyDeps): (proposalId: string) => Promise<VerifyResult> {
  return async proposalId => {
    const seen = await deps.store.get(proposalId)
    if (seen === null) {
      deps.observer.log('warn', 'proposal_missing', { proposalId })
      return 'nothing-to-do'
    }
    if (seen.status === 'applied' && isRollingOut(seen)) return finish(await lookAgain(seen, deps), deps)
    if (isWritten(seen) || seen.status === 'failed' || seen.status === 'stale') return finish(seen, deps)
    const acquire = (current: Proposal): Result<Applying, NotLeased> => {
      if (current.status !== 'approved' && current.status !== 'applying') return fail('nothing-to-do')
      const leased = applying(current, LEASE_MS, deps.clock())
      return leased.ok ? leased : fail('busy')
    }
    return withLease(seen, acquire, targetsOf, deps, lease => work(lease, deps))
  }
}

const isWritten = (proposal: Proposal): proposal is Applied | Confirmed =>
  proposal.status === 'applied' || proposal.status === 'confirmed'

const targetsOf = ({ patch }: Applying): readonly Target[] =>
  patch.changes.filter(change => change.required).map(change => change.target)

/** The configuration that runs is not the one that people deployed: `sweep` tells them. */
const stopFor = ({ configUnread }: VerifyDeps): GrantStop | null =>
  configUnread == null
    ? null
    : { by: 'rolemedic', reason: 'the deployed configuration cannot be read', sinceMs: configUnread.lastGoodMs }

async function work(lease: Lease<Applying>, deps: VerifyDeps): Promise<VerifyResult> {
  const { current } = lease
  const [ring, stop, begun] = await Promise.all([
    deps.keys.ring(),
    deps.store.getMarker(GRANT_STOP),
    deps.ledger.versions(ledgerKey('spent', deps.deploymentId, current.id)),
  ])
  const grant = grantOf(current, ring)
  if (!grant.ok) return endForged(lease, grant.error.why, deps)
  // It was begun, whatever the item says: `write` goes on from what it kept itself.
  if (begun.length > 0)
    return askWriter(lease, { schema: 'rolemedic.ask/1', ask: 'resume', proposalId: current.id }, deps)
  if (current.beganEarlier === true) return endUnwritten(lease, 'failed', BEGAN_EARLIER, deps)
  if (!grant.value.decisions.every(isOfNow)) return endUnwritten(lease, 'stale', PRESS_AGAIN, deps)
  const stopped = stopFor(deps) ?? stop?.value.stop ?? null
  if (stopped !== null) return waitForResume(lease, stopped, deps)
  if ((current.asked?.times ?? 0) >= MAX_ATTESTED) return endUnwritten(lease, 'stale', ASKED_TOO_OFTEN, deps)
  const planned = await plan(lease, grant.value, deps)
  if (!planned.ok) {
    if (planned.error.code === SOLVED) return endSolved(lease, planned.error, deps)
    if (planned.error.code === WAITING) return waitForRecord(lease, deps)
    // Another card would be made from the same denial, which CloudTrail does not know.
    const isFault = planned.error.code === TARGET_UNREADABLE || planned.error.code === UNWITNESSED
    return endUnwritten(lease, isFault ? 'failed' : 'stale', planned.error, deps)
  }
  const { approved, attested, withdraws, why } = planned.value
  const intent = {
    ...{ kind: 'apply-intended' as const, why },
    ...{ changes: approved.grant.writes, of: attested.decisions },
  }
  const [attestation] = await Promise.all([attest(planned.value, deps), record(current, intent, deps)])
  const decisions = approved.grant.approvals.flatMap(({ signed }) =>
    signed !== null && isSignedNow(signed) ? [signed] : [],
  )
  const changes = current.patch.changes
    .filter(change => change.required)
    .map(({ target, before, after }) => ({ target, before, after }))
  const input = { decisions, attestation, changes }
  return askWriter(
    lease,
    { schema: 'rolemedic.ask/1', ask: 'write', proposalId: current.id, grant: input, withdraws },
    deps,
  )
}

type Planned = {
  readonly approved: ApprovedPatch
  readonly attested: Omit<Attestation, 'schema' | 'atMs' | 'deploymentId'>
  readonly withdraws: readonly string[]
  /** The cause, as seen now. */
  readonly why: string
}

async function attest(
  { attested }: Planned,
  { signer, deploymentId, clock }: VerifyDeps,
): Promise<Signed<Attestation>> {
  const statement: Attestation = { schema: 'rolemedic.attestation/1', deploymentId, ...attested, atMs: clock() }
  return { statement, signature: await signer.sign(statementBytes(ATTESTATION, statement)) }
}

/** Reads and analyzes again: nothing but the approved patch is attested. */
async function plan(lease: Lease<Applying>, grant: Grant, deps: VerifyDeps): Promise<Result<Planned, Refusal>> {
  const { current } = lease
  const { config, clock, store } = deps
  const lastMs = Math.max(...grant.decisions.map(({ atMs }) => atMs))
  if (clock() > lastMs + MAX_APPROVAL_AGE_MS)
    return refused('approval-too-old', 'It was approved more than 24 h ago and never written: approve a new card.')
  const mode = await decidingMode(current, deps)
  const byMode = modeRefusal(mode)
  if (byMode !== null) return fail(byMode)
  const isGlass = grant.decisions.some(({ kind }) => kind === 'break-glass')
  // `write` takes no older attestation, so none is made that a freeze may overtake.
  const byFreeze = isGlass ? null : freezeRefusal(mode, clock(), clock() + MAX_ATTESTATION_AGE_MS)
  if (byFreeze !== null) return fail(byFreeze)
  // The reader role does not read permission sets themselves: `write` does before it writes.
  const read = current.patch.changes.filter(
    ({ required, target }) => required && target.kind !== 'permission-set-inline-policy',
  )
  const [documents, earlierGrants] = await Promise.all([
    Promise.all(read.map(({ target }) => deps.documents.read(target))),
    grantsBefore(current, store),
  ])
  for (const [at, { target, before }] of read.entries()) {
    const now = documents[at]
    if (now?.kind === 'unreadable') return refused(TARGET_UNREADABLE, now.why)
    if (!samePolicy(now?.kind === 'found' ? now.value : null, before))
      return refused('drift', `the policy of ${target.name} was changed after the card was made`)
  }
  const isKnown = grant.decisions.some(({ requester }) => requester.kind !== 'unknown')
  const chain = chainForWrite(deps.chain, current.denial, isKnown)
  const analysis = await deps.analyze(current.denial, clock(), {
    ...asProposed(current),
    earlierGrants,
    ...(chain === undefined ? {} : { chain }),
  })
  if (analysis.verified === null)
    return analysis.refusal === null ? refused('no-patch', 'no change is needed any more') : fail(analysis.refusal)
  const people = peopleOrAgain(grant, deps.chat)
  const recount = await recountApprovals(current, grant, analysis.requester, config, people)
  const approved = approvedPatch(analysis.verified, analysis.diagnosis, grant, recount)
  if (!approved.ok) return approved
  const { verification } = analysis.verified
  const unwitnessed = await witnessRefusal(current, grant, [verification.risk], deps)
  if (unwitnessed !== null) return fail(unwitnessed)
  const solved = await solvedMeanwhile(current, earlierGrants, deps)
  if (solved !== null) return fail(solved)
  const { endsAtMs } = grant
  if (endsAtMs !== null && endsAtMs <= clock()) return refused('limit-over', 'the approved time is over')
  const changes = await countChange(current.denial, clock(), store)
  if (changes > config.maxChangesPerPrincipalPerDay)
    return refused('changes-per-day', 'this principal was changed too often today: ask the administrators of rolemedic')
  const attested = {
    proposalId: current.id,
    decisions: decisionsDigest(grant.decisions),
    patchDigest: grant.patch.digest,
    risk: verification.risk,
    ...seenOf(verification),
    approversNeeded: approvalsNeededUntil(
      endsAtMs,
      { verification, diagnosis: analysis.diagnosis },
      recount.requester,
      recount.permanent,
    ),
    requesters: [
      ...new Set([recount.requester, ...grant.decisions.map(({ requester }) => requester)].flatMap(whoseRequest)),
    ],
    breakGlass: config.breakGlass !== null,
    configDigest: deps.configDigest,
  }
  const withdrawn = earlierGrants.filter(({ changes }) => withdraws(grant.patch, changes))
  const why = analysis.diagnosis.summary
  return ok({ approved: approved.value, attested, withdraws: withdrawn.map(({ proposalId }) => proposalId), why })
}

/** As old as a denial may be. A signed approval that was kept back writes nothing later. */
const MAX_APPROVAL_AGE_MS = 24 * HOUR_MS
/** `write` refuses what it gets late: an outage that lasts ends in a new card. */
const MAX_ATTESTED = 5

const WAITING = 'waits-for-record'
const UNWITNESSED = 'unwitnessed'
const NOT_CONFIRMED = 'not-confirmed'

/**
 * Why CloudTrail does not confirm the denial; null: it does, or is not asked. The risk is that of today, and the one that was signed.
 * Throws when the history cannot be read: then it is tried again.
 */
async function witnessRefusal(
  { denial, verification }: Applying,
  grant: Grant,
  risks: readonly Risk[],
  { witness, clock, observer }: VerifyDeps,
): Promise<Refusal | null> {
  if (!needsWitness(denial, [verification.risk, ...grant.decisions.map(({ risk }) => risk), ...risks])) return null
  const seen = await witness(denial, clock(), grant.proposalId)
  switch (seen.kind) {
    case 'confirmed':
      return null
    case 'waiting':
      return { code: WAITING, message: 'CloudTrail has no record of this denial yet', owner: null }
    case 'refuted':
      observer.log('error', 'denial_unwitnessed', { proposalId: grant.proposalId, eventId: denial.id, why: seen.why })
      observer.count('Unwitnessed')
      return { code: UNWITNESSED, message: `${seen.why}, so the change was not written`, owner: null }
    // No sign that somebody made it up: it is not asked again.
    case 'spent':
      observer.log('warn', 'denial_not_confirmed', { proposalId: grant.proposalId, eventId: denial.id })
      return { code: NOT_CONFIRMED, message: `${seen.why}, so the change was not written`, owner: null }
    case 'unreadable':
      throw new RolemedicError('history-unreadable', `CloudTrail's event history cannot be read: ${seen.why}`)
    default:
      return never(seen)
  }
}

/** Why nothing is to be written: the denied call succeeded since. Null: it is not known to have, or a request for it is not left. */
async function solvedMeanwhile(
  proposal: Applying,
  earlierGrants: NonNullable<Beside['earlierGrants']>,
  deps: VerifyDeps,
): Promise<Refusal | null> {
  const { store, clock, analyze } = deps
  const denial = proposal.isSolved === true ? null : lastDenied(proposal, await store.occurrence(proposal.fingerprint))
  if (denial === null) return null
  const lookups = lastLookups(proposal, deps)
  const { trail } = await callsAfter(denial, ['session', 'call'], clock(), lookups)
  if (trail === null) return null
  const again = asProposed(proposal)
  return solvedBy(proposal, denial, trail, {
    ...{ lookups, nowMs: clock() },
    analyze: beside => analyze(denial, clock(), { ...again, earlierGrants, ...beside }),
  })
}

/** `write` may be late, and takes the last question as long as its attestation is young enough, whatever the item says by then. */
const mayStillTake = ({ asked }: Applying, nowMs: number): boolean =>
  asked !== null && nowMs < asked.atMs + MAX_ATTESTATION_AGE_MS + MAX_SKEW_MS

/** Nothing is written. What the deploy lacks beside the denial is for people to decide, without it. */
async function endSolved(lease: Lease<Applying>, why: Refusal, deps: VerifyDeps): Promise<VerifyResult> {
  const { current } = lease
  const { config, clock, store, analyze } = deps
  if (mayStillTake(current, clock())) {
    await transition(lease, released(current, clock()), deps)
    return 'asked'
  }
  deps.observer.count('SolvedThemselves')
  if ((current.template?.needs.length ?? 0) === 0) return endUnwritten(lease, 'stale', why, deps)
  const earlierGrants = await grantsBefore(current, store)
  const found = await analyze(current.denial, clock(), { ...asProposed(current), earlierGrants, isSolved: true })
  const left = othersLeft(current, found, why, config)
  if (left === null) return endUnwritten(lease, 'stale', why, deps)
  const next = reopened(current, left, left.because, config, clock())
  await record(current, proposedAgain(next), deps)
  await transition(lease, next, deps)
  await refreshCard(current.id, deps)
  return 'reopened'
}

/** `sweep` sends the work again, until the record is there or its time is over. */
async function waitForRecord(lease: Lease<Applying>, deps: VerifyDeps): Promise<VerifyResult> {
  const { id } = await transition(lease, waitingForRecord(lease.current, deps.clock()), deps)
  deps.observer.log('info', 'verify_waits_for_record', { proposalId: id })
  await refreshCard(id, deps)
  return 'waiting'
}

/** An operator stopped granting. `sweep` sends the work again, until it goes on. */
async function waitForResume(lease: Lease<Applying>, stop: GrantStop, deps: VerifyDeps): Promise<VerifyResult> {
  const { id } = await transition(lease, waitingForResume(lease.current, stop, deps.clock()), deps)
  deps.observer.log('warn', 'granting_is_stopped', { proposalId: id, by: stop.by, sinceMs: stop.sinceMs })
  await refreshCard(id, deps)
  return 'waiting'
}

const TARGET_UNREADABLE = 'target-unreadable'
const refused = (code: string, message: string) => fail<Refusal>({ code, message, owner: null })

/** Nothing is written, and the item is not believed. */
async function endForged(lease: Lease<Applying>, why: string, deps: VerifyDeps): Promise<VerifyResult> {
  await reportForgery(lease.current, why, deps)
  return endRefused(lease, { code: 'forged', message: FORGED_MESSAGE, owner: null }, deps)
}

const PRESS_AGAIN: Refusal = {
  code: 'earlier-version',
  message: 'It was approved with an earlier version of rolemedic: press again on the new card.',
  owner: null,
}
const BEGAN_EARLIER: Refusal = {
  code: 'began-earlier',
  message:
    'An earlier version of rolemedic had begun to write it: look at the policy, and press again if the request is denied.',
  owner: null,
}
const ASKED_TOO_OFTEN: Refusal = {
  code: 'asked-too-often',
  message: 'It could not be written in time: approve a new card.',
  owner: null,
}
