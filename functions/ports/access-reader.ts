import type { Fact, Read } from '../../core/base/index.ts'
import type { GuardrailLevel, Identity, ListedRole, Organization, Role } from '../../core/iam/index.ts'

/** Reads IAM of any account we look at, from snapshots or live. Throttling is retried inside; a refused read is `unreadable`. */
export interface AccessReader {
  /** The entity with all its identity policies and its boundary. */
  identity(entity: { accountId: string; kind: 'role' | 'user'; name: string }): Promise<Read<Identity>>
  /** The role with its trust policy, as `identity` plus trust; with `trust`, its own policies may be left unseen, which is cheaper. */
  role(entity: { accountId: string; name: string }, scope?: 'trust' | 'whole'): Promise<Read<Role>>
  /** Every role of the account and whom it trusts; live, as it was at most minutes ago. */
  roles(accountId: string): Promise<Fact<readonly ListedRole[]>>
  /** The ARN of the role inside an instance profile. */
  instanceProfileRole(entity: { accountId: string; name: string }): Promise<Read<string>>
  organization(): Promise<Fact<Organization>>
  /** Root first. */
  serviceControlPolicies(accountId: string): Promise<Fact<readonly GuardrailLevel[]>>
  resourceControlPolicies(accountId: string): Promise<Fact<readonly GuardrailLevel[]>>
  /** How many users and roles around one denial may be read to judge its risk. Absent: as many as are asked for. */
  readonly maxSurroundings?: number
}
/** `unknown`: it could not be read. Only a member's reader role is assumed. */
export type MemberState = 'member' | 'stranger' | 'unknown'

/** Whether an account belongs to whom the bot works for. */
export type AccountMembership = (accountId: string) => Promise<MemberState>

/**
 * The organizational units above an account, root first, as they are now. Unknown: Organizations does not show them. Throws where
 * it could not be asked: then it is tried again.
 */
export type AccountUnits = (accountId: string) => Promise<Fact<readonly string[]>>
