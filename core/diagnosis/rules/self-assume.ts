/**
 * A role that assumes itself needs its own ARN in its trust policy, whatever else allows it.
 * https://aws.amazon.com/blogs/security/announcing-an-update-to-iam-role-trust-policy-behavior/
 */

import { needsBothSides } from '../../actions/index.ts'
import { entityName, list, type StatementOutcome } from '../../iam/index.ts'
import type { Gap } from '../diagnosis.ts'
import { advice, gapDiagnosis, guardedDiagnosis } from '../diagnosis-builder.ts'
import { denialAsksTrust, lacks, layerOutcome, type Rule } from '../diagnosis-context.ts'
import { layerEvidence } from '../evidence.ts'
import { identitySide } from './identity-side.ts'

export const selfAssume: Rule = context => {
  const { denial, resource, evaluation, target, snapshot } = context
  if (!denialAsksTrust(denial) || resource === null || target?.role.kind !== 'found') return null
  const own = snapshot.caller.kind === 'found' ? snapshot.caller.value.arn : denial.principal.roleArn
  if (own !== resource || evaluation?.answer !== 'denied') return null
  const layer = layerOutcome(context, 'trust')
  // The role trusts itself, so another element of that statement fails.
  if (layer?.statements.some(one => namesItself(one, resource))) return null
  const name = entityName(resource)
  const beside = needsBothSides(denial.action)
  const action = beside ? ` for ${denial.action}` : ''
  const identity = lacks(layerOutcome(context, 'identity')) ? identitySide(context) : null
  // Its own allow has a condition that is not met, which a statement for the role would bypass.
  const isConditional = identity?.cause === 'identity-condition'
  const ownPolicies: readonly Gap[] = beside && identity !== null ? identity.gaps : []
  const finding = `${name} assumes itself, and its trust policy does not name its own ARN${action}`
  const diagnosis = isConditional && identity.needsMfa ? guardedDiagnosis : gapDiagnosis
  return diagnosis(context, {
    cause: 'self-assume',
    summary: isConditional ? `${finding}, and ${identity.finding}.` : `${finding}.`,
    evidence: [
      ...(layer === null ? [] : [layerEvidence(layer, resource, 'no statement names the role itself')]),
      ...(isConditional ? identity.evidence : []),
    ],
    gaps: isConditional ? [] : [...ownPolicies, { kind: 'trust', role: resource }],
    nextSteps: [
      advice(
        `Remove this call: the session already has every permission of ${name}. If the call must stay, the role has to trust its own ARN.`,
      ),
      ...(isConditional ? identity.nextSteps : []),
    ],
  })
}

function namesItself({ effect, mismatches, policy, index }: StatementOutcome, resource: string): boolean {
  const block = policy.document.Statement[index]?.Principal
  if (effect !== 'Allow' || block === undefined || mismatches.some(({ element }) => element === 'action')) return false
  return block === '*' || list(block['AWS']).some(name => name === resource || name === '*')
}
