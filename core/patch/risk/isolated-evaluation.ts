/** Evaluates the policies of one entity in isolation: no organization, no session policy, a role that trusts everybody. */

import { asksTrustPolicy, evaluate, SESSION_ACTIONS } from '../../actions/index.ts'
import { ABSENT, found, known, type Read } from '../../base/index.ts'
import {
  type AccessRequest,
  type AccessSnapshot,
  type Answer,
  type ContextFacts,
  type Identity,
  type PolicyDocument,
  parseEntityArn,
  type Role,
  type TargetRole,
} from '../../iam/index.ts'

const ALLOW_ALL: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

export function isolatedSnapshot(caller: Read<Identity>, targets: readonly TargetRole[]): AccessSnapshot {
  return {
    caller,
    targets,
    organization: known({ id: null, managementAccountId: null }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
  }
}

/** A role with this trust policy, without permissions, and with unknown tags. */
export function isolatedRole(arn: string, trust: PolicyDocument): TargetRole {
  const role = { ...isolatedIdentity(arn, 'role'), kind: 'role', trust: known(trust), tagsUnread: true } as const
  return { arn, role: found(role), near: known([]) }
}

/** An entity whose own policies allow everything, so that the other side decides. */
export function allowAllIdentity(arn: string): Identity {
  const kind = parseEntityArn(arn)?.kind ?? 'role'
  const policy = { type: 'identity', name: 'all', arn: null, attachedTo: arn, document: ALLOW_ALL } as const
  return { ...isolatedIdentity(arn, kind), policies: [policy] }
}

function isolatedIdentity(
  arn: string,
  kind: 'role' | 'user',
): Omit<Role, 'kind' | 'trust'> & { kind: 'role' | 'user' } {
  const { accountId = '', name = '', path = '/' } = parseEntityArn(arn) ?? {}
  return { kind, arn, accountId, name, path, uniqueId: null, tags: {}, policies: [], unseen: [], boundary: ABSENT }
}

/** Trusts the caller's whole account, so that the caller's own policies decide. */
export function delegatingTrust(arn: string, callerAccount: string): PolicyDocument {
  const partition = parseEntityArn(arn)?.partition ?? 'aws'
  const Principal = { AWS: `arn:${partition}:iam::${callerAccount}:root` }
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: SESSION_ACTIONS }] }
}

export function requestFrom(
  identity: Identity,
  action: string,
  resource: string,
  context: ContextFacts,
): AccessRequest {
  const { kind, arn } = identity
  return { action, resource, principalArn: arn, roleArn: kind === 'role' ? arn : null, context }
}

/** The SCPs that were read for the account of an identity. */
export type Around = Pick<AccessSnapshot, 'organization' | 'scps'>

/** The answer of the entity's own policies, within its boundary, to one action on one resource. */
export function evaluateInIsolation(
  identity: Identity,
  action: string,
  resource: string,
  context: ContextFacts = {},
  around?: Around,
): Answer {
  const target = isolatedRole(resource, delegatingTrust(resource, identity.accountId))
  const snapshot = {
    ...isolatedSnapshot(found(identity), asksTrustPolicy(action, resource) ? [target] : []),
    ...around,
  }
  return evaluate(requestFrom(identity, action, resource, context), snapshot).answer
}
