import type { PolicyDocument } from './policy-document.ts'

export const POLICY_TYPES = ['identity', 'trust', 'boundary', 'session', 'scp', 'rcp', 'vpce'] as const
export type PolicyType = (typeof POLICY_TYPES)[number]

/** A policy with its origin. */
export type SourcedPolicy = {
  readonly type: PolicyType
  /** Inline policy name, managed policy name, or SCP name. */
  readonly name: string
  /** Null for inline and trust policies. */
  readonly arn: string | null
  /** The ARN of the role, user or group that has it; for SCPs and RCPs, the id of the OU or account. */
  readonly attachedTo: string
  /** For managed policies: the number of users, groups and roles that have it. Absent: not read. */
  readonly attachments?: number
  /** For managed policies: it is the permissions boundary of an entity. Absent: not seen as one. */
  readonly bounds?: true
  /** For managed policies: when its default version was made, or the policy was updated last. Absent: not read. */
  readonly changedAtMs?: number
  readonly document: PolicyDocument
}
