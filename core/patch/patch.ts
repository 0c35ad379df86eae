import { digestOf } from '../base/index.ts'
import type { PolicyDocument } from '../iam/index.ts'

export const TARGET_KINDS = [
  'role-inline-policy',
  'user-inline-policy',
  'managed-policy',
  'role-trust-policy',
  'permission-set-inline-policy',
] as const
export type TargetKind = (typeof TARGET_KINDS)[number]

/** The one document that a change writes. */
export type Target = {
  readonly kind: TargetKind
  readonly accountId: string
  /** Role, user, policy or permission-set name. */
  readonly name: string
  /** Inline policies only. */
  readonly policyName: string | null
  /** ARN of the role, user, managed policy or permission set. */
  readonly arn: string
}

export type PolicyChange = {
  readonly target: Target
  /** The current document; null if it does not exist. */
  readonly before: PolicyDocument | null
  /** The document after the change. */
  readonly after: PolicyDocument
  /** Over the target, the canonical `after` and the digest of `before`. */
  readonly digest: string
  /** False for a follow-up step, which is not part of the approval. */
  readonly required: boolean
}

export const changesTrust = ({ target }: Pick<PolicyChange, 'target'>): boolean => target.kind === 'role-trust-policy'

/** Trust policies go last, so that nobody can assume a role before its other policies are in place. */
export const trustLast = <Change extends Pick<PolicyChange, 'target'>>(
  changes: readonly Change[],
): readonly Change[] => [...changes.filter(change => !changesTrust(change)), ...changes.filter(changesTrust)]

/** A draft, not yet verified. Trust changes come last in the list and are written last. */
export type Patch = {
  readonly changes: readonly PolicyChange[]
  /** Over the digests of the required changes. The Approve button carries it. */
  readonly digest: string
}

/** Binds an approval to its content. */
export function changeDigest(change: Pick<PolicyChange, 'target' | 'before' | 'after'>): string {
  const before = change.before === null ? null : digestOf(change.before)
  return digestOf({ target: change.target, after: change.after, before })
}

export function patchDigest(changes: readonly PolicyChange[]): string {
  return digestOf(changes.filter(change => change.required).map(change => change.digest))
}
