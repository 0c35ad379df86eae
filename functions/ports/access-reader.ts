import type { Fact, Read } from '../../core/base/index.ts'
import type { GuardrailLevel, Identity, ListedRole, Organization, PolicyArchive, Role } from '../../core/iam/index.ts'

/** Reads IAM of any account, from files or live. Retries throttling itself. A refused read is `unreadable`. */
export interface AccessReader {
  /** The entity with all its identity policies and its boundary. */
  identity(entity: { accountId: string; kind: 'role' | 'user'; name: string }): Promise<Read<Identity>>
  /** The role with its trust policy. With `trust`, its own policies may be left unread, which is cheaper. */
  role(entity: { accountId: string; name: string }, scope?: 'trust' | 'whole'): Promise<Read<Role>>
  /** Every role of the account with its trust policy; from a live account, at most minutes old. */
  roles(accountId: string): Promise<Fact<readonly ListedRole[]>>
  instanceProfileRole(entity: { accountId: string; name: string }): Promise<Read<string>>
  organization(): Promise<Fact<Organization>>
  /** The levels from the root down. */
  serviceControlPolicies(accountId: string): Promise<Fact<readonly GuardrailLevel[]>>
  resourceControlPolicies(accountId: string): Promise<Fact<readonly GuardrailLevel[]>>
  /** How many users and roles around one denial may be read to assess its risk. Absent: no limit. */
  readonly maxSurroundings?: number
}
/** The versions of customer managed policies that exist. Throws where AWS cannot be reached. */
export interface PolicyVersions {
  /** Digests of which versions a policy has and which one is in force, by ARN: one request each. What cannot be read is not in it. */
  digestsOf(policyArns: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** With their documents. A policy of which not every version can be read is not in the archive. */
  versionsOf(policyArns: readonly string[]): Promise<VersionsRead>
}

export type VersionsRead = {
  readonly archive: PolicyArchive
  readonly digestByArn: ReadonlyMap<string, string>
  /** Why a policy is not in it. Null: all are. */
  readonly unread: string | null
}

/** `unknown`: it could not be read. The bot assumes the reader role only of members. */
export type MemberState = 'member' | 'stranger' | 'unknown'

/** Whether an account belongs to the organization of the bot. */
export type AccountMembership = (accountId: string) => Promise<MemberState>

/**
 * The current organizational units above an account, root first. Unknown: Organizations refuses to show them. Throws if
 * Organizations cannot be reached, so that the caller retries.
 */
export type AccountUnits = (accountId: string) => Promise<Fact<readonly string[]>>
