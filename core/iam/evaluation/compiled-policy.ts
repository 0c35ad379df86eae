/**
 * A policy document compiled for evaluation, cached for the life of the document. Each part of a statement is compiled on first
 * use, because most statements are about other actions.
 */
import { once, perObject } from '../../base/index.ts'
import { type CompiledCondition, compileConditions } from '../conditions/conditions.ts'
import { compileGlob, type Glob, globMatches, hasWildcard } from '../policy/glob.ts'
import { list, type PolicyDocument, type Statement } from '../policy/policy-document.ts'
import type { VariableScope } from '../policy/policy-variables.ts'
import { type CompiledResource, compileResource } from '../policy/resource-pattern.ts'
import type { PolicyType } from '../policy/sourced-policy.ts'
import { type CompiledPrincipal, compilePrincipal } from './principal-match.ts'

export type CompiledStatement = {
  readonly statement: Statement
  readonly matchesAction: (inLowerCase: string) => boolean
  readonly principal: () => CompiledPrincipal
  /** Null: the statement has neither `Resource` nor `NotResource`. */
  readonly resources: () => ResourceList | null
  readonly conditions: () => readonly CompiledCondition[]
}

/** The patterns of `Resource`, or of `NotResource` where `excluded`. */
export type ResourceList = {
  readonly excluded: boolean
  readonly patterns: readonly { readonly text: string; readonly match: CompiledResource }[]
  /** The ARNs of a `Resource` without patterns. Null: it has patterns, or it is `NotResource`. */
  readonly exact: ReadonlySet<string> | null
}

export type CompiledPolicy = {
  readonly statements: readonly CompiledStatement[]
  readonly about: (actionInLowerCase: string) => AboutAction
}

/** The statements of one policy that are about one action. */
export type AboutAction = {
  /** Positions in the document, ascending. */
  readonly indexes: readonly number[]
  /** The statements that may be about a resource, in order. Calls `mayBe` once per resource and pattern. */
  readonly on: (type: PolicyType, resource: string, mayBe: (index: number) => boolean) => readonly number[]
}

export const compiled: (document: PolicyDocument) => CompiledPolicy = perObject(compilePolicy)

function compilePolicy({ Version, Statement }: PolicyDocument): CompiledPolicy {
  const variables = Version === '2012-10-17'
  const all = Statement.map(statement => compileStatement(statement, variables))
  const byAction = new Map<string, AboutAction>()
  return {
    statements: all,
    about: action => {
      const present = byAction.get(action)
      if (present !== undefined) return present
      const about = aboutAction(
        all,
        all.flatMap(({ matchesAction }, index) => (matchesAction(action) ? [index] : [])),
      )
      // Bounded, because names of actions can be outside text.
      if (byAction.size < MAX_ACTIONS) byAction.set(action, about)
      return about
    },
  }
}

const MAX_ACTIONS = 500
const MAX_RESOURCES = 100

function aboutAction(statements: readonly CompiledStatement[], indexes: readonly number[]): AboutAction {
  const named = once(() => byName(statements, indexes))
  const byType = new Map<PolicyType, Map<string, readonly number[]>>()
  return {
    indexes,
    on: (type, resource, mayBe) => {
      if (indexes.length <= FEW) return indexes
      const { exact, others } = named()
      const own = exact.get(resource) ?? []
      if (others.length === 0) return own
      // One diagnosis evaluates the same few roles about ten times.
      const byResource = byType.get(type) ?? new Map<string, readonly number[]>()
      byType.set(type, byResource)
      const present = byResource.get(resource)
      if (present !== undefined) return present
      const found = others.filter(mayBe)
      const all = own.length === 0 ? found : [...own, ...found].sort((one, other) => one - other)
      if (byResource.size >= MAX_RESOURCES) byResource.clear()
      byResource.set(resource, all)
      return all
    },
  }
}

/** Indexes statements by the ARNs that they name. */
function byName(statements: readonly CompiledStatement[], indexes: readonly number[]) {
  const exact = new Map<string, number[]>()
  const others: number[] = []
  for (const index of indexes) {
    const names = statements[index]?.resources()?.exact
    if (names === undefined || names === null) others.push(index)
    else
      for (const name of names) {
        const present = exact.get(name)
        if (present === undefined) exact.set(name, [index])
        else present.push(index)
      }
  }
  return { exact, others }
}

/** Up to this many statements, matching is faster than an index. */
const FEW = 2

/** An ARN with all six fields and without wildcards and variables. */
const WHOLE_ARN = /^arn(?::[^:*?$]*){4}:[^*?$]*$/

export function compileStatement(statement: Statement, variables: boolean): CompiledStatement {
  return {
    statement,
    matchesAction: compileAction(statement),
    principal: once(() => compilePrincipal(statement)),
    resources: once(() => compileResources(statement, variables)),
    conditions: once(() => compileConditions(statement.Condition, variables)),
  }
}

function compileResources({ Resource, NotResource }: Statement, variables: boolean): ResourceList | null {
  if (Resource === undefined && NotResource === undefined) return null
  const texts = list(Resource ?? NotResource)
  const patterns = texts.map(text => {
    const match = once(() => compileResource(text, variables))
    return { text, match: (resource: string, type: PolicyType, scope: VariableScope) => match()(resource, type, scope) }
  })
  const isExact = Resource !== undefined && texts.every(text => WHOLE_ARN.test(text))
  return { excluded: Resource === undefined, patterns, exact: isExact ? new Set(texts) : null }
}

/** The returned function takes the action in lower case. */
function compileAction({ Action, NotAction }: Statement): (action: string) => boolean {
  const literal = new Set<string>()
  const globs: Glob[] = []
  for (const pattern of list(Action ?? NotAction)) {
    const lower = pattern.toLowerCase()
    if (hasWildcard(lower)) globs.push(compileGlob(lower))
    else literal.add(lower)
  }
  const named = (action: string) => literal.has(action) || globs.some(glob => globMatches(glob, action))
  if (Action !== undefined) return named
  return NotAction === undefined ? () => false : action => !named(action)
}
