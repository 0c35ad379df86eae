import { assumeRole } from '../../../actions/assume-role.ts'
import { createServiceLinkedRole } from '../../../actions/create-service-linked-role.ts'
import { passRole } from '../../../actions/pass-role.ts'
import type { DeployEnvironment } from '../environment.ts'
import {
  type Actor,
  CALLER,
  type DeployNeeds,
  type MadeDocument,
  type MadeProfile,
  type MadeRole,
  type Need,
  type NeededRole,
  PRINCIPAL,
} from '../need.ts'
import { type PathStep, parsePropertyPath } from '../property-path.ts'
import { type RoleProperty, terraformRoles } from '../role-tables.ts'
import { holeText, joinTexts, knownText, literalText, type RoleText, withOrigin } from '../role-text.ts'
import { isRole, linkedRole } from '../role-values.ts'
import { LINKED_ROLES } from '../service-linked-roles.ts'
import { UnreadableSource } from '../source/source-node.ts'
import {
  addConfigured,
  type ConfiguredResource,
  emptyConfiguration,
  expressionAt,
  referencesOf,
} from './plan-configuration.ts'
import { isRecord, type PlannedValue, plannedValues } from './plan-values.ts'

/** Takes a plan in pieces, so that nobody needs to hold it whole. */
export type PlanReader = {
  readonly take: (piece: PlanPiece) => void
  /** Throws `UnreadableSource` where the pieces are no plan. */
  readonly finish: () => DeployNeeds
}

export type PlanPiece =
  | { readonly kind: 'format-version'; readonly value: unknown }
  | { readonly kind: 'resource-change'; readonly value: unknown }
  | { readonly kind: 'planned-resource'; readonly value: unknown }
  /** `part`: `resources`, `outputs`, `expressions` (of a module call) or `provider_config`. */
  | {
      readonly kind: 'configuration'
      readonly modules: readonly string[]
      readonly part: string
      readonly value: unknown
    }
  | { readonly kind: 'variables'; readonly value: unknown }

type Planned = {
  readonly address: string
  readonly module: string
  readonly type: string
  readonly name: string
  readonly index: string | number | null
  readonly isMade: boolean
  readonly after: unknown
  readonly unknown: unknown
}

type State = {
  readonly file: string
  readonly environment: DeployEnvironment
  readonly configuration: ReturnType<typeof emptyConfiguration>
  readonly changes: Map<string, Planned>
  /** What nobody needs after it was taken is not kept: a plan may be large. */
  readonly settled: Set<string>
  variables: Record<string, unknown>
  version: string | null
}

/** What the needs are read from, once the plan is whole. */
type Plan = State & {
  /** Roles and instance profiles by module and `type.name`. */
  readonly roles: ReadonlyMap<string, readonly Planned[]>
  /** Roles and instance profiles that the plan makes, by their name and by their ARN. */
  readonly rolesByText: ReadonlyMap<string, Planned>
  readonly attachments: readonly Planned[]
}

function wholePlan(state: State): Plan {
  const all = [...state.changes.values()]
  const roles = Map.groupBy(
    all.filter(resource => HOLDS_ROLES.has(resource.type)),
    ({ module, type, name }) => `${module} ${type}.${name}`,
  )
  const rolesByText = new Map<string, Planned>()
  const plan = { ...state, roles, rolesByText, attachments: all.filter(resource => ATTACHES.has(resource.type)) }
  for (const role of all) {
    const name = role.isMade && HOLDS_ROLES.has(role.type) ? attribute(role, 'name') : null
    if (name === null) continue
    rolesByText.set(textKey(role, name), role)
    const arn = knownText(arnOf(plan, role))
    if (arn !== null) rolesByText.set(textKey(role, arn), role)
  }
  return plan
}

/** A role and an instance profile often share a name. */
const textKey = ({ type }: Pick<Planned, 'type'>, text: string) =>
  `${type.endsWith('instance_profile') ? 'instance-profile' : 'role'} ${text}`

export function planReader(file: string, environment: DeployEnvironment): PlanReader {
  const state: State = {
    file,
    environment,
    configuration: emptyConfiguration(),
    changes: new Map(),
    settled: new Set(),
    variables: {},
    version: null,
  }
  let isPlan = false
  return {
    take: piece => {
      switch (piece.kind) {
        case 'format-version':
          state.version = String(piece.value)
          return
        case 'resource-change':
          isPlan = true
          takeChange(state, piece.value)
          return
        case 'planned-resource':
          isPlan = true
          takePlanned(state, piece.value)
          return
        case 'configuration':
          addConfigured(state.configuration, piece.modules, piece.part, piece.value)
          return
        case 'variables':
          if (isRecord(piece.value)) state.variables = piece.value
      }
    },
    finish: () => {
      if (state.version !== null && !/^[01]\./.test(state.version)) {
        throw new UnreadableSource(file, null, `plans of format ${state.version} are not known`)
      }
      if (!isPlan && state.version === null)
        throw new UnreadableSource(file, null, 'this is not the JSON of a Terraform plan')
      return needsOfPlan(wholePlan(state))
    },
  }
}

function takeChange(state: State, value: unknown): void {
  if (!isRecord(value) || !isRecord(value['change'])) {
    throw new UnreadableSource(
      state.file,
      null,
      'this is not the JSON of a Terraform plan: a resource change has no change',
    )
  }
  const { change } = value
  const actions = Array.isArray(value['change']['actions']) ? value['change']['actions'] : []
  const address = String(value['address'])
  state.settled.add(address)
  if (value['mode'] !== 'managed' || !isRecord(change)) return
  const isMade = actions.includes('create') || actions.includes('update')
  const isKept = isMade || (actions.includes('no-op') && HOLDS_ROLES.has(String(value['type'])))
  if (isKept) keep(state, value, change['after'], change['after_unknown'], isMade)
  else state.changes.delete(address)
}

/** A plan whose changes do not list a resource still plans its values. */
function takePlanned(state: State, value: unknown): void {
  if (!isRecord(value) || value['mode'] !== 'managed' || state.settled.has(String(value['address']))) return
  keep(state, value, value['values'], undefined, true)
}

const HOLDS_ROLES = new Set([
  'aws_iam_role',
  'aws_iam_instance_profile',
  'awscc_iam_role',
  'awscc_iam_instance_profile',
])
const ATTACHES = new Set(['aws_iam_role_policy', 'aws_iam_role_policy_attachment'])

function keep(state: State, value: Record<string, unknown>, after: unknown, unknown: unknown, isMade: boolean): void {
  const type = String(value['type'])
  const address = String(value['address'])
  const named = String(value['module_address'] ?? '')
  const module = named !== '' ? named : modulePrefix(address)
  const index = value['index']
  const resource: Planned = {
    address,
    module,
    type,
    name: String(value['name']),
    index: typeof index === 'string' || typeof index === 'number' ? index : null,
    isMade,
    ...relevant(type, after, unknown),
  }
  state.changes.set(address, resource)
}

function modulePrefix(address: string): string {
  return /^((?:module\.[^.[]+(?:\[[^\]]*\])?\.)+)/.exec(address)?.[1]?.slice(0, -1) ?? ''
}

/** Only the top-level attributes that can contain a role: a plan has far more. */
function relevant(
  type: string,
  after: unknown,
  unknown: unknown,
): { readonly after: unknown; readonly unknown: unknown } {
  if (HOLDS_ROLES.has(type) || ATTACHES.has(type)) return { after, unknown }
  const properties = terraformRoles(type)
  const keys =
    properties === null
      ? [...keysOf(after), ...keysOf(unknown)].filter(key => ROLE_BY_NAME.test(key))
      : properties.flatMap(property => topLevel(property.path))
  const wanted = new Set([...keys, 'aws_service_name'])
  return { after: only(after, wanted), unknown: only(unknown, wanted) }
}

const topLevel = (path: string) =>
  stepsOf(path).flatMap((step, index) =>
    step.kind === 'where' ? step.equals.map(([key]) => key) : step.kind === 'key' && index < 2 ? [step.name] : [],
  )

const keysOf = (value: unknown) => (isRecord(value) ? Object.keys(value) : [])

const only = (value: unknown, keys: ReadonlySet<string>) =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => keys.has(key))) : undefined

/** The fallback for types that no table has. */
const ROLE_BY_NAME = /(?:^|_)role_arn$|^(?:iam_)?role(?:_arn)?$|^(?:execution|service|task|instance)_role(?:_arn)?$/

const steps = new Map<string, readonly PathStep[]>()

function stepsOf(path: string): readonly PathStep[] {
  const before = steps.get(path)
  if (before !== undefined) return before
  const parsed = parsePropertyPath(path)
  steps.set(path, parsed)
  return parsed
}

function needsOfPlan(state: Plan): DeployNeeds {
  const needs: Need[] = [...providerNeeds(state)]
  for (const resource of state.changes.values()) {
    if (!resource.isMade || !/^aws(?:cc)?_/.test(resource.type)) continue
    needs.push(...passedRoles(state, resource), ...linkedRoles(state, resource))
  }
  const main = providerRole(state, 'aws')
  const arn = main === null ? null : knownText(main.text)
  return {
    needs,
    made: [...state.changes.values()]
      .filter(resource => resource.isMade && resource.type === 'aws_iam_role')
      .map(role => madeRole(state, role)),
    profiles: [...state.changes.values()]
      .filter(resource => resource.type === 'aws_iam_instance_profile')
      .map(profile => madeProfile(state, profile)),
    deployRole: arn === null ? null : { arn, from: 'template' },
    unread: [],
  }
}

function passedRoles(state: Plan, resource: Planned): readonly Need[] {
  const table = terraformRoles(resource.type)
  const properties = table ?? rolesByName(resource)
  const code = configured(state, resource)
  return properties.flatMap(property =>
    [...plannedValues(resource.after, resource.unknown, stepsOf(property.path))].flatMap(found => {
      if (found.isUnknown && !isSet(code, found, property.path)) return []
      const texts = found.isUnknown
        ? unknownTexts(state, resource, found.keys, property)
        : typeof found.value === 'string'
          ? [knownRole(state, resource, found.value, found.keys, property.kind)]
          : []
      return texts
        .filter(text => isRole(text, property.kind) && isArnWhereAsked(text, resource.type, property.path))
        .map(
          (text): Need => ({
            action: property.action,
            role: { kind: property.kind, text },
            service: property.service,
            operation: property.operation,
            where: {
              file: state.file,
              line: null,
              logicalId: resource.address,
              property: found.property,
              constructPath: null,
            },
            actor: actorOf(state, resource),
            via: null,
            conditional: texts.length > 1,
            byName: table === null,
            implied: false,
          }),
        )
    }),
  )
}

/** Providers fill in what the code leaves out, and that too is known only after apply. */
function isSet(code: ConfiguredResource | undefined, found: PlannedValue, path: string): boolean {
  if (code === undefined) return !found.isBlock && !FILLED_IN.has(path)
  if (expressionAt(code.expressions, found.keys) !== undefined) return true
  // The configuration in a plan has no dynamic block; its result is known as a block.
  return !found.isBlock && found.keys.length > 1
}

const FILLED_IN = new Set(['service_linked_role_arn', 'iam_instance_profile', 'monitoring_role_arn'])

/** ECS takes the name of a role where its ARN may stand. */
function isArnWhereAsked(text: RoleText, type: string, path: string): boolean {
  const known = knownText(text)
  return known === null || !path.endsWith('_arn') || known.startsWith('arn:') || type === 'aws_ecs_task_definition'
}

function rolesByName(resource: Planned): readonly RoleProperty[] {
  const [service = '', ...rest] = resource.type.split('_').slice(1)
  const noun = rest.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return [...new Set([...keysOf(resource.after), ...keysOf(resource.unknown)])]
    .filter(key => ROLE_BY_NAME.test(key))
    .map(path => ({ path, operation: `${service}:Create${noun}`, service: null, kind: 'role', action: passRole.name }))
}

/** A value that the plan knows already. It may still name a role that the same plan makes. */
function knownRole(
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

const hereOf = ({ module, address }: Planned) => ({ scope: module, logicalId: address })

function attribute(resource: Planned, key: string): string | null {
  const value = isRecord(resource.after) ? resource.after[key] : undefined
  return typeof value === 'string' && value !== '' ? value : null
}

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
  const kind = resource.type.endsWith('instance_profile') ? 'instance-profile' : 'role'
  const text = joinTexts([
    literalText(`arn:${state.environment.partition}:iam::`),
    account === null ? holeText('the account', 'unknown') : literalText(account),
    literalText(`:${kind}${attribute(resource, 'path') ?? '/'}`),
    nameOf(resource),
  ])
  return { ...text, from: 'same-template', resource: hereOf(resource) }
}

function accountOf(state: Plan, resource: Planned): string | null {
  const role = providerRole(state, providerKey(state, resource))
  const arn = role === null ? null : knownText(role.text)
  return /^arn:[^:]+:iam::(\d{12}):/.exec(arn ?? '')?.[1] ?? state.environment.accountId
}

/** A value that is known after apply: the code says what it will be. */
function unknownTexts(
  state: Plan,
  resource: Planned,
  keys: readonly string[],
  property: RoleProperty,
): readonly RoleText[] {
  const expression = expressionAt(configured(state, resource)?.expressions, keys)
  for (const reference of referencesOf(expression)) {
    // What decides between roles stands among the references too: an interval, a switch.
    const found = resolve(state, resource.module, [reference], resource.index, 0).filter(
      text => isRole(text, property.kind) && isArnWhereAsked(text, resource.type, property.path),
    )
    if (found.length > 0) return found
  }
  return [holeText(`${property.path} of ${resource.address}`, 'unknown')]
}

const MAX_HOPS = 30

function resolve(
  state: Plan,
  module: string,
  references: readonly string[],
  index: Planned['index'],
  hops: number,
): readonly RoleText[] {
  if (hops > MAX_HOPS) return []
  for (const reference of references) {
    const found = resolveOne(state, module, reference, index, hops)
    if (found.length > 0) return found
  }
  return []
}

function resolveOne(
  state: Plan,
  module: string,
  reference: string,
  index: Planned['index'],
  hops: number,
): readonly RoleText[] {
  const [head = '', second = ''] = reference.split('.')
  if (head === 'var') return resolveVariable(state, module, second.replace(/\[.*$/, ''), index, hops)
  if (head === 'module') {
    const called = second.replace(/\[.*$/, '')
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
  const match = /^(aws(?:cc)?_iam_(?:role|instance_profile))\.([A-Za-z0-9_-]+)(?:\[("?)([^\]"]*)\3\])?/.exec(reference)
  if (match === null) return []
  const [, type = '', name = '', , own] = match
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
  const own = /\[("?)([^\]"]*)\1\]$/.exec(module)?.[2]
  const parent = module.replace(/(?:^|\.)module\.[^.[]+(?:\[[^\]]*\])?$/, '')
  return resolve(state, parent, referencesOf(expression), own ?? index, hops + 1)
}

const withoutIndexes = (module: string) => module.replaceAll(/\[[^\]]*\]/g, '')
const joined = (...parts: readonly string[]) => parts.filter(part => part !== '').join('.')

function configured(state: Plan, { module, type, name }: Planned) {
  return state.configuration.resources.get(withoutIndexes(module))?.get(`${type}.${name}`)
}

function providerKey(state: Plan, resource: Planned): string {
  return configured(state, resource)?.providerKey ?? 'aws'
}

/** A module that is handed its provider has a key of its own with nothing in it; the root's counts then. */
function providerRole(
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
    // What is referred to may be a part of the ARN only.
    const [found] = resolve(state, '', referencesOf(role), null, 0).filter(text =>
      /:role\//.test(knownText(text) ?? ''),
    )
    return { text: found ?? holeText('the role of the provider', 'unknown'), key: candidate, property }
  }
  return null
}

function providerNeeds(state: Plan): readonly Need[] {
  return [...state.configuration.providers.keys()].flatMap(key => {
    const found = providerRole(state, key)
    if (found === null || found.key !== key) return []
    const where = {
      file: state.file,
      line: null,
      logicalId: `provider.${key}`,
      property: found.property,
      constructPath: null,
    }
    const role: NeededRole = { kind: 'role', text: found.text }
    return [
      {
        action: assumeRole.name,
        role,
        service: null,
        operation: assumeRole.name,
        where,
        actor: CALLER,
        via: null,
        conditional: false,
        byName: false,
        implied: false,
      } as const,
    ]
  })
}

function actorOf(state: Plan, resource: Planned): Actor {
  const role = providerRole(state, providerKey(state, resource))
  return role === null ? PRINCIPAL : { kind: 'role', role: role.text }
}

function linkedRoles(state: Plan, resource: Planned): readonly Need[] {
  const isOwn = resource.type === 'aws_iam_service_linked_role'
  const linked = LINKED_ROLES.get(resource.type)
  if (!isOwn && linked === undefined) return []
  const service = attribute(resource, 'aws_service_name')
  const environment = { ...state.environment, accountId: accountOf(state, resource) }
  const role = isOwn
    ? linkedRole(
        environment,
        service === null ? holeText('the service', 'unknown') : literalText(service),
        null,
        hereOf(resource),
      )
    : linkedRole(environment, literalText(linked?.service ?? ''), linked?.name ?? null, null)
  const property = isOwn ? 'aws_service_name' : 'type'
  return [
    {
      action: createServiceLinkedRole.name,
      role,
      service: null,
      operation: createServiceLinkedRole.name,
      where: { file: state.file, line: null, logicalId: resource.address, property, constructPath: null },
      actor: actorOf(state, resource),
      via: null,
      conditional: false,
      byName: false,
      implied: !isOwn,
    },
  ]
}

function madeRole(state: Plan, role: Planned): MadeRole {
  const after = isRecord(role.after) ? role.after : {}
  const inline = Array.isArray(after['inline_policy']) ? after['inline_policy'].filter(isRecord) : []
  const attached = attachedTo(state, role)
  const policies = [
    ...inline.map(policy => ({ ...document(policy['policy']), name: String(policy['name'] ?? 'inline') })),
    ...attached
      .filter(policy => policy.type === 'aws_iam_role_policy')
      .map(policy => ({ ...document(attribute(policy, 'policy')), name: attribute(policy, 'name') ?? 'inline' })),
  ]
  const managed = [
    ...(Array.isArray(after['managed_policy_arns'])
      ? after['managed_policy_arns'].filter(arn => typeof arn === 'string')
      : []),
    ...attached.flatMap(policy => attribute(policy, 'policy_arn') ?? []),
  ]
  const isUnknown = attached.some(
    policy => policy.type === 'aws_iam_role_policy_attachment' && attribute(policy, 'policy_arn') === null,
  )
  return {
    ...hereOf(role),
    accountId: accountOf(state, role),
    name: attribute(role, 'name'),
    path: attribute(role, 'path') ?? '/',
    trust: document(attribute(role, 'assume_role_policy')),
    inlinePolicies: policies,
    managedPolicyArns: managed,
    permissionsBoundary: attribute(role, 'permissions_boundary'),
    complete: !isUnknown && policies.every(policy => policy.complete),
    file: state.file,
    line: null,
  }
}

function attachedTo(state: Plan, role: Planned): readonly Planned[] {
  const name = attribute(role, 'name')
  return state.attachments.filter(resource => {
    const own = attribute(resource, 'role')
    if (own !== null) return own === name
    const references = referencesOf(expressionAt(configured(state, resource)?.expressions, ['role']))
    return resolve(state, resource.module, references, resource.index, 0).some(
      text => text.resource?.logicalId === role.address,
    )
  })
}

function document(text: unknown): MadeDocument {
  if (typeof text !== 'string') return { document: null, complete: false }
  try {
    return { document: JSON.parse(text), complete: true }
  } catch {
    return { document: null, complete: false }
  }
}

function madeProfile(state: Plan, profile: Planned): MadeProfile {
  const role = attribute(profile, 'role')
  const references = referencesOf(expressionAt(configured(state, profile)?.expressions, ['role']))
  return {
    ...hereOf(profile),
    accountId: accountOf(state, profile),
    name: attribute(profile, 'name'),
    roles:
      role !== null
        ? [knownRole(state, profile, role, ['role'], 'role')]
        : resolve(state, profile.module, references, profile.index, 0),
  }
}
