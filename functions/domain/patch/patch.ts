import { digestOf } from '../base/canonical-json.ts'
import type { PolicyDocument } from '../iam/policy/policy-document.ts'

export type TargetKind =
  | 'role-inline-policy'
  | 'user-inline-policy'
  | 'managed-policy'
  | 'role-trust-policy'
  | 'permission-set-inline-policy'

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
  /** The whole document now; null when it does not exist. */
  readonly before: PolicyDocument | null
  /** The whole document after. */
  readonly after: PolicyDocument
  /** Over target, canonical after, and the digest of before. */
  readonly digest: string
  /** False: a second step that will be needed next. */
  readonly required: boolean
}

export const changesTrust = ({ target }: Pick<PolicyChange, 'target'>): boolean => target.kind === 'role-trust-policy'

/** Whoever may assume a role gains it only once everything else stands. */
export const trustLast = <Change extends Pick<PolicyChange, 'target'>>(
  changes: readonly Change[],
): readonly Change[] => [...changes.filter(change => !changesTrust(change)), ...changes.filter(changesTrust)]

/** A drafted change: nothing is known yet about what it opens. Trust changes stand last, so that they are written last. */
export type Patch = {
  readonly changes: readonly PolicyChange[]
  /** Over the digests of the required changes. The approval button carries it. */
  readonly digest: string
}

/** Binds consent to content: over the target, the canonical `after`, and the digest of `before`. */
export function changeDigest(change: Pick<PolicyChange, 'target' | 'before' | 'after'>): string {
  const before = change.before === null ? null : digestOf(change.before)
  return digestOf({ target: change.target, after: change.after, before })
}

export function patchDigest(changes: readonly PolicyChange[]): string {
  return digestOf(changes.filter(change => change.required).map(change => change.digest))
}
