import { GetRoleCommand, GetRolePolicyCommand } from '@aws-sdk/client-iam'
import { ABSENT, found, known, type Read, unknown, unreadable } from '../../../../core/base/index.ts'
import { parsePolicy, type Role } from '../../../../core/iam/index.ts'
import { iamLists } from './iam-lists.ts'
import type { AccountReads } from './iam-policies.ts'
import { inlinePolicies, joinPolicyReads, labels, listed, managedOf, unlisted } from './iam-policies.ts'
import { managedPolicies } from './managed-policies.ts'

const NOT_ASKED = 'read only once a change is drafted'

/** With `trust`, one request: the role without its policies. */
export async function readRole(account: AccountReads, name: string, scope: 'trust' | 'whole'): Promise<Read<Role>> {
  const { iam, ask, first } = account
  const [answer, lists] = await Promise.all([
    account.ours(
      ask(first, 'iam:GetRole', () => iam.send(new GetRoleCommand({ RoleName: name }))),
      answer => answer.Role?.Arn,
    ),
    scope === 'whole' ? listPolicies(account, name) : null,
  ])
  if (answer.kind !== 'found') return answer
  const detail = answer.value.Role
  if (detail?.Arn === undefined) return unreadable('iam:GetRole gave no role')

  const { Arn: arn } = detail
  const boundaryArn = detail.PermissionsBoundary?.PermissionsBoundaryArn
  const trust = parsePolicy(detail.AssumeRolePolicyDocument)
  const role = {
    kind: 'role' as const,
    ...labels({ ...detail, Arn: arn }, detail.RoleName ?? name, detail.RoleId),
    ...(detail.CreateDate === undefined ? {} : { createdAtMs: detail.CreateDate.getTime() }),
    trust: trust.ok ? known(trust.value) : unknown(`the trust policy is not readable: ${trust.error}`),
  }
  if (lists === null) {
    const boundary = boundaryArn === undefined ? ABSENT : unreadable(NOT_ASKED)
    return found({ ...role, policies: [], unseen: [{ fact: `own policies of ${arn}`, why: NOT_ASKED }], boundary })
  }

  const inlineList = { what: `inline policies of ${arn}`, read: lists.inline }
  const attachedList = { what: `attached policies of ${arn}`, read: lists.attached }
  const [inline, managed] = await Promise.all([
    inlinePolicies(listed(inlineList), arn, policy =>
      ask(first + 1, 'iam:GetRolePolicy', () =>
        iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: policy })),
      ),
    ),
    managedOf(managedPolicies(account), { arn, boundaryArn, attached: listed(attachedList) }, first + 1),
  ])
  const all = joinPolicyReads([inline, managed.attached], unlisted([inlineList, attachedList]))
  return found({ ...role, ...all, boundary: managed.boundary })
}

async function listPolicies({ iam, ask, first }: AccountReads, name: string) {
  const lists = iamLists(iam, ask)
  const [inline, attached] = await Promise.all([
    lists.rolePolicies(name, first),
    lists.attachedRolePolicies(name, first),
  ])
  return { inline, attached }
}
