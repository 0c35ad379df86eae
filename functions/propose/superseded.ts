import { entryFor } from '../domain/audit/audit-entry.ts'
import { fail, ok, type Refusal } from '../domain/base/result.ts'
import type { DeployState } from '../domain/deploy/deploy.ts'
import type { Open, Proposal, Stale } from '../domain/proposal/proposal.ts'
import { stale } from '../domain/proposal/transitions.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { decisionSteps } from '../workflows/approval/carry-out-decision.ts'
import { type RefreshCardDeps, refreshCard } from '../workflows/card/refresh-card.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import { type AnalyzeAgain, type BundleAnalysis, bundledNeeds } from '../workflows/deploy/analyze-bundle.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import { analyzeWithTemplate } from './template-findings.ts'

export type SupersededDeps = RefreshCardDeps & {
  readonly store: Pick<ProposalStore, 'get' | 'replace'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly observer: Observer
  readonly analyze: AnalyzeAgain
  readonly botVersion: string
}

/**
 * Analyzes an open proposal again after rolemedic changed something that it depends on, or after a deploy with a template
 * failed. With the same patch, card and approvals stay. True: it is stale now, and a new analysis is due. An inconclusive
 * analysis is left to `apply`.
 */
export async function isSuperseded(
  current: Proposal,
  broken: readonly DeployState[],
  deps: SupersededDeps,
): Promise<boolean> {
  if (current.status !== 'open') return false
  const { renewal } = current
  const why =
    renewal === null ? await moreInTemplate(current, broken, deps) : await changedSince(current, renewal.after, deps)
  if (renewal === null && why === null) return false
  const stored = await updateProposal(
    current,
    now => {
      // Decided meanwhile, or changed once more: this analysis may be older than that.
      if (now.status !== 'open' || now.renewal?.atMs !== renewal?.atMs) return fail('moved')
      return ok<Open | Stale>(why === null ? { ...now, renewal: null } : stale(now, why, deps.clock()))
    },
    deps.store,
  )
  if (!stored.ok || stored.value.proposal.status !== 'stale') return false
  await announceStale(stored.value.proposal, deps)
  return true
}

/** The needs on the card are analyzed again too: rolemedic's change may have met some of them. */
async function changedSince(
  open: Open,
  after: string,
  { analyze, store, clock }: SupersededDeps,
): Promise<Refusal | null> {
  const beside = { needs: bundledNeeds(open), earlierGrants: await grantsBefore(open, store) }
  return whyStale(await analyze(open.denial, clock(), beside), open, after)
}

/** The deploy failed after the card was made, and its template names more roles. A card with approvals stays. */
async function moreInTemplate(
  open: Open,
  broken: readonly DeployState[],
  { analyze, store, clock }: SupersededDeps,
): Promise<Refusal | null> {
  if (open.template !== undefined || open.approvals.length > 0) return null
  if (!broken.some(({ template }) => template?.kind === 'read')) return null
  const question = { denial: open.denial, earlierGrants: await grantsBefore(open, store), nowMs: clock() }
  const { analysis } = await analyzeWithTemplate(question, broken, analyze)
  if (analysis.verified === null || analysis.verified.patch.digest === open.patch.digest) return null
  return {
    code: 'renewed',
    message: 'the deploy failed after the card was made, and its template names more roles that it will be denied',
    owner: null,
  }
}

function whyStale({ diagnosis, refusal, verified }: BundleAnalysis, { patch }: Open, after: string) {
  const because = (rest: string) => ({
    code: 'renewed',
    message: `rolemedic's own change ${after} touched the same role, user or policy after the card was made${rest}`,
    owner: null,
  })
  if (verified !== null && refusal === null) return verified.patch.digest === patch.digest ? null : because('')
  if (diagnosis.cause === 'already-allowed') return because(', and the request is allowed now')
  return diagnosis.verdict === 'proved' ? because(', and no safe change is left') : null
}

/** Recorded and shown at once; `sweep` repeats both after a crash. */
export async function announceStale(ended: Stale, deps: SupersededDeps): Promise<void> {
  for (const step of decisionSteps(ended)) await deps.audit.append(entryFor(ended, step, deps.botVersion))
  deps.observer.count('Stale')
  try {
    await refreshCard(ended.id, deps)
  } catch (error) {
    deps.observer.log('warn', 'stale_card_not_updated', { proposalId: ended.id, error: String(error) })
  }
}
