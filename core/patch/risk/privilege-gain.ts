/** What a caller could do through a role and cannot do directly, among the actions that matter. */

import { allowedAmong, type ContextFacts, type Identity, list, parseArn, present } from '../../iam/index.ts'
import { evaluateInIsolation } from './isolated-evaluation.ts'

/** These grant permissions: they count on any resource. `could-become.ts` covers paths to administrator access. */
const GRANTING = ['kms:CreateGrant', 'kms:PutKeyPolicy', 's3:PutBucketPolicy', 'secretsmanager:PutResourcePolicy']
/** These reach or destroy data: ordinary on a named resource, a privilege gain on every resource of a type. */
const DATA = [
  'dynamodb:DeleteTable',
  'dynamodb:Scan',
  'ec2:TerminateInstances',
  'kms:Decrypt',
  'rds:DeleteDBInstance',
  's3:DeleteObject',
  's3:GetObject',
  'secretsmanager:GetSecretValue',
  'ssm:GetParameter',
]
/** The context of a direct call: grants only for services do not count. */
const BY_A_PERSON: ContextFacts = { 'kms:grantisforawsresource': present('false') }
const ANY_NAME = 'rolemedic-control-f3a9'

/** Resource types whose `type/*` matches every resource of that type. */
const EVERY_RESOURCE =
  /^(\*|(table|function|secret|parameter|instance|key|stack|db|cluster|task-definition|document)[/:]\*)/

const allowedActions = allowedAmong(() => [...GRANTING, ...DATA])

/** `action on resource`, in a fixed order. An unknown condition counts as met for the role and as unmet for the caller. */
export function privilegeGain(role: Identity, caller: Identity): readonly string[] {
  const some = allowedActions(role.policies.flatMap(({ document }) => document.Statement))
  if (some.size === 0) return []
  const patterns = [...new Set(role.policies.flatMap(patternsOf))]
  const gains = (action: string, pattern: string) => {
    const resource = concrete(pattern)
    return (
      evaluateInIsolation(role, action, resource, BY_A_PERSON) !== 'denied' &&
      evaluateInIsolation(caller, action, resource) !== 'allowed'
    )
  }
  const gained = (actions: readonly string[], on: readonly string[]) =>
    actions.flatMap(action => {
      if (!some.has(action)) return []
      const pattern = on.find(one => gains(action, one))
      return pattern === undefined ? [] : [`${action} on ${pattern}`]
    })
  return [...gained(GRANTING, patterns), ...gained(DATA, patterns.filter(isEveryResource))]
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
