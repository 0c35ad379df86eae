/** IAM's listings, page by page, each as names or ARNs. */

import type { IAMClient, Role as RoleOfApi } from '@aws-sdk/client-iam'
import {
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsForUserCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam'
import { found, known, type Read, unknown } from '../../../../core/base/index.ts'
import { type ListedRole, parsePolicy } from '../../../../core/iam/index.ts'
import type { Ask } from './read-calls.ts'

type Page<T> = { readonly items: readonly T[]; readonly marker: string | undefined }
type Attached = { readonly AttachedPolicies?: readonly { readonly PolicyArn?: string | undefined }[] | undefined }
type Names = { readonly PolicyNames?: readonly string[] | undefined }
type Cut = { readonly IsTruncated?: boolean | undefined; readonly Marker?: string | undefined }

/** `depth` is the depth of the first page. */
export function iamLists(iam: IAMClient, ask: Ask) {
  const all = async <T>(
    depth: number,
    operation: string,
    next: (page: { Marker?: string; MaxItems: number }) => Promise<Page<T>>,
  ): Promise<Read<readonly T[]>> => {
    const items: T[] = []
    let marker: string | undefined
    for (let page = 0; ; page++) {
      const from = { MaxItems: 1000, ...(marker === undefined ? {} : { Marker: marker }) }
      const answer = await ask(depth + page, operation, () => next(from))
      if (answer.kind !== 'found') return answer
      items.push(...answer.value.items)
      marker = answer.value.marker
      if (marker === undefined) return found(items)
    }
  }
  const names = (answer: Names & Cut): Page<string> => ({ items: answer.PolicyNames ?? [], marker: more(answer) })
  const arns = (answer: Attached & Cut): Page<string> => ({
    items: present(answer.AttachedPolicies?.map(policy => policy.PolicyArn)),
    marker: more(answer),
  })

  return {
    rolePolicies: (RoleName: string, depth: number) =>
      all(depth, 'iam:ListRolePolicies', async page =>
        names(await iam.send(new ListRolePoliciesCommand({ RoleName, ...page }))),
      ),
    attachedRolePolicies: (RoleName: string, depth: number) =>
      all(depth, 'iam:ListAttachedRolePolicies', async page =>
        arns(await iam.send(new ListAttachedRolePoliciesCommand({ RoleName, ...page }))),
      ),
    userPolicies: (UserName: string, depth: number) =>
      all(depth, 'iam:ListUserPolicies', async page =>
        names(await iam.send(new ListUserPoliciesCommand({ UserName, ...page }))),
      ),
    attachedUserPolicies: (UserName: string, depth: number) =>
      all(depth, 'iam:ListAttachedUserPolicies', async page =>
        arns(await iam.send(new ListAttachedUserPoliciesCommand({ UserName, ...page }))),
      ),
    groupPolicies: (GroupName: string, depth: number) =>
      all(depth, 'iam:ListGroupPolicies', async page =>
        names(await iam.send(new ListGroupPoliciesCommand({ GroupName, ...page }))),
      ),
    attachedGroupPolicies: (GroupName: string, depth: number) =>
      all(depth, 'iam:ListAttachedGroupPolicies', async page =>
        arns(await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName, ...page }))),
      ),
    groupsOfUser: (UserName: string, depth: number) =>
      all(depth, 'iam:ListGroupsForUser', async page => {
        const answer = await iam.send(new ListGroupsForUserCommand({ UserName, ...page }))
        const items = (answer.Groups ?? []).flatMap(({ Arn, GroupName }) =>
          Arn && GroupName ? [{ arn: Arn, name: GroupName }] : [],
        )
        return { items, marker: more(answer) }
      }),
    everyRole: (depth: number) =>
      all(depth, 'iam:ListRoles', async page => {
        const answer = await iam.send(new ListRolesCommand(page))
        return { items: (answer.Roles ?? []).flatMap(listedRole), marker: more(answer) }
      }),
  }
}

function more({ IsTruncated, Marker }: Cut): string | undefined {
  return IsTruncated === true ? Marker : undefined
}

function listedRole({
  Arn,
  AssumeRolePolicyDocument,
}: Pick<Partial<RoleOfApi>, 'Arn' | 'AssumeRolePolicyDocument'>): readonly ListedRole[] {
  if (Arn === undefined) return []
  const trust = parsePolicy(AssumeRolePolicyDocument)
  return [
    { arn: Arn, trust: trust.ok ? known(trust.value) : unknown(`the trust policy is not readable: ${trust.error}`) },
  ]
}

function present<T>(items: readonly (T | undefined)[] | undefined): readonly T[] {
  return (items ?? []).filter(item => item !== undefined)
}
