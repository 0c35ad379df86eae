/**
 * A deleted principal remains in the trust policy as its bare id. Recreating the name does not repair the entry, and an
 * automatic repair could trust another principal.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { entityName, type LayerOutcome, list } from '../../iam/index.ts'
import { advice } from '../diagnosis-builder.ts'
import type { DiagnosisContext } from '../diagnosis-context.ts'
import { evidenceOf } from '../evidence.ts'
import { callerLabel } from '../wording/short-names.ts'
import type { Side } from './side.ts'

export function deletedPrincipalSide(context: DiagnosisContext, layer: LayerOutcome): Side | null {
  const { denial, resource } = context
  // Only an id of the caller's kind can be the caller's former id.
  const prefix = denial.principal.kind === 'user' ? 'AIDA' : 'AROA'
  const dead = layer.statements.flatMap(outcome => {
    const block = outcome.policy.document.Statement[outcome.index]?.Principal
    if (outcome.effect !== 'Allow' || block === undefined || block === '*') return []
    const ids = list(block['AWS']).filter(value => new RegExp(`^${prefix}[A-Z0-9]{8,}$`).test(value))
    return ids.length === 0 ? [] : [{ outcome, id: ids[0] ?? '' }]
  })
  const [first] = dead
  if (first === undefined || denial.principal.kind === 'web-identity' || denial.principal.kind === 'saml') return null
  const role = entityName(resource ?? '')
  return {
    cause: 'deleted-trust-principal',
    finding: `the trust policy of ${role} names ${first.id}, the id of a ${prefix === 'AIDA' ? 'user' : 'role'} that was deleted, and does not name ${callerLabel(denial)}`,
    evidence: dead.map(({ outcome, id }) =>
      evidenceOf(outcome, `names ${id}, the id of a principal that no longer exists`),
    ),
    gaps: [],
    nextSteps: [
      advice(
        `Ask the owner of ${role} to save the ARN in the trust policy again, if ${callerLabel(denial)} replaces the deleted principal. rolemedic never does this itself.`,
        null,
        `the owner of role ${role}`,
      ),
    ],
    uncertain: [],
    needsMfa: false,
  }
}
