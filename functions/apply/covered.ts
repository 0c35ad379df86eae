import { evaluateNow } from '../domain/diagnosis/diagnosis-context.ts'
import { timeContext } from '../domain/iam/conditions/context.ts'
import { withoutLimitedGrants } from '../domain/patch/limited-grants.ts'
import type { Proposal } from '../domain/proposal/proposal.ts'
import { bundledNeeds } from '../workflows/deploy/analyze-bundle.ts'
import type { ApplyDeps } from './deps.ts'

/**
 * Whether everything that the bridge was built for is allowed without any grant that ends. False where it is denied, and where it
 * cannot be seen.
 */
export async function isCovered(
  proposal: Pick<Proposal, 'id' | 'denial' | 'template'>,
  { analyze, clock, observer }: Pick<ApplyDeps, 'analyze' | 'clock' | 'observer'>,
): Promise<boolean> {
  try {
    const asked = [proposal.denial, ...bundledNeeds(proposal).map(need => need.denial)]
    for (const one of asked) {
      const nowMs = clock()
      const { denial, snapshot } = await analyze(one, nowMs)
      const now = { ...denial, context: { ...denial.context, ...timeContext(nowMs) } }
      if (evaluateNow(now, withoutLimitedGrants(snapshot)) !== 'allowed') return false
    }
    return true
  } catch (error) {
    observer.log('warn', 'bridge_not_evaluated', { proposalId: proposal.id, error: String(error) })
    return false
  }
}
