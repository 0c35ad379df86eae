import { type Fact, perObject, type Read, type Unknown } from '../../base/index.ts'
import type { PolicyDocument } from '../policy/policy-document.ts'
import type { SourcedPolicy } from '../policy/sourced-policy.ts'

/** A role or user with every identity policy that applies to it. */
export type Identity = {
  readonly kind: 'role' | 'user'
  readonly arn: string
  readonly accountId: string
  readonly name: string
  /** Starts and ends with `/`. */
  readonly path: string
  /** `AROA…` or `AIDA…`; null when the source lacks it. */
  readonly uniqueId: string | null
  readonly tags: { readonly [key: string]: string }
  /** They are not known, as of a role from a listing: IAM lists roles without their tags. */
  readonly tagsUnread?: true
  /** Inline, attached and (for users) group policies. */
  readonly policies: readonly SourcedPolicy[]
  /** Policies that could not be read: each may allow or deny. */
  readonly unseen: readonly Unknown[]
  /** The permissions boundary. `absent`: the entity has none. */
  readonly boundary: Read<SourcedPolicy>
  /** Absent: the source lacks it. */
  readonly createdAtMs?: number
  /** Of users: the names of its groups. Absent: not read, or none. */
  readonly groups?: readonly string[]
}

/** A role, with the policy of who may assume it. */
export type Role = Identity & {
  readonly kind: 'role'
  readonly trust: Fact<PolicyDocument>
}

/** True for a role. Readers return every role with its trust policy, also when it is the caller. */
export const isRole = (identity: Identity): identity is Role => 'trust' in identity

/** A role from a listing: who may assume it, without its own policies. */
export type ListedRole = { readonly arn: string; readonly trust: Fact<PolicyDocument> }

/** One level of the organization, root first. Every level must allow. */
export type GuardrailLevel = { readonly id: string; readonly policies: readonly SourcedPolicy[] }

export type Organization = {
  readonly id: string | null
  readonly managementAccountId: string | null
}

/** One role that the request concerns. */
export type TargetRole = {
  readonly arn: string
  readonly role: Read<Role>
  /** Roles of the same account with a similar name. Read only when the role is absent. */
  readonly near: Fact<readonly string[]>
}

/** Everything that was read for one denial. */
export type AccessSnapshot = {
  /** The user, or the role behind the session. `absent` for a web identity, a service or root, which have no identity policies. */
  readonly caller: Read<Identity>
  /** The denied role first, then the other roles of the same call. */
  readonly targets: readonly TargetRole[]
  readonly organization: Fact<Organization>
  /** SCPs on the path of the caller's account. */
  readonly scps: Fact<readonly GuardrailLevel[]>
  /** RCPs on the path of the target role's account. */
  readonly rcps: Fact<readonly GuardrailLevel[]>
  readonly session: Fact<readonly SourcedPolicy[]>
  readonly vpce: Fact<readonly SourcedPolicy[]>
}

type WithArn = { readonly arn: string }

const indexOf = perObject((items: readonly WithArn[]): ReadonlyMap<string, WithArn> => {
  const index = new Map<string, WithArn>()
  for (const item of items) if (!index.has(item.arn)) index.set(item.arn, item)
  return index
})

/** Up to this many items, comparing is faster than an index. */
const FEW = 4

/** The first item with this ARN. Indexed, because a call may pass a hundred roles. */
export function itemOf<T extends WithArn>(items: readonly T[], arn: string | null): T | undefined {
  if (arn === null) return undefined
  if (items.length > FEW) return indexOf(items).get(arn) as T | undefined
  for (const item of items) if (item.arn === arn) return item
  return undefined
}

export function seenCaller(snapshot: AccessSnapshot): Identity | null {
  return snapshot.caller.kind === 'found' ? snapshot.caller.value : null
}

export function findTarget(snapshot: AccessSnapshot, arn: string): TargetRole | null {
  return itemOf(snapshot.targets, arn) ?? null
}
