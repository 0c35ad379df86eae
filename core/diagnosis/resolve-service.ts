/**
 * What the denied call sends as `iam:PassedToService`. The value is a property of the call: what AWS shows or publishes
 * decides. The role's trust policy selects among several values; when AWS publishes none, it is only a guess.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
 */

import { descriptorOf } from '../actions/index.ts'
import type { Denial, PassedRole, PassedService, RuledOut } from '../denial/index.ts'
import { itemOf, type PolicyDocument, principalsOfType, type TargetRole } from '../iam/index.ts'
import type { PassedServiceFinding } from './diagnosis.ts'

export const PASSED_TO_SERVICE = 'iam:PassedToService'

/** Service principals that a trust policy lets assume the role. */
export function trustedServices(trust: PolicyDocument): readonly string[] {
  const services: string[] = []
  // One by one: a file may list more of them than a call takes arguments.
  for (const statement of trust.Statement)
    if (statement.Effect === 'Allow') for (const name of principalsOfType(statement, 'Service')) services.push(name)
  return services
}

/** A service has the same name with and without China's suffix. */
export const isSameService = (one: string, other: string): boolean =>
  one === other || one.replace(/\.cn$/, '') === other.replace(/\.cn$/, '')

export function passOf(denial: Denial, resource: string): PassedRole | null {
  return itemOf(denial.passes, resource) ?? denial.passes[0] ?? null
}

/** What ineffective grants have ruled out for a role of the call. */
export const ruledOutFor = (denial: Denial, resource: string | null): readonly RuledOut[] =>
  resource === null ? [] : (passOf(denial, resource)?.service.ruledOut ?? [])

/** Empty when the trust policy was not read. */
export function trustedBy(target: TargetRole | null): readonly string[] {
  if (target === null || target.role.kind !== 'found' || !target.role.value.trust.known) return []
  return trustedServices(target.role.value.trust.value)
}

/** The value in AWS's own evaluation: undefined when it shows none, null when none was sent. */
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

/** By the best evidence that an ineffective grant has not ruled out. */
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

/** Null in it: the call sends some value. */
const ruledOutBy = ({ ruledOut }: PassedService): ReadonlySet<string | null> =>
  ruledOut === undefined ? NONE : new Set(ruledOut.map(({ service }) => service))

const NONE: ReadonlySet<string | null> = new Set()

/**
 * The best evidence was wrong: what weaker evidence names; else the service that assumes the role, and then whom the role
 * trusts; and where nothing else is left, that the call sends no value.
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

/** The services that the role trusts too; all of them when it trusts none. */
function narrowed(services: readonly string[], trusted: readonly string[]): readonly string[] {
  const both = services.filter(service => trusted.some(one => isSameService(one, service)))
  return both.length > 0 ? both : services
}

/** The services that a role of this call usually trusts; for an unknown call, the one service that this role trusts. */
function guessed(usual: readonly string[], trusted: readonly string[]): readonly string[] {
  return usual.length > 0 ? narrowed(usual, trusted) : trusted.length === 1 ? trusted : []
}

/** Every possible value of `iam:PassedToService`; null: the key was not sent. Empty: any value is possible. */
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

/** The values to try. When any value is possible, the guess and no value represent all of them. */
export const servicesToTry = (
  denial: Denial,
  resource: string,
  target: TargetRole | null,
): readonly (string | null)[] => triedServices(denial, resource, target).services

/** The same; `bounded`: no other value is possible. */
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
