/**
 * The settings of a deployment as Terraform has them: the outputs (`terraform output -json`) with the module's `settings`, a state
 * file, or `terraform show -json`, where they are parameters of the stack of the bot.
 * https://developer.hashicorp.com/terraform/internals/json-format
 */
import { CHAT } from '../../../functions/domain/config/index.ts'
import { chatSettingsIn } from '../../../infra/chat.ts'

type Json = { readonly [key: string]: unknown }

/** Null if it is nothing of Terraform. It is not checked here. */
export function settingsOfTerraform(json: unknown): Json | null {
  if (!isObject(json)) return null
  const outputs = isObject(json['outputs']) ? json['outputs'] : (outputsOfShow(json) ?? json)
  for (const output of Object.values(outputs)) {
    const value = isObject(output) ? output['value'] : null
    if (isObject(value) && isObject(value[CHAT]) && typeof value['region'] === 'string') return value
  }
  const stack = resourcesIn(json).find(one => one['name'] === 'rolemedic-bot' && isObject(one['parameters']))
  return stack === undefined ? null : settingsOfStack(stack)
}

/** A state, also where it only says which backend keeps it, or outputs. */
export function isOfTerraform(json: unknown): boolean {
  if (!isObject(json)) return false
  const isOutput = (one: unknown): boolean => isObject(one) && 'sensitive' in one && 'type' in one
  return 'lineage' in json || 'terraform_version' in json || Object.values(json).some(isOutput)
}

function outputsOfShow({ values }: Json): Json | null {
  return isObject(values) && isObject(values['outputs']) ? values['outputs'] : null
}

/** The attributes of every resource, in a state file and in `terraform show -json`. */
function resourcesIn(json: Json): readonly Json[] {
  const ofState = listIn(json, 'resources').flatMap(one => listIn(one, 'instances').map(({ attributes }) => attributes))
  const { values } = json
  const ofShow =
    isObject(values) && isObject(values['root_module']) ? valuesBelow(values['root_module'], MAX_DEPTH) : []
  return [...ofState, ...ofShow].filter(isObject)
}

/** Modules in modules; a plan from elsewhere is no reason to run out of stack. */
const MAX_DEPTH = 50

function valuesBelow(module: Json, depth: number): readonly unknown[] {
  const own = listIn(module, 'resources').map(({ values }) => values)
  return depth === 0 ? own : [...own, ...listIn(module, 'child_modules').flatMap(one => valuesBelow(one, depth - 1))]
}

/** `id` is the ARN of the stack: the Region and the account of the bot. */
function settingsOfStack({ id, parameters }: Json): Json {
  const given = isObject(parameters) ? parameters : {}
  const text = (name: string): string => (typeof given[name] === 'string' ? given[name] : '')
  const [, , , region = '', hubAccountId = ''] = typeof id === 'string' ? id.split(':') : []
  const listed = (name: string) =>
    text(name)
      .split(',')
      .filter(one => one !== '')
  const organizationId = text('OrganizationId')
  return {
    region,
    otherRegions: listed('MemberRegions').filter(one => one !== region),
    organization: organizationId === '' ? null : { id: organizationId, hubAccountId },
    ...chatSettingsIn(text),
    writerExternalId: text('WriterExternalId'),
    enabled: text('Enabled') === 'yes',
    heartbeats: { retired: listed('RetiredMembers') },
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function listIn(from: Json, key: string): readonly Json[] {
  const list = from[key]
  return Array.isArray(list) ? list.filter(isObject) : []
}
