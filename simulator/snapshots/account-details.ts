/**
 * The output of `aws iam get-account-authorization-details` for one account, indexed by name, so that the work per denial does
 * not grow with the account. Unused fields are ignored.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */

import * as z from 'zod'
import { UsageError } from '../../functions/domain/base/errors.ts'
import { firstIssue, parseJsonText } from '../../functions/domain/base/json-text.ts'
import { parseArn } from '../../functions/domain/iam/arn.ts'

const listOf = <T extends z.ZodType>(item: T) =>
  z.pipe(
    z.nullish(z.array(item)),
    z.transform(items => items ?? []),
  )

const inlinePolicy = z.object({ PolicyName: z.string(), PolicyDocument: z.optional(z.unknown()) })
const attachment = z.object({ PolicyArn: z.string(), PolicyName: z.nullish(z.string()) })
const tag = z.object({ Key: z.string(), Value: z.string() })
const boundary = z.nullish(z.object({ PermissionsBoundaryArn: z.string() }))
const entityArn = z.string().check(z.refine(text => parseArn(text)?.service === 'iam', 'not an IAM ARN'))

const user = z.object({
  Arn: entityArn,
  UserName: z.string(),
  UserId: z.nullish(z.string()),
  UserPolicyList: listOf(inlinePolicy),
  GroupList: listOf(z.string()),
  AttachedManagedPolicies: listOf(attachment),
  PermissionsBoundary: boundary,
  Tags: listOf(tag),
})
const group = z.object({
  Arn: entityArn,
  GroupName: z.string(),
  GroupPolicyList: listOf(inlinePolicy),
  AttachedManagedPolicies: listOf(attachment),
})
const role = z.object({
  Arn: entityArn,
  RoleName: z.string(),
  RoleId: z.nullish(z.string()),
  AssumeRolePolicyDocument: z.optional(z.unknown()),
  RolePolicyList: listOf(inlinePolicy),
  AttachedManagedPolicies: listOf(attachment),
  InstanceProfileList: listOf(z.object({ InstanceProfileName: z.string() })),
  PermissionsBoundary: boundary,
  Tags: listOf(tag),
})
const managedPolicy = z.object({
  Arn: entityArn,
  PolicyName: z.nullish(z.string()),
  DefaultVersionId: z.nullish(z.string()),
  AttachmentCount: z.nullish(z.number()),
  PermissionsBoundaryUsageCount: z.nullish(z.number()),
  PolicyVersionList: listOf(
    z.object({
      VersionId: z.nullish(z.string()),
      IsDefaultVersion: z.nullish(z.boolean()),
      Document: z.optional(z.unknown()),
    }),
  ),
})
const details = z.object({
  UserDetailList: z.nullish(z.array(user)),
  GroupDetailList: z.nullish(z.array(group)),
  RoleDetailList: z.nullish(z.array(role)),
  Policies: z.nullish(z.array(managedPolicy)),
  IsTruncated: z.nullish(z.boolean()),
})

export type UserDetail = z.infer<typeof user>
export type GroupDetail = z.infer<typeof group>
export type RoleDetail = z.infer<typeof role>
export type ManagedPolicyDetail = z.infer<typeof managedPolicy>

export type AccountDetails = {
  readonly accountId: string
  /** Keyed by the name in lower case: IAM keeps names unique ignoring case. */
  readonly users: ReadonlyMap<string, UserDetail>
  readonly groups: ReadonlyMap<string, GroupDetail>
  readonly roles: ReadonlyMap<string, RoleDetail>
  readonly policies: ReadonlyMap<string, ManagedPolicyDetail>
  /** Role ARN by instance profile name. */
  readonly profileRoles: ReadonlyMap<string, string>
  /** Why the file may lack existing entities; null if a list is complete. */
  readonly gaps: { readonly users: string | null; readonly roles: string | null }
}

/** Throws UsageError with one line that names the file and the place in it. */
export function readAccountDetails(file: string, text: string): AccountDetails {
  const json = parseJsonText(file, text)
  const parsed = details.safeParse(json)
  const wrongFormat = `${file}: not the output of aws iam get-account-authorization-details`
  if (!parsed.success) {
    const issue = firstIssue(parsed.error)
    throw new UsageError(parsed.error.issues[0]?.path.length === 0 ? `${wrongFormat} (${issue})` : `${file}: ${issue}`)
  }
  const { UserDetailList, GroupDetailList, RoleDetailList, Policies, IsTruncated } = parsed.data
  if ([UserDetailList, GroupDetailList, RoleDetailList, Policies].every(part => part == null))
    throw new UsageError(`${wrongFormat} (no RoleDetailList)`)

  const users = UserDetailList ?? []
  const groups = GroupDetailList ?? []
  const roles = RoleDetailList ?? []
  const policies = Policies ?? []
  const gap = (listName: string, given: boolean) =>
    IsTruncated === true ? `${file} is truncated (IsTruncated)` : given ? null : `${file} has no ${listName}`
  return {
    accountId: accountIdOf(file, [...roles, ...users, ...groups, ...policies]),
    users: byName(users, entry => entry.UserName),
    groups: byName(groups, entry => entry.GroupName),
    roles: byName(roles, entry => entry.RoleName),
    policies: new Map(policies.map(entry => [entry.Arn, entry])),
    profileRoles: new Map(
      roles.flatMap(entry => entry.InstanceProfileList.map(profile => [profile.InstanceProfileName, entry.Arn])),
    ),
    gaps: {
      users: gap('UserDetailList', UserDetailList != null),
      roles: gap('RoleDetailList', RoleDetailList != null),
    },
  }
}

function byName<T>(entries: readonly T[], nameOf: (entry: T) => string): ReadonlyMap<string, T> {
  return new Map(entries.map(entry => [nameOf(entry).toLowerCase(), entry]))
}

/** The account in the ARNs; AWS-managed policies have none. */
function accountIdOf(file: string, entries: readonly { readonly Arn: string }[]): string {
  const ids = new Set(entries.map(entry => parseArn(entry.Arn)?.accountId ?? '').filter(id => /^\d{12}$/.test(id)))
  const [id, other] = ids
  if (id === undefined)
    throw new UsageError(`${file}: contains no account id (no user, group, role or customer-managed policy)`)
  if (other !== undefined) throw new UsageError(`${file}: mixes accounts ${id} and ${other}; give one file per account`)
  return id
}
