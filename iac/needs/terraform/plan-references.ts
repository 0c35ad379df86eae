/** Resolves values of a plan: known ones directly, others from the plan's code. */

import { holeText, joinTexts, knownText, literalText, type RoleText, withOrigin } from '../../source/index.ts'
import type { RoleProperty } from '../role-tables.ts'
import { expressionAt, referencesOf } from './plan-configuration.ts'
import { isRecord } from './plan-values.ts'
import { ATTACHES, HOLDS_ROLES, type Planned, type PlanState } from './planned-changes.ts'

/** The complete plan, from which the needs are read. */
export type Plan = PlanState & {
  /** Roles and instance profiles by module and `type.name`. */
  readonly roles: ReadonlyMap<string, readonly Planned[]>
  /** Roles and instance profiles that the plan makes, by their name and by their ARN. */
  readonly rolesByText: ReadonlyMap<string, Planned>
  readonly attachments: readonly Planned[]
  /** What a reference in a module names. Several ways lead to most references, and would multiply at every module between. */
  readonly resolved: Map<string, readonly RoleText[]>
}

export function wholePlan(state: PlanState): Plan {
  const all = [...state.changes.values()]
  const roles = Map.groupBy(
    all.filter(resource => HOLDS_ROLES.has(resource.type)),
    ({ module, type, name }) => `${module} ${type}.${name}`,
  )
  const rolesByText = new Map<string, Planned>()
  const attachments = all.filter(resource => ATTACHES.has(resource.type))
  const plan = { ...state, roles, rolesByText, attachments, resolved: new Map() }
  for (const role of all) {
    const name = role.isMade && HOLDS_ROLES.has(role.type) ? attribute(role, 'name') : null
    if (name === null) continue
    rolesByText.set(textKey(role, name), role)
    const arn = knownText(arnOf(plan, role))
    if (arn !== null) rolesByText.set(textKey(role, arn), role)
  }
  return plan
}

/** Includes the type, because a role and an instance profile often share a name. */
const textKey = ({ type }: Pick<Planned, 'type'>, text: string) =>
  `${type.endsWith('instance_profile') ? 'instance-profile' : 'role'} ${text}`

/** A known value. It may name a role that the same plan makes. */
export function knownRole(
  state: Plan,
  resource: Planned,
  value: string,
  keys: readonly string[],
  kind: RoleProperty['kind'],
): RoleText {
  const made = state.rolesByText.get(`${kind} ${value}`)
  if (made !== undefined) return { pieces: [value], from: 'same-template', resource: hereOf(made) }
  const references = referencesOf(expressionAt(configured(state, resource)?.expressions, keys))
  if (references.some(reference => /^data\.terraform_remote_state\b/.test(reference)))
    return withOrigin(literalText(value), 'import')
  return withOrigin(
    literalText(value),
    references.some(reference => reference.startsWith('var.')) ? 'parameter' : 'literal',
  )
}

export const hereOf = ({ module, address }: Planned) => ({ scope: module, logicalId: address })

export function attribute(resource: Planned, key: string): string | null {
  const value = isRecord(resource.after) ? resource.after[key] : undefined
  return typeof value === 'string' && value !== '' ? value : null
}

/** Null: only the apply knows it. */
export const plannedPathOf = (resource: Planned): string | null =>
  attribute(resource, 'path') ?? (isRecord(resource.unknown) && resource.unknown['path'] === true ? null : '/')

function nameOf(role: Planned): RoleText {
  const name = attribute(role, 'name')
  const here = hereOf(role)
  if (name !== null) return { pieces: [name], from: 'same-template', resource: here }
  const prefix = attribute(role, 'name_prefix')
  const rest = holeText(`the name of ${role.address}`, 'same-template', here)
  return prefix === null ? rest : { ...joinTexts([literalText(prefix), rest]), from: 'same-template', resource: here }
}

function arnOf(state: Plan, resource: Planned): RoleText {
  const known = attribute(resource, 'arn')
  const from = resource.isMade ? 'same-template' : 'literal'
  const here = resource.isMade ? hereOf(resource) : null
  if (known !== null) return { pieces: [known], from, resource: here }
  const account = accountOf(state, resource)
  const path = plannedPathOf(resource)
  const kind = resource.type.endsWith('instance_profile') ? 'instance-profile' : 'role'
  const text = joinTexts([
    literalText(`arn:${state.environment.partition}:iam::`),
    account === null ? holeText('the account', 'unknown') : literalText(account),
    literalText(`:${kind}`),
    path === null ? holeText(`the path of ${resource.address}`, 'same-template', here) : literalText(path),
    nameOf(resource),
  ])
  return { ...text, from: 'same-template', resource: hereOf(resource) }
}

export function accountOf(state: Plan, resource: Planned): string | null {
  const role = providerRole(state, providerKey(state, resource))
  const arn = role === null ? null : knownText(role.text)
  return /^arn:[^:]+:iam::(\d{12}):/.exec(arn ?? '')?.[1] ?? state.environment.accountId
}

const MAX_HOPS = 30

export function resolve(
  state: Plan,
  module: string,
  references: readonly string[],
  index: Planned['index'],
  hops: number,
): readonly RoleText[] {
  if (hops > MAX_HOPS) return []
  for (const reference of references) {
    const found = resolveOnce(state, module, reference, index, hops)
    if (found.length > 0) return found
  }
  return []
}

function resolveOnce(...asked: Parameters<typeof resolveOne>): readonly RoleText[] {
  const [state, module, reference, index] = asked
  const key = JSON.stringify([module, reference, index])
  const before = state.resolved.get(key)
  if (before !== undefined) return before
  // What refers to itself finds nothing.
  state.resolved.set(key, [])
  const found = resolveOne(...asked)
  state.resolved.set(key, found)
  return found
}

function resolveOne(
  state: Plan,
  module: string,
  reference: string,
  index: Planned['index'],
  hops: number,
): readonly RoleText[] {
  const [head = '', second = ''] = reference.split('.')
  if (head === 'var') return resolveVariable(state, module, withoutIndex(second), index, hops)
  if (head === 'module') {
    const called = withoutIndex(second)
    const output = /^module\.[^.]+\.([A-Za-z0-9_-]+)/.exec(reference)?.[1]
    const outputs =
      output === undefined
        ? undefined
        : state.configuration.outputs.get(joined(withoutIndexes(module), `module.${called}`))
    const expression = isRecord(outputs?.[output ?? ''])
      ? (outputs[output ?? ''] as Record<string, unknown>)['expression']
      : undefined
    const own = /^module\.[^.[]+(\[[^\]]+\])/.exec(reference)?.[1] ?? ''
    const instances = modulesNamed(state, joined(module, `module.${called}`), own, index)
    return instances.flatMap(instance => resolve(state, instance, referencesOf(expression), null, hops + 1))
  }
  if (head === 'data')
    return reference.startsWith('data.terraform_remote_state.') ? [holeText(reference, 'import')] : []
  const match = /^(aws(?:cc)?_iam_(?:role|instance_profile))\.([A-Za-z0-9_-]+)(?:\["?([^\]"]*)"?\])?/.exec(reference)
  if (match === null) return []
  const [, type = '', name = '', own] = match
  const all = state.roles.get(`${module} ${type}.${name}`) ?? []
  const wanted = own ?? index
  const exact = wanted == null ? [] : all.filter(resource => String(resource.index) === String(wanted))
  const chosen = exact.length > 0 ? exact : own === undefined ? all : []
  const isName = /\.(?:name|id)$/.test(reference) && type.endsWith('instance_profile')
  return chosen.map(resource => (isName ? nameOf(resource) : arnOf(state, resource)))
}

/** The instances of a module: the one that the reference names, else the one with the same key, else all. */
function modulesNamed(state: Plan, path: string, own: string, index: Planned['index']): readonly string[] {
  const all = new Set(
    [...state.changes.values()].map(resource => resource.module).filter(module => sameModule(module, path)),
  )
  const wanted =
    own !== ''
      ? `${path}${own}`
      : index === null
        ? path
        : `${path}[${typeof index === 'string' ? JSON.stringify(index) : index}]`
  if (all.has(wanted)) return [wanted]
  return all.size === 0 ? [path] : [...all]
}

const sameModule = (module: string, path: string) =>
  module === path ||
  (module.startsWith(`${path}[`) && module.endsWith(']') && !module.slice(path.length).includes('.module.'))

function resolveVariable(
  state: Plan,
  module: string,
  name: string,
  index: Planned['index'],
  hops: number,
): readonly RoleText[] {
  if (module === '') {
    const variable = state.variables[name]
    const value = isRecord(variable) ? variable['value'] : undefined
    return typeof value === 'string' ? [withOrigin(literalText(value), 'parameter')] : []
  }
  const expression = state.configuration.arguments.get(withoutIndexes(module))?.[name]
  const constant = isRecord(expression) ? expression['constant_value'] : undefined
  if (typeof constant === 'string') return [withOrigin(literalText(constant), 'parameter')]
  const own = LAST_INDEX.exec(module)?.[0].replace(/^\["?|"?\]$/g, '')
  const parent = module.replace(LAST_MODULE, '')
  return resolve(state, parent, referencesOf(expression), own ?? index, hops + 1)
}

/** https://developer.hashicorp.com/terraform/cli/state/resource-addressing#index-values-for-modules-and-resources */
const INDEXES = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g
const LAST_INDEX = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]$/
const LAST_MODULE = /(?:^|\.)module\.[^.[]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?$/

export const withoutIndexes = (module: string): string => module.replaceAll(INDEXES, '')
const withoutIndex = (name: string): string => name.split('[', 1)[0] ?? ''

const joined = (...parts: readonly string[]) => parts.filter(part => part !== '').join('.')

export function configured(state: Plan, { module, type, name }: Planned) {
  return state.configuration.resources.get(withoutIndexes(module))?.get(`${type}.${name}`)
}

export function providerKey(state: Plan, resource: Planned): string {
  return configured(state, resource)?.providerKey ?? 'aws'
}

/** The role that the provider assumes. A module that receives its provider has an empty entry of its own; then the root's entry applies. */
export function providerRole(
  state: Plan,
  key: string,
): { readonly text: RoleText; readonly key: string; readonly property: string } | null {
  const name = key.replace(/^.*:/, '')
  for (const candidate of key === name ? [key] : [key, name]) {
    const provider = state.configuration.providers.get(candidate)
    const expressions = isRecord(provider) ? provider['expressions'] : undefined
    const blocks = isRecord(expressions) ? expressions['assume_role'] : undefined
    const block: unknown = Array.isArray(blocks) ? blocks.at(-1) : blocks
    const role = isRecord(block) ? block['role_arn'] : undefined
    if (!isRecord(role)) continue
    const property = `assume_role[${Array.isArray(blocks) ? blocks.length - 1 : 0}].role_arn`
    if (typeof role['constant_value'] === 'string')
      return { text: literalText(role['constant_value']), key: candidate, property }
    // The reference may be only a part of the ARN.
    const [found] = resolve(state, '', referencesOf(role), null, 0).filter(text =>
      /:role\//.test(knownText(text) ?? ''),
    )
    return { text: found ?? holeText('the role of the provider', 'unknown'), key: candidate, property }
  }
  return null
}
