/**
 * Selects the policy for a new statement of the caller: rolemedic's inline policy, a managed policy of this caller only, or the
 * permission set.
 */

import { ok, type Refusal, type Result } from '../../base/index.ts'
import {
  type EntityArn,
  type Identity,
  type PolicyDocument,
  parseArn,
  permissionSetOf,
  type SourcedPolicy,
} from '../../iam/index.ts'
import type { Target } from '../patch.ts'
import { policySize, QUOTAS } from '../policy-size.ts'
import { mostWithTimeLimit, sizeWithTimeLimit } from '../time-limit.ts'
import { currentDocument, type DocumentEdits, withEdit } from './document-edits.ts'
import { refuseDraft } from './draft-context.ts'
import { exactEntity, isReserved, isServiceLinked } from './exact-names.ts'

export const OWN_POLICY = 'rolemedic'
/** The name of the inline policy that Identity Center creates for a permission set. */
export const SSO_INLINE_POLICY = 'AwsSSOInlinePolicy'

export type PolicyLocation = { readonly target: Target; readonly before: PolicyDocument | null }

/** The ARN of a caller whose policies can be edited. Refuses entities that AWS owns. */
export function editableCaller(caller: Identity): Result<EntityArn, Refusal> {
  const arn = exactEntity(caller.arn)
  if (arn === null) return refuseDraft('unreadable-arn', `“${caller.arn}” is not the ARN of an entity with policies.`)
  if (isServiceLinked(arn))
    return refuseDraft('service-linked-role', `${arn.name} is a service-linked role: only AWS changes it.`, 'AWS')
  if (isReserved(arn) && permissionSetOf(arn) === null)
    return refuseDraft('reserved-role', `${arn.name} is one of AWS's own roles: it cannot be edited.`, 'AWS')
  return ok(arn)
}

/** The inline policy of this caller that rolemedic owns. */
function rolemedicPolicy(caller: Identity, arn: EntityArn): PolicyLocation {
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

/** True for a customer-managed policy of this entity itself. Policies of a group and boundaries are read, never written. */
export function isCustomerManaged(policy: SourcedPolicy, caller: Identity): boolean {
  const isCustomers = /^\d{12}$/.test(parseArn(policy.arn ?? '')?.accountId ?? '')
  return isCustomers && policy.attachedTo === caller.arn && policy.bounds !== true
}

/** Edits rolemedic's inline policy or, if that would exceed the quota, a managed policy that only this caller has. */
export function grantToCaller(
  edits: DocumentEdits,
  caller: Identity,
  arn: EntityArn,
  edit: (document: PolicyDocument | null) => PolicyDocument,
): Result<DocumentEdits, Refusal> {
  const own = rolemedicPolicy(caller, arn)
  const after = edit(currentDocument(edits, own.target, own.before))
  const fits = (size: number) => inlineSize(edits, caller, own.target, size) <= QUOTAS[own.target.kind]
  if (fits(mostWithTimeLimit(after)) || fits(sizeWithTimeLimit(own.before, after)))
    return ok(withEdit(edits, own.target, own.before, after))

  for (const policy of caller.policies) {
    if (policy.arn === null || !isCustomerManaged(policy, caller) || policy.attachments !== 1) continue
    const target = managedTarget(policy, policy.arn)
    const edited = edit(currentDocument(edits, target, policy.document))
    if (sizeWithTimeLimit(policy.document, edited) <= QUOTAS['managed-policy'])
      return ok(withEdit(edits, target, policy.document, edited))
  }
  return refuseDraft(
    'quota',
    `The inline policies of ${caller.name} have no room for another statement (${QUOTAS[own.target.kind]} characters), and no customer-managed policy that is attached only to it has room. Attach one, or shorten its policies.`,
    `owner of ${caller.name}`,
  )
}

/** The total size of the entity's inline policies, with `size` for the edited one. */
export function inlineSize(edits: DocumentEdits, caller: Identity, edited: Target, size: number): number {
  const editedName = edited.kind === 'permission-set-inline-policy' ? SSO_INLINE_POLICY : edited.policyName
  let sum = size
  for (const policy of inlinePolicies(caller)) {
    if (policy.name === editedName) continue
    const edit = edits.find(entry => entry.target.arn === caller.arn && entry.target.policyName === policy.name)
    sum += policySize(edit?.after ?? policy.document)
  }
  return sum
}
