/** One condition in two-valued logic, for the naive evaluator. Every key must be present or absent. */
import type { ContextFacts } from '../../core/iam/conditions/context.ts'
import { glob } from './naive-text.ts'

export function naiveCondition(
  name: string,
  key: string,
  wanted: readonly string[],
  context: ContextFacts,
  variables: boolean,
): boolean {
  const got = valuesOf(key, context)
  if (name === 'Null') return wanted.some(value => (value === 'true') === (got.length === 0))
  const [prefix, rest] = name.includes(':') ? name.split(':') : ['', name]
  const ifExists = (rest ?? '').endsWith('IfExists')
  const operator = (rest ?? '').replace(/IfExists$/, '')
  if (got.length === 0) {
    if (ifExists || prefix === 'ForAllValues') return true
    return prefix === '' && operator.includes('Not')
  }
  if (prefix === 'ForAllValues' && got.join('') === '') return true
  const one = (value: string) => {
    const some = wanted.some(pattern => compare(operator.replace('Not', ''), pattern, value, context, variables))
    return operator.includes('Not') ? !some : some
  }
  return prefix === 'ForAllValues' ? got.every(one) : got.some(one)
}

function valuesOf(key: string, context: ContextFacts): readonly string[] {
  const fact = context[key.toLowerCase()]
  if (fact === undefined || fact.state === 'unknown') throw new Error(`the naive evaluator does not know ${key}`)
  return fact.state === 'present' ? fact.values : []
}

function compare(operator: string, pattern: string, value: string, context: ContextFacts, variables: boolean): boolean {
  switch (operator) {
    case 'StringEquals':
      return expand(pattern, context, variables)?.text === value
    case 'StringEqualsIgnoreCase':
      return expand(pattern, context, variables)?.text.toLowerCase() === value.toLowerCase()
    case 'StringLike': {
      const expanded = expand(pattern, context, variables)
      return expanded !== null && glob(expanded.text, value)
    }
    case 'ArnLike':
    case 'ArnEquals': {
      const [wanted, got] = [sixParts(pattern), sixParts(value)]
      return got[0] === 'arn' && got.length === 6 && wanted.every((part, at) => glob(part, got[at] ?? ''))
    }
    case 'Bool':
      return pattern.toLowerCase() === value.toLowerCase()
    case 'NumericEquals':
      return Number(value) === Number(pattern)
    case 'NumericLessThan':
      return Number(value) < Number(pattern)
    case 'NumericLessThanEquals':
      return Number(value) <= Number(pattern)
    case 'NumericGreaterThan':
      return Number(value) > Number(pattern)
    case 'NumericGreaterThanEquals':
      return Number(value) >= Number(pattern)
    case 'DateLessThan':
      return new Date(value) < new Date(pattern)
    case 'DateGreaterThan':
      return new Date(value) > new Date(pattern)
    case 'IpAddress':
      return inRange(pattern, value)
    default:
      throw new Error(`the naive evaluator does not know ${operator}`)
  }
}

function sixParts(arn: string): string[] {
  const parts = arn.split(':')
  return [...parts.slice(0, 5), parts.slice(5).join(':')]
}

function inRange(range: string, address: string): boolean {
  const bits = (text: string) =>
    text
      .split('.')
      .map(part => Number(part).toString(2).padStart(8, '0'))
      .join('')
  const [base = '', length = '32'] = range.split('/')
  return bits(base).slice(0, Number(length)) === bits(address).slice(0, Number(length))
}

/** Null: a variable has no value. Generated values contain no wildcards, so expanding to text is enough. */
export function expand(pattern: string, context: ContextFacts, variables: boolean): { readonly text: string } | null {
  if (!variables) return { text: pattern }
  let whole = true
  const text = pattern.replace(/\$\{([a-zA-Z:/]+)(?:, '([^']*)')?\}/g, (_, key: string, fallback?: string) => {
    const [value = fallback] = valuesOf(key, context)
    if (value === undefined) whole = false
    return value ?? ''
  })
  return whole ? { text } : null
}
