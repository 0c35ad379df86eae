/**
 * What the denied call sends as `iam:PassedToService`. The value depends on the call, so what AWS shows or publishes decides. If there are
 * several values, the role's trust policy selects among them; if AWS publishes none, the trust policy is only a guess.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
 */

import { descriptorOf } from '../actions/index.ts'
import type { Denial, PassedRole, PassedService, RuledOut } from '../denial/index.ts'
import { globalServiceName, itemOf, type PolicyDocument, principalsOfType, type TargetRole } from '../iam/index.ts'
import type { PassedServiceFinding } from './diagnosis.ts'

export const PASSED_TO_SERVICE = 'iam:PassedToService'

/** Service principals that may assume the role by its trust policy. */
function trustedServices(trust: PolicyDocument): readonly string[] {
  const services: string[] = []
  // Pushes one by one: a file may list more than a call can take as arguments.
  for (const statement of trust.Statement)
    if (statement.Effect === 'Allow') for (const name of principalsOfType(statement, 'Service')) services.push(name)
  return services
}

/** True for the same service, by its name in any Region and partition. */
export const isSameService = (one: string, other: string): boolean =>
  one === other || globalServiceName(one) === globalServiceName(other)

export function passOf(denial: Denial, resource: string): PassedRole | null {
  return itemOf(denial.passes, resource) ?? denial.passes[0] ?? null
}

/** Values that grants without effect have ruled out for a role of the call. */
export const ruledOutFor = (denial: Denial, resource: string | null): readonly RuledOut[] =>
  resource === null ? [] : (passOf(denial, resource)?.service.ruledOut ?? [])

/** The services that the role trusts. Empty: its trust policy was not read. */
export function trustedBy(target: TargetRole | null): readonly string[] {
  if (target === null || target.role.kind !== 'found' || !target.role.value.trust.known) return []
  return trustedServices(target.role.value.trust.value)
}

/** The value in AWS's own evaluation. Undefined: it shows none. Null: the call sent none. */
export function shownService(denial: Denial): string | null | undefined {
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
  const seen = shownService(denial)
  if (typeof seen === 'string') {
    const known = pass?.service.values ?? []
    const disputed = known.filter(({ service, evidence }) => service !== seen && evidence !== 'trust')
    return { services: [seen], evidence: 'decoded', mayBeAbsent: false, disputed }
  }
  const found = likeliest(pass?.service ?? null, trustedBy(target))
  if (found.services.length === 0) return null
  return seen === null ? { ...found, evidence: 'decoded', mayBeAbsent: true } : found
}

/** Uses the best evidence that no grant without effect has ruled out. */
function likeliest(known: PassedService | null, trusted: readonly string[]): PassedServiceFinding {
  if (known === null) return { services: guessed([], trusted), evidence: 'trust', mayBeAbsent: true, disputed: [] }
  const { mayBeAbsent, disputed, narrowable } = known
  const ruledOut = ruledOutBy(known)
  const left = ruledOut.size === 0 ? known.values : known.values.filter(({ service }) => !ruledOut.has(service))
  const services = left.map(({ service }) => service)
  const [best] = left
  if (best !== undefined && best.evidence !== 'trust')
    return {
      services: narrowable ? narrowed(services, trusted) : services,
      evidence: best.evidence,
      mayBeAbsent,
      disputed,
    }
  if (ruledOut.size > 0) return afterIneffectiveGrant(known, ruledOut, trusted)
  return { services: guessed(services, trusted), evidence: 'trust', mayBeAbsent, disputed }
}

/** Contains null if it is ruled out that the call sends no value. */
const ruledOutBy = ({ ruledOut }: PassedService): ReadonlySet<string | null> =>
  ruledOut === undefined ? NONE : new Set(ruledOut.map(({ service }) => service))

const NONE: ReadonlySet<string | null> = new Set()

/**
 * The best evidence was wrong. Tries weaker evidence, then the service that assumes the role, then the services that the role
 * trusts, and finally that the call sends no value.
 */
function afterIneffectiveGrant(
  { disputed, assumedBy, values }: PassedService,
  ruledOut: ReadonlySet<string | null>,
  trusted: readonly string[],
): PassedServiceFinding {
  const mayBeAbsent = !ruledOut.has(null)
  const open = (services: readonly string[]) => [...new Set(services)].filter(service => !ruledOut.has(service))
  const named = disputed.filter(({ service, evidence }) => evidence !== 'trust' && !ruledOut.has(service))
  const [best] = named
  if (best !== undefined) {
    const services = open(named.map(({ service }) => service))
    return { services: narrowed(services, trusted), evidence: best.evidence, mayBeAbsent, disputed: [] }
  }
  const near = [...assumedBy, ...values.map(({ service }) => service)]
  const both = trusted.filter(service => near.some(one => isSameService(one, service)))
  const guesses = [both, trusted, near].map(open).find(services => services.length > 0)
  const services = guesses ?? (mayBeAbsent ? [...ruledOut].filter(service => service !== null).slice(0, 1) : [])
  return { services, evidence: 'trust', mayBeAbsent, disputed: [] }
}

/** The services that the role trusts too; if it trusts none of them, all services. */
function narrowed(services: readonly string[], trusted: readonly string[]): readonly string[] {
  const both = services.filter(service => trusted.some(one => isSameService(one, service)))
  return both.length > 0 ? both : services
}

/** The services that a role of this call usually trusts. For an unknown call, the one service that this role trusts. */
function guessed(usual: readonly string[], trusted: readonly string[]): readonly string[] {
  return usual.length > 0 ? narrowed(usual, trusted) : trusted.length === 1 ? trusted : []
}

/** Every possible value of `iam:PassedToService`. Null: the call did not send the key. Empty list: any value is possible. */
export function possibleServices(
  denial: Denial,
  resource: string,
  target: TargetRole | null,
): readonly (string | null)[] {
  return possibleAmong(shownService(denial), resolveService(denial, resource, target))
}

function possibleAmong(
  seen: string | null | undefined,
  settled: PassedServiceFinding | null,
): readonly (string | null)[] {
  if (seen !== undefined) return [seen]
  if (settled === null || settled.evidence === 'trust') return []
  return settled.mayBeAbsent ? [...settled.services, null] : settled.services
}

/** The values to evaluate. If any value is possible, the guess and no value represent all of them. */
export const servicesToTry = (
  denial: Denial,
  resource: string,
  target: TargetRole | null,
): readonly (string | null)[] => triedServices(denial, resource, target).services

/** Like `servicesToTry`. `bounded`: no other value is possible. */
export function triedServices(
  denial: Denial,
  resource: string,
  target: TargetRole | null,
): { readonly services: readonly (string | null)[]; readonly bounded: boolean } {
  const settled = resolveService(denial, resource, target)
  const possible = possibleAmong(shownService(denial), settled)
  if (possible.length > 0) return { services: possible, bounded: true }
  return { services: settled === null ? [] : [...settled.services, null], bounded: false }
}
