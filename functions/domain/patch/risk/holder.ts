/** What one identity may do, of all that the catalogue knows. */
import { ABSENT } from '../../base/fact.ts'
import { parseArn } from '../../iam/arn.ts'
import { type ContextFacts, present } from '../../iam/conditions/context.ts'
import type { Identity } from '../../iam/evaluation/access-snapshot.ts'
import { matchesGlob } from '../../iam/policy/glob.ts'
import { list, type Statement } from '../../iam/policy/policy-document.ts'
import { catalog } from './catalog.ts'
import { actionsOf, type EscalationPath } from './escalation-path.ts'
import { type Around, evaluateInIsolation } from './isolated-evaluation.ts'
import type { ResourceKind } from './resource-kinds.ts'
import { type Home, type Sample, samplesOf } from './resource-samples.ts'

export type Holder = {
  readonly identity: Identity
  readonly home: Home
  /** Every resource pattern of its policies and its boundary. */
  readonly patterns: readonly string[]
  /** A condition or a policy that cannot be seen counts as met: the question is what it might do. */
  readonly may: (action: string, resource: string, context?: ContextFacts) => boolean
  /** Paths whose every action some statement allows on something. */
  readonly paths: readonly EscalationPath[]
}

export type UsableResources = ReadonlyMap<ResourceKind, readonly Sample[]>

export function holderOf(identity: Identity, around?: Around): Holder {
  const { partition = 'aws' } = parseArn(identity.arn) ?? {}
  // What could not be read is named elsewhere: here it would allow everything.
  const seen: Identity = {
    ...identity,
    unseen: [],
    boundary: identity.boundary.kind === 'found' ? identity.boundary : ABSENT,
  }
  const documents = [...seen.policies, ...(seen.boundary.kind === 'found' ? [seen.boundary.value] : [])]
  const statements = documents.flatMap(({ document }) => document.Statement)
  const patterns = new Set(statements.flatMap(({ Resource, NotResource }) => [...list(Resource), ...list(NotResource)]))
  const allowed = allowedActions(seen.policies.flatMap(({ document }) => document.Statement))
  return {
    identity: seen,
    home: { partition, accountId: identity.accountId },
    patterns: [...patterns],
    may: (action, resource, context = {}) => evaluateInIsolation(seen, action, resource, context, around) !== 'denied',
    paths: allowed.size === 0 ? [] : catalog().filter(path => actionsOf(path).every(action => allowed.has(action))),
  }
}

/** Calls act on the account of their caller; `abroad` asks for what STS reaches in others. */
const isInHomeAccount = ({ foreign }: Sample): boolean => !foreign

/** The resources on which the holder may do all that the path needs; null when it may not. */
export function usableFor({ needs }: EscalationPath, holder: Holder): UsableResources | null {
  const usable = new Map<ResourceKind, readonly Sample[]>()
  for (const { action, on } of needs) {
    for (const kind of on) {
      const before = usable.get(kind) ?? samplesOf(kind, holder.patterns, holder.home).filter(isInHomeAccount)
      const now = before.filter(({ resource }) => holder.may(action, resource))
      if (now.length === 0) return null
      usable.set(kind, now)
    }
  }
  return usable
}

const BY_PATTERN = new Map<string, readonly string[]>()
let known: readonly string[] | undefined

/** Actions of the catalogue that the pattern means. Patterns repeat, from role to role. */
function meant(pattern: string): readonly string[] {
  const present = BY_PATTERN.get(pattern)
  if (present !== undefined) return present
  known ??= [...new Set(catalog().flatMap(actionsOf))]
  const lower = pattern.toLowerCase()
  const actions = known.filter(action => matchesGlob(lower, action.toLowerCase()))
  if (BY_PATTERN.size > 20_000) BY_PATTERN.clear()
  BY_PATTERN.set(pattern, actions)
  return actions
}

function allowedActions(statements: readonly Statement[]): ReadonlySet<string> {
  const allowed = new Set<string>()
  for (const { Effect, Action, NotAction } of statements) {
    if (Effect !== 'Allow') continue
    if (Action !== undefined)
      for (const pattern of list(Action)) for (const action of meant(pattern)) allowed.add(action)
    if (NotAction === undefined) continue
    const except = new Set(list(NotAction).flatMap(meant))
    for (const action of meant('*')) if (!except.has(action)) allowed.add(action)
  }
  return allowed
}

/** `iam:PassedToService` as the call may carry it; not known where AWS publishes no value. */
export function passedTo(sends: readonly string[], partition: string): readonly ContextFacts[] {
  const key = 'iam:passedtoservice'
  if (sends.length === 0) return [{}]
  const suffixes = partition === 'aws-cn' ? ['', '.cn'] : ['']
  return sends.flatMap(service => suffixes.map(suffix => ({ [key]: present(`${service}${suffix}`) })))
}
