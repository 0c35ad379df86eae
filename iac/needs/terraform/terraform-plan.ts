import { assumeRole, createServiceLinkedRole, passRole } from '../../../core/actions/index.ts'
import {
  type DeployEnvironment,
  holeText,
  knownText,
  literalText,
  type RoleText,
  UnreadableSource,
} from '../../source/index.ts'
import { type Actor, CALLER, type DeployNeeds, type Need, type NeededRole, PRINCIPAL } from '../need.ts'
import { type RoleProperty, terraformRoles } from '../role-tables.ts'
import { isRoleText, linkedRole } from '../role-values.ts'
import { LINKED_ROLES } from '../service-linked-roles.ts'
import { assumptionsIn } from './assuming-planned.ts'
import { madeProfile, madeRole } from './made-by-plan.ts'
import {
  addConfigured,
  type ConfiguredResource,
  emptyConfiguration,
  expressionAt,
  referencesOf,
} from './plan-configuration.ts'
import {
  accountOf,
  attribute,
  configured,
  hereOf,
  knownRole,
  type Plan,
  providerKey,
  providerRole,
  resolve,
  wholePlan,
} from './plan-references.ts'
import { isRecord, type PlannedValue, plannedValues } from './plan-values.ts'
import {
  keysOf,
  type Planned,
  type PlanState,
  propertyPathSteps,
  ROLE_BY_NAME,
  takeChange,
  takePlanned,
} from './planned-changes.ts'

/** Reads a plan in pieces, so that it is never in memory as a whole. */
export type PlanReader = {
  readonly take: (piece: PlanPiece) => void
  /** Throws `UnreadableSource` if the pieces are not a plan. */
  readonly finish: () => DeployNeeds
}

export type PlanPiece =
  | { readonly kind: 'format-version'; readonly value: unknown }
  | { readonly kind: 'resource-change'; readonly value: unknown }
  | { readonly kind: 'planned-resource'; readonly value: unknown }
  /** True: the plan ends at an error. https://developer.hashicorp.com/terraform/internals/json-format */
  | { readonly kind: 'errored'; readonly value: unknown }
  /** A change that only a later plan knows. */
  | { readonly kind: 'deferred-change'; readonly value: unknown }
  /** `part`: `resources`, `outputs`, `expressions` (of a module call) or `provider_config`. */
  | {
      readonly kind: 'configuration'
      readonly modules: readonly string[]
      readonly part: string
      readonly value: unknown
    }
  | { readonly kind: 'variables'; readonly value: unknown }

export function planReader(file: string, environment: DeployEnvironment): PlanReader {
  const state: PlanState = {
    file,
    environment,
    configuration: emptyConfiguration(),
    changes: new Map(),
    settled: new Set(),
    variables: {},
    version: null,
  }
  const unread = new Set<string>()
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
        case 'errored':
          if (piece.value === true) unread.add('what follows the error in this plan')
          return
        case 'deferred-change':
          unread.add(deferred(piece.value))
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
      const needs = needsOfPlan(wholePlan(state))
      return { ...needs, unread: [...unread].map(what => ({ file, line: null, what })) }
    },
  }
}

function deferred(value: unknown): string {
  const change = isRecord(value) ? value['resource_change'] : null
  return `the deferred change of ${isRecord(change) ? String(change['address']) : 'a resource'}`
}

function needsOfPlan(state: Plan): Omit<DeployNeeds, 'unread'> {
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
  }
}

function passedRoles(state: Plan, resource: Planned): readonly Need[] {
  const table = terraformRoles(resource.type)
  const properties = table ?? rolesByName(resource)
  const code = configured(state, resource)
  return properties.flatMap(property =>
    [...plannedValues(resource.after, resource.unknown, propertyPathSteps(property.path))].flatMap(found => {
      if (found.isUnknown && !isSet(code, found, property.path)) return []
      const texts = found.isUnknown
        ? unknownTexts(state, resource, found.keys, property)
        : typeof found.value === 'string'
          ? [knownRole(state, resource, found.value, found.keys, property.kind)]
          : []
      return texts
        .filter(text => isRoleText(text, property.kind) && isArnWhereAsked(text, resource.type, property.path))
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
            assumptions: assumptionsIn(state, resource, property),
          }),
        )
    }),
  )
}

/** False for an attribute that the code does not set: the provider fills it in, and it too is unknown before the apply. */
function isSet(code: ConfiguredResource | undefined, found: PlannedValue, path: string): boolean {
  if (code === undefined) return !found.isBlock && !FILLED_IN.has(path)
  if (expressionAt(code.expressions, found.keys) !== undefined) return true
  // A plan's configuration omits dynamic blocks, but their result is a known block.
  return !found.isBlock && found.keys.length > 1
}

const FILLED_IN = new Set(['service_linked_role_arn', 'iam_instance_profile', 'monitoring_role_arn'])

/** ECS accepts the name of a role where an ARN is allowed. */
function isArnWhereAsked(text: RoleText, type: string, path: string): boolean {
  const known = knownText(text)
  return known === null || !path.endsWith('_arn') || known.startsWith('arn:') || type === 'aws_ecs_task_definition'
}

function rolesByName(resource: Planned): readonly RoleProperty[] {
  const [service = '', ...rest] = resource.type.split('_').slice(1)
  const noun = rest.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return [...new Set([...keysOf(resource.after), ...keysOf(resource.unknown)])]
    .filter(key => ROLE_BY_NAME.test(key))
    .map(path => ({
      path,
      operation: `${service}:Create${noun}`,
      service: null,
      kind: 'role',
      action: passRole.name,
      assumers: null,
    }))
}

/** The texts of a value that only the apply knows, from the code. */
function unknownTexts(
  state: Plan,
  resource: Planned,
  keys: readonly string[],
  property: RoleProperty,
): readonly RoleText[] {
  const expression = expressionAt(configured(state, resource)?.expressions, keys)
  for (const reference of referencesOf(expression)) {
    // The references also include what selects between roles, such as an interval or a switch.
    const found = resolve(state, resource.module, [reference], resource.index, 0).filter(
      text => isRoleText(text, property.kind) && isArnWhereAsked(text, resource.type, property.path),
    )
    if (found.length > 0) return found
  }
  return [holeText(`${property.path} of ${resource.address}`, 'unknown')]
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
        assumptions: [],
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
      assumptions: [],
    },
  ]
}
