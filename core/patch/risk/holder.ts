/** What one identity may do, among the actions of the catalogue. */
import { ABSENT, memoize } from '../../base/index.ts'
import {
  ABSENT_KEY,
  allowedAmong,
  type ContextFacts,
  type Identity,
  list,
  parseArn,
  present,
  type SourcedPolicy,
} from '../../iam/index.ts'
import { type Budget, fullBudget } from './common-text.ts'
import { type Around, evaluateInIsolation } from './isolated-evaluation.ts'
import { isMeantForAnyName, type ResourceAccount, type Sample, samplesOf } from './resource-samples.ts'
import { actionsOfPaths, harms, pathsWithin } from './table/catalog.ts'
import type { EscalationPath } from './table/escalation-path.ts'
import type { ResourceKind } from './table/resource-kinds.ts'

export type Holder = {
  readonly identity: Identity
  readonly home: ResourceAccount
  /** Every resource pattern of its policies and its boundary. */
  readonly patterns: readonly string[]
  /** A pattern of these or of the SCPs may hide what it may do on most names. */
  readonly isUnclear: boolean
  readonly samples: (kind: ResourceKind) => readonly Sample[]
  /** For comparisons of its patterns. Spent: some samples are missing. */
  readonly budget: Budget
  /** Unknown conditions and policies count as met, because the question is what the identity could do. */
  readonly may: (action: string, resource: string) => boolean
  /** Like `may`, on a resource without tags: conditions on tags are not met. */
  readonly mayUntagged: (action: string, resource: string) => boolean
  /** `sends`: the possible values of `iam:PassedToService` in the call. */
  readonly mayPass: (role: string, sends: readonly string[]) => boolean
  /** True when a statement allows it on some resource. */
  readonly allows: (action: string) => boolean
  /** Paths for which statements allow every action on some resource. */
  readonly paths: readonly EscalationPath[]
}

export type Reachable = ReadonlyMap<ResourceKind, readonly Sample[]>

const allowedActions = allowedAmong(() => [...actionsOfPaths(), ...harms().map(({ need }) => need.action)])

export function holderOf(identity: Identity, around?: Around): Holder {
  const { partition = 'aws' } = parseArn(identity.arn) ?? {}
  const home = { partition, accountId: identity.accountId }
  // Policies that were not read are reported elsewhere. Here they would allow everything.
  const seen: Identity = {
    ...identity,
    unseen: [],
    boundary: identity.boundary.kind === 'found' ? identity.boundary : ABSENT,
  }
  const patterns = patternsOf(seen.boundary.kind === 'found' ? [...seen.policies, seen.boundary.value] : seen.policies)
  const guardrails =
    around?.scps.known === true ? patternsOf(around.scps.value.flatMap(({ policies }) => policies)) : []
  const allowed = allowedActions(seen.policies.flatMap(({ document }) => document.Statement))
  const may = (action: string, resource: string, context: ContextFacts = {}) =>
    evaluateInIsolation(seen, action, resource, context, around) !== 'denied'
  const asked = memoize((action: string) => memoize((resource: string) => may(action, resource)))
  const untagged = Object.fromEntries(tagKeysOf(seen).map(key => [key, ABSENT_KEY]))
  const passed = memoize((service: string) =>
    memoize((role: string) => may('iam:PassRole', role, service === '' ? {} : { [PASSED_TO]: present(service) })),
  )
  const budget = fullBudget()
  return {
    identity: seen,
    home,
    patterns,
    isUnclear: [...patterns, ...guardrails].some(isMeantForAnyName),
    budget,
    samples: memoize(kind => samplesOf(kind, [...patterns, ...guardrails], home, budget)),
    may: (action, resource) => asked(action)(resource),
    mayUntagged: (action, resource) => may(action, resource, untagged),
    mayPass: (role, sends) => sentAs(sends, partition).some(service => passed(service)(role)),
    allows: action => allowed.has(action),
    paths: pathsWithin(allowed),
  }
}

function patternsOf(policies: readonly SourcedPolicy[]): readonly string[] {
  const statements = policies.flatMap(({ document }) => document.Statement)
  return [...new Set(statements.flatMap(({ Resource, NotResource }) => [...list(Resource), ...list(NotResource)]))]
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html#access_tags_control-resources */
const TAG_KEY = /:(resourcetag|existingobjecttag)\//

/** Condition keys for the tags of a resource, in lower case. */
function tagKeysOf({ policies }: Identity): readonly string[] {
  const conditions = policies.flatMap(({ document }) => document.Statement.map(({ Condition = {} }) => Condition))
  const keys = conditions.flatMap(one => Object.values(one).flatMap(tests => Object.keys(tests)))
  return [...new Set(keys.map(key => key.toLowerCase()))].filter(key => TAG_KEY.test(key))
}

const PASSED_TO = 'iam:passedtoservice'

/** Empty: AWS publishes no value, so the key may be absent. */
function sentAs(sends: readonly string[], partition: string): readonly string[] {
  if (sends.length === 0) return ['']
  return partition === 'aws-cn' ? sends.flatMap(service => [service, `${service}.cn`]) : sends
}

/** True for a resource in the holder's own account. `assumable.ts` covers other accounts. */
const isOwnStatement = ({ foreign }: Sample): boolean => !foreign

/** The resources on which the holder may do everything that the path needs. Null: there are none. */
export function reachableBy({ needs }: EscalationPath, holder: Holder): Reachable | null {
  const reachable = new Map<ResourceKind, readonly Sample[]>()
  for (const { action, on } of needs) {
    for (const kind of on) {
      const before = reachable.get(kind) ?? holder.samples(kind).filter(isOwnStatement)
      const now = before.filter(({ resource }) => holder.may(action, resource))
      if (now.length === 0) return null
      reachable.set(kind, now)
    }
  }
  return reachable
}
