import { GetGroupPolicyCommand, GetUserCommand, GetUserPolicyCommand } from '@aws-sdk/client-iam'
import { found, type Read, unreadable } from '../../../../core/base/index.ts'
import type { Identity } from '../../../../core/iam/index.ts'
import { iamLists } from './iam-lists.ts'
import type { AccountReads } from './iam-policies.ts'
import { attachments, inlinePolicies, joinPolicyReads, labels, listed, managedOf, unlisted } from './iam-policies.ts'
import type { ManagedPolicies } from './managed-policies.ts'
import { managedPolicies } from './managed-policies.ts'

export async function readUser(account: AccountReads, name: string): Promise<Read<Identity>> {
  const { iam, ask, first } = account
  const lists = iamLists(iam, ask)
  const [answer, inlineNames, attachedArns, groupNames] = await Promise.all([
    account.ours(
      ask(first, 'iam:GetUser', () => iam.send(new GetUserCommand({ UserName: name }))),
      found => found.User?.Arn,
    ),
    lists.userPolicies(name, first),
    lists.attachedUserPolicies(name, first),
    lists.groupsOfUser(name, first),
  ])
  if (answer.kind !== 'found') return answer
  const detail = answer.value.User
  if (detail?.Arn === undefined) return unreadable('iam:GetUser gave no user')

  const { Arn: arn } = detail
  const boundaryArn = detail.PermissionsBoundary?.PermissionsBoundaryArn
  const inlineList = { what: `inline policies of ${arn}`, read: inlineNames }
  const attachedList = { what: `attached policies of ${arn}`, read: attachedArns }
  const groups = { what: `groups of ${arn}`, read: groupNames }
  const policies = managedPolicies(account)
  if (listed(groups).length > 0) policies.expectMore(first + 1)
  const [inline, managed, ...ofGroups] = await Promise.all([
    inlinePolicies(listed(inlineList), arn, policy =>
      ask(first + 1, 'iam:GetUserPolicy', () =>
        iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName: policy })),
      ),
    ),
    managedOf(policies, { arn, boundaryArn, attached: listed(attachedList) }, first + 1),
    ...listed(groups).map(group => groupPolicies(account, group, policies)),
  ])
  const all = joinPolicyReads(
    [inline, managed.attached, ...ofGroups.map(group => group.reads)],
    [...unlisted([inlineList, attachedList, groups]), ...ofGroups.flatMap(group => group.unlisted)],
  )
  return found({
    kind: 'user',
    ...labels({ ...detail, Arn: arn }, detail.UserName ?? name, detail.UserId),
    ...(detail.CreateDate === undefined ? {} : { createdAtMs: detail.CreateDate.getTime() }),
    ...all,
    ...(listed(groups).length === 0 ? {} : { groups: listed(groups).map(group => group.name) }),
    boundary: managed.boundary,
  })
}

async function groupPolicies(
  { iam, ask, first }: AccountReads,
  group: { readonly arn: string; readonly name: string },
  policies: ManagedPolicies,
) {
  const lists = iamLists(iam, ask)
  const [inlineNames, attachedArns] = await Promise.all([
    lists.groupPolicies(group.name, first + 1),
    lists.attachedGroupPolicies(group.name, first + 1),
  ])
  const inlineList = { what: `inline policies of ${group.arn}`, read: inlineNames }
  const attachedList = { what: `attached policies of ${group.arn}`, read: attachedArns }
  const [inline, attached] = await Promise.all([
    inlinePolicies(listed(inlineList), group.arn, policy =>
      ask(first + 2, 'iam:GetGroupPolicy', () =>
        iam.send(new GetGroupPolicyCommand({ GroupName: group.name, PolicyName: policy })),
      ),
    ),
    policies.read(attachments(listed(attachedList), group.arn), first + 2),
  ])
  return { reads: [...inline, ...attached], unlisted: unlisted([inlineList, attachedList]) }
}
