import { evaluateNow } from '../../core/diagnosis/index.ts'
import { timeContext } from '../../core/iam/index.ts'
import { areAllUsed, type DenialWithAccess, withoutLimitedGrants } from '../../core/patch/index.ts'
import type { Grant, Proposal } from '../domain/proposal/index.ts'
import { bundledNeeds } from '../workflows/deploy/analyze-bundle.ts'
import type { VerifyDeps } from './deps.ts'

/**
 * Whether everything that the bridge was built for is allowed without any grant that ends. False where it is denied, and where it
 * cannot be seen. Which requests these are is stored, and not signed: together they must use every part of the signed writes.
 */
export async function isCovered(
  proposal: Pick<Proposal, 'id' | 'denial' | 'template'>,
  grant: Pick<Grant, 'writes'>,
  { analyze, clock, observer }: Pick<VerifyDeps, 'analyze' | 'clock' | 'observer'>,
): Promise<boolean> {
  try {
    const asked: DenialWithAccess[] = []
    for (const one of [proposal.denial, ...bundledNeeds(proposal).map(need => need.denial)]) {
      const nowMs = clock()
      const { denial, snapshot } = await analyze(one, nowMs)
      const now = { ...denial, context: { ...denial.context, ...timeContext(nowMs) } }
      if (evaluateNow(now, withoutLimitedGrants(snapshot)) !== 'allowed') return false
      asked.push({ denial: now, snapshot })
    }
    return areAllUsed(grant.writes, asked)
  } catch (error) {
    observer.log('warn', 'bridge_not_evaluated', { proposalId: proposal.id, error: String(error) })
    return false
  }
}
