/** The outcome of one policy type for a request. */

import type { Unknown } from '../../base/fact.ts'
import type { Truth } from '../conditions/truth.ts'
import type { PolicyType, SourcedPolicy } from '../policy/policy-document.ts'
import type { GuardrailLevel } from './access-snapshot.ts'
import type { LayerOutcome, StatementOutcome } from './evaluation.ts'
import { type ResolvedRequest, statementOutcomes } from './statement-match.ts'

/** `unseen`: policies of this layer that could not be read. Each may allow or deny. */
export function evaluateLayer(
  type: PolicyType,
  policies: readonly SourcedPolicy[],
  resolved: ResolvedRequest,
  unseen: readonly Unknown[] = [],
): LayerOutcome {
  const statements = policies.flatMap(policy => statementOutcomes(policy, resolved))
  return { type, ...decide(statements, unseen.length > 0), statements, unknowns: unseen }
}

/**
 * Every level must allow. An empty level is ignored: AWS keeps at least one policy attached to each.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 */
export function evaluateLevels(
  type: 'scp' | 'rcp',
  levels: readonly GuardrailLevel[],
  resolved: ResolvedRequest,
): LayerOutcome {
  const outcomes = levels
    .filter(level => level.policies.length > 0)
    .map(level => {
      const outcome = evaluateLayer(type, level.policies, resolved)
      return type === 'rcp' ? withFullAccess(outcome) : outcome
    })
  const statements = outcomes.flatMap(outcome => outcome.statements)
  for (const answer of ['explicit-deny', 'implicit-deny', 'unknown'] as const) {
    const deciding = outcomes.filter(outcome => outcome.answer === answer)
    if (deciding.length > 0)
      return { type, answer, statements, deciding: deciding.flatMap(outcome => outcome.deciding), unknowns: [] }
  }
  const deciding = outcomes.flatMap(outcome => outcome.deciding)
  return { type, answer: 'allows', statements, deciding, unknowns: [] }
}

/** `RCPFullAWSAccess` cannot be detached: a level that lists only Deny statements allows whatever none of them denies. */
function withFullAccess(outcome: LayerOutcome): LayerOutcome {
  const onlyDenies = outcome.statements.every(statement => statement.effect === 'Deny')
  if (!onlyDenies || outcome.answer !== 'implicit-deny') return outcome
  const mayDeny = outcome.statements.filter(statement => statement.matches === 'unknown')
  return mayDeny.length === 0 ? { ...outcome, answer: 'allows' } : { ...outcome, answer: 'unknown', deciding: mayDeny }
}

export function notApplicable(type: PolicyType): LayerOutcome {
  return { type, answer: 'not-applicable', statements: [], deciding: [], unknowns: [] }
}

export function unseenLayer(type: PolicyType, fact: string, why: string): LayerOutcome {
  return { type, answer: 'unseen', statements: [], deciding: [], unknowns: [{ fact, why }] }
}

/** The layer of an entity that does not exist: nothing allows. */
export function emptyLayer(type: PolicyType): LayerOutcome {
  return { type, answer: 'implicit-deny', statements: [], deciding: [], unknowns: [] }
}

/** True when no statement of the layer denies. */
export function hasNoDeny(layer: LayerOutcome): Truth {
  const denies = layer.statements.filter(statement => statement.effect === 'Deny' && statement.matches !== 'no')
  if (denies.some(statement => statement.matches === 'yes')) return 'no'
  return denies.length > 0 || layer.unknowns.length > 0 ? 'unknown' : 'yes'
}

function decide(
  statements: readonly StatementOutcome[],
  someUnseen: boolean,
): Pick<LayerOutcome, 'answer' | 'deciding'> {
  const which = (effect: 'Allow' | 'Deny', matches: 'yes' | 'unknown') =>
    statements.filter(statement => statement.effect === effect && statement.matches === matches)
  const denies = which('Deny', 'yes')
  if (denies.length > 0) return { answer: 'explicit-deny', deciding: denies }
  const mayDeny = which('Deny', 'unknown')
  const allows = which('Allow', 'yes')
  const mayAllow = which('Allow', 'unknown')
  if (allows.length > 0 && mayDeny.length === 0 && !someUnseen) return { answer: 'allows', deciding: allows }
  if (allows.length > 0) return { answer: 'unknown', deciding: mayDeny }
  if (mayAllow.length > 0 || someUnseen) return { answer: 'unknown', deciding: [...mayDeny, ...mayAllow] }
  return { answer: 'implicit-deny', deciding: [] }
}
