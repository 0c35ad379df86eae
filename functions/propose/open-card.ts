/** Carries out what `card-review.ts` decides about an open card: another analysis, other content, CloudTrail's record, its end. */

import { fail, ok, type Result } from '../../core/base/index.ts'
import { type Denial, needKeyOf } from '../../core/denial/index.ts'
import { capitalize, isHearsay } from '../../core/diagnosis/index.ts'
import { entryFor } from '../domain/audit/index.ts'
import type { Config } from '../domain/config/index.ts'
import type { DeployState } from '../domain/deploy/index.ts'
import {
  ALLOWED_MEANWHILE,
  type Closed,
  confirmedByRecord,
  contentReplaced,
  type Occurrence,
  type Open,
  type Stale,
  stale,
  type TemplateFindings,
} from '../domain/proposal/index.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'
import { proposedAgain } from '../workflows/approval/record-proposed.ts'
import { type SignedOnlyDeps, signedOnly } from '../workflows/approval/signed-only.ts'
import { type RefreshCardDeps, refreshCard } from '../workflows/card/refresh-card.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import type { AskWitness } from '../workflows/denial/lookups.ts'
import { type AnalyzeAgain, asProposed, type BundleAnalysis } from '../workflows/deploy/analyze-bundle.ts'
import { analyzeWithTemplate, NOTHING, templatesOf, type WithTemplate } from '../workflows/deploy/template-findings.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import { decisionSteps } from '../workflows/record-decision.ts'
import { type CardFinding, isSameCard, keepsApprovals, type Replacement, replacementBy } from './card-review.ts'

export type OpenCardDeps = RefreshCardDeps &
  SignedOnlyDeps & {
    readonly store: Pick<ProposalStore, 'get' | 'replace'>
    readonly chat: Pick<Chat, 'reply'>
    readonly renderer: Pick<Renderer, 'text'>
    readonly audit: Pick<AuditLog, 'append'>
    readonly analyze: AnalyzeAgain
    readonly config: Config
    readonly botVersion: string
    readonly witness: AskWitness
  }

/** Adds template findings. The change and its approvals stay. */
export async function addTemplate(current: Open, template: TemplateFindings, deps: OpenCardDeps): Promise<void> {
  const stored = await updateProposal(
    current,
    now =>
      isSameCard(now, current) && now.patch.digest === current.patch.digest
        ? ok<Open>({ ...now, template })
        : fail('moved'),
    deps.store,
  )
  if (!stored.ok) return
  try {
    await refreshCard(current.id, deps)
  } catch (error) {
    deps.observer.log('warn', 'card_not_updated', { proposalId: current.id, error: String(error) })
  }
}

/**
 * The order makes a crash at any point harmless: records what was approved and what is proposed now, then writes the item, then
 * updates the card. Until then the card's buttons have the old digest, which `decide` refuses.
 */
export async function replaceContent(current: Open, next: Replacement, deps: OpenCardDeps): Promise<boolean> {
  const { audit, store, config, clock, botVersion, observer } = deps
  const stored = await updateProposal(
    current,
    async (now): Promise<Result<Open | Closed, 'moved'>> => {
      if (!isSameCard(now, current)) return fail('moved')
      const signed = await signedOnly(now, deps)
      for (const step of decisionSteps(signed)) await audit.append(entryFor(now, step, botVersion))
      const replaced = contentReplaced(signed, next, next.because, config, clock())
      await audit.append(entryFor(replaced, proposedAgain(replaced), botVersion))
      return ok(replaced)
    },
    store,
  )
  if (!stored.ok) return false
  const { proposal } = stored.value
  observer.log('info', 'card_content_replaced', { proposalId: proposal.id, because: next.because })
  try {
    await refreshCard(proposal.id, deps)
  } catch (error) {
    observer.log('warn', 'replaced_card_not_updated', { proposalId: proposal.id, error: String(error) })
  }
  return true
}

export async function endAllowed(current: Open, deps: OpenCardDeps): Promise<boolean> {
  const why = {
    code: ALLOWED_MEANWHILE,
    message: `${capitalize(ALLOWED_BECAUSE)} the request is allowed now.`,
    owner: null,
  }
  const stored = await updateProposal(
    current,
    now => (isSameCard(now, current) ? ok<Stale>(stale(now, why, deps.clock())) : fail('moved')),
    deps.store,
  )
  if (!stored.ok) return false
  await announceStale(stored.value.proposal, deps)
  return true
}

const ALLOWED_BECAUSE = 'another change of rolemedic was written or reverted, and'

/** What applies now to a card that a change of rolemedic, or a deploy with a template, may have outdated. */
export const reviewCard = (open: Open, broken: readonly DeployState[], deps: OpenCardDeps): Promise<CardFinding> =>
  open.renewal === null ? moreInTemplate(open, broken, deps) : changedSince(open, open.renewal, broken, deps)

/** Analyzes the needs on the card again too: rolemedic's change may have met some of them. */
async function changedSince(
  open: Open,
  { after }: NonNullable<Open['renewal']>,
  broken: readonly DeployState[],
  { analyze, store, clock, config }: OpenCardDeps,
): Promise<CardFinding> {
  const earlierGrants = await grantsBefore(open, store)
  const found = await analyze(open.denial, clock(), { ...asProposed(open), earlierGrants })
  if (found.verified !== null && found.refusal === null) {
    if (found.verified.patch.digest === open.patch.digest) return { kind: 'same' }
  } else {
    if (found.diagnosis.cause === 'already-allowed' || found.diagnosis.cause === 'transient') return { kind: 'allowed' }
    if (found.diagnosis.verdict !== 'proved') return { kind: 'same' }
  }
  const question = { denial: open.denial, earlierGrants, nowMs: clock() }
  const { analysis, template } = await analyzeWithTemplate(question, broken, analyze)
  const changed = await store.get(after)
  const because = changed?.status === 'reverted' ? 'revert' : 'approval'
  return { kind: 'replaced', by: replacementBy(analysis, template, because, config) }
}

async function moreInTemplate(
  open: Open,
  broken: readonly DeployState[],
  { analyze, store, clock, config }: OpenCardDeps,
): Promise<CardFinding> {
  const question = { denial: open.denial, earlierGrants: await grantsBefore(open, store), nowMs: clock() }
  const { analysis, template } = await analyzeWithTemplate(question, broken, analyze)
  if (analysis.verified === null)
    return { kind: 'learned', template: { ...NOTHING, ...open.template, of: templatesOf(broken) } }
  if (analysis.verified.patch.digest === open.patch.digest) return { kind: 'learned', template: template ?? NOTHING }
  if (open.approvals.length > 0 && template !== null)
    return { kind: 'learned', template: besideApproved(open, template) }
  return { kind: 'replaced', by: replacementBy(analysis, template, 'deploy', config) }
}

/** A change that somebody has approved stays. What another deploy needs beyond it is known to be denied: its alert and the card say so. */
function besideApproved({ template: own = NOTHING }: Open, found: TemplateFindings): TemplateFindings {
  const held = new Set(own.needs.map(({ denial }) => needKeyOf(denial)))
  const apart = found.needs.map(({ denial }) => needKeyOf(denial)).filter(key => !held.has(key))
  const { refused, allowed, unnamed, of } = found
  return {
    ...own,
    refused,
    unnamed,
    apart: [...new Set([...(own.apart ?? []), ...apart])],
    ...(allowed && { allowed }),
    ...(of && { of }),
  }
}

/** The change is still right, so the card needs no further analysis for this reason. */
export async function keepCard(current: Open, { store }: OpenCardDeps): Promise<void> {
  await updateProposal(
    current,
    now => (isSameCard(now, current) ? ok<Open>({ ...now, renewal: null }) : fail('moved')),
    store,
  )
}

/** Records and shows it at once. `sweep` repeats both after a crash. */
export async function announceStale(ended: Stale, deps: OpenCardDeps): Promise<void> {
  for (const step of decisionSteps(await signedOnly(ended, deps)))
    await deps.audit.append(entryFor(ended, step, deps.botVersion))
  deps.observer.count('Stale')
  try {
    await refreshCard(ended.id, deps)
  } catch (error) {
    deps.observer.log('warn', 'stale_card_not_updated', { proposalId: ended.id, error: String(error) })
  }
}

/** The denial as CloudTrail recorded it, or else as the text reports it. */
export async function bestDenial(
  { denial }: Occurrence,
  proposalId: string,
  deps: Pick<OpenCardDeps, 'witness' | 'clock' | 'observer'>,
): Promise<Denial> {
  if (!isHearsay(denial)) return denial
  try {
    const witness = await deps.witness(denial, deps.clock(), proposalId)
    if (witness.kind === 'confirmed') return witness.denial
    if (witness.kind === 'unreadable') deps.observer.log('warn', 'event_history_unreadable', { why: witness.why })
  } catch (error) {
    deps.observer.log('warn', 'event_history_unreadable', { why: String(error) })
  }
  return denial
}

/** The analysis of CloudTrail's own record. Null: there is no record yet. */
export async function findRecord(
  current: Open,
  occurrence: Occurrence,
  broken: readonly DeployState[],
  deps: OpenCardDeps,
): Promise<WithTemplate | null> {
  const denial = await bestDenial(occurrence, current.id, deps)
  if (isHearsay(denial)) return null
  const question = { denial, earlierGrants: await grantsBefore(current, deps.store), nowMs: deps.clock() }
  return analyzeWithTemplate(question, broken, deps.analyze)
}

export async function confirmByRecord(current: Open, analysis: BundleAnalysis, deps: OpenCardDeps): Promise<void> {
  const { denial, verified, followUps, diagnosis, requester } = analysis
  if (verified === null) return
  const { verification } = verified
  const stored = await updateProposal(
    current,
    (now): Result<Open, 'moved'> => {
      if (now.status !== 'open' || !isHearsay(now.denial) || now.patch.digest !== current.patch.digest)
        return fail('moved')
      if (!keepsApprovals(now, denial)) return fail('moved')
      return ok(confirmedByRecord(now, { denial, diagnosis, requester, verification, followUps }, deps.clock()))
    },
    deps.store,
  )
  if (stored.ok) await announceRecord(stored.value.proposal, deps)
}

async function announceRecord(proposal: Open, deps: OpenCardDeps): Promise<void> {
  deps.observer.log('info', 'hearsay_confirmed', { proposalId: proposal.id, eventId: proposal.denial.id })
  try {
    await refreshCard(proposal.id, deps)
    const text = "CloudTrail's own record of this denial has come: the card says what it proves."
    await deps.chat.reply(proposal.card, deps.renderer.text(text))
  } catch (error) {
    deps.observer.log('warn', 'confirmed_card_not_updated', { proposalId: proposal.id, error: String(error) })
  }
}
