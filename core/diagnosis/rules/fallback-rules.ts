/** For denials that no other rule explains: the policies allow the call by now, or too little is known. */

import type { Unknown } from '../../base/index.ts'
import { entityName } from '../../iam/index.ts'
import type { Diagnosis, NextStep } from '../diagnosis.ts'
import { advice, buildDiagnosis, gapDiagnosis } from '../diagnosis-builder.ts'
import type { DiagnosisContext, Rule } from '../diagnosis-context.ts'
import { besidesPolicies } from '../follow-up-steps.ts'
import { decodeSteps } from '../text/not-enough.ts'
import { writtenRole } from '../text/role-in-text.ts'
import { decisiveUnknowns, unseenGuardrails } from '../verdict.ts'
import { maybeNotBootstrapped } from '../wording/cdk-bootstrap.ts'
import { policiesStep } from '../wording/policies-step.ts'
import { callerLabel, callerLabelFirst } from '../wording/short-names.ts'

export const alreadyAllowed: Rule = context => {
  const { denial, resource, evaluation } = context
  if (evaluation?.answer !== 'allowed' || resource === null) return null
  const unseen = unseenGuardrails(context).map(one => one.fact)
  const fixed = 'it was fixed after the denial (a change takes up to a minute to take effect)'
  const why =
    unseen.length === 0 ? fixed : `either ${fixed}, or a layer that was not read denied it (${unseen.join(', ')})`
  return gapDiagnosis(context, {
    cause: 'already-allowed',
    summary: `The policies read now allow ${callerLabel(denial)} ${denial.action} on ${entityName(resource)}: ${why}.`,
    nextSteps: [
      advice('Repeat the call. If it is still denied, check the layers that were not read.'),
      ...besidesPolicies(context),
    ],
  })
}

export function notEnoughEvidence(context: DiagnosisContext): Diagnosis {
  const unknowns = decisiveUnknowns(context)
  const missing: readonly Unknown[] =
    context.resource === null ? [{ fact: 'the role', why: 'the denial does not name it' }, ...unknowns] : unknowns
  const facts = missing.map(one => one.fact).join(', ')
  const about = context.resource === null ? '' : ` on ${entityName(context.resource)}`
  return buildDiagnosis(
    context,
    'not-enough-evidence',
    {
      cause: 'unknown',
      summary: `${callerLabelFirst(context.denial)} was denied ${context.denial.action}${about}, and what decides it could not be seen${facts === '' ? '' : `: ${facts}`}.`,
      nextSteps: howToSee(context),
    },
    missing,
  )
}

const ROLE_NEEDED =
  'Find the ARN of the role in the configuration of the call, as the record does not name it, and give rolemedic the error text that contains it.'

function howToSee(context: DiagnosisContext): readonly NextStep[] {
  const { denial, snapshot, resource, target } = context
  const steps = [...decodeSteps(denial)]
  // Without the role, policies do not help.
  if (resource === null) steps.push(advice(ROLE_NEEDED))
  else if (snapshot.caller.kind !== 'found' || steps.length === 0) steps.push(...policiesStep(context))
  return target?.role.kind === 'found'
    ? steps
    : [...steps, ...maybeNotBootstrapped(writtenRole(resource)?.name ?? null)]
}
