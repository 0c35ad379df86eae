/** The policy types that apply to a request, with the outcome of each. */

import type { Fact, Read } from '../../base/index.ts'
import { parseArn } from '../arn.ts'
import type { PolicyType, SourcedPolicy } from '../policy/sourced-policy.ts'
import type { AccessSnapshot, GuardrailLevel, Role } from './access-snapshot.ts'
import type { Caller } from './caller.ts'
import { type AccessRequest, asksTrust } from './evaluation.ts'
import { emptyLayer, evaluateLayer, evaluateLevels, type Layer, notApplicable, unseenLayer } from './layer-outcome.ts'
import type { ResolvedRequest } from './statement-match.ts'

export type Layers = { readonly [type in PolicyType]: Layer }

export function layersOf(request: AccessRequest, snapshot: AccessSnapshot, resolved: ResolvedRequest): Layers {
  const { caller } = resolved
  return {
    identity: identityLayer(caller, resolved),
    trust: trustLayer(request, snapshot, resolved),
    boundary: boundaryLayer(caller, resolved),
    scp: scpLayer(snapshot, caller, resolved),
    rcp: rcpLayer(request, snapshot, resolved),
    session: sessionLayer(snapshot, caller, resolved),
    vpce: seenLayer('vpce', snapshot.vpce, resolved),
  }
}

function hasPolicies(caller: Caller): boolean {
  return caller.kind !== 'root' && caller.kind !== 'service' && caller.kind !== 'federated'
}

function identityLayer(caller: Caller, resolved: ResolvedRequest): Layer {
  if (!hasPolicies(caller)) return notApplicable('identity')
  const { identity } = caller
  switch (identity.kind) {
    case 'found':
      return evaluateLayer('identity', identity.value.policies, resolved, identity.value.unseen)
    case 'absent':
      return emptyLayer('identity')
    case 'unreadable':
      return unseenLayer('identity', `identity policies of ${caller.arn || 'the caller'}`, identity.why)
  }
}

function boundaryLayer(caller: Caller, resolved: ResolvedRequest): Layer {
  if (!hasPolicies(caller)) return notApplicable('boundary')
  // If the caller's entity was not read, the identity layer reports that.
  if (caller.identity.kind !== 'found') return notApplicable('boundary')
  const { boundary } = caller.identity.value
  switch (boundary.kind) {
    case 'found':
      return evaluateLayer('boundary', [boundary.value], resolved)
    case 'absent':
      return notApplicable('boundary')
    case 'unreadable':
      return unseenLayer('boundary', `permissions boundary of ${caller.arn}`, boundary.why)
  }
}

function trustLayer(request: AccessRequest, snapshot: AccessSnapshot, resolved: ResolvedRequest): Layer {
  if (!asksTrust(resolved.authorization)) return notApplicable('trust')
  const role = roleAt(request.resource, snapshot)
  const fact = `trust policy of ${request.resource}`
  switch (role.kind) {
    case 'absent':
      return emptyLayer('trust')
    case 'unreadable':
      return unseenLayer('trust', fact, role.why)
    case 'found': {
      const { trust, arn, name } = role.value
      if (!trust.known) return unseenLayer('trust', fact, trust.why)
      const policy: SourcedPolicy = { type: 'trust', name, arn: null, attachedTo: arn, document: trust.value }
      return evaluateLayer('trust', [policy], resolved)
    }
  }
}

/** The role with exactly this ARN. IAM ignores case and path when it reads a role by name; STS does not. */
export function roleAt(arn: string, snapshot: AccessSnapshot): Read<Role> {
  const named = snapshot.targets.find(target => target.arn === arn)
  const byRole = snapshot.targets.find(({ role }) => role.kind === 'found' && role.value.arn === arn)
  if (byRole !== undefined) return byRole.role
  if (named === undefined) return { kind: 'unreadable', why: 'the role was not read' }
  return named.role.kind === 'found' ? { kind: 'absent' } : named.role
}

/**
 * SCPs apply to the principals of the caller's account, except in the management account and except service-linked roles.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
function scpLayer(snapshot: AccessSnapshot, caller: Caller, resolved: ResolvedRequest): Layer {
  if (caller.kind === 'service' || caller.kind === 'federated') return notApplicable('scp')
  if (caller.roleArn?.includes(':role/aws-service-role/')) return notApplicable('scp')
  return guardrail('scp', snapshot.scps, caller.accountId, snapshot, resolved)
}

/**
 * RCPs apply to the role's account.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
 */
function rcpLayer(request: AccessRequest, snapshot: AccessSnapshot, resolved: ResolvedRequest): Layer {
  if (!resolved.authorization.resourceControlPolicies) return notApplicable('rcp')
  const role = parseArn(request.resource)
  if (role?.resource.startsWith('role/aws-service-role/')) return notApplicable('rcp')
  return guardrail('rcp', snapshot.rcps, role?.accountId ?? null, snapshot, resolved)
}

function guardrail(
  type: 'scp' | 'rcp',
  levels: Fact<readonly GuardrailLevel[]>,
  accountId: string | null,
  { organization }: AccessSnapshot,
  resolved: ResolvedRequest,
): Layer {
  const management = organization.known ? organization.value.managementAccountId : null
  if (management !== null && management === accountId) return notApplicable(type)
  if (!levels.known)
    return unseenLayer(type, type === 'scp' ? 'service control policies' : 'resource control policies', levels.why)
  if (levels.value.every(level => level.policies.length === 0)) return notApplicable(type)
  return evaluateLevels(type, levels.value, resolved)
}

function sessionLayer(snapshot: AccessSnapshot, caller: Caller, resolved: ResolvedRequest): Layer {
  if (caller.kind !== 'role' && caller.kind !== 'federated-user') return notApplicable('session')
  return seenLayer('session', snapshot.session, resolved)
}

function seenLayer(
  type: 'session' | 'vpce',
  policies: Fact<readonly SourcedPolicy[]>,
  resolved: ResolvedRequest,
): Layer {
  if (!policies.known)
    return unseenLayer(type, type === 'session' ? 'session policy' : 'VPC endpoint policy', policies.why)
  return policies.value.length === 0 ? notApplicable(type) : evaluateLayer(type, policies.value, resolved)
}
