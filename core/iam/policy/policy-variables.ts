/**
 * Policy variables: `${aws:username}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

import type { Unknown } from '../../base/index.ts'
import type { ContextFact } from '../conditions/context.ts'
import {
  ANY,
  compileGlob,
  type Glob,
  globMatches,
  globOf,
  globTokens,
  literalGlob,
  literalTokens,
  type Tokens,
} from './glob.ts'
import type { PolicyDocument } from './policy-document.ts'

/**
 * `unresolvable`: a variable has no value, or has none that matches. `incomparable`: the values are not of one type. Neither matches.
 * A negated condition is met by the first. AWS does not document one for the second, nor a `NotResource` for the first.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
 */
export type Match = 'yes' | 'no' | 'unknown' | 'unresolvable' | 'incomparable'

/** How a comparison looks up the request. `note` collects what is unknown. */
export type VariableScope = {
  readonly fact: (key: string) => ContextFact
  readonly note: (unknown: Unknown) => void
}

export type PatternOptions = {
  /** False in a policy without `"Version": "2012-10-17"`, where variables are plain text. */
  readonly variables: boolean
  readonly wild: boolean
  readonly fold: boolean
}

/** A pattern with the values of its variables. `certain`: every value is known. */
export type Resolved<Form> = { readonly form: Form; readonly certain: boolean; readonly resolvable: boolean }

/** A compiled pattern. Only a pattern with variables depends on the request. */
export type CompiledPattern = (scope: VariableScope) => Resolved<Glob>

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
export const readsVariables = ({ Version }: Pick<PolicyDocument, 'Version'>): boolean => Version === '2012-10-17'

export const hasVariables = (pattern: string, variables: boolean): boolean => variables && pattern.includes('${')

/** Each `${name}` replaced. In linear time: a regular expression would look for the end again behind each `${`. */
export function replaceVariables(pattern: string, textOf: (name: string) => string): string {
  let replaced = ''
  for (let at = 0; ; ) {
    const open = pattern.indexOf('${', at)
    const close = open === -1 ? -1 : pattern.indexOf('}', open)
    if (close === -1) return replaced + pattern.slice(at)
    replaced += pattern.slice(at, open) + textOf(pattern.slice(open + 2, close))
    at = close + 1
  }
}

export function compilePattern(pattern: string, options: PatternOptions): CompiledPattern {
  if (hasVariables(pattern, options.variables))
    return scope => {
      const { form, ...rest } = resolveTokens(pattern, options, scope)
      return { form: globOf(form), ...rest }
    }
  const text = options.fold ? pattern.toLowerCase() : pattern
  const whole = { form: options.wild ? compileGlob(text) : literalGlob(text), certain: true, resolvable: true }
  return () => whole
}

function plainTokens(raw: string, { wild, fold }: PatternOptions): Tokens {
  const text = fold ? raw.toLowerCase() : raw
  return wild ? globTokens(text) : literalTokens(text)
}

export function resolveTokens(pattern: string, options: PatternOptions, scope: VariableScope): Resolved<Tokens> {
  const tokens: number[] = []
  const add = (more: Tokens) => {
    for (const token of more) tokens.push(token)
  }
  let certain = true
  let resolvable = true
  let at = 0
  while (at < pattern.length) {
    const open = pattern.indexOf('${', at)
    const close = open === -1 ? -1 : pattern.indexOf('}', open)
    if (close === -1) break
    add(plainTokens(pattern.slice(at, open), options))
    const value = variableValue(pattern.slice(open + 2, close), options, scope)
    if (value.kind === 'value') add(plainTokens(value.text, { ...options, wild: false }))
    else if (value.kind === 'unknown') {
      tokens.push(ANY)
      certain = false
    } else resolvable = false
    at = close + 1
  }
  add(plainTokens(pattern.slice(at), options))
  return { form: tokens, certain, resolvable }
}

export function matchPattern({ form, certain, resolvable }: Resolved<Glob>, text: string): Match {
  if (!resolvable) return 'unresolvable'
  if (globMatches(form, text)) return certain ? 'yes' : 'unknown'
  // A variable whose value is unknown may have none.
  return certain ? 'no' : 'unresolvable'
}

type Value =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'none' }

function variableValue(inside: string, { wild }: PatternOptions, scope: VariableScope): Value {
  if (inside === '*' || inside === '?' || inside === '$') return { kind: 'value', text: inside }
  const comma = inside.indexOf(',')
  const key = (comma === -1 ? inside : inside.slice(0, comma)).trim()
  const fallback = comma === -1 ? null : quoted(inside.slice(comma + 1).trim())
  const isWild = wild && fallback !== null && /[*?]/.test(fallback)
  const fact = scope.fact(key)
  switch (fact.state) {
    case 'unknown':
      scope.note({ fact: key, why: fact.why })
      return { kind: 'unknown' }
    case 'present': {
      const [only, ...more] = fact.values
      if (only === undefined) return unresolved(key, fallback, isWild, scope)
      if (only !== '' && more.length === 0) return { kind: 'value', text: only }
      const why = `AWS does not document a variable for ${more.length > 0 ? 'several values' : 'an empty text'}`
      scope.note({ fact: key, why })
      return { kind: 'unknown' }
    }
    case 'absent':
      return unresolved(key, fallback, isWild, scope)
  }
}

function unresolved(key: string, fallback: string | null, isWild: boolean, scope: VariableScope): Value {
  if (isWild) {
    scope.note({ fact: key, why: 'AWS does not document a wildcard in the default of a variable' })
    return { kind: 'unknown' }
  }
  if (fallback !== null) return { kind: 'value', text: fallback }
  scope.note({ fact: key, why: `the variable \${${key}} has no value in this request` })
  return { kind: 'none' }
}

function quoted(text: string): string | null {
  return text.length >= 2 && text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1) : null
}
