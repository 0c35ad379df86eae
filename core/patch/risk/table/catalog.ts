/** The tables of known escalation paths, and of permissions that hide or destroy, parsed once. */

import { once } from '../../../base/index.ts'
import type { Category, EscalationPath, Gain, RequiredAction } from './escalation-path.ts'
import { ESCALATION_PATHS } from './escalation-paths.ts'
import { HARM_CLASSES, HARMS, type HarmClass } from './harms.ts'
import { RESOURCE_KINDS, type ResourceKind } from './resource-kinds.ts'

/** A line of the table, parsed when it is asked for: one role can take few of the paths. */
type Row = { readonly actions: readonly string[]; readonly path: () => EscalationPath }

/** On first use, to keep cold starts short. */
const rows = once(() =>
  Object.entries(ESCALATION_PATHS).flatMap(([category, table]) =>
    table
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '')
      .map((line): Row => ({ actions: actionsIn(line), path: once(() => parsePath(line, category as Category)) })),
  ),
)

/** Every action that a path needs. */
export const actionsOfPaths = (): readonly string[] => rows().flatMap(({ actions }) => actions)

/** An invalid line throws; tests parse every line. */
export const catalog = once((): readonly EscalationPath[] => rows().map(({ path }) => path()))

const byFirstNeed = once(() => Map.groupBy(rows(), ({ actions: [first] }) => first))

/** The paths that need only these actions, in the order of the table. */
export function pathsWithin(actions: ReadonlySet<string>): readonly EscalationPath[] {
  const some = [...actions].flatMap(action => byFirstNeed().get(action) ?? [])
  const within = new Set(some.filter(row => row.actions.every(action => actions.has(action))))
  return within.size === 0 ? [] : rows().flatMap(row => (within.has(row) ? row.path() : []))
}

/** The first one that it needs is the first; a path that passes a role needs `iam:PassRole` too. */
function actionsIn(line: string): readonly string[] {
  const [, gain = '', needs = ''] = line.split(' | ', 3)
  const named = needs.split(' + ').map(need => need.slice(0, need.indexOf(' ')))
  return gain.startsWith('passes ') ? [...named, 'iam:PassRole'] : named
}

/** One line of the table. */
export function parsePath(line: string, category: Category): EscalationPath {
  const [id = '', gain = '', needs = '', does = '', source = '', ...more] = line.split(' | ')
  if (source === '' || more.length > 0) throw new Error(`Not five columns: ${line}`)
  const [need = '', ...others] = needs.split(' + ')
  return {
    id,
    category,
    needs: [parseNeed(need, line), ...others.map(text => parseNeed(text, line))],
    gain: parseGain(gain, line),
    does,
    source: page(source, id),
  }
}

export function parseNeed(text: string, line: string): RequiredAction {
  const [action = '', kinds = ''] = text.split(' on ')
  const [first = '', ...more] = kinds.split(', ')
  if (!/^[a-z0-9-]+:\w+$/.test(action)) throw new Error(`Not an action on a resource: ${line}`)
  return { action, on: [kindNamed(first, line), ...more.map(name => kindNamed(name, line))] }
}

function kindNamed(name: string, line: string): ResourceKind {
  if (!Object.hasOwn(RESOURCE_KINDS, name)) throw new Error(`No kind of resource is called ${name}: ${line}`)
  return name as ResourceKind
}

function parseGain(text: string, line: string): Gain {
  const [kind = '', ...rest] = text.split(' ')
  switch (kind) {
    case 'administrator':
    case 'rewrites':
    case 'becomes':
    case 'joins':
    case 'assumes':
    case 'deploys':
      return { kind }
    case 'runs':
    case 'influences':
    case 'federates':
      return { kind, trusts: services(rest) }
    case 'passes': {
      const [passed = '', sent] = rest.join(' ').split(' as ')
      const trusts = services(passed.split(' '))
      return {
        kind,
        trusts,
        sends: sent === undefined ? trusts : services(sent.split(' ').filter(name => name !== '?')),
      }
    }
    case 'unguards': {
      const [guard = ''] = rest
      if (guard === 'boundary' || guard === 'deny' || guard === 'mfa' || guard === 'organization')
        return { kind, guard }
      throw new Error(`No guard is called ${guard}: ${line}`)
    }
    default:
      throw new Error(`Nothing is won by ${kind}: ${line}`)
  }
}

/** Roles of pods trust the OIDC provider of their cluster, not a service. */
export const CLUSTER_PROVIDER = 'oidc.eks'

const services = (names: readonly string[]): readonly string[] =>
  names.map(name => (name === CLUSTER_PROVIDER ? name : `${name}.amazonaws.com`))

/** The URL of a source, from its form in the tables. */
export function page(source: string, id: string): string {
  const [book, ...rest] = source.split(' ')
  const name = rest.join(' ')
  switch (book) {
    case 'pathfinding':
      return `https://pathfinding.cloud/paths/${id}`
    case 'hacktricks':
      return `https://cloud.hacktricks.wiki/en/pentesting-cloud/aws-security/aws-privilege-escalation/${name}-privesc/index.html`
    case 'authorization':
      return `https://docs.aws.amazon.com/service-authorization/latest/reference/list_${name}.html`
    case 'docs':
      return `https://docs.aws.amazon.com/${name}`
    default:
      return source
  }
}

/** Throws for an id that the table lacks. */
export function pathCalled(id: string): EscalationPath {
  const path = catalog().find(one => one.id === id)
  if (path === undefined) throw new Error(`No path is called ${id}`)
  return path
}

export type Harm = {
  readonly harmClass: HarmClass
  /** `any`: the permission counts on any single resource. `every`: only on all resources of its kind. */
  readonly on: 'any' | 'every'
  readonly need: RequiredAction
  /** The phrase after "may". `{it}` is the resource. */
  readonly does: string
  readonly source: string
}

let parsed: readonly Harm[] | undefined

/** Parsed on first use. An invalid line throws; tests parse every line. */
export function harms(): readonly Harm[] {
  parsed ??= HARM_CLASSES.flatMap(harmClass =>
    (['any', 'every'] as const).flatMap(on =>
      HARMS[harmClass][on]
        .split('\n')
        .map(line => line.trim())
        .filter(line => line !== '')
        .map(line => parseHarm(line, harmClass, on)),
    ),
  )
  return parsed
}

/** One line of the table. */
export function parseHarm(line: string, harmClass: HarmClass, on: Harm['on']): Harm {
  const [need = '', does = '', source = '', ...more] = line.split(' | ')
  if (source === '' || more.length > 0) throw new Error(`Not three columns: ${line}`)
  return { harmClass, on, need: parseNeed(need, line), does, source: page(source, need) }
}
