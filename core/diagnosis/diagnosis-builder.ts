import type { Unknown } from '../base/index.ts'
import type { Cause, Diagnosis, Evidence, Gap, NextStep, Verdict } from './diagnosis.ts'
import { type DiagnosisContext, isAllowedFor } from './diagnosis-context.ts'
import { ruledOutEvidence } from './evidence.ts'
import { PASSED_TO_SERVICE } from './resolve-service.ts'
import { awsEvidence, decisiveUnknowns, disagreement, taken, unique, unseenGuardrails, verdictFor } from './verdict.ts'
import { layerOwner } from './wording/short-names.ts'

type DiagnosisParts = {
  readonly cause: Cause
  readonly summary: string
  readonly evidence?: readonly Evidence[]
  readonly gaps?: readonly Gap[]
  readonly nextSteps?: readonly NextStep[]
}

/** For a cause that the absence of an allow proves: every decisive fact must be known. */
export function gapDiagnosis(
  context: DiagnosisContext,
  conclusion: DiagnosisParts,
  more: readonly Unknown[] = [],
): Diagnosis {
  const uncertain = unique([...decisiveUnknowns(context), ...more])
  const unknowns = unique([...uncertain, ...unseenGuardrails(context)])
  const diagnosis = buildDiagnosis(context, verdictFor(context, 'proved', uncertain), conclusion, unknowns)
  // A person who gives files has asked about this text and reads in the answer what was assumed.
  const known = context.filesOf === null ? [] : taken(context.denial).map(({ fact }) => fact)
  const others = uncertain.filter(({ fact }) => !known.includes(fact))
  if (isGuessAlone(context, others)) return { ...diagnosis, serviceGuessed: true }
  const onlyTaken = others.length === 0 && uncertain.length > 0 && disagreement(context) === null
  return onlyTaken ? { ...diagnosis, onlyTaken } : diagnosis
}

/** True when only the guessed service is in doubt and AWS's denial does not rule it out. */
function isGuessAlone(context: DiagnosisContext, uncertain: readonly Unknown[]): boolean {
  const { passedService } = context
  if (passedService?.evidence !== 'trust' || uncertain.length === 0 || disagreement(context) !== null) return false
  return (
    uncertain.every(({ fact }) => fact.toLowerCase() === PASSED_TO_SERVICE.toLowerCase()) &&
    !passedService.services.some(service => isAllowedFor(context, service))
  )
}

/** For a guardrail of another owner: no patch can lift it, so nothing else needs to be read. */
export function guardedDiagnosis(
  context: DiagnosisContext,
  conclusion: DiagnosisParts,
  uncertain: readonly Unknown[] = [],
): Diagnosis {
  return buildDiagnosis(context, verdictFor(context, 'not-ours', uncertain), { ...conclusion, gaps: [] }, uncertain)
}

export function buildDiagnosis(
  context: DiagnosisContext,
  verdict: Verdict,
  { cause, summary, evidence = [], gaps = [], nextSteps = [] }: DiagnosisParts,
  unknowns: readonly Unknown[] = [],
): Diagnosis {
  const conflict = disagreement(context)
  return {
    verdict,
    cause,
    summary,
    evidence: [...ruledOutEvidence(context), ...evidence, ...awsEvidence(context, conflict)],
    unknowns: unique([...taken(context.denial), ...unknowns]),
    gaps,
    nextSteps: conflict === null ? nextSteps : [...nextSteps, ...disagreementSteps(context)],
    passedService: context.passedService,
  }
}

/** What to check, or who to ask, when AWS's reason contradicts the policies that were read. */
function disagreementSteps(context: DiagnosisContext): readonly NextStep[] {
  const { reason } = context
  if (reason?.effect !== 'deny' || reason.layer === null)
    return [
      advice(
        'Repeat the call: AWS’s reason and the policies that were read disagree, and the policies may have changed since.',
      ),
    ]
  const owner = layerOwner(reason.layer, reason.policyArn)
  return [
    advice(
      `Read the policies again, or ask ${owner}: AWS names a deny that is not in the policies that were read.`,
      null,
      owner,
    ),
  ]
}

export const advice = (text: string, command: string | null = null, owner: string | null = null): NextStep => ({
  text,
  command,
  owner,
})
