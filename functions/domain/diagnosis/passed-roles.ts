/** The roles of the denied call. A call may pass several, and fixing one alone only moves the failure. */
import { descriptorOf } from '../actions/actions.ts'
import type { TargetRole } from '../iam/evaluation/access-snapshot.ts'
import type { Gap } from './diagnosis.ts'
import { type DiagnosisContext, evaluateRole, lacks } from './diagnosis-context.ts'
import { possibleServices, resolveService, trustedServices } from './resolve-service.ts'

/** ARNs of the denied role, and of the other roles of the call that exist and are not allowed either. */
export function rolesLacking(context: DiagnosisContext): readonly string[] {
  const { resource, denial } = context
  if (resource === null) return []
  if (!descriptorOf(denial.action).passesRoles) return [resource]
  const others = context.snapshot.targets.filter(target => target.arn !== resource && isMissing(context, target))
  return [resource, ...others.map(target => target.arn)]
}

function isMissing({ denial, snapshot }: DiagnosisContext, target: TargetRole): boolean {
  if (target.role.kind !== 'found' || target.role.value.arn !== target.arn) return false
  // No patch passes a role of AWS's own: it holds up no other.
  if (/^\/aws-(service-role|reserved)\//.test(target.role.value.path)) return false
  // Which of several services would receive it is not known, so that it is granted when it is denied itself.
  if (new Set(possibleServices(denial, target.arn, target).filter(service => service !== null)).size > 1) return false
  const evaluation = evaluateRole(denial, snapshot, target.arn)
  if (evaluation.layers.some(layer => layer.answer === 'explicit-deny')) return false
  return lacks(evaluation.layers.find(layer => layer.type === 'identity') ?? null)
}

/** The failure that comes next: a passed role that does not trust the service which receives it. */
export function serviceTrustGaps({ denial, snapshot }: DiagnosisContext, roles: readonly string[]): readonly Gap[] {
  if (!descriptorOf(denial.action).passesRoles) return []
  return roles.flatMap(arn => {
    const target = snapshot.targets.find(one => one.arn === arn)
    if (target === undefined || target.role.kind !== 'found' || !target.role.value.trust.known) return []
    const settled = resolveService(denial, arn, target)
    const candidates = (denial.passes.find(pass => pass.arn === arn) ?? denial.passes[0])?.service.candidates ?? []
    if (settled === null || (candidates.length !== 1 && !settled.proven)) return []
    if (trustedServices(target.role.value.trust.value).includes(settled.service)) return []
    return [{ kind: 'service-trust', role: arn, service: settled.service } as const]
  })
}
