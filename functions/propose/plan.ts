/**
 * Computes the next step of `propose` from what it knows, purely and synchronously. `propose.ts` carries the step out and adds
 * its result. Every step can be repeated, so a redelivered message ends in the same state after a crash:
 * `test/propose/crash.slow.test.ts` has a row for each step.
 */

import type { Denial } from '../../core/denial/index.ts'
import type { EarlierGrant } from '../../core/patch/index.ts'
import type { AppliedMode, BotConfig } from '../domain/config/index.ts'
import { blockedDeploys, type DeployState } from '../domain/deploy/index.ts'
import {
  type Closed,
  type Correction,
  type Drafted,
  isObserved,
  lastChangeSettledMs,
  type Occurrence,
  type Proposal,
  postedCardOf,
  proposalId,
  settleEndMs,
} from '../domain/proposal/index.ts'
import type { WithTemplate } from '../workflows/deploy/template-findings.ts'
import { type CardReview, type ReviewStep, recordStep, reviewStep } from './card-review.ts'
import { drafted } from './proposal-factory.ts'
import { type Reaction, reactionTo } from './re-proposal-policy.ts'

export type Proposed =
  /**
   * `delayed`: stored, and another delivery or `sweep` posts its card. `recorded`: it has no card. `repeated`: counted on the current proposal.
   * `quiet`: the current proposal still applies.
   */
  | { readonly kind: 'posted' | 'delayed' | 'recorded' | 'repeated' | 'quiet'; readonly proposalId: string }
  /** `settling`: IAM may not have settled, so the work is queued again and nothing is stored. */
  | { readonly kind: 'missing' | 'settling' }

/** The analysis of a denial that gets a new proposal. */
export type NewAnalysis = WithTemplate & {
  /** The denial as CloudTrail recorded it, or else as the text reports it. */
  readonly denial: Denial
  /** Earlier grants for it that did not help. */
  readonly grants: readonly EarlierGrant[]
  /** Another card of the same call. Null: none is known. */
  readonly correction: Correction | null
  readonly nowMs: number
  /** When IAM had answered. */
  readonly readByMs: number
}

/** The first member is the message. All others are absent until their step is done. */
export type ProposeState = {
  readonly fingerprint: string
  /** Null: no occurrence was recorded. */
  readonly occurrence?: Occurrence | null
  /** When the occurrence was read. */
  readonly readAtMs?: number
  /** The deploys that the denial broke. */
  readonly broken?: readonly DeployState[]
  /** The card of the same deploy that already contains the denial. Null: none. */
  readonly holder?: Proposal | null
  /** The card of the first look says that it is over, because the second look posts none. */
  readonly firstLookEnded?: true
  /** Keys of the deploys that are not announced yet. */
  readonly toAnnounce?: readonly string[]
} & Round

/** What is known about the current proposal. Starts again if that proposal ended meanwhile. */
type Round = CardReview &
  FollowUp & {
    readonly joined?: true
    /** The occurrence of this round. */
    readonly subject?: Occurrence
    readonly mode?: AppliedMode
    readonly current?: { readonly proposal: Proposal | null; readonly atMs: number }
    /** Null: it does not exist any more. */
    readonly reread?: Occurrence | null
    /** How many denials were added to the count of the current proposal. */
    readonly repeats?: number
    readonly repeatsObserved?: true
    /** The proposal that an earlier delivery stored under the next id. */
    readonly stored?: Proposal | null
    /** The number of analyses of the current proposal in this hour. */
    readonly reanalyses?: number
    readonly analyzed?: NewAnalysis
    readonly reanalysisCounted?: true
    readonly created?: { readonly proposal: Proposal; readonly isNew: boolean }
    /** The work is queued again. */
    readonly isLater?: true
    readonly introduced?: true
    readonly firstObserved?: true
  }

/** What must be done for a stored proposal. */
type FollowUp = {
  readonly recorded?: true
  readonly noticed?: true
  readonly otherNoted?: true
  readonly claimed?: true
  /** Null: another worker posts the card. */
  readonly leased?: Drafted | null
  readonly posted?: 'posted' | 'delayed'
}

type About<Kind extends string, What = unknown> = { readonly kind: Kind } & What
type Observed = { readonly proposal: Proposal; readonly mode: AppliedMode; readonly count: number }

export type ProposeStep =
  | About<'read-occurrence', { readonly fingerprint: string }>
  | About<'correlate', { readonly occurrence: Occurrence }>
  | About<'find-card', { readonly occurrence: Occurrence; readonly broken: readonly DeployState[] }>
  | About<'join-card', { readonly occurrence: Occurrence; readonly card: Proposal }>
  /** `by`: the proposal that has no card, or the one whose card has the denial. */
  | About<'end-first-look', { readonly id: string; readonly by: Proposal }>
  | About<'begin-round', { readonly occurrence: Occurrence }>
  | About<'read-current', { readonly id: string }>
  | ReviewStep
  | About<'reread-occurrence', { readonly fingerprint: string }>
  /** `isNewest`: the proposal is as it was stored last. Otherwise it is read again, because a review may have written it. */
  | About<'count-repeats', { readonly proposal: Proposal; readonly occurrence: Occurrence; readonly isNewest: boolean }>
  | About<'count-repeats-observed', Observed>
  | About<'read-stored', { readonly id: string }>
  | About<'read-reanalyses', { readonly proposal: Proposal }>
  | About<
      'analyze',
      {
        readonly occurrence: Occurrence
        readonly current: Proposal | null
        readonly broken: readonly DeployState[]
        /** What the analysis rests on is not read before. */
        readonly nowMs: number
      }
    >
  | About<'look-later', { readonly fingerprint: string; readonly atMs: number }>
  | About<'count-reanalysis', { readonly proposal: Proposal }>
  | About<'create', { readonly draft: Drafted | Closed; readonly analyzed: NewAnalysis; readonly after: string | null }>
  | About<'introduce', { readonly denial: Denial; readonly mode: AppliedMode }>
  | About<'count-first-observed', Observed>
  | About<'record', { readonly proposal: Proposal; readonly eventIds: readonly string[] }>
  | About<'note-on-other', { readonly proposal: Proposal }>
  | About<'publish-notice', { readonly proposal: Drafted }>
  | About<'claim', { readonly proposal: Proposal; readonly occurrence: Occurrence }>
  | About<'lease-card', { readonly proposal: Drafted }>
  | About<'post-card', { readonly proposal: Drafted; readonly first: boolean }>
  | About<'correlate-again', { readonly occurrence: Occurrence }>
  | About<'announce', { readonly key: string; readonly rest: readonly string[] }>

type Done = About<'done', { readonly outcome: Proposed }>
const done = (kind: Exclude<Proposed['kind'], 'missing' | 'settling'>, { id }: Pick<Proposal, 'id'>): Done => ({
  kind: 'done',
  outcome: { kind, proposalId: id },
})

/** Adds the result of a step to the state. */
export function learned(state: ProposeState, step: ProposeStep, news: Partial<ProposeState>): ProposeState {
  if (step.kind !== 'begin-round') return { ...state, ...news }
  const { fingerprint, occurrence = null, readAtMs = 0, broken = [] } = state
  return { fingerprint, occurrence, readAtMs, broken, subject: step.occurrence, ...news }
}

export function nextStep(state: ProposeState, config: BotConfig): ProposeStep | Done {
  const { fingerprint, occurrence, readAtMs, broken, holder, toAnnounce } = state
  if (occurrence === undefined || readAtMs === undefined) return { kind: 'read-occurrence', fingerprint }
  if (occurrence === null) return { kind: 'done', outcome: { kind: 'missing' } }
  if (broken === undefined) return { kind: 'correlate', occurrence }
  const step = stepOfDenial({ ...state, occurrence, readAtMs, broken }, holder, config)
  if (step.kind !== 'done' || step.outcome.kind === 'settling') return step
  // A deploy that failed meanwhile found no proposal, so the correlation runs again.
  if (toAnnounce === undefined) return { kind: 'correlate-again', occurrence }
  const [key, ...rest] = toAnnounce
  return key === undefined ? step : { kind: 'announce', key, rest }
}

type Correlated = ProposeState & {
  readonly occurrence: Occurrence
  readonly readAtMs: number
  readonly broken: readonly DeployState[]
}

function stepOfDenial(state: Correlated, holder: ProposeState['holder'], config: BotConfig): ProposeStep | Done {
  const { occurrence, broken, subject, mode } = state
  if (subject !== undefined && mode !== undefined) return stepOfRound({ ...state, occurrence: subject, mode }, config)
  if (occurrence.proposalId === null && holder === undefined) return { kind: 'find-card', occurrence, broken }
  return holder ? stepOfJoined(state, holder) : { kind: 'begin-round', occurrence }
}

/**
 * The next step if a card already contains the denial. The deploy that the denial broke may have a template of its own, which
 * the card lacks.
 */
function stepOfJoined(state: Correlated, holder: Proposal): ProposeStep | Done {
  const { fingerprint, occurrence, broken, firstLookEnded, joined, current, reread } = state
  const outcome = done('repeated', holder)
  // Before the claim: until then, `sweep` repeats it.
  if (!firstLookEnded) return { kind: 'end-first-look', id: proposalId(fingerprint, null), by: holder }
  if (!joined) return { kind: 'join-card', occurrence, card: holder }
  if (current === undefined) return { kind: 'read-current', id: holder.id }
  if (current.proposal === null) return outcome
  const review = reviewStep(current.proposal, broken, state)
  if (typeof review !== 'string') return review
  if (review !== 'ended') return outcome
  if (reread === undefined) return { kind: 'reread-occurrence', fingerprint }
  return reread === null ? outcome : { kind: 'begin-round', occurrence: reread }
}

type InRound = Correlated & { readonly mode: AppliedMode }

function stepOfRound(state: InRound, config: BotConfig): ProposeStep | Done {
  const { occurrence, mode, current } = state
  if (occurrence.proposalId === null) return stepOfNew(state, null, 'propose', config)
  if (current === undefined) return { kind: 'read-current', id: occurrence.proposalId }
  const { proposal, atMs } = current
  if (proposal === null) return stepOfNew(state, null, 'propose', config)
  const reaction = reactionTo(occurrence, proposal, { config, mode, nowMs: atMs })
  return stepOfCurrent(state, proposal, reaction, config) ?? stepOfNew(state, proposal, reaction, config)
}

/** Null: the current proposal does not answer this denial. */
function stepOfCurrent(
  state: InRound,
  current: Proposal,
  reaction: Reaction,
  config: BotConfig,
): ProposeStep | Done | null {
  const { occurrence, broken, mode, repeats, repeatsObserved } = state
  const review = reviewStep(current, broken, state)
  if (typeof review !== 'string') return review
  if (review === 'ended') return { kind: 'begin-round', occurrence }
  const record = review === 'as-it-was' ? recordStep(current, { occurrence, broken, config }, state) : null
  if (record !== null) return record
  const isOpen = current.status === 'open'
  const isCounted = isOpen || reaction === 'repeat' || current.status === 'closed'
  if (isCounted && repeats === undefined)
    return { kind: 'count-repeats', proposal: current, occurrence, isNewest: !isOpen }
  if (current.status === 'drafted') return stepOfCard(state, current, false)
  if (isOpen || reaction === 'repeat') return done('repeated', current)
  if (isObserved(current) && mode.mode === 'observe' && !repeatsObserved)
    return { kind: 'count-repeats-observed', proposal: current, mode, count: repeats ?? 0 }
  return reaction === 'quiet' ? done('quiet', current) : null
}

function stepOfNew(
  state: InRound,
  current: Proposal | null,
  reaction: Reaction,
  config: BotConfig,
): ProposeStep | Done {
  const { fingerprint, occurrence, broken, stored, reread, reanalyses, analyzed, created, mode } = state
  const id = proposalId(fingerprint, current)
  if (stored === undefined) return { kind: 'read-stored', id }
  if (stored !== null) {
    const step = stepAfterStored(state, stored, false)
    if (step.kind !== 'done' || stored.status !== 'stale') return step
    // It became stale before it became current, so its reanalysis was already queued.
    if (reread === undefined) return { kind: 'reread-occurrence', fingerprint }
    return { kind: 'begin-round', occurrence: reread ?? occurrence }
  }
  const later = (atMs: number): ProposeStep | Done =>
    state.isLater ? { kind: 'done', outcome: { kind: 'settling' } } : { kind: 'look-later', fingerprint, atMs }
  const endMs = settleEndMs(occurrence, config)
  if (state.readAtMs < endMs) return later(endMs)
  const isAgain = current !== null && reaction === 'reanalyze'
  if (isAgain && reanalyses === undefined) return { kind: 'read-reanalyses', proposal: current }
  if (isAgain && reanalyses !== 0) return done('quiet', current)
  if (analyzed === undefined) return { kind: 'analyze', occurrence, current, broken, nowMs: state.readAtMs }
  if (created !== undefined) return stepAfterCreated(state, current, analyzed, created)
  const { analysis, template, correction, nowMs, readByMs } = analyzed
  const settledMs = lastChangeSettledMs(analysis.snapshot, current, config, readByMs)
  const deploy = blockedDeploys(broken, [fingerprint])
  const draft = drafted(id, analysis, {
    occurrence,
    previous: current,
    deploy,
    template,
    correction,
    config,
    mode,
    nowMs,
  })
  if (draft.status === 'drafted' && settledMs > nowMs) return later(settledMs)
  if (isAgain && hasSameFinding(draft, current))
    return state.reanalysisCounted ? done('quiet', current) : { kind: 'count-reanalysis', proposal: current }
  const after = analyzed.grants.find(grant => grant.proposalId === current?.id)?.proposalId ?? null
  return { kind: 'create', draft, analyzed, after }
}

function hasSameFinding(proposal: Proposal, current: Proposal): boolean {
  const { verdict, cause } = proposal.diagnosis
  return proposal.patch === null && verdict === current.diagnosis.verdict && cause === current.diagnosis.cause
}

function stepAfterCreated(
  state: InRound,
  current: Proposal | null,
  { denial }: NewAnalysis,
  { proposal, isNew }: NonNullable<ProposeState['created']>,
): ProposeStep | Done {
  const { mode, repeats = 0, introduced, firstObserved } = state
  if (isNew && isObserved(proposal)) {
    if (!introduced) return { kind: 'introduce', denial, mode }
    const count = newDenials(proposal, current) - repeats
    if (!firstObserved) return { kind: 'count-first-observed', proposal, mode, count }
  }
  return stepAfterStored(state, proposal, isNew)
}

/** The number of denials that an earlier observed proposal of the same denial has not counted. */
const newDenials = ({ repeats }: Proposal, before: Proposal | null): number =>
  repeats.count - (before !== null && isObserved(before) ? before.repeats.count : 0)

/**
 * After a proposal is stored: record it, publish the notice, make it the occurrence's current proposal, post the card. A
 * redelivery repeats these steps until the proposal is current. After that only the card can be missing: once it is due, the next
 * delivery or `sweep` posts it.
 */
function stepAfterStored(state: InRound, proposal: Proposal, first: boolean): ProposeStep | Done {
  const { occurrence, recorded, noticed, otherNoted, firstLookEnded, claimed } = state
  if (!recorded) return { kind: 'record', proposal, eventIds: occurrence.eventIds }
  if (proposal.correction !== undefined && !otherNoted) return { kind: 'note-on-other', proposal }
  if (proposal.status === 'drafted' && !noticed) return { kind: 'publish-notice', proposal }
  if (proposal.status !== 'drafted' && postedCardOf(proposal) === null && !firstLookEnded)
    return { kind: 'end-first-look', id: proposal.id, by: proposal }
  if (!claimed) return { kind: 'claim', proposal, occurrence }
  if (proposal.status !== 'drafted') return done(postedCardOf(proposal) === null ? 'recorded' : 'repeated', proposal)
  return stepOfCard(state, proposal, first)
}

/** In a storm a card may come again, when its turn in the channel is near. */
function stepOfCard(state: InRound, proposal: Drafted, first: boolean): ProposeStep | Done {
  const { leased, posted } = state
  if (posted !== undefined) return posted === 'posted' ? stepOfLate(state, proposal) : done(posted, proposal)
  // The worker that created the proposal has the lease of its card.
  if (first) return { kind: 'post-card', proposal, first }
  if (leased === undefined) return { kind: 'lease-card', proposal }
  return leased === null ? done('delayed', proposal) : { kind: 'post-card', proposal: leased, first }
}

/** A denial that was counted before the card was open found nothing to count on. */
function stepOfLate({ fingerprint, reread, repeats }: InRound, proposal: Drafted): ProposeStep | Done {
  if (reread === undefined) return { kind: 'reread-occurrence', fingerprint }
  return reread === null || repeats !== undefined || reread.count <= proposal.repeats.count
    ? done('posted', proposal)
    : { kind: 'count-repeats', proposal, occurrence: reread, isNewest: false }
}
