/**
 * An account in moto with everything that affects a denial: users, groups, roles, inline and managed policies, a boundary, SCPs
 * on three levels.
 */
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  type IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  AttachPolicyCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand as CreateOrganizationPolicyCommand,
  EnablePolicyTypeCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import type { Moto } from './moto.ts'

export const allow = (action: string, resource = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] })
export const deny = (action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: action, Resource: '*' }] })
const trusts = (principal: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  })

/** A role with 2 inline and 3 managed policies and a boundary, a role to pass, and a user with groups. */
export async function fillAccount(iam: IAMClient): Promise<void> {
  const managed = async (name: string, document: string) => {
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }))
    return Policy?.Arn ?? ''
  }
  const edge = await managed('edge', allow('*'))
  const policies = await Promise.all(['read', 'write', 'deploy'].map(name => managed(name, allow(`s3:${name}`))))
  await iam.send(
    new CreatePolicyVersionCommand({
      PolicyArn: policies[0],
      PolicyDocument: allow('s3:GetObject'),
      SetAsDefault: true,
    }),
  )

  await iam.send(
    new CreateRoleCommand({
      RoleName: 'deployer',
      Path: '/ci/',
      AssumeRolePolicyDocument: trusts({ AWS: 'arn:aws:iam::111122223333:root' }),
      PermissionsBoundary: edge,
      Tags: [{ Key: 'team', Value: 'orders' }],
    }),
  )
  for (const name of ['one', 'two'])
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'deployer', PolicyName: name, PolicyDocument: allow(`ecs:${name}`) }),
    )
  for (const arn of policies) await iam.send(new AttachRolePolicyCommand({ RoleName: 'deployer', PolicyArn: arn }))

  await iam.send(
    new CreateRoleCommand({
      RoleName: 'orders-task',
      AssumeRolePolicyDocument: trusts({ Service: 'ecs-tasks.amazonaws.com' }),
    }),
  )
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'orders-task', PolicyName: 'own', PolicyDocument: allow('sqs:SendMessage') }),
  )

  await iam.send(new CreateUserCommand({ UserName: 'jane', Path: '/staff/', PermissionsBoundary: edge }))
  await iam.send(
    new PutUserPolicyCommand({ UserName: 'jane', PolicyName: 'own', PolicyDocument: allow('sqs:ReceiveMessage') }),
  )
  await iam.send(new AttachUserPolicyCommand({ UserName: 'jane', PolicyArn: policies[0] }))
  await iam.send(new CreateGroupCommand({ GroupName: 'deployers' }))
  await iam.send(
    new PutGroupPolicyCommand({ GroupName: 'deployers', PolicyName: 'group', PolicyDocument: allow('ecs:*') }),
  )
  await iam.send(new AttachGroupPolicyCommand({ GroupName: 'deployers', PolicyArn: policies[1] }))
  await iam.send(new AddUserToGroupCommand({ GroupName: 'deployers', UserName: 'jane' }))
}

export type Tree = {
  readonly organizationId: string
  readonly managementAccountId: string
  readonly memberId: string
  readonly rootId: string
  readonly unitId: string
}

/** root ─ apps ─ member, each with its own SCP. */
export async function plantOrganization(moto: Moto): Promise<Tree> {
  const client = new OrganizationsClient(moto.client)
  const { Organization } = await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
  const { Roots } = await client.send(new ListRootsCommand({}))
  const rootId = Roots?.[0]?.Id ?? ''
  await client.send(new EnablePolicyTypeCommand({ RootId: rootId, PolicyType: 'SERVICE_CONTROL_POLICY' }))
  const unit = await client.send(new CreateOrganizationalUnitCommand({ ParentId: rootId, Name: 'apps' }))
  const unitId = unit.OrganizationalUnit?.Id ?? ''
  const account = await client.send(new CreateAccountCommand({ AccountName: 'orders', Email: 'orders@example.com' }))
  const memberId = account.CreateAccountStatus?.AccountId ?? ''
  await client.send(
    new MoveAccountCommand({ AccountId: memberId, SourceParentId: rootId, DestinationParentId: unitId }),
  )
  for (const [name, target] of [
    ['root-guard', rootId],
    ['unit-guard', unitId],
    ['account-guard', memberId],
  ] as const) {
    const { Policy } = await client.send(
      new CreateOrganizationPolicyCommand({
        Name: name,
        Description: name,
        Type: 'SERVICE_CONTROL_POLICY',
        Content: deny(`${name.split('-')[0]}:*`),
      }),
    )
    await client.send(new AttachPolicyCommand({ PolicyId: Policy?.PolicySummary?.Id ?? '', TargetId: target }))
  }
  return {
    organizationId: Organization?.Id ?? '',
    managementAccountId: Organization?.MasterAccountId ?? '',
    memberId,
    rootId,
    unitId,
  }
}
