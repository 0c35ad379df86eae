import {
  GetGroupPolicyCommand,
  GetInstanceProfileCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsForUserCommand,
  ListPoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam'
import { boundary, CREATED, DOCUMENT, member, TAGS, toIam } from './iam-words.ts'
import type { Sample } from './sample.ts'

const PAGE = { Marker: 'page-2', MaxItems: 1000 }
const MORE = '<IsTruncated>true</IsTruncated><Marker>page-3</Marker>'
const MORE_READ = ['IsTruncated', 'Marker']
const ARN = 'arn:aws:iam::111122223333:policy/app/deploys'

const role = (name: string) =>
  `<Path>/app/</Path><RoleName>${name}</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>arn:aws:iam::111122223333:role/app/${name}</Arn>` +
  `<CreateDate>${CREATED}</CreateDate><AssumeRolePolicyDocument>${DOCUMENT}</AssumeRolePolicyDocument>` +
  `<Description>runs deploys</Description><MaxSessionDuration>3600</MaxSessionDuration>${boundary}${TAGS}` +
  `<RoleLastUsed><LastUsedDate>${CREATED}</LastUsedDate><Region>eu-west-1</Region></RoleLastUsed>`

const policy =
  `<PolicyName>deploys</PolicyName><PolicyId>ANPAEXAMPLE</PolicyId><Arn>${ARN}</Arn><Path>/app/</Path>` +
  `<DefaultVersionId>v4</DefaultVersionId><AttachmentCount>2</AttachmentCount>` +
  `<PermissionsBoundaryUsageCount>1</PermissionsBoundaryUsageCount><IsAttachable>true</IsAttachable>` +
  `<CreateDate>${CREATED}</CreateDate><UpdateDate>${CREATED}</UpdateDate>${TAGS}`
const described = ['PolicyId', 'DefaultVersionId', 'AttachmentCount', 'PermissionsBoundaryUsageCount']

const names = `<PolicyNames><member>rolemedic</member><member>own</member></PolicyNames>${MORE}`
const attached = `<AttachedPolicies>${member(`<PolicyName>deploys</PolicyName><PolicyArn>${ARN}</PolicyArn>`)}</AttachedPolicies>${MORE}`
const namesRead = ['PolicyNames.1', ...MORE_READ]
const attachedRead = ['AttachedPolicies.0.PolicyArn', ...MORE_READ]
const inline = (owner: string) =>
  `${owner}<PolicyName>rolemedic</PolicyName><PolicyDocument>${DOCUMENT}</PolicyDocument>`

export const IAM_READS: readonly Sample[] = [
  toIam('GetRole', iam => iam.send(new GetRoleCommand({ RoleName: 'deployer' })), `<Role>${role('deployer')}</Role>`, [
    ...['Arn', 'Path', 'RoleName', 'RoleId', 'AssumeRolePolicyDocument'].map(name => `Role.${name}`),
    ...['PermissionsBoundary.PermissionsBoundaryArn', 'Tags.0.Key', 'Tags.0.Value'].map(name => `Role.${name}`),
  ]),
  toIam(
    'GetRolePolicy',
    iam => iam.send(new GetRolePolicyCommand({ RoleName: 'deployer', PolicyName: 'rolemedic' })),
    inline('<RoleName>deployer</RoleName>'),
    ['PolicyDocument'],
  ),
  toIam(
    'GetUser',
    iam => iam.send(new GetUserCommand({ UserName: 'ann' })),
    '<User><Path>/</Path><UserName>ann</UserName><UserId>AIDAEXAMPLE</UserId><Arn>arn:aws:iam::111122223333:user/ann</Arn>' +
      `<CreateDate>${CREATED}</CreateDate><PasswordLastUsed>${CREATED}</PasswordLastUsed>${boundary}${TAGS}</User>`,
    [
      ...['Arn', 'Path', 'UserName', 'UserId'].map(name => `User.${name}`),
      ...['PermissionsBoundary.PermissionsBoundaryArn', 'Tags.0.Key', 'Tags.0.Value'].map(name => `User.${name}`),
    ],
  ),
  toIam(
    'GetUserPolicy',
    iam => iam.send(new GetUserPolicyCommand({ UserName: 'ann', PolicyName: 'rolemedic' })),
    inline('<UserName>ann</UserName>'),
    ['PolicyDocument'],
  ),
  toIam(
    'GetGroupPolicy',
    iam => iam.send(new GetGroupPolicyCommand({ GroupName: 'devs', PolicyName: 'rolemedic' })),
    inline('<GroupName>devs</GroupName>'),
    ['PolicyDocument'],
  ),
  toIam(
    'GetInstanceProfile',
    iam => iam.send(new GetInstanceProfileCommand({ InstanceProfileName: 'web' })),
    '<InstanceProfile><Path>/</Path><InstanceProfileName>web</InstanceProfileName><InstanceProfileId>AIPAEXAMPLE</InstanceProfileId>' +
      `<Arn>arn:aws:iam::111122223333:instance-profile/web</Arn><CreateDate>${CREATED}</CreateDate>` +
      `<Roles>${member(role('web'))}</Roles></InstanceProfile>`,
    ['InstanceProfile.Arn', 'InstanceProfile.Roles.0.Arn'],
  ),
  toIam(
    'GetPolicy',
    iam => iam.send(new GetPolicyCommand({ PolicyArn: ARN })),
    `<Policy>${policy}</Policy>`,
    described.map(name => `Policy.${name}`),
  ),
  toIam(
    'GetPolicyVersion',
    iam => iam.send(new GetPolicyVersionCommand({ PolicyArn: ARN, VersionId: 'v4' })),
    `<PolicyVersion><Document>${DOCUMENT}</Document><VersionId>v4</VersionId><IsDefaultVersion>true</IsDefaultVersion><CreateDate>${CREATED}</CreateDate></PolicyVersion>`,
    ['PolicyVersion.Document'],
  ),
  toIam(
    'ListPolicies',
    iam => iam.send(new ListPoliciesCommand({ Scope: 'All', OnlyAttached: true, MaxItems: 1000 })),
    `<Policies>${member(policy)}</Policies>${MORE}`,
    ['Arn', ...described].map(name => `Policies.0.${name}`),
  ),
  toIam(
    'ListRolePolicies',
    iam => iam.send(new ListRolePoliciesCommand({ RoleName: 'deployer', ...PAGE })),
    names,
    namesRead,
  ),
  toIam(
    'ListUserPolicies',
    iam => iam.send(new ListUserPoliciesCommand({ UserName: 'ann', ...PAGE })),
    names,
    namesRead,
  ),
  toIam(
    'ListGroupPolicies',
    iam => iam.send(new ListGroupPoliciesCommand({ GroupName: 'devs', ...PAGE })),
    names,
    namesRead,
  ),
  toIam(
    'ListAttachedRolePolicies',
    iam => iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'deployer', ...PAGE })),
    attached,
    attachedRead,
  ),
  toIam(
    'ListAttachedUserPolicies',
    iam => iam.send(new ListAttachedUserPoliciesCommand({ UserName: 'ann', ...PAGE })),
    attached,
    attachedRead,
  ),
  toIam(
    'ListAttachedGroupPolicies',
    iam => iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: 'devs', ...PAGE })),
    attached,
    attachedRead,
  ),
  toIam(
    'ListGroupsForUser',
    iam => iam.send(new ListGroupsForUserCommand({ UserName: 'ann', ...PAGE })),
    `<Groups>${member(
      `<Path>/</Path><GroupName>devs</GroupName><GroupId>AGPAEXAMPLE</GroupId><Arn>arn:aws:iam::111122223333:group/devs</Arn><CreateDate>${CREATED}</CreateDate>`,
    )}</Groups>${MORE}`,
    ['Groups.0.Arn', 'Groups.0.GroupName', ...MORE_READ],
  ),
  toIam(
    'ListRoles',
    iam => iam.send(new ListRolesCommand(PAGE)),
    `<Roles>${member(role('deployer'))}${member(role('web'))}</Roles>${MORE}`,
    ['Roles.1.Arn', ...MORE_READ],
  ),
]
