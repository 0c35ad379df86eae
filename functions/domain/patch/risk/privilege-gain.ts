/** What somebody could do through a role and cannot do by themselves, among the actions that matter. */

import { parseArn } from '../../iam/arn.ts'
import type { Identity } from '../../iam/evaluation/access-snapshot.ts'
import { list } from '../../iam/policy/policy-document.ts'
import { probe } from './probe.ts'

/** These give rights away: they count on whatever resource the role may use them. */
const RIGHTS = [
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
/** These reach data or run code: ordinary on a resource of the role's own, powerful on every one. */
const REACH = [
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

/** Resource types whose `type/*` means every one of them. */
const EVERY = /^(\*|(table|function|secret|parameter|instance|key|stack|db|cluster|task-definition|document)[/:]\*)/

/** `action on resource`, in a fixed order. A condition that cannot be seen counts as met for the role, and as unmet for the caller. */
export function powersGained(role: Identity, caller: Identity): readonly string[] {
  const patterns = [...new Set(role.policies.flatMap(patternsOf))]
  const gains = (action: string, pattern: string) => {
    const resource = concrete(pattern)
    return probe(role, action, resource) !== 'denied' && probe(caller, action, resource) !== 'allowed'
  }
  const gained = (actions: readonly string[], on: readonly string[]) =>
    actions.flatMap(action => {
      const pattern = on.find(one => gains(action, one))
      return pattern === undefined ? [] : [`${action} on ${pattern}`]
    })
  return [...gained(RIGHTS, patterns), ...gained(REACH, patterns.filter(isEvery))]
}

function isEvery(pattern: string): boolean {
  return pattern === '*' || EVERY.test(parseArn(pattern)?.resource ?? '')
}

/** The resource patterns of what the role is allowed; the widest first. */
function patternsOf({ document }: Identity['policies'][number]): readonly string[] {
  const allows = document.Statement.filter(statement => statement.Effect === 'Allow')
  const patterns = allows.flatMap(({ Resource, NotResource }) => (NotResource === undefined ? list(Resource) : ['*']))
  return [...patterns].sort((a, b) => a.length - b.length)
}

/** One resource that the pattern means, with a name that no narrower pattern does. */
const concrete = (pattern: string): string =>
  pattern === '*' ? `arn:aws:control:::${ANY_NAME}` : pattern.replaceAll('*', ANY_NAME).replaceAll('?', 'x')
