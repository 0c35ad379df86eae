import { perObject } from '../base/index.ts'
import type { PolicyDocument } from '../iam/index.ts'
import type { TargetKind } from './patch.ts'

/**
 * Characters of a document, as IAM's quotas count them. IAM ignores white space. This counts white space inside strings, so the
 * result is never below IAM's count.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const policySize: (document: PolicyDocument) => number = perObject(document => JSON.stringify(document).length)

export const QUOTAS: { readonly [kind in TargetKind]: number } = {
  'role-inline-policy': 10_240,
  'user-inline-policy': 2_048,
  'managed-policy': 6_144,
  'role-trust-policy': 2_048,
  // Identity Center writes it as one inline policy of a role.
  'permission-set-inline-policy': 10_240,
}
