import type { FederatedClaims } from '../../../denial/index.ts'
import {
  accountPrincipal,
  type EntityArn,
  isPrincipalArn,
  list,
  type PolicyDocument,
  PRINCIPAL_ARN,
  permissionSetPattern,
  principalsOf,
  principalsOfType,
  type Statement,
  seenCaller,
} from '../../../iam/index.ts'
import { addedStatements, diffDocuments } from '../../document-diff.ts'
import { exactEntity } from '../../drafting/exact-names.ts'
import { changesTrust } from '../../patch.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/**
 * Trusts one role or user ARN, the denied caller's own permission set, the denied service, or the one subject and audience of
 * the denied token. Never a whole account, a session, a whole provider or everybody.
 */
export const exactTrustPrincipal: Guardrail = {
  id: 'exact-trust-principal',
  check: ({ patch, denial, snapshot }) => {
    const trust = patch.changes.filter(changesTrust)
    if (trust.length === 0) return PASS
    const caller = exactEntity(seenCaller(snapshot)?.arn ?? null)
    const service = denial.principal.kind === 'service' ? denial.principal.name : null
    const open = addedStatements(trust).find(({ statement, change }) => {
      const [{ type, name } = NOBODY, ...others] = principalsOf(statement)
      if (others.length > 0) return true
      switch (type) {
        case 'AWS':
          return exactEntity(name) === null && !(caller !== null && isPermissionSet(name, statement, caller))
        case 'Service':
          return name !== service
        case 'Federated':
          return !(denial.claims !== null && pinsToken(name, statement, denial.claims, change.before))
        default:
          return true
      }
    })
    const named = trust
      .flatMap(({ before, after }) => diffDocuments(before, after).extended)
      .filter(({ key }) => isPrincipalArn(key))
      .flatMap(({ values }) => values)
    const known = caller === null ? [] : [caller.text, permissionSetPattern(caller)]
    return open === undefined && named.every(value => known.includes(value))
      ? PASS
      : refuse('The patch trusts more than the one principal that was denied.')
  },
}

const NOBODY = { type: 'none', name: '' }

/** The only pattern that is accepted: the caller's account, limited to the roles of the caller's permission set. */
function isPermissionSet(name: string, { Condition = {} }: Statement, caller: EntityArn): boolean {
  const limits = list(Condition['ArnLike']?.[PRINCIPAL_ARN])
  return name === accountPrincipal(caller) && limits.length === 1 && limits[0] === permissionSetPattern(caller)
}

/** True for a token of a provider that the role already trusts. */
function pinsToken(
  provider: string,
  { Condition = {} }: Statement,
  { subject, audience }: FederatedClaims,
  before: PolicyDocument | null,
): boolean {
  const known = (before?.Statement ?? []).some(
    one => one.Effect === 'Allow' && principalsOfType(one, 'Federated').includes(provider),
  )
  const issuer = provider.replace(/^.*:oidc-provider\//, '').toLowerCase()
  const exact = Object.fromEntries(
    Object.entries(Condition['StringEquals'] ?? {}).map(([key, value]) => [key.toLowerCase(), list(value)]),
  )
  const pins = (key: string, value: string | null) => exact[key]?.length === 1 && exact[key][0] === value
  return known && pins(`${issuer}:sub`, subject) && pins(`${issuer}:aud`, audience)
}
