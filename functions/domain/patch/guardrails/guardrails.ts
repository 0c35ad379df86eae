/** Every rule that a patch must pass. A rule that fails refuses: what was not checked is not safe. */
import { type Examined, type Finding, type Guardrail, refuse } from './guardrail.ts'
import { administratorEquivalent } from './rules/administrator-equivalent.ts'
import { approversPath } from './rules/approvers-path.ts'
import { changesPerDay } from './rules/changes-per-day.ts'
import { exactPassedService } from './rules/exact-passed-service.ts'
import { exactTrustPrincipal } from './rules/exact-trust-principal.ts'
import { policySizeLimit } from './rules/fits-quota.ts'
import { forbiddenActions } from './rules/forbidden-actions.ts'
import { foreignStatements } from './rules/foreign-statements.ts'
import { likelyVerdict } from './rules/likely-verdict.ts'
import { managedByCode } from './rules/managed-by-code.ts'
import { noWildcard } from './rules/no-wildcard.ts'
import { ownRoles } from './rules/own-roles.ts'
import { permissionSetReach } from './rules/permission-set-reach.ts'
import { protectedEntity } from './rules/protected.ts'
import { denialAge } from './rules/recent-denial.ts'
import { reservedEntity } from './rules/reserved-entity.ts'
import { sharedPolicy } from './rules/shared-policy.ts'
import { strongerThanCaller } from './rules/stronger-than-caller.ts'
import { trustAccount } from './rules/trust-account.ts'
import { unseenLayers } from './rules/unseen-layers.ts'
import { webIdentitySubject } from './rules/web-identity-subject.ts'

/** Whose decision it is first, then what the patch says, then what it gives, then what is only good to know. */
export const GUARDRAILS: readonly Guardrail[] = [
  protectedEntity,
  ownRoles,
  approversPath,
  reservedEntity,
  likelyVerdict,
  denialAge,
  changesPerDay,
  noWildcard,
  exactPassedService,
  exactTrustPrincipal,
  foreignStatements,
  forbiddenActions,
  webIdentitySubject,
  trustAccount,
  policySizeLimit,
  administratorEquivalent,
  strongerThanCaller,
  sharedPolicy,
  permissionSetReach,
  managedByCode,
  unseenLayers,
]

export type NamedFinding = { readonly id: string; readonly finding: Finding }

export function checkGuardrails(examined: Examined, rules: readonly Guardrail[] = GUARDRAILS): readonly NamedFinding[] {
  return rules.map(rule => ({ id: rule.id, finding: checked(rule, examined) }))
}

function checked(rule: Guardrail, examined: Examined): Finding {
  try {
    return rule.check(examined)
  } catch (fault) {
    return refuse(`The rule ${rule.id} failed: ${fault instanceof Error ? fault.message : String(fault)}`)
  }
}
