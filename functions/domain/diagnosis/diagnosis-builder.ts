import type { Unknown } from '../base/fact.ts'
import type { Cause, Diagnosis, Evidence, Gap, NextStep, Verdict } from './diagnosis.ts'
import type { DiagnosisContext } from './diagnosis-context.ts'
import { awsEvidence, decisiveUnknowns, disagreement, unique, unseenGuardrails, weigh } from './verdict.ts'
import { layerOwner } from './wording/short-names.ts'

type Conclusion = {
  readonly cause: Cause
  readonly summary: string
  readonly evidence?: readonly Evidence[]
  readonly gaps?: readonly Gap[]
  readonly nextSteps?: readonly NextStep[]
}

/** A cause whose proof is that nothing read allows it: every decisive fact must have been seen. */
export function lacking(scene: DiagnosisContext, conclusion: Conclusion, more: readonly Unknown[] = []): Diagnosis {
  const uncertain = unique([...decisiveUnknowns(scene), ...more])
  const unknowns = unique([...uncertain, ...unseenGuardrails(scene)])
  return conclude(scene, weigh(scene, 'proved', uncertain), conclusion, unknowns)
}

/** A guardrail of somebody else: no change of ours lifts it, so nothing else needs to be seen. */
export function guarded(
  scene: DiagnosisContext,
  conclusion: Conclusion,
  uncertain: readonly Unknown[] = [],
): Diagnosis {
  return conclude(scene, weigh(scene, 'not-ours', uncertain), { ...conclusion, gaps: [] }, uncertain)
}

export function conclude(
  scene: DiagnosisContext,
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
    nextSteps: [...nextSteps, ...disagreementSteps(scene)],
    passedService: scene.passedService,
  }
}

/** Whom to ask, or what to look at again, where AWS's words and what was read disagree. */
function disagreementSteps(scene: DiagnosisContext): readonly NextStep[] {
  if (disagreement(scene) === null) return []
  const { words } = scene
  if (words?.effect !== 'deny' || words.layer === null)
    return [
      advice('AWS’s words and the policies read disagree: the policies may have changed since, so try the call again.'),
    ]
  const owner = layerOwner(words.layer, words.policyArn)
  return [
    advice(`AWS names a deny that is not in what was read: read the policies again, or ask ${owner}.`, null, owner),
  ]
}

export const advice = (text: string, command: string | null = null, owner: string | null = null): NextStep => ({
  text,
  command,
  owner,
})
