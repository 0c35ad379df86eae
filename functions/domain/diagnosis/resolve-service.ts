/**
 * What the denied call sends as `iam:PassedToService`. The value is a property of the call: what AWS shows or publishes
 * decides. The role's trust policy selects among several values; when AWS publishes none, it is only a guess.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
 */

import { descriptorOf } from '../actions/actions.ts'
import type { Denial, PassedRole } from '../denial/denial.ts'
import type { TargetRole } from '../iam/evaluation/access-snapshot.ts'
import { list, type PolicyDocument } from '../iam/policy/policy-document.ts'
import type { PassedServiceFinding } from './diagnosis.ts'

export const PASSED_TO_SERVICE = 'iam:PassedToService'

/** Service principals that a trust policy lets assume the role. */
export function trustedServices(trust: PolicyDocument): readonly string[] {
  return trust.Statement.filter(statement => statement.Effect === 'Allow').flatMap(statement =>
    statement.Principal === undefined || statement.Principal === '*' ? [] : list(statement.Principal['Service']),
  )
}

/** A service has the same name with and without China's suffix. */
export const isSameService = (one: string, other: string): boolean =>
  one.replace(/\.cn$/, '') === other.replace(/\.cn$/, '')

export function passOf(denial: Denial, resource: string): PassedRole | null {
  return denial.passes.find(pass => pass.arn === resource) ?? denial.passes[0] ?? null
}

/** Empty when the trust policy was not read. */
export function trustedBy(target: TargetRole | null): readonly string[] {
  if (target === null || target.role.kind !== 'found' || !target.role.value.trust.known) return []
  return trustedServices(target.role.value.trust.value)
}

/** The value in AWS's own evaluation: undefined when it shows none, null when none was sent. */
function shown(denial: Denial): string | null | undefined {
  const fact = denial.awsEvaluation?.context['iam:passedtoservice'] ?? denial.context['iam:passedtoservice']
  if (fact === undefined || fact.state === 'unknown') return undefined
  return fact.state === 'absent' ? null : (fact.values[0] ?? null)
}

export function resolveService(
  denial: Denial,
  resource: string,
  target: TargetRole | null,
): PassedServiceFinding | null {
  if (!descriptorOf(denial.action).passesRoles) return null
  const pass = passOf(denial, resource)
  const known = pass?.service.values ?? []
  const seen = shown(denial)
  if (typeof seen === 'string') {
    const disputed = known.filter(({ service, evidence }) => service !== seen && evidence !== 'trust')
    return { services: [seen], evidence: 'decoded', mayBeAbsent: false, disputed }
  }
  const trusted = trustedBy(target)
  const evidence = known[0]?.evidence ?? 'trust'
  const services =
    evidence === 'trust'
      ? guessed(
          known.map(one => one.service),
          trusted,
        )
      : narrowed(pass, trusted)
  if (services.length === 0) return null
  const disputed = pass?.service.disputed ?? []
  if (seen === null) return { services, evidence: 'decoded', mayBeAbsent: true, disputed }
  return { services, evidence, mayBeAbsent: pass?.service.mayBeAbsent ?? true, disputed }
}

/** The values of the call that the role trusts; all of them when it trusts none. */
function narrowed(pass: PassedRole | null, trusted: readonly string[]): readonly string[] {
  const services = (pass?.service.values ?? []).map(({ service }) => service)
  if (pass?.service.narrowable === false) return services
  const both = services.filter(service => trusted.some(one => isSameService(one, service)))
  return both.length > 0 ? both : services
}

/** The services that a role of this call usually trusts; for an unknown call, the one service that this role trusts. */
function guessed(usual: readonly string[], trusted: readonly string[]): readonly string[] {
  if (usual.length === 0) return trusted.length === 1 ? trusted : []
  const both = usual.filter(service => trusted.some(one => isSameService(one, service)))
  return both.length > 0 ? both : usual
}

/** Every possible value of `iam:PassedToService`; null: the key was not sent. Empty: any value is possible. */
export function possibleServices(
  denial: Denial,
  resource: string,
  target: TargetRole | null,
): readonly (string | null)[] {
  const seen = shown(denial)
  if (seen !== undefined) return [seen]
  const settled = resolveService(denial, resource, target)
  if (settled === null || settled.evidence === 'trust') return []
  return [...settled.services, ...(settled.mayBeAbsent ? [null] : [])]
}

/** The values to try. When any value is possible, the guess and no value represent all of them. */
export function servicesToTry(denial: Denial, resource: string, target: TargetRole | null): readonly (string | null)[] {
  const possible = possibleServices(denial, resource, target)
  if (possible.length > 0) return possible
  const settled = resolveService(denial, resource, target)
  return settled === null ? [] : [...settled.services, null]
}
