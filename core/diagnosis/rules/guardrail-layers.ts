/** A layer of another owner does not allow the call. A grant would have no effect now and take effect unnoticed later. */

import { entityName, type PolicyType, type StatementOutcome } from '../../iam/index.ts'
import type { Cause } from '../diagnosis.ts'
import { advice, buildDiagnosis, guardedDiagnosis } from '../diagnosis-builder.ts'
import { type DiagnosisContext, lacks, layerOutcome, type Rule, wasRead } from '../diagnosis-context.ts'
import { describeOutcome, evidenceOf, nearMisses } from '../evidence.ts'
import { callerLabel, layerName, layerOwner } from '../wording/short-names.ts'

const CAUSES = [
  ['boundary', 'boundary-gap'],
  ['session', 'session-policy-gap'],
  ['scp', 'scp-gap'],
  ['rcp', 'rcp-gap'],
  ['vpce', 'vpce-gap'],
] as const satisfies readonly (readonly [PolicyType, Cause])[]

export const guardrailFound: Rule = context => {
  // A boundary does not limit a trust policy that names the session itself.
  if (context.evaluation?.answer === 'allowed') return null
  for (const [type, cause] of CAUSES) {
    if (!lacks(layerOutcome(context, type)) || (type === 'boundary' && mayBePassedBy(context))) continue
    return gapOf(context, type, cause)
  }
  return null
}

/**
 * True when the boundary may not decide: the trust policy names the session itself under an unknown condition, or it names the
 * user, where AWS's pages disagree whether the boundary limits it.
 */
function mayBePassedBy(context: DiagnosisContext): boolean {
  if (context.evaluation?.answer !== 'unknown') return false
  const trust = layerOutcome(context, 'trust')?.answer
  return trust === 'unknown' || (trust === 'allows' && context.denial.principal.kind === 'user')
}

/**
 * The trust policy names the user itself, and the boundary does not allow the action. AWS's pages contradict each other about
 * whether the boundary limits such a grant, so neither the boundary's owner nor a grant is given as the fix.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic
 */
export const boundaryOverUser: Rule = context => {
  const { denial, resource, evaluation } = context
  const boundary = layerOutcome(context, 'boundary')
  if (denial.principal.kind !== 'user' || evaluation?.answer !== 'unknown' || !lacks(boundary)) return null
  if (layerOutcome(context, 'trust')?.answer !== 'allows') return null
  const policy = boundary?.statements[0]?.policy.arn ?? null
  const owner = layerOwner('boundary', policy)
  const role = resource === null ? 'the role' : entityName(resource)
  return buildDiagnosis(
    context,
    'not-enough-evidence',
    {
      cause: 'unknown',
      summary: `The trust policy of ${role} names ${callerLabel(denial)}, and the permissions boundary does not allow ${denial.action}: AWS’s documentation disagrees on whether the boundary limits such a grant.`,
      nextSteps: [advice(`Ask ${owner} whether the boundary is meant to allow it.`, null, owner)],
    },
    [
      {
        fact: 'whether the permissions boundary applies',
        why: 'AWS’s pages disagree for a trust policy that names a user',
      },
    ],
  )
}

/** AWS names a guardrail that was not read. The name shows who owns it. */
export const guardrailReported: Rule = context => {
  const { reason, denial } = context
  if (reason === null || reason.effect !== 'gap') return null
  const entry = CAUSES.find(([type]) => type === reason.layer)
  if (entry === undefined) return null
  const [type, cause] = entry
  const layer = layerOutcome(context, type)
  if (wasRead(context, layer) && layer?.answer !== 'unknown') return null
  const owner = layerOwner(type, reason.policyArn)
  return guardedDiagnosis(context, {
    cause,
    summary: `AWS says that no ${layerName(type)} allows ${denial.action} for ${callerLabel(denial)}; a grant elsewhere would change nothing.`,
    nextSteps: [advice(`Ask ${owner}.`, null, owner)],
  })
}

function gapOf(context: DiagnosisContext, type: PolicyType, cause: Cause) {
  const { denial, resource } = context
  const layer = layerOutcome(context, type)
  const statements = lackingLevel(layer?.statements ?? [])
  const [first] = statements
  const policy = first?.policy.arn ?? first?.policy.name ?? null
  const level = first === undefined || (type !== 'scp' && type !== 'rcp') ? '' : ` at ${first.policy.attachedTo}`
  const owner = layerOwner(type, policy)
  const near = nearMisses(statements)
  const role = resource === null ? '' : ` on ${entityName(resource)}`
  const nothing = {
    policyType: type,
    policy,
    attachedTo: first?.policy.attachedTo ?? null,
    statement: null,
    sid: null,
    finding: `no statement${level} allows ${denial.action}${role}`,
  }
  return guardedDiagnosis(context, {
    cause,
    summary: `A ${layerName(type)}${policy === null ? '' : ` (${policy})`}${level} stops ${callerLabel(denial)}: it does not allow ${denial.action}${role}, so a grant elsewhere would change nothing.`,
    evidence: near.length > 0 ? near.map(one => evidenceOf(one, describeOutcome(one))) : [nothing],
    nextSteps: [advice(`Ask ${owner}.`, null, owner)],
  })
}

/** The statements of the first level on the path that does not allow. Every level must allow. */
function lackingLevel(statements: readonly StatementOutcome[]): readonly StatementOutcome[] {
  const levels = Map.groupBy(statements, one => one.policy.attachedTo)
  for (const ofLevel of levels.values()) {
    if (!ofLevel.some(one => one.effect === 'Allow' && one.matches !== 'no')) return ofLevel
  }
  return statements
}
