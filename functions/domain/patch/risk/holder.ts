/** What one identity may do, of all that the catalogue knows. */
import { ABSENT } from '../../base/fact.ts'
import { memoize } from '../../base/memoize.ts'
import { parseArn } from '../../iam/arn.ts'
import { type ContextFacts, present } from '../../iam/conditions/context.ts'
import type { Identity } from '../../iam/evaluation/access-snapshot.ts'
import { allowedAmong } from '../../iam/policy/allowed-actions.ts'
import { list } from '../../iam/policy/policy-document.ts'
import { catalog, pathsWithin } from './catalog.ts'
import { actionsOf, type EscalationPath } from './escalation-path.ts'
import { type Around, evaluateInIsolation } from './isolated-evaluation.ts'
import type { ResourceKind } from './resource-kinds.ts'
import { type Home, type Sample, samplesOf } from './resource-samples.ts'

export type Holder = {
  readonly identity: Identity
  readonly home: Home
  /** Every resource pattern of its policies and its boundary. */
  readonly patterns: readonly string[]
  readonly samples: (kind: ResourceKind) => readonly Sample[]
  /** A condition or a policy that cannot be seen counts as met: the question is what it might do. */
  readonly may: (action: string, resource: string) => boolean
  /** `sends`: the services that the call may name as `iam:PassedToService`. */
  readonly mayPass: (role: string, sends: readonly string[]) => boolean
  /** Some statement allows it on something. */
  readonly allows: (action: string) => boolean
  /** Paths whose every action some statement allows on something. */
  readonly paths: readonly EscalationPath[]
}

export type Reachable = ReadonlyMap<ResourceKind, readonly Sample[]>

const allowedActions = allowedAmong(() => catalog().flatMap(actionsOf))

export function holderOf(identity: Identity, around?: Around): Holder {
  const { partition = 'aws' } = parseArn(identity.arn) ?? {}
  const home = { partition, accountId: identity.accountId }
  // What could not be read is named elsewhere: here it would allow everything.
  const seen: Identity = {
    ...identity,
    unseen: [],
    boundary: identity.boundary.kind === 'found' ? identity.boundary : ABSENT,
  }
  const patterns = patternsOf(seen)
  const allowed = allowedActions(seen.policies.flatMap(({ document }) => document.Statement))
  const may = (action: string, resource: string, context: ContextFacts = {}) =>
    evaluateInIsolation(seen, action, resource, context, around) !== 'denied'
  const asked = memoize((action: string) => memoize((resource: string) => may(action, resource)))
  const passed = memoize((service: string) =>
    memoize((role: string) => may('iam:PassRole', role, service === '' ? {} : { [PASSED_TO]: present(service) })),
  )
  return {
    identity: seen,
    home,
    patterns,
    samples: memoize(kind => samplesOf(kind, patterns, home)),
    may: (action, resource) => asked(action)(resource),
    mayPass: (role, sends) => sentAs(sends, partition).some(service => passed(service)(role)),
    allows: action => allowed.has(action),
    paths: pathsWithin(allowed),
  }
}

function patternsOf({ policies, boundary }: Identity): readonly string[] {
  const documents = boundary.kind === 'found' ? [...policies, boundary.value] : policies
  const statements = documents.flatMap(({ document }) => document.Statement)
  return [...new Set(statements.flatMap(({ Resource, NotResource }) => [...list(Resource), ...list(NotResource)]))]
}

const PASSED_TO = 'iam:passedtoservice'

/** Empty where AWS publishes no value, so that the key may be absent. */
function sentAs(sends: readonly string[], partition: string): readonly string[] {
  if (sends.length === 0) return ['']
  return partition === 'aws-cn' ? sends.flatMap(service => [service, `${service}.cn`]) : sends
}

/** Calls act on the account of their caller; what STS reaches in others is asked apart. */
const isOwnStatement = ({ foreign }: Sample): boolean => !foreign

/** The resources on which the holder may do all that the path needs; null when it may not. */
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
