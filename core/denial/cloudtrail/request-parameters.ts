import { never } from '../../base/index.ts'

/**
 * The values at a path: `stages[].actions[].roleArn` goes through lists, `roles{}` takes the value of every member, `*.roleArn`
 * goes through every member. Names match ignoring case, because CloudTrail's case differs from the API's.
 */
export type ParameterValue = { readonly path: string; readonly value: unknown }

const MAX_VALUES = 100

export function parameterValuesAt(parameters: unknown, path: string): readonly ParameterValue[] {
  if (path === '') return []
  let values: readonly ParameterValue[] = [{ path: '', value: parameters }]
  for (const step of stepsOf(path)) {
    const next: ParameterValue[] = []
    for (const value of values) into(value, step, next)
    values = next.length > MAX_VALUES ? next.slice(0, MAX_VALUES) : next
  }
  return values
}

/** `name` is in lower case. */
type Step = { readonly name: string; readonly takes: 'member' | 'items' | 'members' | 'every-member' }

const stepsOf = (path: string): readonly Step[] =>
  path.split('.').map(step => {
    const name = step.replace(/\[\]$|\{\}$/, '').toLowerCase()
    if (step === '*') return { name, takes: 'every-member' }
    return { name, takes: step.endsWith('[]') ? 'items' : step.endsWith('{}') ? 'members' : 'member' }
  })

function into({ path, value }: ParameterValue, { name, takes }: Step, values: ParameterValue[]): void {
  const join = (member: string) => (path === '' ? member : `${path}.${member}`)
  if (takes === 'every-member') {
    for (const [key, item] of membersOf(value)) values.push({ path: join(key), value: item })
    return
  }
  const member = memberOf(value, name)
  if (member === null) return
  const at = join(member.name)
  switch (takes) {
    case 'member':
      values.push({ path: at, value: member.value })
      return
    case 'items':
      for (const [index, item] of listOf(member.value).entries()) values.push({ path: `${at}[${index}]`, value: item })
      return
    case 'members':
      for (const [key, item] of membersOf(member.value)) values.push({ path: `${at}.${key}`, value: item })
      return
    default:
      never(takes)
  }
}

/** Finds a member ignoring case; `lower` is the name in lower case. */
function memberOf(value: unknown, lower: string): { readonly name: string; readonly value: unknown } | null {
  if (!isMembers(value)) return null
  for (const key of Object.keys(value)) if (key.toLowerCase() === lower) return { name: key, value: value[key] }
  return null
}

const isMembers = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function membersOf(value: unknown): readonly [string, unknown][] {
  return isMembers(value) ? Object.entries(value) : []
}

/** EC2 wraps its lists in `items`. A single value is read as a list of one. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.slice(0, MAX_VALUES)
  const items = memberOf(value, 'items')?.value
  if (Array.isArray(items)) return items.slice(0, MAX_VALUES)
  return typeof value === 'string' ? [value] : []
}
