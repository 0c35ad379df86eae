/** What the same call or deploy needs besides the grant for the denied role: other roles, other permissions, and who gives them. */

import { descriptorOf } from '../actions/index.ts'
import { entityName, itemOf, parseRoleArn, regionOfService, type TargetRole } from '../iam/index.ts'
import type { Gap, NextStep } from './diagnosis.ts'
import { advice } from './diagnosis-builder.ts'
import { type DiagnosisContext, denialAsksTrust, evaluateRole, lacks, serviceFor } from './diagnosis-context.ts'
import { isSameService, resolveService, trustedBy } from './resolve-service.ts'
import { parseBootstrapRole, siblingRoles } from './wording/cdk-bootstrap.ts'
import { joinNames } from './wording/short-names.ts'

export const followUpSteps = (context: DiagnosisContext): readonly NextStep[] => [
  ...permissionSet(context),
  ...besidesPolicies(context),
  ...missingRoles(context),
  ...bootstrapRoles(context),
]

/** Causes besides policies. Also shown when the policies allow the call by now. */
export function besidesPolicies({ denial }: DiagnosisContext): readonly NextStep[] {
  const { besidesPolicies: text } = descriptorOf(denial.action).wording
  return text === null ? [] : [advice(text)]
}

function permissionSet({ denial }: DiagnosisContext): readonly NextStep[] {
  const { kind, roleArn, pathKnown } = denial.principal
  // Anybody may give a role such a name, but only AWS can use the path.
  const isNamedSo =
    pathKnown && roleArn?.includes(':role/aws-reserved/') !== true && roleArn?.includes('/AWSReservedSSO_')
  if (kind !== 'sso-role' || isNamedSo) return []
  const text = 'Change the permission set: Identity Center manages the role itself.'
  return [advice(text, null, 'the administrators of IAM Identity Center')]
}

/** Other roles of the call that do not exist. They fail next, and no grant fixes that. */
function missingRoles({ snapshot, resource }: DiagnosisContext): readonly NextStep[] {
  return snapshot.targets
    .filter(target => target.arn !== resource && target.role.kind === 'absent')
    .map(target => advice(`The same call names ${target.arn}, which does not exist: correct it or create it.`))
}

function bootstrapRoles({ denial, resource }: DiagnosisContext): readonly NextStep[] {
  const role = resource === null ? null : parseRoleArn(resource)
  const bootstrap = role === null || !denialAsksTrust(denial) ? null : parseBootstrapRole(role.name)
  if (bootstrap === null) return []
  return [
    advice(`A deploy also assumes ${siblingRoles(bootstrap).join(', ')}. Each gets its own grant when it is denied.`),
  ]
}

/** The ARN of the denied role, and of the call's other existing roles that are not allowed either. */
export function rolesLacking(context: DiagnosisContext): readonly string[] {
  const { resource, denial } = context
  if (resource === null) return []
  if (!descriptorOf(denial.action).passesRoles) return [resource]
  const others = context.snapshot.targets.filter(target => target.arn !== resource && isMissing(context, target))
  return [resource, ...others.map(target => target.arn)]
}

function isMissing({ denial, snapshot }: DiagnosisContext, target: TargetRole): boolean {
  if (target.role.kind !== 'found' || target.role.value.arn !== target.arn) return false
  // No patch can pass one of AWS's own roles, so it must not block the others.
  if (/^\/aws-(service-role|reserved)\//.test(target.role.value.path)) return false
  // If several services may receive it, it is granted when it is denied itself.
  const services = resolveService(denial, target.arn, target)?.services ?? []
  if (!services.every(service => isSameService(service, services[0] ?? ''))) return false
  const evaluation = evaluateRole(denial, snapshot, target.arn)
  if (evaluation.layers.some(layer => layer.answer === 'explicit-deny')) return false
  return lacks(evaluation.layers.find(layer => layer.type === 'identity') ?? null)
}

/**
 * Passed roles that do not trust the service that assumes them, whatever value the call sends. The call would fail next for this reason.
 */
export function serviceTrustGaps(context: DiagnosisContext, roles: readonly string[]): readonly Gap[] {
  return roles.flatMap(role => {
    const next = nextFailure(context, role)
    return next === null || next.isOpen ? [] : [{ kind: 'service-trust', role, service: next.service } as const]
  })
}

/** The same as next steps, for roles where no trust change is drafted: the role trusts another service, or several are possible. */
export function serviceTrustSteps(context: DiagnosisContext, roles: readonly string[]): readonly NextStep[] {
  return roles.flatMap(role => {
    const next = nextFailure(context, role)
    if (next === null || !next.isOpen) return []
    return [
      advice(
        `Next failure: ${next.services.join(' or ')} assumes ${entityName(role)}, whose trust policy allows only ${joinNames(next.trusted)}.`,
        null,
        `the owner of ${entityName(role)}`,
      ),
    ]
  })
}

function nextFailure(context: DiagnosisContext, arn: string) {
  const { denial, snapshot } = context
  if (!descriptorOf(denial.action).passesRoles) return null
  const target = itemOf(snapshot.targets, arn) ?? null
  const services = (itemOf(denial.passes, arn) ?? denial.passes[0])?.service.assumedBy ?? []
  const [service] = services
  if (target === null || target.role.kind !== 'found' || !target.role.value.trust.known || service === undefined)
    return null
  const settled = serviceFor(context, arn)
  // Only AWS's data shows who assumes the role. A guess is derived from the trust policy itself.
  if (settled?.evidence !== 'published' && settled?.evidence !== 'decoded') return null
  const trusted = trustedBy(target)
  const isElsewhere = (name: string) => denial.region !== null && ![null, denial.region].includes(regionOfService(name))
  const here = trusted.filter(name => !isElsewhere(name))
  const isTrusted = (names: readonly string[]) => names.some(name => here.some(one => isSameService(one, name)))
  if (isTrusted(services)) return null
  return { service, services, trusted, isOpen: services.length > 1 || isTrusted(settled.services) }
}
