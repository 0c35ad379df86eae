import { descriptorOf } from '../../../actions/index.ts'
import {
  allowedAmong,
  type ContextFacts,
  type Identity,
  list,
  parseArn,
  present,
  seenCaller,
} from '../../../iam/index.ts'
import type { Reach } from '../../risk/could-become.ts'
import { evaluateInIsolation } from '../../risk/isolated-evaluation.ts'
import { ANY_NAME } from '../../risk/resource-samples.ts'
import { type Finding, type Guardrail, PASS, warn, worst } from '../guardrail.ts'

/** Through the role, or a principal that it leads to, the caller could do more than now. A role that cannot be read counts as stronger. */
export const strongerThanCaller: Guardrail = {
  id: 'stronger-than-caller',
  check: ({ roles, opened, snapshot, denial }) => {
    if (!descriptorOf(denial.action).target.mustExist) return PASS
    const caller = seenCaller(snapshot)
    return worst([
      ...roles.map(({ arn, role }): Finding => {
        if (role.kind === 'unreadable') return warn(`Could not read what ${arn} allows: ${role.why}.`, 'elevated')
        const unseen = role.kind === 'found' ? role.value.unseen[0] : undefined
        return unseen === undefined ? PASS : warn(`Could not read what ${arn} allows: ${unseen.fact}.`, 'elevated')
      }),
      ...(caller === null ? [] : opened.reaches.map(reach => gained(reach, caller))),
    ])
  },
}

const MAX_NAMED = 5

function gained({ opened, reached }: Reach, caller: Identity): Finding {
  for (const one of [opened, ...reached]) {
    if (one.arn === caller.arn) continue
    const gained = privilegeGain(one, caller).slice(0, MAX_NAMED).join(', ')
    const through = one === opened ? opened.name : `${opened.name}, which leads to ${one.name},`
    if (gained !== '') return warn(`Through ${through} the caller gains ${gained}.`, 'elevated')
  }
  return PASS
}

/** Actions that grant permissions. They count on any resource. `could-become.ts` covers paths to administrator access. */
const GRANTING = ['kms:CreateGrant', 'kms:PutKeyPolicy', 's3:PutBucketPolicy', 'secretsmanager:PutResourcePolicy']
/** Actions that read or destroy data. On a named resource they are ordinary; on all resources of a type they are a privilege gain. */
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
/** The context of a direct call, so that grants only for services do not count. */
const BY_A_PERSON: ContextFacts = { 'kms:grantisforawsresource': present('false') }

/** Resource types for which `type/*` matches all resources of the type. */
const EVERY_RESOURCE =
  /^(\*|(table|function|secret|parameter|instance|key|stack|db|cluster|task-definition|document)[/:]\*)/

const allowedActions = allowedAmong(() => [...GRANTING, ...DATA])

/** Entries `action on resource`, in a fixed order. An unknown condition counts as met for the role and as unmet for the caller. */
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

/** The resource patterns of the role's allow statements, widest first. */
function patternsOf({ document }: Identity['policies'][number]): readonly string[] {
  const allows = document.Statement.filter(statement => statement.Effect === 'Allow')
  const patterns = allows.flatMap(({ Resource, NotResource }) => (NotResource === undefined ? list(Resource) : ['*']))
  return [...patterns].sort((a, b) => a.length - b.length)
}

/** A resource that the pattern matches, with a name that no narrower pattern matches. */
const concrete = (pattern: string): string =>
  pattern === '*' ? `arn:aws:control:::${ANY_NAME}` : pattern.replaceAll('*', ANY_NAME).replaceAll('?', 'x')
