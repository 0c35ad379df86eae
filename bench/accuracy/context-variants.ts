/**
 * Variants of the request context (MFA, Region, source IP, tags, time): values on both sides of every condition in the changes.
 * What a condition compares with a policy variable is equal to the value of the variable, and different. Other keys affect
 * nothing and are omitted.
 */
import { ABSENT_KEY, type ContextFact, type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import { list } from '../../core/iam/policy/policy-document.ts'
import type { ProposedDocument } from './proposed-document.ts'

/** `meets` and `fails`: values of the key in the request; null if the request lacks the key. */
type Sides = { readonly meets: readonly (string | null)[]; readonly fails: readonly (string | null)[] }
type Asked = ReadonlyMap<string, Sides>

/** `oracle-requests.ts` varies these: the services that receive a role, and the principal. */
const VARIED_ELSEWHERE = ['iam:passedtoservice', 'iam:awsservicename', 'aws:principalarn']

/**
 * First `given` with every condition of the documents satisfied, then variants where one key is missing or different. Also covers the
 * values of the same keys in `policies`, the policies of the account. Empty if there are no conditions. Omits times before the denial.
 */
export function contextVariants(
  documents: readonly ProposedDocument[],
  policies: unknown,
  given: ContextFacts,
): readonly ContextFacts[] {
  const plain = sidesIn(documents)
  if (plain.size === 0) return []
  const variables = variablesIn(documents).map(key => {
    const value = plain.get(key)?.meets[0] ?? firstOf(given[key]) ?? 'variable'
    return [key, { meets: [value], fails: [] }] as const
  })
  const named = new Map(variables.map(([key, { meets }]) => [key, meets[0] ?? '']))
  const asked: Asked = new Map([...variables, ...sidesIn(documents, named)])
  const seen = sidesIn(policies, named)
  const since = firstOf(given['aws:currenttime'])
  const possible = (key: string, values: readonly (string | null)[]) =>
    values.filter(value => key !== 'aws:currenttime' || since === null || value === null || value >= since)
  const met = [...asked].map(([key, { meets }]) => {
    const [value] = possible(key, meets)
    return [key, value === undefined ? (given[key] ?? ABSENT_KEY) : fact(value)] as const
  })
  const whole: ContextFacts = { ...given, ...Object.fromEntries(met) }
  const others = [...asked].flatMap(([key, { meets, fails }]) => {
    const values = unique([null, ...meets, ...fails, ...(seen.get(key)?.meets ?? [])])
    return possible(key, values).map(value => ({ ...whole, [key]: fact(value) }))
  })
  const all = [whole, { ...whole, ...given }, ...others]
  return [...new Map(all.map(one => [JSON.stringify(one), one])).values()]
}

const firstOf = (one: ContextFact | undefined): string | null =>
  one?.state === 'present' ? (one.values[0] ?? null) : null
const fact = (value: string | null) => (value === null ? ABSENT_KEY : present(value))

const VARIABLE = /\$\{([a-zA-Z:/]+)(?:, '[^']*')?\}/g
/** The keys of policy variables, in lower case. */
const variablesIn = (value: unknown): readonly string[] =>
  unique([...JSON.stringify(value).matchAll(VARIABLE)].map(([, key = '']) => key.toLowerCase()))

/**
 * Every condition in a value at any depth, by key in lower case. A text with policy variables counts with their values first, and
 * as plain text, which it is in a document without a version.
 */
function sidesIn(value: unknown, variables: ReadonlyMap<string, string> = new Map()): Asked {
  const found = new Map<string, Sides>()
  const add = (operator: string, key: string, wanted: unknown) => {
    if (VARIED_ELSEWHERE.includes(key)) return
    const { meets, fails } = found.get(key) ?? { meets: [], fails: [] }
    const texts = list(wanted as string | readonly string[]).map(String)
    const expanded = texts.map(one => one.replace(VARIABLE, (text, name) => variables.get(name.toLowerCase()) ?? text))
    const all = unique([...expanded, ...texts]).map(one => sidesOf(operator, one))
    found.set(key, {
      meets: unique([...meets, ...all.flatMap(one => one.meets)]),
      fails: unique([...fails, ...all.flatMap(one => one.fails)]),
    })
  }
  const walk = (part: unknown): void => {
    // IAM returns documents URL-encoded.
    if (typeof part === 'string' && part.startsWith('%7B')) walk(JSON.parse(decodeURIComponent(part)))
    if (typeof part !== 'object' || part === null) return
    for (const [name, member] of Object.entries(part)) {
      if (name !== 'Condition') walk(member)
      else
        for (const [operator, keys] of Object.entries(member as { [operator: string]: object }))
          for (const [key, wanted] of Object.entries(keys)) add(operator, key.toLowerCase(), wanted)
    }
  }
  walk(value)
  return found
}

function sidesOf(operator: string, wanted: string): Sides {
  const bare = operator.replace(/^For(Any|All)Values?s?:/, '').replace(/IfExists$/, '')
  const { meets, fails } = plainSides(bare.replace('Not', ''), wanted)
  return bare.includes('Not') ? { meets: fails, fails: meets } : { meets, fails }
}

const DAY_MS = 86_400_000

function plainSides(operator: string, wanted: string): Sides {
  switch (operator) {
    case 'Null':
      return wanted === 'true' ? { meets: [null], fails: ['anything'] } : { meets: ['anything'], fails: [null] }
    case 'Bool':
      return { meets: [wanted], fails: [wanted.toLowerCase() === 'true' ? 'false' : 'true'] }
    case 'IpAddress':
      return { meets: [wanted.replace(/\/\d+$/, '')], fails: [wanted.startsWith('203.') ? '192.0.2.9' : '203.0.113.9'] }
    case 'NumericLessThan':
    case 'NumericLessThanEquals':
      return { meets: [String(Number(wanted) - 1)], fails: [String(Number(wanted) + 1)] }
    case 'NumericGreaterThan':
    case 'NumericGreaterThanEquals':
      return { meets: [String(Number(wanted) + 1)], fails: [String(Number(wanted) - 1)] }
    case 'DateLessThan':
    case 'DateLessThanEquals':
      return { meets: [shifted(wanted, -DAY_MS)], fails: [shifted(wanted, DAY_MS)] }
    case 'DateGreaterThan':
    case 'DateGreaterThanEquals':
      return { meets: [shifted(wanted, DAY_MS)], fails: [shifted(wanted, -DAY_MS)] }
    case 'NumericEquals':
      return { meets: [wanted], fails: [String(Number(wanted) + 1)] }
    default:
      return { meets: [wanted.replace(/\*/g, 'any').replace(/\?/g, 'a')], fails: [`${wanted}x`, `x${wanted}`, 'other'] }
  }
}

const shifted = (time: string, byMs: number): string => new Date(Date.parse(time) + byMs).toISOString()
const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)]
