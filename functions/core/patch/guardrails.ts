/** Every rule that a patch must pass. A rule that fails refuses: what was not checked is not safe. */
import { type Examined, type Finding, type Guardrail, refuse } from './guardrail.ts'
import { administratorEquivalent } from './guardrails/administrator-equivalent.ts'
import { approversPath } from './guardrails/approvers-path.ts'
import { changesPerDay } from './guardrails/changes-per-day.ts'
import { denialAge } from './guardrails/denial-age.ts'
import { exactPassedService } from './guardrails/exact-passed-service.ts'
import { exactTrustPrincipal } from './guardrails/exact-trust-principal.ts'
import { forbiddenActions } from './guardrails/forbidden-actions.ts'
import { foreignStatements } from './guardrails/foreign-statements.ts'
import { likelyVerdict } from './guardrails/likely-verdict.ts'
import { managedByCode } from './guardrails/managed-by-code.ts'
import { noWildcard } from './guardrails/no-wildcard.ts'
import { ownRoles } from './guardrails/own-roles.ts'
import { permissionSetReach } from './guardrails/permission-set-reach.ts'
import { policySizeLimit } from './guardrails/policy-size.ts'
import { protectedEntity } from './guardrails/protected.ts'
import { reservedEntity } from './guardrails/reserved-entity.ts'
import { sharedPolicy } from './guardrails/shared-policy.ts'
import { strongerThanCaller } from './guardrails/stronger-than-caller.ts'
import { trustAccount } from './guardrails/trust-account.ts'
import { unseenLayers } from './guardrails/unseen-layers.ts'
import { webIdentitySubject } from './guardrails/web-identity-subject.ts'

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
