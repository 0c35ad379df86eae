import type { FederatedClaims } from '../../../denial/denial.ts'
import type { EntityArn } from '../../../iam/arn.ts'
import { accountPrincipal, isPrincipalArn, PRINCIPAL_ARN, permissionSetPattern } from '../../../iam/permission-set.ts'
import { list, type PolicyDocument, type Statement } from '../../../iam/policy/policy-document.ts'
import { addedStatements, diffDocuments } from '../../document-diff.ts'
import { seenCaller } from '../../drafting/draft-context.ts'
import { exactEntity } from '../../drafting/exact-names.ts'
import { changesTrust } from '../../patch.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/**
 * Trust for one role or user ARN, for the denied caller's own permission set, for the service that was denied, or for the one
 * subject and audience of the denied token: never for a whole account, a session, a whole provider or everybody.
 */
export const exactTrustPrincipal: Guardrail = {
  id: 'exact-trust-principal',
  check: ({ patch, denial, snapshot }) => {
    const trust = patch.changes.filter(changesTrust)
    const caller = exactEntity(seenCaller(snapshot)?.arn ?? null)
    const service = denial.principal.kind === 'service' ? denial.principal.name : null
    const open = addedStatements(trust).find(
      ({ statement, change }) =>
        !namesOneEntity(statement) &&
        !(caller !== null && namesPermissionSet(statement, caller)) &&
        !(service !== null && namesService(statement, service)) &&
        !(denial.claims !== null && namesToken(statement, denial.claims, change.before)),
    )
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

function namesOneEntity({ Principal }: Statement): boolean {
  if (Principal === undefined || Principal === '*' || Object.keys(Principal).join() !== 'AWS') return false
  const names = list(Principal['AWS'])
  return names.length === 1 && exactEntity(names[0] ?? null) !== null
}

/** The one pattern that is no exact name: the caller's account, limited to the roles of the caller's permission set. */
function namesPermissionSet({ Principal, Condition = {} }: Statement, caller: EntityArn): boolean {
  const pattern = permissionSetPattern(caller)
  if (pattern === null || Principal === undefined || Principal === '*' || Object.keys(Principal).join() !== 'AWS')
    return false
  const names = list(Principal['AWS'])
  const limits = list(Condition['ArnLike']?.[PRINCIPAL_ARN])
  return names.length === 1 && names[0] === accountPrincipal(caller) && limits.length === 1 && limits[0] === pattern
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
