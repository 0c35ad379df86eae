/** The snapshot after the changes are written. Nothing else in it changes. */

import { found, known, never } from '../../base/index.ts'
import type { AccessSnapshot, Identity, PolicyDocument, Role, SourcedPolicy, TargetRole } from '../../iam/index.ts'
import { SSO_INLINE_POLICY } from '../drafting/caller-policy.ts'
import type { PolicyChange, Target } from '../patch.ts'

type DocumentChange = Pick<PolicyChange, 'target' | 'after'>

export function applyToSnapshot(snapshot: AccessSnapshot, changes: readonly DocumentChange[]): AccessSnapshot {
  // A deploy may have changed the trust of thousands of other roles.
  const arns = new Set(snapshot.targets.map(({ arn }) => arn))
  return changes
    .filter(({ target: { kind, arn } }) => kind !== 'role-trust-policy' || arns.has(arn))
    .reduce(applyChange, snapshot)
}

/** The document that a change of this target replaces. Null: there is none, or it was not read. */
export function documentAt({ caller, targets }: AccessSnapshot, target: Target): PolicyDocument | null {
  const role = targets.find(({ arn }) => arn === target.arn)?.role
  const policies = caller.kind === 'found' ? caller.value.policies : []
  const own = policies.filter(({ arn, attachedTo }) => arn === null && attachedTo === target.arn)
  switch (target.kind) {
    case 'role-trust-policy':
      return role?.kind === 'found' && role.value.trust.known ? role.value.trust.value : null
    case 'managed-policy':
      return policies.find(({ arn }) => arn === target.arn)?.document ?? null
    case 'role-inline-policy':
    case 'user-inline-policy':
      return own.find(({ name }) => name === (target.policyName ?? ''))?.document ?? null
    case 'permission-set-inline-policy':
      return own.find(({ name }) => name === SSO_INLINE_POLICY)?.document ?? null
    default:
      return never(target.kind)
  }
}

function applyChange(snapshot: AccessSnapshot, change: DocumentChange): AccessSnapshot {
  const { caller, targets } = snapshot
  return {
    ...snapshot,
    caller: caller.kind === 'found' ? found(changedIdentity(caller.value, change)) : caller,
    targets: targets.map(target => changedTarget(target, change)),
  }
}

function changedTarget(target: TargetRole, change: DocumentChange): TargetRole {
  if (target.role.kind !== 'found') return target
  const role: Role = changedIdentity(target.role.value, change)
  const changesTrust = change.target.kind === 'role-trust-policy' && change.target.arn === role.arn
  return { ...target, role: found(changesTrust ? { ...role, trust: known(change.after) } : role) }
}

function changedIdentity<Entity extends Identity>(entity: Entity, { target, after }: DocumentChange): Entity {
  switch (target.kind) {
    case 'role-trust-policy':
      return entity
    case 'managed-policy':
      return { ...entity, policies: entity.policies.map(withDocument), boundary: changedBoundary(entity) }
    case 'role-inline-policy':
    case 'user-inline-policy':
      return entity.arn === target.arn ? withInline(entity, target.policyName ?? '', after) : entity
    case 'permission-set-inline-policy':
      return entity.arn === target.arn ? withInline(entity, SSO_INLINE_POLICY, after) : entity
    default:
      return never(target.kind)
  }

  function withDocument(policy: SourcedPolicy): SourcedPolicy {
    return policy.arn === target.arn ? { ...policy, document: after } : policy
  }
  function changedBoundary({ boundary }: Identity): Identity['boundary'] {
    return boundary.kind === 'found' ? found(withDocument(boundary.value)) : boundary
  }
}

function withInline<Entity extends Identity>(entity: Entity, name: string, document: PolicyDocument): Entity {
  const isIt = (policy: SourcedPolicy) =>
    policy.arn === null && policy.attachedTo === entity.arn && policy.name === name
  const policies = entity.policies.some(isIt)
    ? entity.policies.map(policy => (isIt(policy) ? { ...policy, document } : policy))
    : [...entity.policies, { type: 'identity' as const, name, arn: null, attachedTo: entity.arn, document }]
  return { ...entity, policies }
}
