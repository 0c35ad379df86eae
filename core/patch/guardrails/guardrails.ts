/** Every guardrail that a patch must pass. A guardrail that throws refuses the patch. */

import { exactPassedService } from './document/exact-passed-service.ts'
import { exactTrustPrincipal } from './document/exact-trust-principal.ts'
import { forbiddenActions } from './document/forbidden-actions.ts'
import { foreignStatements } from './document/foreign-statements.ts'
import { managedByCode } from './document/managed-by-code.ts'
import { noWildcard } from './document/no-wildcard.ts'
import { policySizeLimit } from './document/policy-size.ts'
import { sharedPolicy } from './document/shared-policy.ts'
import { webIdentitySubject } from './document/web-identity-subject.ts'
import { type Finding, type Guardrail, type GuardrailInput, refuse } from './guardrail.ts'
import { administratorEquivalent } from './reach/administrator-equivalent.ts'
import { approvedSet } from './reach/approved-set.ts'
import { blind } from './reach/blind.ts'
import { confusedDeputy } from './reach/confused-deputy.ts'
import { destroy } from './reach/destroy.ts'
import { othersConditions } from './reach/others-conditions.ts'
import { permissionSetReach } from './reach/permission-set-reach.ts'
import { strongerThanCaller } from './reach/stronger-than-caller.ts'
import { trustAccount } from './reach/trust-account.ts'
import { unreadSurroundings } from './reach/unread-surroundings.ts'
import { administratorRoles } from './subject/administrator-roles.ts'
import { approversPath } from './subject/approvers-path.ts'
import { changesPerDay } from './subject/changes-per-day.ts'
import { denialAge } from './subject/denial-age.ts'
import { likelyVerdict } from './subject/likely-verdict.ts'
import { ownRoles } from './subject/own-roles.ts'
import { protectedEntity } from './subject/protected.ts'
import { reservedEntity } from './subject/reserved-entity.ts'
import { unseenLayers } from './subject/unseen-layers.ts'

/** In this order: whose decision it is, what the document contains, what it allows, information. The first refusal is reported. */
export const GUARDRAILS: readonly Guardrail[] = [
  protectedEntity,
  administratorRoles,
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
  blind,
  destroy,
  strongerThanCaller,
  unreadSurroundings,
  sharedPolicy,
  permissionSetReach,
  othersConditions,
  confusedDeputy,
  approvedSet,
  managedByCode,
  unseenLayers,
]

export type NamedFinding = { readonly id: string; readonly finding: Finding }

export function checkGuardrails(
  input: GuardrailInput,
  rules: readonly Guardrail[] = GUARDRAILS,
): readonly NamedFinding[] {
  return rules.map(rule => ({ id: rule.id, finding: checked(rule, input) }))
}

function checked(rule: Guardrail, input: GuardrailInput): Finding {
  try {
    return rule.check(input)
  } catch (fault) {
    return refuse(`The guardrail ${rule.id} failed: ${fault instanceof Error ? fault.message : String(fault)}`)
  }
}
