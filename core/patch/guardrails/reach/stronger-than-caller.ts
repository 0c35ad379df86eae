import { descriptorOf } from '../../../actions/index.ts'
import { memoize } from '../../../base/index.ts'
import {
  allowedAmong,
  type ContextFacts,
  type Identity,
  list,
  matchesGlob,
  parseArn,
  present,
  seenCaller,
} from '../../../iam/index.ts'
import type { Reach } from '../../risk/could-become.ts'
import { holderOf } from '../../risk/holder.ts'
import { evaluateInIsolation } from '../../risk/isolated-evaluation.ts'
import { asGlob, isExact, type Sample, samplesOf } from '../../risk/resource-samples.ts'
import { kindRow, type ResourceKind } from '../../risk/table/resource-kinds.ts'
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

/** Actions on one kind of resource that do the same. The first that is gained is named. */
type Same = readonly [kind: ResourceKind, ...actions: readonly string[]]

/** Actions that grant permissions. They count on any resource. `could-become.ts` covers paths to administrator access. */
const GRANTING: readonly Same[] = [
  ['key', 'kms:CreateGrant'],
  ['key', 'kms:PutKeyPolicy'],
  ['bucket', 's3:PutBucketPolicy'],
  ['secret', 'secretsmanager:PutResourcePolicy'],
]
const TABLE_READS = ['BatchGetItem', 'ExportTableToPointInTime', 'GetItem', 'PartiQLSelect', 'Query'].map(
  name => `dynamodb:${name}`,
)
/**
 * Actions that read or destroy data. On a named resource they are ordinary; on all resources of a type they are a privilege gain. What
 * reads the same has a permission of its own.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-retrieval-authorization.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
const DATA: readonly Same[] = [
  ['table', 'dynamodb:DeleteTable'],
  ['table', 'dynamodb:Scan', ...TABLE_READS],
  ['instance', 'ec2:TerminateInstances'],
  ['key', 'kms:Decrypt'],
  ['database', 'rds:DeleteDBInstance'],
  ['database-cluster', 'rds:DeleteDBCluster'],
  ['object', 's3:DeleteObject'],
  ['object', 's3:GetObject', 's3:GetObjectVersion'],
  ['secret', 'secretsmanager:GetSecretValue'],
  ['parameter', 'ssm:GetParameter', 'ssm:GetParameterHistory', 'ssm:GetParameters', 'ssm:GetParametersByPath'],
]
/** The context of a direct call, so that grants only for services do not count. */
const BY_A_PERSON: ContextFacts = { 'kms:grantisforawsresource': present('false') }

type Counts = (sample: Sample, kind: ResourceKind) => boolean

/** A pattern that begins with any name, such as all buckets with a dash: it names no resource. */
function isOpen({ any, pattern }: Sample, kind: ResourceKind): boolean {
  const resource = parseArn(pattern)?.resource ?? ''
  return any || ['', typeOf(kind)].some(type => resource.startsWith(`${type}*`))
}

/** `table/`, `db:`. Empty: the resource is its name alone, as a bucket is. */
function typeOf(kind: ResourceKind): string {
  const resource = kindRow(kind).arn?.split(':').slice(5).join(':') ?? ''
  return /^[a-z-]+[/:]/.exec(resource)?.[0] ?? ''
}

const allowedActions = allowedAmong(() => [...GRANTING, ...DATA].flatMap(([, ...actions]) => actions))

/** Entries `action on resource`, in a fixed order. An unknown condition counts as met for the role and as unmet for the caller. */
export function privilegeGain(role: Identity, caller: Identity): readonly string[] {
  const some = allowedActions(role.policies.flatMap(({ document }) => document.Statement))
  if (some.size === 0) return []
  const { home, patterns, budget } = holderOf(role)
  const { patterns: callers, isUnclear } = holderOf(caller)
  // A deny of the caller can name what it lacks.
  const both = [...patterns, ...callers]
  const samples = memoize((kind: ResourceKind) => samplesOf(kind, both, home, budget))
  const gains = (action: string, { resource }: Sample) =>
    evaluateInIsolation(role, action, resource, BY_A_PERSON) !== 'denied' &&
    (isUnclear || evaluateInIsolation(caller, action, resource) !== 'allowed')
  const gainedBy = (action: string, kind: ResourceKind, counts: Counts) => {
    if (!some.has(action)) return []
    const its = samples(kind).filter(one => counts(one, kind) && gains(action, one))
    const sample = its.find(({ any }) => any) ?? its[0]
    return sample === undefined ? [] : [`${action} on ${allowedOn(role, action, sample)}`]
  }
  const gained = (all: readonly Same[], counts: Counts) =>
    all.flatMap(([kind, ...actions]) => actions.flatMap(action => gainedBy(action, kind, counts)).slice(0, 1))
  const found = [...gained(GRANTING, () => true), ...gained(DATA, isOpen)]
  return budget.left >= 0 ? found : [...found, 'something on resources that are too many to compare']
}

/** The resource, or the widest pattern by which the role is allowed the action on it. */
function allowedOn({ policies }: Identity, action: string, sample: Sample): string {
  if (isExact(sample)) return sample.resource
  const patterns = policies
    .flatMap(({ document }) => document.Statement)
    .filter(statement => allowedActions([statement]).has(action))
    .flatMap(({ Resource }) => list(Resource))
    .filter(pattern => matchesGlob(asGlob(pattern), sample.resource))
  return patterns.sort((a, b) => a.length - b.length)[0] ?? sample.pattern
}
