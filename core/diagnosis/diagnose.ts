/** Finds the cause of a denial, the statements that decide it, and what is unknown. Never guesses. */

import { utcSecond } from '../base/index.ts'
import type { Denial } from '../denial/index.ts'
import { type AccessSnapshot, timeContext } from '../iam/index.ts'
import { type Diagnosis, type Evidence, isConditionCause } from './diagnosis.ts'
import {
  type DiagnoseOptions,
  type DiagnosisContext,
  diagnosisContext,
  evaluateNow,
  type Rule,
} from './diagnosis-context.ts'
import { explicitDenyFound, explicitDenyReported, possibleDeny } from './rules/explicit-deny.ts'
import { alreadyAllowed, notEnoughEvidence } from './rules/fallback-rules.ts'
import { withGoneRole } from './rules/gone-role.ts'
import { boundaryOverUser, guardrailFound, guardrailReported } from './rules/guardrail-layers.ts'
import { crossAccountPass, federatedCaller, otherPartition, reservedTarget, rootCaller } from './rules/never-allowed.ts'
import { permissionGap } from './rules/permission-gap.ts'
import { passedRoleMissing, roleMissing } from './rules/role-not-found.ts'
import { selfAssume } from './rules/self-assume.ts'
import { withTime } from './rules/transient.ts'
import { withLastStep } from './text/last-step.ts'
import { fromText } from './text/text-rules.ts'

/** In order; the first rule that finds a cause wins. */
const RULES: readonly Rule[] = [
  rootCaller,
  federatedCaller,
  otherPartition,
  crossAccountPass,
  reservedTarget,
  roleMissing,
  // An explicit deny overrides every allow, and a guardrail overrides every grant below it.
  explicitDenyFound,
  explicitDenyReported,
  guardrailFound,
  guardrailReported,
  boundaryOverUser,
  selfAssume,
  permissionGap,
  possibleDeny,
  passedRoleMissing,
  alreadyAllowed,
]

export function diagnose(denial: Denial, snapshot: AccessSnapshot, options: DiagnoseOptions): Diagnosis {
  const context = diagnosisContext(denial, snapshot, options)
  const found = isAlone(context) ? withLastStep(context, firstOf(context)) : firstOf(context)
  return withYounger(context, heldThen(context, withTime(context, found)))
}

function firstOf(context: DiagnosisContext): Diagnosis {
  for (const rule of RULES) {
    const diagnosis = rule(context)
    if (diagnosis !== null) return withGoneRole(context, diagnosis)
  }
  return isAlone(context) ? fromText(context) : notEnoughEvidence(context)
}

/** A text, or a record that a person gave without the policies of any account: AWS's words are all that there is. */
const isAlone = ({ denial, filesOf }: DiagnosisContext): boolean => denial.source === 'message' || filesOf?.length === 0

/** A condition on the time that is met no more was met when the call was denied: something else denied it, or the statement is younger. */
function heldThen({ denial, snapshot }: DiagnosisContext, diagnosis: Diagnosis): Diagnosis {
  const { timeMs, context } = denial
  if (timeMs === null || diagnosis.verdict !== 'proved' || !isConditionCause(diagnosis.cause)) return diagnosis
  const then = { ...denial, context: { ...context, ...timeContext(timeMs) } }
  if (evaluateNow(denial, snapshot) !== 'denied' || evaluateNow(then, snapshot) !== 'allowed') return diagnosis
  return {
    ...diagnosis,
    verdict: 'likely',
    summary: `${diagnosis.summary} It was met at the denial.`,
    evidence: diagnosis.evidence.map((one, at) =>
      at === 0 ? { ...one, finding: `${one.finding}; ${MET_THEN}` } : one,
    ),
  }
}

const MET_THEN = 'at the denial it was met: something else decided, or the policy is younger'

/** Marks evidence that is younger than the denial: it was read later, and did not decide it. */
function withYounger({ denial, snapshot }: DiagnosisContext, diagnosis: Diagnosis): Diagnosis {
  const { timeMs } = denial
  if (timeMs === null) return diagnosis
  const caller = snapshot.caller.kind === 'found' ? snapshot.caller.value : null
  const entities = [caller, ...snapshot.targets.map(({ role }) => (role.kind === 'found' ? role.value : null))]
  const made = new Map(entities.flatMap(one => (one?.createdAtMs === undefined ? [] : [[one.arn, one.createdAtMs]])))
  const changed = new Map(
    [...(caller?.policies ?? []), ...(caller?.boundary.kind === 'found' ? [caller.boundary.value] : [])].flatMap(
      ({ arn, changedAtMs }) => (arn === null || changedAtMs === undefined ? [] : [[arn, changedAtMs]]),
    ),
  )
  const mark = (one: Evidence): Evidence => {
    const [policyAtMs, entityAtMs] = [changed.get(one.policy ?? ''), made.get(one.attachedTo ?? '')]
    if (policyAtMs !== undefined && policyAtMs > timeMs)
      return { ...one, finding: `${one.finding}; this version is younger than the denial (${utcSecond(policyAtMs)})` }
    if (entityAtMs !== undefined && entityAtMs > timeMs)
      return { ...one, finding: `${one.finding}; made after the denial (${utcSecond(entityAtMs)})` }
    return one
  }
  return { ...diagnosis, evidence: diagnosis.evidence.map(mark) }
}
