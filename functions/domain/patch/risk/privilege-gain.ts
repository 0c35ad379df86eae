/** What a caller could do through a role and cannot do directly, among the actions that matter. */

import { parseArn } from '../../iam/arn.ts'
import type { Identity } from '../../iam/evaluation/access-snapshot.ts'
import { list } from '../../iam/policy/policy-document.ts'
import { evaluateInIsolation } from './isolated-evaluation.ts'

/** These grant permissions: they count on any resource. */
const GRANTING = [
  'iam:AttachRolePolicy',
  'iam:AttachUserPolicy',
  'iam:CreateAccessKey',
  'iam:CreatePolicyVersion',
  'iam:PassRole',
  'iam:PutRolePolicy',
  'iam:PutUserPolicy',
  'iam:UpdateAssumeRolePolicy',
  'sts:AssumeRole',
  'organizations:AttachPolicy',
  'organizations:DetachPolicy',
  'sso:CreateAccountAssignment',
  'kms:CreateGrant',
  'kms:PutKeyPolicy',
  'lambda:AddPermission',
  'lambda:UpdateFunctionCode',
  's3:PutBucketPolicy',
  'secretsmanager:PutResourcePolicy',
]
/** These reach data or run code: ordinary on a named resource, a privilege gain on every resource of a type. */
const DATA_AND_COMPUTE = [
  'cloudformation:CreateStack',
  'dynamodb:DeleteTable',
  'dynamodb:Scan',
  'ec2:RunInstances',
  'ec2:TerminateInstances',
  'ecs:RunTask',
  'kms:Decrypt',
  'lambda:InvokeFunction',
  'rds:DeleteDBInstance',
  's3:DeleteObject',
  's3:GetObject',
  'secretsmanager:GetSecretValue',
  'ssm:GetParameter',
  'ssm:SendCommand',
]
const ANY_NAME = 'rolemedic-control-f3a9'

/** Resource types whose `type/*` matches every resource of that type. */
const EVERY_RESOURCE =
  /^(\*|(table|function|secret|parameter|instance|key|stack|db|cluster|task-definition|document)[/:]\*)/

/** `action on resource`, in a fixed order. An unknown condition counts as met for the role and as unmet for the caller. */
export function privilegeGain(role: Identity, caller: Identity): readonly string[] {
  const patterns = [...new Set(role.policies.flatMap(patternsOf))]
  const gains = (action: string, pattern: string) => {
    const resource = concrete(pattern)
    return (
      evaluateInIsolation(role, action, resource) !== 'denied' &&
      evaluateInIsolation(caller, action, resource) !== 'allowed'
    )
  }
  const gained = (actions: readonly string[], on: readonly string[]) =>
    actions.flatMap(action => {
      const pattern = on.find(one => gains(action, one))
      return pattern === undefined ? [] : [`${action} on ${pattern}`]
    })
  return [...gained(GRANTING, patterns), ...gained(DATA_AND_COMPUTE, patterns.filter(isEveryResource))]
}

function isEveryResource(pattern: string): boolean {
  return pattern === '*' || EVERY_RESOURCE.test(parseArn(pattern)?.resource ?? '')
}

/** The resource patterns that the role's allow statements name, the widest first. */
function patternsOf({ document }: Identity['policies'][number]): readonly string[] {
  const allows = document.Statement.filter(statement => statement.Effect === 'Allow')
  const patterns = allows.flatMap(({ Resource, NotResource }) => (NotResource === undefined ? list(Resource) : ['*']))
  return [...patterns].sort((a, b) => a.length - b.length)
}

/** One resource that the pattern matches, with a name that no narrower pattern matches. */
const concrete = (pattern: string): string =>
  pattern === '*' ? `arn:aws:control:::${ANY_NAME}` : pattern.replaceAll('*', ANY_NAME).replaceAll('?', 'x')
