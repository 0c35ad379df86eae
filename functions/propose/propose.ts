/**
 * Turns a settled occurrence into one proposal: analyzed, stored, recorded, announced. Idempotent: the id follows from the
 * denial and the proposal before it.
 */

import { HOUR_MS } from '../domain/base/time.ts'
import type { BotConfig } from '../domain/config/config.ts'
import type { DeployState } from '../domain/deploy/deploy.ts'
import {
  type Drafted,
  deniedAtMs,
  isObserved,
  type Occurrence,
  type Proposal,
  postedCardOf,
} from '../domain/proposal/proposal.ts'
import { requeued } from '../domain/proposal/transitions.ts'
import { COUNTERS } from '../domain/stored/counters.ts'
import { noticePublished } from '../domain/stored/markers.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer, SideRenderer } from '../ports/renderer.ts'
import { decidingMode, modeOfDenial } from '../workflows/approval/account-mode.ts'
import { recordProposed } from '../workflows/approval/record-proposed.ts'
import { channelOf } from '../workflows/card/card-placement.ts'
import { introduce } from '../workflows/card/first-run.ts'
import { type PostCardDeps, postCard } from '../workflows/card/post-card.ts'
import { earlierGrants } from '../workflows/denial/earlier-grants.ts'
import type { AskWitness } from '../workflows/denial/witness-denial.ts'
import type { AnalyzeAgain } from '../workflows/deploy/analyze-bundle.ts'
import { announceDeploy, deployOf, deploysBrokenBy } from '../workflows/deploy/correlate-deploy.ts'
import { deploysOfCard } from '../workflows/deploy/deploy-store.ts'
import { bestDenial, replacedByRecord } from './confirm-hearsay.ts'
import { countObserved } from './count-observed.ts'
import { countOutcome } from './count-outcome.ts'
import { type Joined, joinCard } from './join-card.ts'
import { noticeOf } from './notice.ts'
import { drafted } from './proposal-factory.ts'
import { proposalId, reactionTo } from './re-proposal-policy.ts'
import { countRepeats } from './repeats.ts'
import { reverify } from './superseded.ts'
import { analyzeWithTemplate } from './template-findings.ts'

export type ProposeDeps = PostCardDeps & {
  readonly store: ProposalStore
  readonly chat: Chat
  readonly renderer: Renderer & SideRenderer
  readonly analyze: AnalyzeAgain
  readonly audit: Pick<AuditLog, 'append' | 'appendAll'>
  readonly notifier: Notifier
  readonly config: BotConfig
  readonly clock: Clock
  readonly observer: Observer
  readonly botVersion: string
  /** Whether CloudTrail itself knows what a text reports. */
  readonly witness: AskWitness
}

export type Proposed =
  /**
   * `delayed`: stored, and `sweep` posts its card. `recorded`: it has no card. `repeated`: counted on the current proposal.
   * `quiet`: the current proposal holds.
   */
  | { readonly kind: 'posted' | 'delayed' | 'recorded' | 'repeated' | 'quiet'; readonly proposalId: string }
  | { readonly kind: 'missing' }

export function makePropose(deps: ProposeDeps): (fingerprint: string) => Promise<Proposed> {
  const { store, config, clock, observer } = deps

  return async function withDeploys(fingerprint): Promise<Proposed> {
    const occurrence = await store.occurrence(fingerprint)
    if (occurrence === null) {
      observer.log('warn', 'occurrence_missing', { fingerprint })
      return { kind: 'missing' }
    }
    const broken = await deploysBrokenBy(occurrence, deps)
    const joined = await joinCard(occurrence, broken, deps)
    const outcome =
      joined === null ? await propose(occurrence, broken) : await afterJoining(joined, fingerprint, broken)
    // Correlated again: a deploy that failed meanwhile found no proposal.
    for (const { key } of await deploysBrokenBy(occurrence, deps)) await announceDeploy(key, deps)
    return outcome
  }

  /** The deploy that it broke may have a template of its own, which the card does not know. */
  async function afterJoining(joined: Joined, fingerprint: string, broken: readonly DeployState[]): Promise<Proposed> {
    const card = await store.get(joined.proposalId)
    if (card === null || (await reverify(card, await brokenBy(card, broken), deps)) !== 'ended') return joined
    const occurrence = await store.occurrence(fingerprint)
    return occurrence === null ? joined : propose(occurrence, broken)
  }

  /** Every deploy that the card holds denials of, each with its own template. */
  async function brokenBy(card: Proposal, broken: readonly DeployState[]): Promise<readonly DeployState[]> {
    if (card.status !== 'open') return broken
    const others = await deploysOfCard(card, deps)
    return [...broken, ...others.filter(({ key }) => !broken.some(state => state.key === key))]
  }

  async function propose(occurrence: Occurrence, broken: readonly DeployState[]): Promise<Proposed> {
    const { fingerprint } = occurrence
    const deploy = deployOf(broken, [fingerprint])
    const mode = await modeOfDenial(occurrence.denial, deps)
    const current = occurrence.proposalId === null ? null : await store.get(occurrence.proposalId)
    const reaction = reactionTo(occurrence, current, { config, mode, nowMs: clock() })
    const all = current === null ? broken : await brokenBy(current, broken)
    const again = current === null ? 'as-it-was' : await reverify(current, all, deps)
    if (again === 'ended') return propose(occurrence, broken)
    if (current !== null && again === 'as-it-was') await replacedByRecord(current, occurrence, all, deps)
    if (current !== null && current.status === 'open') {
      const now = (await store.get(current.id)) ?? current
      await countRepeats(now, occurrence, deps)
      return { kind: 'repeated', proposalId: current.id }
    }
    if (current !== null && reaction === 'repeat') {
      await countRepeats(current, occurrence, deps)
      return { kind: 'repeated', proposalId: current.id }
    }
    const more = current?.status === 'closed' ? await countRepeats(current, occurrence, deps) : 0
    if (current !== null && isObserved(current) && mode.mode === 'observe')
      await countObserved({ proposal: current, mode, count: more, isNew: false }, deps)
    if (current !== null && reaction === 'quiet') return { kind: 'quiet', proposalId: current.id }

    const id = proposalId(fingerprint, current)
    const stored = await store.get(id)
    if (stored !== null) {
      const followed = await follow(stored, occurrence, deps)
      // It went stale before it became current: its reanalysis was asked for already.
      return stored.status === 'stale' ? propose((await store.occurrence(fingerprint)) ?? occurrence, broken) : followed
    }
    if (current !== null && reaction === 'reanalyze' && !(await mayReanalyze(current, deps)))
      return { kind: 'quiet', proposalId: current.id }

    const nowMs = clock()
    const denial = await bestDenial(occurrence, deps)
    const grants = await earlierGrants(current, { denial, atMs: deniedAtMs(occurrence) }, store)
    const question = { denial, earlierGrants: grants, nowMs }
    const { analysis, template } = await analyzeWithTemplate(question, broken, deps.analyze)
    const proposal = drafted(id, analysis, { occurrence, previous: current, deploy, template, config, mode, nowMs })
    if (current !== null && reaction === 'reanalyze' && hasSameFinding(proposal, current)) {
      await countReanalysis(current, deps)
      return { kind: 'quiet', proposalId: current.id }
    }
    const created = await store.create(proposal)
    countOutcome(proposal, analysis, observer)
    if (created.ok && isObserved(proposal)) {
      await introduce(channelOf(denial, config), mode, config.digestAfterCards, deps)
      await countObserved({ proposal, mode, count: newDenials(proposal, current) - more, isNew: true }, deps)
    }
    if (created.ok && grants.some(({ proposalId }) => proposalId === current?.id)) {
      observer.count('AfterGrantDenied')
      observer.log('warn', 'after_grant_denied', { proposalId: id, after: current?.id ?? null })
    }
    return created.ok
      ? follow(created.value, occurrence, deps, { first: true })
      : follow(created.error, occurrence, deps)
  }
}

/** Those that an earlier observed proposal of the same denial has not counted. */
const newDenials = ({ repeats }: Proposal, before: Proposal | null): number =>
  repeats.count - (before !== null && isObserved(before) ? before.repeats.count : 0)

/** At most once an hour: it reads IAM for something that a card shows already. One that fails is no look. */
async function mayReanalyze(current: Proposal, { store, clock }: ProposeDeps): Promise<boolean> {
  return (await store.counted(reanalysesOf(current, hourOf(clock())))) === 0
}

async function countReanalysis(current: Proposal, { store, clock }: ProposeDeps): Promise<void> {
  const hour = hourOf(clock())
  await store.increment(reanalysesOf(current, hour), (hour + 2) * HOUR_MS)
}

const hourOf = (nowMs: number): number => Math.floor(nowMs / HOUR_MS)
const reanalysesOf = ({ id }: Proposal, hour: number): string => `${COUNTERS.lookAgain}${id}/${hour}`

function hasSameFinding(proposal: Proposal, current: Proposal): boolean {
  const { verdict, cause } = proposal.diagnosis
  return proposal.patch === null && verdict === current.diagnosis.verdict && cause === current.diagnosis.cause
}

/**
 * The steps after a proposal is stored: record it, publish the notice, make it the occurrence's current proposal, post the
 * card. A redelivery repeats them until the proposal is current; after that only the card can be missing, and `sweep` posts it.
 */
async function follow(
  proposal: Proposal,
  occurrence: Occurrence,
  deps: ProposeDeps,
  { first = false }: { readonly first?: boolean } = {},
): Promise<Proposed> {
  const { store, observer, clock } = deps
  await recordProposed(proposal, occurrence.eventIds, deps)
  if (proposal.status === 'drafted') await publishOnce(proposal, deps)
  await store.claimOccurrence(occurrence.fingerprint, occurrence.proposalId, proposal.id)
  if (proposal.status !== 'drafted')
    return { kind: postedCardOf(proposal) === null ? 'recorded' : 'repeated', proposalId: proposal.id }
  const leased = first ? proposal : await leasePost(proposal, clock(), deps)
  if (leased === null) return { kind: 'delayed', proposalId: proposal.id }
  try {
    const posted = await postCard(leased, deps, { first })
    return { kind: posted === null ? 'delayed' : 'posted', proposalId: proposal.id }
  } catch (error) {
    // Stored and due: `sweep` posts it; the notice is published already.
    observer.count('CardsDelayed')
    observer.log('error', 'card_delayed', { proposalId: proposal.id, ...fieldsOf(error) })
    return { kind: 'delayed', proposalId: proposal.id }
  }
}

/** The creator posts the card; once its lease expires, the first worker to extend it does. */
async function leasePost(proposal: Drafted, nowMs: number, { store }: ProposeDeps): Promise<Drafted | null> {
  if (proposal.dueAtMs > nowMs) return null
  const leased = await store.replace(proposal, requeued(proposal, nowMs))
  return leased.ok ? leased.value : null
}

/** At least once: a crash between publishing and recording publishes twice. */
async function publishOnce(
  proposal: Drafted,
  { store, notifier, observer, config, units }: ProposeDeps,
): Promise<void> {
  const marker = noticePublished(proposal.id)
  if ((await store.getMarker(marker)) !== null) return
  try {
    await notifier.publish(noticeOf(proposal, await decidingMode(proposal, { config, units })))
    await store.putMarker(marker, 0, {})
  } catch (error) {
    // The card is posted anyway: one of the two must reach a person.
    observer.count('NoticesFailed')
    observer.log('error', 'notice_not_published', { proposalId: proposal.id, ...fieldsOf(error) })
  }
}

function fieldsOf(error: unknown): { readonly error: string; readonly code: string | null } {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
  return { error: String(error), code }
}
