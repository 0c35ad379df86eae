import type { FederatedClaims } from '../../../denial/denial.ts'
import { list, type PolicyDocument, type Statement } from '../../../iam/policy/policy-document.ts'
import { addedStatements } from '../../document-diff.ts'
import { exactEntity } from '../../drafting/exact-names.ts'
import { changesTrust } from '../../patch.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/**
 * Trust for one role or user ARN, for the service that was denied, or for the one subject and audience of the denied token:
 * never for an account, session, whole provider or everybody.
 */
export const exactTrustPrincipal: Guardrail = {
  id: 'exact-trust-principal',
  check: ({ patch, denial }) => {
    const trust = patch.changes.filter(changesTrust)
    const service = denial.principal.kind === 'service' ? denial.principal.name : null
    const open = addedStatements(trust).find(
      ({ statement, change }) =>
        !namesOneEntity(statement) &&
        !(service !== null && namesService(statement, service)) &&
        !(denial.claims !== null && namesToken(statement, denial.claims, change.before)),
    )
    return open === undefined ? PASS : refuse('The patch trusts more than the one principal that was denied.')
  },
}

function namesOneEntity({ Principal }: Statement): boolean {
  if (Principal === undefined || Principal === '*' || Object.keys(Principal).join() !== 'AWS') return false
  const names = list(Principal['AWS'])
  return names.length === 1 && exactEntity(names[0] ?? null) !== null
}

function namesService({ Principal }: Statement, service: string): boolean {
  if (Principal === undefined || Principal === '*' || Object.keys(Principal).join() !== 'Service') return false
  const names = list(Principal['Service'])
  return names.length === 1 && names[0] === service
}

/** Of a provider that the role already trusts. */
function namesToken(
  { Principal, Condition = {} }: Statement,
  { subject, audience }: FederatedClaims,
  before: PolicyDocument | null,
): boolean {
  if (Principal === undefined || Principal === '*' || Object.keys(Principal).join() !== 'Federated') return false
  const [provider, ...others] = list(Principal['Federated'])
  if (provider === undefined || others.length > 0 || subject === null || audience === null) return false
  const known = (before?.Statement ?? []).some(
    one =>
      one.Effect === 'Allow' &&
      one.Principal !== undefined &&
      one.Principal !== '*' &&
      list(one.Principal['Federated']).includes(provider),
  )
  const issuer = provider.replace(/^.*:oidc-provider\//, '').toLowerCase()
  const exact = Object.fromEntries(
    Object.entries(Condition['StringEquals'] ?? {}).map(([key, value]) => [key.toLowerCase(), list(value)]),
  )
  const pins = (key: string, value: string) => exact[key]?.length === 1 && exact[key][0] === value
  return known && pins(`${issuer}:sub`, subject) && pins(`${issuer}:aud`, audience)
}
