import { entryFor } from '../domain/audit/audit-entry.ts'
import type { Refusal, Result } from '../domain/base/result.ts'
import type { Denial } from '../domain/denial/denial.ts'
import type { DeployState } from '../domain/deploy/deploy.ts'
import type { Open, Proposal, Stale } from '../domain/proposal/proposal.ts'
import { stale } from '../domain/proposal/transitions.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { decisionSteps } from '../workflows/approval/carry-out-decision.ts'
import { type RefreshCardDeps, refreshCard } from '../workflows/card/refresh-card.ts'
import { type BundleAnalysis, type BundledNeed, bundledNeeds } from '../workflows/deploy/analyze-bundle.ts'
import { analyzeWithTemplate } from './template-findings.ts'

type Deps = RefreshCardDeps & {
  readonly store: Pick<ProposalStore, 'get' | 'replace'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly observer: Observer
  readonly analyze: (denial: Denial, nowMs: number, needs?: readonly BundledNeed[]) => Promise<BundleAnalysis>
  readonly botVersion: string
}

const MAX_ATTEMPTS = 5

/**
 * Examines an open proposal again that another change of the bot may have made wrong. The same patch: card and approvals
 * stay as they are. True: it has ended as out of date, and a fresh look is due. Not seen well enough: `apply` looks again.
 */
export async function outOfDate(standing: Proposal, broken: readonly DeployState[], deps: Deps): Promise<boolean> {
  if (standing.status !== 'open') return false
  const { renewal } = standing
  const why =
    renewal === null ? await moreInTemplate(standing, broken, deps) : await changedSince(standing, renewal.after, deps)
  if (renewal === null && why === null) return false
  let current = standing
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const next = why === null ? { ...current, renewal: null } : stale(current, why, deps.clock())
    const written: Result<Open | Stale, Proposal> = await deps.store.replace(current, next)
    if (written.ok) {
      if (written.value.status === 'stale') await tell(written.value, deps)
      return why !== null
    }
    const won = written.error
    // Decided meanwhile, or asked for once more: what was read just now may be older than that.
    if (won.status !== 'open' || won.renewal?.atMs !== renewal?.atMs) return false
    current = won
  }
  return false
}

/** The needs that the card holds are asked again with the denial: a change of rolemedic may have met some of them. */
async function changedSince(standing: Open, after: string, { analyze, clock }: Deps): Promise<Refusal | null> {
  return whyOutOfDate(await analyze(standing.denial, clock(), bundledNeeds(standing)), standing, after)
}

/** The deploy failed after the card was made, and its template names more roles. Where people approved already, it stays. */
async function moreInTemplate(
  standing: Open,
  broken: readonly DeployState[],
  { analyze, clock }: Deps,
): Promise<Refusal | null> {
  if (standing.template !== undefined || standing.approvals.length > 0) return null
  if (!broken.some(({ template }) => template?.kind === 'read')) return null
  const { analysis } = await analyzeWithTemplate(standing.denial, broken, analyze, clock())
  if (analysis.verified === null || analysis.verified.patch.digest === standing.patch.digest) return null
  return {
    code: 'renewed',
    message: 'the deploy failed after the card was made, and its template names more roles that it will be denied',
    owner: null,
  }
}

function whyOutOfDate({ diagnosis, refusal, verified }: BundleAnalysis, { patch }: Open, after: string) {
  const because = (rest: string) => ({
    code: 'renewed',
    message: `rolemedic's own change ${after} touched the same role, user or policy after the card was made${rest}`,
    owner: null,
  })
  if (verified !== null && refusal === null) return verified.patch.digest === patch.digest ? null : because('')
  if (diagnosis.cause === 'already-allowed') return because(', and the request is allowed by now')
  return diagnosis.verdict === 'proved' ? because(', and there is no safe change any more') : null
}

/** Recorded and shown at once; `sweep` repeats both after a crash. */
async function tell(ended: Stale, deps: Deps): Promise<void> {
  for (const step of decisionSteps(ended)) await deps.audit.append(entryFor(ended, step, deps.botVersion))
  deps.observer.count('Stale')
  try {
    await refreshCard(ended.id, deps)
  } catch (error) {
    deps.observer.log('warn', 'a card could not be shown as out of date yet', {
      proposalId: ended.id,
      error: String(error),
    })
  }
}
