import { entryFor } from '../domain/audit/audit-entry.ts'
import { ok } from '../domain/base/result.ts'
import type { Denial } from '../domain/denial/denial.ts'
import type { Proposal } from '../domain/proposal/proposal.ts'
import { outdated } from '../domain/proposal/transitions.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { decisionSteps } from '../workflows/approval/carry-out-decision.ts'
import { type RefreshCardDeps, refreshCard } from '../workflows/card/refresh-card.ts'
import type { Analysis } from '../workflows/denial/analyze-denial.ts'

type Deps = RefreshCardDeps & {
  readonly store: Pick<ProposalStore, 'get' | 'replace'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly observer: Observer
  readonly analyze: (denial: Denial, nowMs: number) => Promise<Analysis>
  readonly botVersion: string
}

const MAX_ATTEMPTS = 5

/**
 * Examines an open proposal again that another change of the bot may have made wrong. The same patch: card and approvals
 * stay as they are. True: it has ended as out of date, and a fresh look is due. Not seen well enough: `apply` looks again.
 */
export async function outOfDate(standing: Proposal, deps: Deps): Promise<boolean> {
  const { renewal = null } = standing
  if (renewal === null || standing.status !== 'open') return false
  const why = whyOutOfDate(await deps.analyze(standing.denial, deps.clock()), standing, renewal.after)
  let current = standing
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const next = why === null ? ok({ ...current, renewal: null }) : outdated(current, why, deps.clock())
    if (!next.ok) return false
    const written = await deps.store.replace(current, next.value)
    if (written.ok) {
      if (why !== null) await tell(written.value, deps)
      return why !== null
    }
    current = written.error
    // Decided meanwhile, or asked for once more: what was read just now may be older than that.
    if (current.status !== 'open' || current.renewal?.atMs !== renewal.atMs) return false
  }
  return false
}

function whyOutOfDate({ diagnosis, refusal, verified }: Analysis, { patch }: Proposal, after: string) {
  const because = (rest: string) => ({
    code: 'renewed',
    message: `rolemedic's own change ${after} touched the same role, user or policy after the card was made${rest}`,
    owner: null,
  })
  if (verified !== null && refusal === null) return verified.patch.digest === patch?.digest ? null : because('')
  if (diagnosis.cause === 'already-allowed') return because(', and the request is allowed by now')
  return diagnosis.verdict === 'proved' ? because(', and there is no safe change any more') : null
}

/** Recorded and shown at once; `sweep` does both again when this dies here. */
async function tell(ended: Proposal, deps: Deps): Promise<void> {
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
