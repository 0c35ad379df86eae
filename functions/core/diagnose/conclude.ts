import type { Unknown } from '../fact.ts'
import type { Cause, Diagnosis, Evidence, Gap, NextStep, Verdict } from './diagnosis.ts'
import type { Scene } from './scene.ts'
import { awsEvidence, decisiveUnknowns, unique, unseenGuardrails, weigh } from './weigh.ts'

type Conclusion = {
  readonly cause: Cause
  readonly summary: string
  readonly evidence?: readonly Evidence[]
  readonly gaps?: readonly Gap[]
  readonly nextSteps?: readonly NextStep[]
}

/** A cause whose proof is that nothing read allows it: every decisive fact must have been seen. */
export function lacking(scene: Scene, conclusion: Conclusion, more: readonly Unknown[] = []): Diagnosis {
  const uncertain = unique([...decisiveUnknowns(scene), ...more])
  const unknowns = unique([...uncertain, ...unseenGuardrails(scene)])
  return conclude(scene, weigh(scene, 'proved', uncertain), conclusion, unknowns)
}

/** A guardrail of somebody else: no change of ours lifts it, so nothing else needs to be seen. */
export function guarded(scene: Scene, conclusion: Conclusion, uncertain: readonly Unknown[] = []): Diagnosis {
  return conclude(scene, weigh(scene, 'not-ours', uncertain), { ...conclusion, gaps: [] }, uncertain)
}

export function conclude(
  scene: Scene,
  verdict: Verdict,
  { cause, summary, evidence = [], gaps = [], nextSteps = [] }: Conclusion,
  unknowns: readonly Unknown[] = [],
): Diagnosis {
  return {
    verdict,
    cause,
    summary,
    evidence: [...evidence, ...awsEvidence(scene)],
    unknowns,
    gaps,
    nextSteps,
    passedService: scene.passedService,
  }
}

export const advice = (text: string, command: string | null = null, owner: string | null = null): NextStep => ({
  text,
  command,
  owner,
})
