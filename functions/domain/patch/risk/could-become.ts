/** What the holder of a role could become: the shortest known path to administrator access, and the principals on it. */
import type { Unknown } from '../../base/fact.ts'
import { parseArn } from '../../iam/arn.ts'
import type { Identity } from '../../iam/evaluation/access-snapshot.ts'
import { list } from '../../iam/policy/policy-document.ts'
import { ADMINISTRATOR, type Edge, edgesOf } from './escalation-edges.ts'
import { holderOf } from './holder.ts'
import { evaluateInIsolation } from './isolated-evaluation.ts'
import { ANY_NAME } from './resource-samples.ts'
import type { Surroundings, Want } from './surroundings.ts'
import { type Standpoint, type World, worldOf } from './world.ts'

/** `fromKey`: one entity under other conditions goes by a key of its own. */
export type Step = Edge & { readonly from: Identity; readonly fromKey: string }

export type Reach = {
  readonly opened: Identity
  /** The path to administrator access, without steps if the role already has it; null if no path was found. */
  readonly way: { readonly certain: boolean; readonly steps: readonly Step[] } | null
  /** Users and roles that the holder becomes for certain, the nearest first. */
  readonly reached: readonly Identity[]
  /** What could not be read and could change the result. */
  readonly unknowns: readonly Unknown[]
  readonly wants: readonly Want[]
}

/** The search stops at this many entities and reports that as an unknown. */
const MAX_ENTITIES = 10_000

export function couldBecome(opened: Identity, surroundings: Surroundings, from: Standpoint = {}): Reach {
  const world = worldOf(surroundings, [opened], from)
  const certain = walk(opened, world, true)
  const way = certain.way ?? walk(opened, world, false).way
  return {
    opened,
    way: way === null ? null : { certain: certain.way !== null, steps: way },
    reached: certain.reached,
    unknowns: world.unknowns(),
    wants: certain.way === null ? world.wants() : [],
  }
}

type Walk = { readonly way: readonly Step[] | null; readonly reached: readonly Identity[] }

/** Breadth first, each entity once, so that circles end. */
function walk(opened: Identity, world: World, certainOnly: boolean): Walk {
  const cameBy = new Map<string, Step | null>([[opened.arn, null]])
  const reached: Identity[] = []
  for (const [key, step] of cameBy) {
    const identity = key === opened.arn ? opened : world.identityOf(key)
    if (identity === null) continue
    if (isAdministrator(identity)) return { way: wayTo(step, cameBy), reached }
    if (step !== null) reached.push(identity)
    const edges = edgesOf(holderOf(identity, world.around(identity.accountId)), world)
    const goal = edges.find(({ to, certain }) => to === ADMINISTRATOR && (certain || !certainOnly))
    if (goal !== undefined) {
      const among = goal.among.filter(arn => mayDoAnything(world.peek(arn)))
      return { way: [...wayTo(step, cameBy), { ...goal, from: identity, fromKey: key, among }], reached }
    }
    for (const edge of edges)
      if (edge.to !== ADMINISTRATOR && (edge.certain || !certainOnly) && !cameBy.has(edge.to))
        cameBy.set(edge.to, { ...edge, from: identity, fromKey: key })
    if (cameBy.size > MAX_ENTITIES) {
      world.unread('everybody that the role leads to', `more than ${MAX_ENTITIES} users and roles`)
      break
    }
  }
  return { way: null, reached }
}

function wayTo(last: Step | null, cameBy: ReadonlyMap<string, Step | null>): readonly Step[] {
  const steps: Step[] = []
  for (let step = last; step !== null; step = cameBy.get(step.fromKey) ?? null) steps.unshift(step)
  return steps
}

const mayDoAnything = (identity: Identity | null): boolean => identity !== null && isAdministrator(identity)

/** So different from each other that only `*` allows them all. */
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
