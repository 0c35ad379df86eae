/**
 * Which service receives the passed role: the call's candidates that the role's trust policy lets in.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
 */

import { descriptorOf } from '../actions/actions.ts'
import type { Denial, PassedRole } from '../denial/denial.ts'
import type { TargetRole } from '../iam/evaluation/access-snapshot.ts'
import { list, type PolicyDocument } from '../iam/policy/policy-document.ts'
import type { Diagnosis } from './diagnosis.ts'

/** Service principals that a trust policy lets assume the role. */
export function trustedServices(trust: PolicyDocument): readonly string[] {
  return trust.Statement.filter(statement => statement.Effect === 'Allow').flatMap(statement =>
    statement.Principal === undefined || statement.Principal === '*' ? [] : list(statement.Principal['Service']),
  )
}

function passOf(denial: Denial, resource: string): PassedRole | null {
  return denial.passes.find(pass => pass.arn === resource) ?? denial.passes[0] ?? null
}

/** Null when the trust policy was not read. */
function trusted(target: TargetRole | null): readonly string[] | null {
  if (target === null || target.role.kind !== 'found' || !target.role.value.trust.known) return null
  return trustedServices(target.role.value.trust.value)
}

/** What AWS's own evaluation shows: undefined when it does not say. */
function shown(denial: Denial): string | null | undefined {
  const fact = denial.awsEvaluation?.context['iam:passedtoservice'] ?? denial.context['iam:passedtoservice']
  if (fact === undefined || fact.state === 'unknown') return undefined
  return fact.state === 'absent' ? null : (fact.values[0] ?? null)
}

function narrowed(denial: Denial, resource: string, target: TargetRole | null): readonly string[] {
  const candidates = passOf(denial, resource)?.service.candidates ?? []
  const services = trusted(target)
  if (services === null) return candidates
  if (candidates.length === 0) return services
  const both = candidates.filter(candidate => services.includes(candidate))
  return both.length > 0 ? both : candidates
}

export function resolveService(
  denial: Denial,
  resource: string,
  target: TargetRole | null,
): Diagnosis['passedService'] {
  if (!descriptorOf(denial.action).passesRoles) return null
  const seen = shown(denial)
  if (typeof seen === 'string') return { service: seen, proven: true }
  const pass = passOf(denial, resource)
  const services = narrowed(denial, resource, target)
  const [first] = services
  if (first === undefined) return null
  const inTable = (pass?.service.candidates.length ?? 0) > 0
  // Of several services that the role trusts, nothing says which one the call is about.
  if (!inTable && services.length > 1) return null
  const sent = seen === undefined && pass?.service.keySent === 'proven'
  return { service: first, proven: inTable && sent && services.length === 1 }
}

/** True where neither AWS nor the call says the service: it is then the one that the role's trust policy names. */
export function isInferredFromTrust(denial: Denial, resource: string): boolean {
  return shown(denial) === undefined && (passOf(denial, resource)?.service.candidates.length ?? 0) === 0
}

/** Every value that `iam:PassedToService` may have had; null: the key was not sent. Empty: nothing bounds it. */
export function possibleServices(
  denial: Denial,
  resource: string,
  target: TargetRole | null,
): readonly (string | null)[] {
  const seen = shown(denial)
  if (seen !== undefined) return [seen]
  const pass = passOf(denial, resource)
  if (pass === null || pass.service.candidates.length === 0) return []
  switch (pass.service.keySent) {
    case 'never':
      return [null]
    case 'proven':
      return narrowed(denial, resource, target)
    default:
      return [...narrowed(denial, resource, target), null]
  }
}
