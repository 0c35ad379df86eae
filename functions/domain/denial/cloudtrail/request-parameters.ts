/**
 * Values at a path: `stages[].actions[].roleArn` iterates lists, `roles{}` takes every member's value, `*.roleArn` iterates
 * every member. Names match ignoring case, as CloudTrail's case differs from the API's.
 */
export type ParameterValue = { readonly path: string; readonly value: unknown }

const MAX_VALUES = 100

export function valuesAt(parameters: unknown, path: string): readonly ParameterValue[] {
  if (path === '') return []
  let values: readonly ParameterValue[] = [{ path: '', value: parameters }]
  for (const step of path.split('.')) {
    values = values.flatMap(value => into(value, step)).slice(0, MAX_VALUES)
  }
  return values
}

function into({ path, value }: ParameterValue, step: string): readonly ParameterValue[] {
  const join = (name: string) => (path === '' ? name : `${path}.${name}`)
  if (step === '*') return membersOf(value).map(([key, item]) => ({ path: join(key), value: item }))
  const name = step.replace(/\[\]$|\{\}$/, '')
  const member = memberOf(value, name)
  if (member === null) return []
  const at = join(member.name)
  if (step.endsWith('[]')) {
    return listOf(member.value).map((item, index) => ({ path: `${at}[${index}]`, value: item }))
  }
  if (step.endsWith('{}')) {
    return membersOf(member.value).map(([key, item]) => ({ path: `${at}.${key}`, value: item }))
  }
  return [{ path: at, value: member.value }]
}

function memberOf(value: unknown, name: string): { readonly name: string; readonly value: unknown } | null {
  if (!isMembers(value)) return null
  const lower = name.toLowerCase()
  for (const key of Object.keys(value)) if (key.toLowerCase() === lower) return { name: key, value: value[key] }
  return null
}

const isMembers = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function membersOf(value: unknown): readonly [string, unknown][] {
  return isMembers(value) ? Object.entries(value) : []
}

/** EC2 wraps its lists in `items`; a single value counts as a list of one. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.slice(0, MAX_VALUES)
  const items = memberOf(value, 'items')?.value
  if (Array.isArray(items)) return items.slice(0, MAX_VALUES)
  return typeof value === 'string' ? [value] : []
}
