/** The roles and instance profiles that a plan makes. */
import type { MadeDocument, MadeProfile, MadeRole } from '../need.ts'
import { expressionAt, referencesOf } from './plan-configuration.ts'
import {
  accountOf,
  attribute,
  configured,
  hereOf,
  knownRole,
  type Plan,
  plannedPathOf,
  resolve,
} from './plan-references.ts'
import { isRecord } from './plan-values.ts'
import type { Planned } from './planned-changes.ts'

export function madeRole(state: Plan, role: Planned): MadeRole {
  const after = isRecord(role.after) ? role.after : {}
  const inline = Array.isArray(after['inline_policy']) ? after['inline_policy'].filter(isRecord) : []
  const attached = attachedTo(state, role)
  const policies = [
    ...inline.map(policy => ({ ...document(policy['policy']), name: String(policy['name'] ?? 'inline') })),
    ...attached
      .filter(policy => policy.type === 'aws_iam_role_policy')
      .map(policy => ({ ...document(attribute(policy, 'policy')), name: attribute(policy, 'name') ?? 'inline' })),
  ]
  const managed = [
    ...(Array.isArray(after['managed_policy_arns'])
      ? after['managed_policy_arns'].filter(arn => typeof arn === 'string')
      : []),
    ...attached.flatMap(policy => attribute(policy, 'policy_arn') ?? []),
  ]
  const isUnknown = attached.some(
    policy => policy.type === 'aws_iam_role_policy_attachment' && attribute(policy, 'policy_arn') === null,
  )
  return {
    ...hereOf(role),
    accountId: accountOf(state, role),
    name: attribute(role, 'name'),
    path: plannedPathOf(role),
    trust: document(attribute(role, 'assume_role_policy')),
    inlinePolicies: policies,
    managedPolicyArns: managed,
    permissionsBoundary: attribute(role, 'permissions_boundary'),
    complete: !isUnknown && policies.every(policy => policy.complete),
    file: state.file,
    line: null,
  }
}

function attachedTo(state: Plan, role: Planned): readonly Planned[] {
  const name = attribute(role, 'name')
  return state.attachments.filter(resource => {
    const own = attribute(resource, 'role')
    if (own !== null) return own === name
    const references = referencesOf(expressionAt(configured(state, resource)?.expressions, ['role']))
    return resolve(state, resource.module, references, resource.index, 0).some(
      text => text.resource?.logicalId === role.address,
    )
  })
}

function document(text: unknown): MadeDocument {
  if (typeof text !== 'string') return { document: null, complete: false }
  try {
    return { document: JSON.parse(text), complete: true }
  } catch {
    return { document: null, complete: false }
  }
}

export function madeProfile(state: Plan, profile: Planned): MadeProfile {
  const role = attribute(profile, 'role')
  const references = referencesOf(expressionAt(configured(state, profile)?.expressions, ['role']))
  return {
    ...hereOf(profile),
    accountId: accountOf(state, profile),
    name: attribute(profile, 'name'),
    roles:
      role !== null
        ? [knownRole(state, profile, role, ['role'], 'role')]
        : resolve(state, profile.module, references, profile.index, 0),
  }
}
