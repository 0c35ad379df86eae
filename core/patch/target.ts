/** The one document that a change writes, and the digests that bind an approval to a change. */
import { digestOf } from '../base/canonical-json.ts'
import type { PolicyDocument } from '../iam/policy/policy-document.ts'

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

export type DocumentChange = {
  readonly target: Target
  /** The current document; null if it does not exist. */
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument
}

export const changesTrust = ({ target }: Pick<DocumentChange, 'target'>): boolean => target.kind === 'role-trust-policy'

/** Trust policies go last, so that nobody can assume a role before its other policies are in place. */
export const trustLast = <Change extends Pick<DocumentChange, 'target'>>(
  changes: readonly Change[],
): readonly Change[] => [...changes.filter(change => !changesTrust(change)), ...changes.filter(changesTrust)]

/** Over the target, the canonical `after` and the digest of `before`. */
export const changeDigest = ({ target, before, after }: DocumentChange): string =>
  digestOf({ target, after, before: before && digestOf(before) })
