/** What would be allowed without any time-limited grant of rolemedic. */
import { canonicalJson, known } from '../base/index.ts'
import {
  type AccessSnapshot,
  hasOwnSid,
  type Identity,
  type PolicyDocument,
  type Role,
  type SourcedPolicy,
  type Statement,
  withoutExpiry,
} from '../iam/index.ts'

/** Removes every rolemedic statement with an end, not only those of one bridge: the others end too and would leave the request denied. */
export function withoutLimitedGrants(snapshot: AccessSnapshot): AccessSnapshot {
  const { caller, targets } = snapshot
  return {
    ...snapshot,
    caller: caller.kind === 'found' ? { ...caller, value: stripped(caller.value) } : caller,
    targets: targets.map(target =>
      target.role.kind === 'found'
        ? { ...target, role: { ...target.role, value: strippedRole(target.role.value) } }
        : target,
    ),
  }
}

function stripped<Entity extends Identity>(entity: Entity): Entity {
  return {
    ...entity,
    policies: entity.policies.map(
      policy => ({ ...policy, document: without(policy.document) }) satisfies SourcedPolicy,
    ),
  }
}

function strippedRole(role: Role): Role {
  const { trust } = role
  return { ...stripped(role), trust: trust.known ? known(without(trust.value)) : trust }
}

const without = (document: PolicyDocument): PolicyDocument => ({
  ...document,
  Statement: document.Statement.filter(statement => !isLimitedGrant(statement)),
})

const isLimitedGrant = (statement: Statement): boolean =>
  hasOwnSid(statement) && canonicalJson(withoutExpiry(statement)) !== canonicalJson(statement)
