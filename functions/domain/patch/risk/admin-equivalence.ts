/**
 * How an identity could make itself administrator, found by evaluating its policies. An unknown condition counts as met,
 * because the question is what the identity could do.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
 */

import { parseArn } from '../../iam/arn.ts'
import type { Identity } from '../../iam/evaluation/access-snapshot.ts'
import { evaluateInIsolation } from './isolated-evaluation.ts'

/** A name that no narrow resource pattern matches. */
const ANY_NAME = 'rolemedic-control-f3a9'

const ON_ANY_ROLE = [
  'iam:AttachRolePolicy',
  'iam:PutRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'iam:DeleteRolePermissionsBoundary',
  'sts:AssumeRole',
]
const ON_ANY_USER = [
  'iam:AttachUserPolicy',
  'iam:PutUserPolicy',
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:UpdateLoginProfile',
]
const ON_ANY_GROUP = ['iam:AttachGroupPolicy', 'iam:PutGroupPolicy', 'iam:AddUserToGroup']
const ON_ANY_POLICY = ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion']
const ON_ITSELF = ['iam:AttachRolePolicy', 'iam:PutRolePolicy', 'iam:AttachUserPolicy', 'iam:PutUserPolicy']
/** Each runs code or changes resources with a role that is passed to it. */
const COMPUTE = [
  'ec2:RunInstances',
  'lambda:CreateFunction',
  'ecs:RunTask',
  'cloudformation:CreateStack',
  'glue:CreateJob',
  'glue:CreateDevEndpoint',
  'codebuild:CreateProject',
  'sagemaker:CreateNotebookInstance',
  'datapipeline:CreatePipeline',
  'states:CreateStateMachine',
  'batch:RegisterJobDefinition',
  'ssm:StartAutomationExecution',
]
/** Unrelated actions: a policy that allows all of them allows `*`. */
const ANYTHING = ['iam:CreateUser', 's3:DeleteBucket', 'kms:ScheduleKeyDeletion', 'ec2:TerminateInstances']

/** Sentences, the worst first; empty if there is none. */
export function adminEquivalenceReasons(identity: Identity): readonly string[] {
  const partition = parseArn(identity.arn)?.partition ?? 'aws'
  const arn = (kind: string) => `arn:${partition}:iam::${identity.accountId}:${kind}/${ANY_NAME}`
  const may = (action: string, resource: string) => evaluateInIsolation(identity, action, resource) !== 'denied'
  const anyOf = (actions: readonly string[], resource: string, where: string) =>
    actions.filter(action => may(action, resource)).map(action => `it can call ${action} on ${where}`)

  if (ANYTHING.every(action => may(action, arn('role')))) return ['it can do anything']
  const passes = may('iam:PassRole', arn('role'))
  const compute = passes ? COMPUTE.find(action => may(action, `arn:${partition}:control:::${ANY_NAME}`)) : undefined
  return [
    ...anyOf(ON_ITSELF, identity.arn, 'itself'),
    ...anyOf(ON_ANY_ROLE, arn('role'), 'any role'),
    ...anyOf(ON_ANY_USER, arn('user'), 'any user'),
    ...anyOf(ON_ANY_GROUP, arn('group'), 'any group'),
    ...anyOf(ON_ANY_POLICY, arn('policy'), 'any policy'),
    ...(compute === undefined ? [] : [`it can pass any role to ${compute}`]),
  ]
}
