/**
 * Matches an event against an EventBridge pattern locally.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
type Json = { readonly [member: string]: unknown }

/** Every field of the pattern must match, and one alternative of `$or`. */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (!isJson(pattern)) throw new TypeError('a pattern is an object')
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or') return listOf(wanted, '$or').some(alternative => matchesPattern(alternative, event))
    const value = isJson(event) && Object.hasOwn(event, field) ? { found: event[field] } : null
    if (Array.isArray(wanted)) return matchesLeaf(wanted, value)
    return matchesObject(wanted, value === null ? undefined : value.found)
  })
}

/** A list of objects matches if one of its objects matches the whole sub-pattern. */
function matchesObject(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(value)) return value.flat(8).some(item => matchesPattern(pattern, item))
  return matchesPattern(pattern, value)
}

/** Only scalars match. A list matches if one of its scalars does. */
function matchesLeaf(wanted: readonly unknown[], value: { readonly found: unknown } | null): boolean {
  if (wanted.length === 0) throw new TypeError('a field of a pattern needs at least one value')
  const scalars =
    value === null ? [] : (Array.isArray(value.found) ? value.found.flat(8) : [value.found]).filter(isScalar)
  return wanted.some(one => {
    if (isJson(one) && Object.hasOwn(one, 'exists')) return one['exists'] === scalars.length > 0
    return scalars.some(scalar => matchesScalar(one, scalar))
  })
}

function matchesScalar(wanted: unknown, value: Scalar): boolean {
  if (isScalar(wanted)) return wanted === value
  const [operator = '', operand] = soleMember(wanted)
  if (operator === 'anything-but') return !excludes(operand, value)
  return matchesOperator(operator, operand, value)
}

/** `anything-but` excludes a value, any value of a list, or what an operator matches. */
function excludes(operand: unknown, value: Scalar): boolean {
  if (isScalar(operand)) return operand === value
  if (Array.isArray(operand)) return operand.some(one => one === value)
  const [operator = '', inner] = soleMember(operand)
  const inners: readonly unknown[] = Array.isArray(inner) ? inner : [inner]
  return inners.some(one => matchesOperator(operator, one, value))
}

function matchesOperator(operator: string, operand: unknown, value: Scalar): boolean {
  switch (operator) {
    case 'prefix':
      return affix(operand, value, (text, part) => text.startsWith(part))
    case 'suffix':
      return affix(operand, value, (text, part) => text.endsWith(part))
    case 'equals-ignore-case':
      return typeof value === 'string' && value.toLowerCase() === textOf(operand).toLowerCase()
    case 'wildcard':
      return typeof value === 'string' && matchesWildcard(textOf(operand), value)
    case 'numeric':
      return typeof value === 'number' && isInRange(listOf(operand, 'numeric'), value)
    default:
      throw new TypeError(`unknown operator: ${operator}`)
  }
}

function affix(operand: unknown, value: Scalar, test: (text: string, part: string) => boolean): boolean {
  if (typeof value !== 'string') return false
  if (typeof operand === 'string') return test(value, operand)
  const [operator, inner] = soleMember(operand)
  if (operator !== 'equals-ignore-case') throw new TypeError('a prefix or suffix is a text')
  return test(value.toLowerCase(), textOf(inner).toLowerCase())
}

/** `*` matches any characters; `\*` and `\\` are literal. Takes O(text × pattern) time. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const parts = wildcardParts(pattern)
  const first = parts[0] ?? ''
  if (parts.length === 1) return text === first
  const last = parts.at(-1) ?? ''
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  const end = text.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

/** The literal parts between the stars. */
function wildcardParts(pattern: string): readonly string[] {
  const parts: string[] = ['']
  for (let at = 0; at < pattern.length; at += 1) {
    const mark = pattern[at] ?? ''
    const next = pattern[at + 1] ?? ''
    if (mark === '*') {
      if (next === '*') throw new TypeError('two stars in a row')
      parts.push('')
      continue
    }
    const escaped = mark === '\\'
    if (escaped && next !== '*' && next !== '\\') throw new TypeError('a backslash escapes only * and itself')
    if (escaped) at += 1
    parts[parts.length - 1] += escaped ? next : mark
  }
  return parts
}

function isInRange(range: readonly unknown[], value: number): boolean {
  for (let at = 0; at < range.length; at += 2) {
    const bound = range[at + 1]
    if (typeof bound !== 'number') throw new TypeError('a numeric bound is a number')
    const within: { readonly [operator: string]: boolean } = {
      '=': value === bound,
      '<': value < bound,
      '<=': value <= bound,
      '>': value > bound,
      '>=': value >= bound,
    }
    if (within[String(range[at])] !== true) return false
  }
  return true
}

type Scalar = string | number | boolean | null

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new TypeError(`${name} takes a list`)
  return value
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('the operator takes a text')
  return value
}

function soleMember(value: unknown): readonly [string, unknown] {
  const members = isJson(value) ? Object.entries(value) : []
  const [only] = members
  if (only === undefined || members.length !== 1) throw new TypeError('an operator is an object with one member')
  return only
}
