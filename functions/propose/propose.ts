/**
 * A occurrence that has settled becomes one proposal: examined afresh, stored, recorded, told. Everything may happen
 * twice without harm, as the id follows from the denial and what came before it.
 */

import { HOUR_MS } from '../domain/base/time.ts'
import type { Config } from '../domain/config/config.ts'
import type { Denial } from '../domain/denial/denial.ts'
import type { DeployState } from '../domain/deploy/deploy.ts'
import { type Drafted, type Occurrence, type Proposal, postedCardOf } from '../domain/proposal/proposal.ts'
import { requeued } from '../domain/proposal/transitions.ts'
import { noticePublished } from '../domain/stored/markers.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Drawing, SideDrawing } from '../ports/drawing.ts'
import type { Notices } from '../ports/notifier.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { recordProposed } from '../workflows/approval/record-proposed.ts'
import { type PostCardDeps, postCard } from '../workflows/card/post-card.ts'
import type { BundleAnalysis, BundledNeed } from '../workflows/deploy/analyze-bundle.ts'
import { deployOf, deploysBrokenBy, tellDeploy } from '../workflows/deploy/correlate-deploy.ts'
import { joinCard } from './join-card.ts'
import { noticeOf } from './notice.ts'
import { drafted } from './proposal-factory.ts'
import { callFor, proposalId } from './re-proposal-policy.ts'
import { countRepeats } from './repeats.ts'
import { outOfDate } from './superseded.ts'
import { analyzeWithTemplate } from './template-findings.ts'

export type ProposeDeps = PostCardDeps & {
  readonly store: ProposalStore
  readonly chat: Chat
  readonly drawing: Drawing & SideDrawing
  readonly analyze: (denial: Denial, nowMs: number, needs?: readonly BundledNeed[]) => Promise<BundleAnalysis>
  readonly audit: Pick<AuditLog, 'append'>
  readonly notices: Notices
  readonly config: Config
  readonly clock: Clock
  readonly observer: Observer
  readonly botVersion: string
}

export type Proposed =
  /** `waits`: it is stored, and `sweep` posts its card. */
  | { readonly kind: 'posted' | 'waits' | 'recorded' | 'stands' | 'quiet'; readonly proposalId: string }
  | { readonly kind: 'not-sighted' }

export function makePropose(deps: ProposeDeps): (fingerprint: string) => Promise<Proposed> {
  const { store, config, clock, observer } = deps

  /** Looked for afterwards, too: a deploy that failed meanwhile saw no proposal yet. */
  return async function withDeploys(fingerprint): Promise<Proposed> {
    const occurrence = await store.occurrence(fingerprint)
    if (occurrence === null) {
      observer.log('warn', 'no sighting for the work', { fingerprint })
      return { kind: 'not-sighted' }
    }
    const broken = await deploysBrokenBy(occurrence, deps)
    const joined = await joinCard(occurrence, broken, deps)
    const outcome = joined ?? (await propose(occurrence, broken))
    for (const { key } of await deploysBrokenBy(occurrence, deps)) await tellDeploy(key, deps)
    return outcome
  }

  async function propose(occurrence: Occurrence, broken: readonly DeployState[]): Promise<Proposed> {
    const { fingerprint } = occurrence
    const deploy = deployOf(broken, fingerprint)
    const standing = occurrence.proposalId === null ? null : await store.get(occurrence.proposalId)
    const call = callFor(standing, occurrence, config, clock())
    if (standing !== null && (await outOfDate(standing, broken, deps))) return propose(occurrence, broken)
    if (standing !== null && call.kind === 'stands') {
      await countRepeats(standing, occurrence, deps)
      return { kind: 'stands', proposalId: standing.id }
    }
    if (standing !== null && standing.status === 'closed') await countRepeats(standing, occurrence, deps)
    if (standing !== null && call.kind === 'quiet') return { kind: 'quiet', proposalId: standing.id }

    const id = proposalId(fingerprint, standing)
    const stored = await store.get(id)
    if (stored !== null) {
      const followed = await follow(stored, occurrence, deps)
      // Posted by `sweep`, approved and out of date before it stood for the occurrence: the fresh look was asked for already.
      return stored.status === 'stale' ? propose((await store.occurrence(fingerprint)) ?? occurrence, broken) : followed
    }
    if (standing !== null && call.kind === 'look-again' && !(await turnOf(standing, deps)))
      return { kind: 'quiet', proposalId: standing.id }

    const nowMs = clock()
    const { analysis, template } = await analyzeWithTemplate(occurrence.denial, broken, deps.analyze, nowMs)
    const proposal = drafted(id, analysis, { occurrence, previous: standing, deploy, template, config, nowMs })
    if (standing !== null && call.kind === 'look-again' && saysTheSame(proposal, standing))
      return { kind: 'quiet', proposalId: standing.id }
    const created = await store.create(proposal)
    observer.count('Proposals')
    if (proposal.patch === null) {
      observer.count('Refusals')
      observer.log('info', 'proposal_refused', { proposalId: id, code: proposal.refusal.code })
    }
    return created.ok
      ? follow(created.value, occurrence, deps, { first: true })
      : follow(created.error, occurrence, deps)
  }
}

/** Reads of IAM for something that was told already: once an hour. */
async function turnOf(standing: Proposal, { store, clock }: ProposeDeps): Promise<boolean> {
  const hour = Math.floor(clock() / HOUR_MS)
  return (await store.increment(`look-again/${standing.id}/${hour}`, (hour + 2) * HOUR_MS)) === 1
}

function saysTheSame(proposal: Proposal, standing: Proposal): boolean {
  const { verdict, cause } = proposal.diagnosis
  return proposal.patch === null && verdict === standing.diagnosis.verdict && cause === standing.diagnosis.cause
}

/**
 * What follows from a stored proposal, in this order: record it, tell SNS, let it stand for the occurrence, tell Slack.
 * Until it stands, a redelivery comes through here again; from then on only the card may be missing, and `sweep` posts it.
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
    return { kind: postedCardOf(proposal) === null ? 'recorded' : 'stands', proposalId: proposal.id }
  const claimed = first ? proposal : await claimPost(proposal, clock(), deps)
  if (claimed === null) return { kind: 'waits', proposalId: proposal.id }
  try {
    const posted = await postCard(claimed, deps, { first })
    return { kind: posted === null ? 'waits' : 'posted', proposalId: proposal.id }
  } catch (error) {
    // Stored and due: `sweep` posts it, and SNS has told people meanwhile.
    observer.count('CardsDelayed')
    observer.log('error', 'the card could not be posted yet', { proposalId: proposal.id, ...inWords(error) })
    return { kind: 'waits', proposalId: proposal.id }
  }
}

/** The creator posts the card; once its time has passed, the first worker that moves the time ahead does. */
async function claimPost(proposal: Drafted, nowMs: number, { store }: ProposeDeps): Promise<Drafted | null> {
  if (proposal.dueAtMs > nowMs) return null
  const claimed = await store.replace(proposal, requeued(proposal, nowMs))
  return claimed.ok ? claimed.value : null
}

/** At least once: a crash between the two lines publishes twice, which is better than never. */
async function publishOnce(proposal: Drafted, { store, notices, observer }: ProposeDeps): Promise<void> {
  const marker = noticePublished(proposal.id)
  if ((await store.getMarker(marker)) !== null) return
  try {
    await notices.publish(noticeOf(proposal))
    await store.putMarker(marker, 0, {})
  } catch (error) {
    // The card is posted anyway: one of the two must reach somebody.
    observer.count('NoticesFailed')
    observer.log('error', 'the notice could not be published', { proposalId: proposal.id, ...inWords(error) })
  }
}

function inWords(error: unknown): { readonly error: string; readonly code: string | null } {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
  return { error: String(error), code }
}
