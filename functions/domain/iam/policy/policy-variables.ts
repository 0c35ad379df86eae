/**
 * Policy variables: `${aws:username}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

import type { Unknown } from '../../base/fact.ts'
import type { ContextFact } from '../conditions/context.ts'
import { ANY, globTokens, literalTokens, matchesTokens, type Tokens } from './glob.ts'

/** `unresolvable`: a variable has no value. It matches nothing, and a negated match is uncertain too. */
export type Match = 'yes' | 'no' | 'unknown' | 'unresolvable'

/** The scope of a comparison. `note` collects what could not be seen. */
export type Scope = {
  readonly fact: (key: string) => ContextFact
  /** False in a policy without `"Version": "2012-10-17"`, where variables are plain text. */
  readonly variables: boolean
  readonly note: (unknown: Unknown) => void
}

export type Pattern = { readonly tokens: Tokens; readonly certain: boolean; readonly resolvable: boolean }

export function compilePattern(pattern: string, scope: Scope, options: { wild: boolean; fold: boolean }): Pattern {
  const text = (raw: string): Tokens => literalTokens(options.fold ? raw.toLowerCase() : raw)
  const plain = (raw: string): Tokens => (options.wild ? globTokens(options.fold ? raw.toLowerCase() : raw) : text(raw))
  if (!scope.variables || !pattern.includes('${')) return { tokens: plain(pattern), certain: true, resolvable: true }
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
    add(plain(pattern.slice(at, open)))
    const value = variableValue(pattern.slice(open + 2, close), scope)
    if (value.kind === 'value') add(text(value.text))
    else if (value.kind === 'unknown') {
      tokens.push(ANY)
      certain = false
    } else resolvable = false
    at = close + 1
  }
  add(plain(pattern.slice(at)))
  return { tokens, certain, resolvable }
}

export function matchPattern(pattern: Pattern, text: string): Match {
  if (!pattern.resolvable) return 'unresolvable'
  if (!matchesTokens(pattern.tokens, text)) return 'no'
  return pattern.certain ? 'yes' : 'unknown'
}

type Value =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'none' }

function variableValue(inside: string, scope: Scope): Value {
  if (inside === '*' || inside === '?' || inside === '$') return { kind: 'value', text: inside }
  const comma = inside.indexOf(',')
  const key = (comma === -1 ? inside : inside.slice(0, comma)).trim()
  const fallback = comma === -1 ? null : quoted(inside.slice(comma + 1).trim())
  const fact = scope.fact(key)
  switch (fact.state) {
    case 'unknown':
      scope.note({ fact: key, why: fact.why })
      return { kind: 'unknown' }
    case 'present': {
      const [only] = fact.values
      // A multivalued key cannot be a variable.
      if (only !== undefined && fact.values.length === 1) return { kind: 'value', text: only }
      return unresolved(key, fallback, scope)
    }
    case 'absent':
      return unresolved(key, fallback, scope)
  }
}

function unresolved(key: string, fallback: string | null, scope: Scope): Value {
  if (fallback !== null) return { kind: 'value', text: fallback }
  scope.note({ fact: key, why: `the variable \${${key}} has no value in this request` })
  return { kind: 'none' }
}

function quoted(text: string): string | null {
  return text.length >= 2 && text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1) : null
}
