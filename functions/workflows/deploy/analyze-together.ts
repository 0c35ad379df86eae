/** Several denials, one change: each is drafted and verified on top of the changes for those before it. */
import type { Refusal } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { evaluateNow } from '../../../core/diagnosis/index.ts'
import {
  addChange,
  applyToSnapshot,
  type ChangesByTarget,
  chained,
  type PolicyChange,
  type VerifiedPatch,
} from '../../../core/patch/index.ts'
import { type Analysis, type AnalysisOptions, analyze, diagnoseNow } from '../denial/analyze-denial.ts'

export type Together = {
  /** Null: nothing can be offered for any of them. */
  readonly verified: VerifiedPatch | null
  readonly followUps: readonly PolicyChange[]
  /** By the id of the denial. A denial that is already allowed, or allowed by the change for another, has no refusal. */
  readonly refused: ReadonlyMap<string, Refusal>
  /** Ids of the denials that the change lifts. */
  readonly lifted: readonly string[]
  /** Ids of the requests that are allowed without any of these changes, if that is proved. */
  readonly allowed: readonly string[]
}

export async function analyzeTogether(denials: readonly Denial[], options: AnalysisOptions): Promise<Together> {
  const steps: Analysis[] = []
  const refused = new Map<string, Refusal>()
  const lifted: string[] = []
  const allowed: string[] = []
  const changes: ChangesByTarget = new Map()
  let granted: readonly PolicyChange[] = []
  for (const denial of denials) {
    const step = await analyze(denial, { ...options, granted })
    if (step.verified !== null) {
      steps.push(step)
      lifted.push(denial.id)
      for (const change of step.verified.patch.changes) addChange(changes, change)
      granted = [...changes.values()]
    } else if (step.diagnosis.cause === 'already-allowed') {
      // Allowed by the change for another denial, or already before.
      const before = granted.length === 0 ? step : await diagnoseNow(denial, options)
      if (before.diagnosis.cause !== 'already-allowed') lifted.push(denial.id)
      else if (before.diagnosis.verdict === 'proved') allowed.push(denial.id)
    } else if (step.refusal !== null) refused.set(denial.id, step.refusal)
  }
  const verified = chained(steps.flatMap(step => step.verified ?? []))
  const unlifted = verified === null ? undefined : steps.find(step => !isLifted(step, verified))
  if (unlifted !== undefined) {
    // Each step was verified separately. If the whole gives another answer, none of it may be offered.
    refused.set(unlifted.denial.id, {
      code: 'not-lifted',
      message: 'The changes for this deploy do not hold together, so none of them is offered.',
      owner: null,
    })
    return { verified: null, followUps: [], refused, lifted: [], allowed }
  }
  const followUps = steps.flatMap(step => step.followUps)
  return { verified, followUps: distinct(followUps), refused, lifted, allowed }
}

function isLifted({ denial, snapshot }: Analysis, { patch }: VerifiedPatch): boolean {
  return evaluateNow(denial, applyToSnapshot(snapshot, patch.changes)) !== 'denied'
}

/** Two needs may require the same trust. */
function distinct(changes: readonly PolicyChange[]): readonly PolicyChange[] {
  return [...new Map(changes.map(change => [change.digest, change])).values()]
}
