/** The resources of a plan, without the attributes that cannot contain a role. */
import { type DeployEnvironment, UnreadableSource } from '../../source/index.ts'
import { type PathStep, parsePropertyPath } from '../property-path.ts'
import { terraformRoles } from '../role-tables.ts'
import type { PlanConfiguration } from './plan-configuration.ts'
import { isRecord } from './plan-values.ts'

export type Planned = {
  readonly address: string
  readonly module: string
  readonly type: string
  readonly name: string
  readonly index: string | number | null
  readonly isMade: boolean
  readonly after: unknown
  readonly unknown: unknown
}

export type PlanState = {
  readonly file: string
  readonly environment: DeployEnvironment
  readonly configuration: PlanConfiguration
  readonly changes: Map<string, Planned>
  /** Addresses whose changes were read. Only the addresses are kept, because a plan may be large. */
  readonly settled: Set<string>
  variables: Record<string, unknown>
  version: string | null
}

export function takeChange(state: PlanState, value: unknown): void {
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
  const after = actions.length === 1 && actions[0] === 'update' ? sent(String(value['type']), change) : change['after']
  if (isKept) keep(state, value, after, change['after_unknown'], isMade)
  else state.changes.delete(address)
}

/**
 * Attributes that an update in place sends only where they change, so that it passes no role again.
 * https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/lambda/function.go (`resourceFunctionUpdate`)
 */
const SENT_IF_CHANGED = new Map([['aws_lambda_function', 'role']])

function sent(type: string, { before, after }: Record<string, unknown>): unknown {
  const name = SENT_IF_CHANGED.get(type)
  if (name === undefined || !isRecord(before) || !isRecord(after)) return after
  if (typeof after[name] !== 'string' || after[name] !== before[name]) return after
  return Object.fromEntries(Object.entries(after).filter(([key]) => key !== name))
}

/** Reads planned values for resources that the plan's changes do not list. */
export function takePlanned(state: PlanState, value: unknown): void {
  if (!isRecord(value) || value['mode'] !== 'managed' || state.settled.has(String(value['address']))) return
  keep(state, value, value['values'], undefined, true)
}

export const HOLDS_ROLES = new Set([
  'aws_iam_role',
  'aws_iam_instance_profile',
  'awscc_iam_role',
  'awscc_iam_instance_profile',
])

export const ATTACHES = new Set(['aws_iam_role_policy', 'aws_iam_role_policy_attachment'])

function keep(
  state: PlanState,
  value: Record<string, unknown>,
  after: unknown,
  unknown: unknown,
  isMade: boolean,
): void {
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

/** Keeps only the top-level attributes that can contain a role, because a plan has far more. */
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
  const wanted = new Set([...keys, 'aws_service_name', ...SAID_OF_ASSUMERS])
  return { after: only(after, wanted), unknown: only(unknown, wanted) }
}

/** What the keys that a service sends are made of, and what decides who assumes a role. */
const SAID_OF_ASSUMERS = [
  ...['application_name', 'cluster_name', 'compute_config', 'compute_environment_name', 'name', 'pipeline_name'],
  ...['role_arn', 'sms_configuration'],
]

const topLevel = (path: string) =>
  propertyPathSteps(path).flatMap((step, index) =>
    step.kind === 'where' ? step.equals.map(([key]) => key) : step.kind === 'key' && index < 2 ? [step.name] : [],
  )

export const keysOf = (value: unknown) => (isRecord(value) ? Object.keys(value) : [])

const only = (value: unknown, keys: ReadonlySet<string>) =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => keys.has(key))) : undefined

/** The fallback for types that no table has. */
export const ROLE_BY_NAME =
  /(?:^|_)role_arn$|^(?:iam_)?role(?:_arn)?$|^(?:execution|service|task|instance)_role(?:_arn)?$/

const steps = new Map<string, readonly PathStep[]>()

export function propertyPathSteps(path: string): readonly PathStep[] {
  const before = steps.get(path)
  if (before !== undefined) return before
  const parsed = parsePropertyPath(path)
  steps.set(path, parsed)
  return parsed
}
