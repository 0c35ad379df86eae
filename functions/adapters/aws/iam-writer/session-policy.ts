/** Limits a session to its purpose: only these calls, only on this one entity. */
import { never, RolemedicError } from '../../../../core/base/index.ts'
import type { TargetKind } from '../../../../core/patch/index.ts'

/** What a session is for. */
export type Purpose = 'read' | 'put' | 'delete'

export function callsOf(
  kind: Exclude<TargetKind, 'permission-set-inline-policy'>,
  purpose: Purpose,
): readonly string[] {
  switch (kind) {
    case 'role-inline-policy':
      return { read: ['iam:GetRolePolicy'], put: ['iam:PutRolePolicy'], delete: ['iam:DeleteRolePolicy'] }[purpose]
    case 'user-inline-policy':
      return { read: ['iam:GetUserPolicy'], put: ['iam:PutUserPolicy'], delete: ['iam:DeleteUserPolicy'] }[purpose]
    case 'managed-policy':
      return {
        read: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
        // IAM keeps five versions, so a write may delete the oldest.
        put: ['iam:CreatePolicyVersion', 'iam:DeletePolicyVersion', 'iam:ListPolicyVersions'],
        delete: [],
      }[purpose]
    case 'role-trust-policy':
      return { read: ['iam:GetRole'], put: ['iam:UpdateAssumeRolePolicy'], delete: [] }[purpose]
    default:
      return never(kind)
  }
}

export function sessionPolicy(
  statements: readonly { readonly calls: readonly string[]; readonly resources: readonly string[] }[],
): string {
  const Statement = statements.map(({ calls, resources }) => ({ Effect: 'Allow', Action: calls, Resource: resources }))
  if (statements.length === 0 || statements.some(({ calls }) => calls.length === 0))
    throw new RolemedicError('session-policy', 'a session of the writer role is for no call')
  const text = JSON.stringify({ Version: '2012-10-17', Statement })
  if (text.length > MAX_SESSION_POLICY)
    throw new RolemedicError('session-policy', `the session policy has ${text.length} characters`)
  return text
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const MAX_SESSION_POLICY = 2_048
