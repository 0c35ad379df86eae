/** Where a new statement for the caller goes: the bot's own inline policy, a managed policy of the caller alone, or the permission set. */

import { ok, type Refusal, type Result } from '../../base/result.ts'
import { type EntityArn, parseArn } from '../../iam/arn.ts'
import type { Identity } from '../../iam/evaluation/access-snapshot.ts'
import type { PolicyDocument, SourcedPolicy } from '../../iam/policy/policy-document.ts'
import type { Target } from '../patch.ts'
import { policySize, QUOTAS } from '../policy-size.ts'
import { sizeWhenLimited } from '../time-limit.ts'
import { type Bench, current, put } from './document-edits.ts'
import { refuse } from './draft-context.ts'
import { exactEntity, isReserved, isServiceLinked, permissionSetOf } from './exact-names.ts'

export const OWN_POLICY = 'rolemedic'
/** The name under which Identity Center provisions a permission set's inline policy. */
export const SSO_INLINE_POLICY = 'AwsSSOInlinePolicy'

export type Placed = { readonly target: Target; readonly before: PolicyDocument | null }

/** The caller as a policy's owner; refused where IAM or somebody else owns the entity. */
export function editableCaller(caller: Identity): Result<EntityArn, Refusal> {
  const arn = exactEntity(caller.arn)
  if (arn === null) return refuse('unreadable-arn', `“${caller.arn}” is not an ARN that a policy could be written for.`)
  if (isServiceLinked(arn))
    return refuse('service-linked-role', `${arn.name} is a service-linked role: only AWS changes it.`, 'AWS')
  if (isReserved(arn) && permissionSetOf(arn) === null)
    return refuse('reserved-role', `${arn.name} is one of AWS's own roles: it cannot be edited.`, 'AWS')
  return ok(arn)
}

/** The document that belongs to the bot on this caller. */
function ownPolicy(caller: Identity, arn: EntityArn): Placed {
  const permissionSet = permissionSetOf(arn)
  const policyName = permissionSet === null ? OWN_POLICY : SSO_INLINE_POLICY
  const existing = inlinePolicies(caller).find(policy => policy.name === policyName)
  return { target: inlineTarget(caller, arn, policyName), before: existing?.document ?? null }
}

export function inlineTarget(caller: Identity, arn: EntityArn, policyName: string): Target {
  const permissionSet = permissionSetOf(arn)
  const entity = { accountId: caller.accountId, arn: caller.arn }
  if (permissionSet !== null)
    return { ...entity, kind: 'permission-set-inline-policy', name: permissionSet, policyName: null }
  const kind = caller.kind === 'role' ? 'role-inline-policy' : 'user-inline-policy'
  return { ...entity, kind, name: caller.name, policyName }
}

export function managedTarget(policy: SourcedPolicy, policyArn: string): Target {
  const accountId = parseArn(policyArn)?.accountId ?? ''
  return { kind: 'managed-policy', accountId, name: policy.name, policyName: null, arn: policyArn }
}

const inlinePolicies = (caller: Identity): readonly SourcedPolicy[] =>
  caller.policies.filter(policy => policy.arn === null && policy.attachedTo === caller.arn)

/** Customer-managed, and attached to this entity itself: a group's policies and the boundaries of others are read, never written. */
export function isCustomerManaged(policy: SourcedPolicy, caller: Identity): boolean {
  const own = /^\d{12}$/.test(parseArn(policy.arn ?? '')?.accountId ?? '') && policy.attachedTo === caller.arn
  return own && policy.bounds !== true
}

/** Adds to the bot's inline policy, or, where the quota is full, to a managed policy that nobody else carries. */
export function addToCaller(
  bench: Bench,
  caller: Identity,
  arn: EntityArn,
  edit: (document: PolicyDocument | null) => PolicyDocument,
): Result<Bench, Refusal> {
  const own = ownPolicy(caller, arn)
  const after = edit(current(bench, own.target, own.before))
  if (inlineSize(bench, caller, own.target, sizeWhenLimited(own.before, after)) <= QUOTAS[own.target.kind])
    return ok(put(bench, own.target, own.before, after))

  for (const policy of caller.policies) {
    if (policy.arn === null || !isCustomerManaged(policy, caller) || policy.attachments !== 1) continue
    const target = managedTarget(policy, policy.arn)
    const grown = edit(current(bench, target, policy.document))
    if (sizeWhenLimited(policy.document, grown) <= QUOTAS['managed-policy'])
      return ok(put(bench, target, policy.document, grown))
  }
  return refuse(
    'quota',
    `The inline policies of ${caller.name} have no room for another statement (${QUOTAS[own.target.kind]} characters), and it carries no customer-managed policy of its own that has. Attach one to it alone, or tidy its policies.`,
    `owner of ${caller.name}`,
  )
}

/** All inline policies of the entity together, with `size` in place of the edited one. */
export function inlineSize(bench: Bench, caller: Identity, edited: Target, size: number): number {
  const others = inlinePolicies(caller).filter(policy =>
    edited.kind === 'permission-set-inline-policy'
      ? policy.name !== SSO_INLINE_POLICY
      : policy.name !== edited.policyName,
  )
  const sizes = others.map(policy => {
    const edit = bench.find(entry => entry.target.arn === caller.arn && entry.target.policyName === policy.name)
    return policySize(edit?.after ?? policy.document)
  })
  return sizes.reduce((sum, one) => sum + one, size)
}
