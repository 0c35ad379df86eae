import type { PolicyDocument } from '../iam/policy/policy-document.ts'
import type { TargetKind } from './patch.ts'

/**
 * Characters of a document against IAM's quotas. IAM does not count white space; none is added here and that inside strings
 * is counted, so that this is never below IAM's own number.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function policySize(document: PolicyDocument): number {
  return JSON.stringify(document).length
}

export const QUOTAS: { readonly [kind in TargetKind]: number } = {
  'role-inline-policy': 10_240,
  'user-inline-policy': 2_048,
  'managed-policy': 6_144,
  'role-trust-policy': 2_048,
  // Identity Center writes it as one inline policy of the role.
  'permission-set-inline-policy': 10_240,
}
