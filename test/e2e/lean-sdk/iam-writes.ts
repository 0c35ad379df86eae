import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  ListPolicyVersionsCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { CREATED, member, POLICY, toIam } from './iam-words.ts'
import type { Sample } from './sample.ts'

const PolicyArn = 'arn:aws:iam::111122223333:policy/app/deploys'
const ofRole = { RoleName: 'deployer', PolicyName: 'rolemedic' }
const ofUser = { UserName: 'ann', PolicyName: 'rolemedic' }
const done = ['$metadata.requestId']

const version = (id: string, isDefault: boolean) =>
  `<VersionId>${id}</VersionId><IsDefaultVersion>${isDefault}</IsDefaultVersion><CreateDate>${CREATED}</CreateDate>`

export const IAM_WRITES: readonly Sample[] = [
  toIam('PutRolePolicy', iam => iam.send(new PutRolePolicyCommand({ ...ofRole, PolicyDocument: POLICY })), '', done),
  toIam('DeleteRolePolicy', iam => iam.send(new DeleteRolePolicyCommand(ofRole)), '', done),
  toIam('PutUserPolicy', iam => iam.send(new PutUserPolicyCommand({ ...ofUser, PolicyDocument: POLICY })), '', done),
  toIam('DeleteUserPolicy', iam => iam.send(new DeleteUserPolicyCommand(ofUser)), '', done),
  toIam(
    'UpdateAssumeRolePolicy',
    iam => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'deployer', PolicyDocument: POLICY })),
    '',
    done,
  ),
  toIam(
    'CreatePolicyVersion',
    iam => iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: POLICY, SetAsDefault: true })),
    `<PolicyVersion>${version('v5', true)}</PolicyVersion>`,
    done,
  ),
  toIam(
    'DeletePolicyVersion',
    iam => iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v1' })),
    '',
    done,
  ),
  toIam(
    'ListPolicyVersions',
    iam => iam.send(new ListPolicyVersionsCommand({ PolicyArn })),
    `<Versions>${member(version('v4', true))}${member(version('v3', false))}</Versions><IsTruncated>false</IsTruncated>`,
    ['Versions.0.IsDefaultVersion', 'Versions.1.IsDefaultVersion', 'Versions.1.VersionId'],
  ),
  toIam(
    'SimulatePrincipalPolicy',
    iam =>
      iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: 'arn:aws:iam::111122223333:role/deployer',
          ActionNames: ['iam:PassRole'],
          ResourceArns: ['arn:aws:iam::111122223333:role/orders-task'],
          PolicyInputList: [POLICY],
          ContextEntries: [
            {
              ContextKeyName: 'iam:PassedToService',
              ContextKeyValues: ['ecs-tasks.amazonaws.com'],
              ContextKeyType: 'string',
            },
          ],
        }),
      ),
    `<EvaluationResults>${member(
      '<EvalActionName>iam:PassRole</EvalActionName><EvalResourceName>arn:aws:iam::111122223333:role/orders-task</EvalResourceName>' +
        '<EvalDecision>explicitDeny</EvalDecision><MatchedStatements><member><SourcePolicyId>edge</SourcePolicyId></member></MatchedStatements>' +
        '<MissingContextValues/><OrganizationsDecisionDetail><AllowedByOrganizations>true</AllowedByOrganizations></OrganizationsDecisionDetail>',
    )}</EvaluationResults><IsTruncated>false</IsTruncated>`,
    ['EvaluationResults.0.EvalDecision'],
  ),
]
