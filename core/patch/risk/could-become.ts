/** What a patch opens: each role by name, the members of an approved set, and what their holder could become. */
import { type Fact, type Unknown, unreadable } from '../../base/index.ts'
import {
  entityName,
  type Identity,
  type ListedRole,
  list,
  parseArn,
  type Role,
  type TargetRole,
} from '../../iam/index.ts'
import { ADMINISTRATOR, type Edge, edgesOf } from './escalation-edges.ts'
import type { Holder } from './holder.ts'
import { evaluateInIsolation } from './isolated-evaluation.ts'
import { ANY_NAME, type Sample } from './resource-samples.ts'
import type { Surroundings, Want } from './surroundings.ts'
import { type Harm, harms } from './table/catalog.ts'
import { type World, type WorldView, worldOf } from './world.ts'

/** `fromKey`: the same entity under other conditions has a key of its own. */
export type EscalationStep = Edge & { readonly from: Identity; readonly fromKey: string }

/** Permissions of a principal that hide or destroy, without any path to administrator access. */
export type Reached = { readonly harm: Harm; readonly by: Identity; readonly it: Sample }

export type Reach = {
  readonly opened: Identity
  /** The path to administrator access; without steps if the role already has it. Null: no path was found. */
  readonly way: { readonly certain: boolean; readonly steps: readonly EscalationStep[] } | null
  /** Users and roles that the holder can certainly become, nearest first. */
  readonly reached: readonly Identity[]
  /** Permissions of these principals that hide or destroy. Empty if the holder certainly becomes administrator, who can do everything. */
  readonly harms: readonly Reached[]
  /** What could not be read and could change the result. */
  readonly unknowns: readonly Unknown[]
  /** What must still be read to assess the risk. */
  readonly wants: readonly Want[]
  /** What would improve the wording without changing the risk. */
  readonly wantsForWords: readonly Want[]
}

/** A role set by its ARN pattern, with its current members. */
export type OpenedSet = { readonly pattern: string; readonly members: Fact<readonly TargetRole[]> }

export type Opened = {
  readonly sets: readonly OpenedSet[]
  /** For every role that was read, named or a member. */
  readonly reaches: readonly Reach[]
  /** What must still be read to assess the risk. */
  readonly wants: readonly Want[]
  readonly wantsForWords: readonly Want[]
}

export function openedBy(
  named: readonly TargetRole[],
  patterns: readonly string[],
  surroundings: Surroundings,
  from: WorldView = {},
): Opened {
  const wants: Want[] = []
  const sets = patterns.flatMap((pattern): readonly OpenedSet[] => {
    const accountId = parseArn(pattern)?.accountId ?? ''
    const roles = surroundings.roles.get(accountId)
    if (roles === undefined) {
      wants.push({ kind: 'roles-of', accountId })
      return []
    }
    if (!roles.known) return [{ pattern, members: roles }]
    const prefix = pattern.slice(0, -1)
    const members = roles.value
      .filter(({ arn }) => arn.startsWith(prefix))
      .map(role => member(role, surroundings, wants))
    return [{ pattern, members: { known: true, value: members } }]
  })
  const members = sets.flatMap(set => (set.members.known ? set.members.value : []))
  const distinct = [...new Map([...members, ...named].map(target => [target.arn, target])).values()]
  const reaches = distinct.flatMap(({ role }) =>
    role.kind === 'found' ? [couldBecome(role.value, surroundings, from)] : [],
  )
  return {
    sets,
    reaches,
    wants: [...wants, ...reaches.flatMap(reach => reach.wants)],
    wantsForWords: reaches.flatMap(reach => reach.wantsForWords),
  }
}

function member({ arn }: ListedRole, { identities }: Surroundings, wants: Want[]): TargetRole {
  const near = { known: false, why: 'it exists' } as const
  const read = identities.get(arn)
  if (read === undefined) wants.push({ kind: 'identity', arn })
  if (read?.kind === 'found' && 'trust' in read.value)
    return { arn, role: { kind: 'found', value: read.value as Role }, near }
  return {
    arn,
    role: read?.kind === 'absent' ? read : unreadable(read?.kind === 'unreadable' ? read.why : 'it was not read'),
    near,
  }
}

/** The shortest known path to administrator access, and the principals on that path. */
export function couldBecome(opened: Identity, surroundings: Surroundings, from: WorldView = {}): Reach {
  const world = worldOf(surroundings, [opened], from)
  const certain = walk(opened, world, true)
  const way = certain.way ?? (certain.isWhole ? null : walk(opened, world, false).way)
  const isCertain = certain.way !== null
  return {
    opened,
    way: way === null ? null : { certain: isCertain, steps: way.map(step => withNamed(step, world)) },
    reached: certain.reached,
    harms: isCertain ? [] : [opened, ...certain.reached].flatMap(one => harmsOf(world.holderOf(one))),
    unknowns: world.unknowns(),
    wants: isCertain ? [] : world.wants(),
    wantsForWords: isCertain ? [...world.wants(), ...likelyAmong(certain.way.at(-1), surroundings)] : [],
  }
}

/** Reduces the possible roles of an uncertain step to administrators. */
const withNamed = (step: EscalationStep, world: World): EscalationStep => ({
  ...step,
  among: step.among.filter(arn => mayDoAnything(world.peek(arn))),
})

const MAX_FOR_WORDS = 5
const LIKELY_NAME = /admin|root|full|power|deploy|infra|ops|platform|terraform|cdk|exec/i

/** How many roles to read, so that the card can name one. */
function likelyAmong(last: EscalationStep | undefined, { identities }: Surroundings): readonly Want[] {
  const among = last?.among ?? []
  if (among.some(arn => identities.has(arn))) return []
  const likely = among.filter(arn => LIKELY_NAME.test(entityName(arn)))
  const others = among.filter(arn => !LIKELY_NAME.test(entityName(arn)))
  return [...likely, ...others].slice(0, MAX_FOR_WORDS).map(arn => ({ kind: 'identity', arn }))
}

type Walk = {
  readonly way: readonly EscalationStep[] | null
  readonly reached: readonly Identity[]
  /** False when the search skipped a step. */
  readonly isWhole: boolean
}

/** The search stops at this many entities and reports that as an unknown. */
const MAX_ENTITIES = 10_000

/** Breadth-first search. Visits each entity once, so cycles end. */
function walk(opened: Identity, world: World, certainOnly: boolean): Walk {
  const cameBy = new Map<string, EscalationStep | null>([[opened.arn, null]])
  const reached: Identity[] = []
  let isWhole = true
  const asked = { certainOnly, isReached: (key: string) => cameBy.has(key) }
  for (const [key, step] of cameBy) {
    const identity = world.identityOf(key)
    if (identity === null) continue
    if (isAdministrator(identity)) return { way: wayTo(step, cameBy), reached, isWhole }
    if (step !== null) reached.push(identity)
    for (const edge of edgesOf(world.holderOf(identity), world, asked)) {
      if (certainOnly && !edge.certain) {
        isWhole = false
        continue
      }
      const next = { ...edge, from: identity, fromKey: key }
      if (edge.to === ADMINISTRATOR) return { way: [...wayTo(step, cameBy), next], reached, isWhole }
      if (!cameBy.has(edge.to)) cameBy.set(edge.to, next)
    }
    if (cameBy.size > MAX_ENTITIES) {
      world.unread('everybody that the role leads to', `more than ${MAX_ENTITIES} users and roles`)
      break
    }
  }
  return { way: null, reached, isWhole }
}

function wayTo(
  last: EscalationStep | null,
  cameBy: ReadonlyMap<string, EscalationStep | null>,
): readonly EscalationStep[] {
  const steps: EscalationStep[] = []
  for (let step = last; step !== null; step = cameBy.get(step.fromKey) ?? null) steps.unshift(step)
  return steps
}

/** In the order of the table. A condition that cannot be evaluated counts as met. */
function harmsOf(holder: Holder): readonly Reached[] {
  return harms().flatMap(harm => {
    if (!holder.allows(harm.need.action)) return []
    const it = reachable(harm, holder)
    return it === undefined ? [] : [{ harm, by: holder.identity, it }]
  })
}

function reachable({ on, need }: Harm, holder: Holder): Sample | undefined {
  const its = holder.samples(need.on[0]).filter(({ foreign }) => !foreign)
  const every = its.find(({ any, resource }) => any && holder.mayUntagged(need.action, resource))
  return every ?? (on === 'any' ? its.find(({ resource }) => holder.may(need.action, resource)) : undefined)
}

const mayDoAnything = (identity: Identity | null): boolean => identity !== null && isAdministrator(identity)

/** Unrelated actions: a policy that allows all of them allows `*`. */
const ANYTHING = ['iam:CreateUser', 's3:DeleteBucket', 'kms:ScheduleKeyDeletion', 'ec2:TerminateInstances']

export function isAdministrator(identity: Identity): boolean {
  const wide = identity.policies.some(({ document }) =>
    document.Statement.some(
      ({ Effect, Action, NotAction }) =>
        Effect === 'Allow' && (NotAction !== undefined || list(Action).some(action => /^[*?:]+$/.test(action))),
    ),
  )
  if (!wide) return false
  const seen = { ...identity, unseen: [] }
  const { partition = 'aws' } = parseArn(identity.arn) ?? {}
  const resource = `arn:${partition}:iam::${identity.accountId}:role/${ANY_NAME}`
  return ANYTHING.every(action => evaluateInIsolation(seen, action, resource) !== 'denied')
}
