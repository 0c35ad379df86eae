/** Reads the one document that a change is about, through the reader role of its account. */
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam'
import { ABSENT, found, never, type Read, RolemedicError, unreadable } from '../../../../core/base/index.ts'
import { type PolicyDocument, parsePolicy } from '../../../../core/iam/index.ts'
import type { Target } from '../../../../core/patch/index.ts'
import type { DocumentReader } from '../../../ports/writing/policy-writer.ts'

export function iamDocuments(iam: (accountId: string) => IAMClient): DocumentReader {
  return {
    async read(target) {
      try {
        return parsed(await textOf(target, iam(target.accountId)))
      } catch (error) {
        if (!(error instanceof Error)) throw error
        if (/^NoSuchEntity/.test(error.name)) return ABSENT
        if (/^AccessDenied/.test(error.name)) return unreadable(`the reader role may not read ${target.arn}`)
        throw new RolemedicError('aws-read', `${target.arn} cannot be read: ${error.message}`, { cause: error })
      }
    },
  }
}

async function textOf({ kind, name, policyName, arn }: Target, iam: IAMClient): Promise<string | undefined> {
  switch (kind) {
    case 'role-inline-policy':
      return (await iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: policyName ?? '' }))).PolicyDocument
    case 'user-inline-policy':
      return (await iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName: policyName ?? '' }))).PolicyDocument
    case 'managed-policy':
      return versionInForce(iam, arn)
    case 'role-trust-policy':
      return (await iam.send(new GetRoleCommand({ RoleName: name }))).Role?.AssumeRolePolicyDocument
    case 'permission-set-inline-policy':
      throw new RolemedicError('bad-target', `${arn} has no policy in IAM`)
    default:
      return never(kind)
  }
}

async function versionInForce(iam: IAMClient, PolicyArn: string): Promise<string | undefined> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }))
  const VersionId = Policy?.DefaultVersionId
  if (VersionId === undefined) throw new RolemedicError('aws-read', `${PolicyArn} has no default version`)
  return (await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }))).PolicyVersion?.Document
}

function parsed(text: string | undefined): Read<PolicyDocument> {
  const policy = parsePolicy(text)
  return policy.ok ? found(policy.value) : unreadable(`the stored document cannot be understood: ${policy.error}`)
}
