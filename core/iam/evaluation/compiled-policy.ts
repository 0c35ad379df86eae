/**
 * A policy document compiled for evaluation, cached for the life of the document. Each part of a statement is compiled on first
 * use, because most statements are about other actions.
 */
import { once, perObject } from '../../base/index.ts'
import { type CompiledCondition, compileConditions } from '../conditions/conditions.ts'
import { compileGlob, globMatches, hasWildcard } from '../policy/glob.ts'
import { list, type OneOrMore, type PolicyDocument, type Statement } from '../policy/policy-document.ts'
import { readsVariables, type VariableScope } from '../policy/policy-variables.ts'
import { type CompiledResource, compileResource } from '../policy/resource-pattern.ts'
import type { PolicyType } from '../policy/sourced-policy.ts'
import { type CompiledPrincipal, compilePrincipal } from './principal-match.ts'

/** A class whose parts are compiled on first use: most statements of a document that is looked at once are about other actions. */
class CompiledStatement {
  readonly statement: Statement
  readonly #variables: boolean
  #principal: CompiledPrincipal | undefined
  #resources: ResourceList | null | undefined
  #conditions: readonly CompiledCondition[] | undefined
  #looks = 0

  constructor(statement: Statement, variables: boolean) {
    this.statement = statement
    this.#variables = variables
  }

  matchesAction(inLowerCase: string): boolean {
    return isAboutAction(this.statement, inLowerCase)
  }

  principal(): CompiledPrincipal {
    this.#principal ??= compilePrincipal(this.statement)
    return this.#principal
  }

  /** Null: the statement has neither `Resource` nor `NotResource`. */
  resources(): ResourceList | null {
    if (this.#resources === undefined) this.#resources = compileResources(this.statement, this.#variables)
    return this.#resources
  }

  /** Whether it names the resource. Null: a pattern, a variable or `NotResource` may decide that. */
  names(resource: string): boolean | null {
    if (this.#resources !== undefined) return this.#resources?.exact?.has(resource) ?? null
    const { Resource } = this.statement
    if (Resource === undefined || this.#looks > MAX_LOOKS) return this.resources()?.exact?.has(resource) ?? null
    this.#looks += 1
    if (typeof Resource === 'string') return WHOLE_ARN.test(Resource) ? Resource === resource : null
    let isNamed = false
    for (const text of Resource) {
      if (!WHOLE_ARN.test(text)) return null
      if (text === resource) isNamed = true
    }
    return isNamed
  }

  conditions(): readonly CompiledCondition[] {
    this.#conditions ??= compileConditions(this.statement.Condition, this.#variables)
    return this.#conditions
  }
}

export type { CompiledStatement }

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
  /** True once: for the first resource, matching all of them is faster than an index. */
  readonly isFirstLook: () => boolean
  /** The statements that may be about a resource, in order. Calls `mayBe` once per resource and pattern. */
  readonly on: (type: PolicyType, resource: string, mayBe: (index: number) => boolean) => readonly number[]
}

export const compiled: (document: PolicyDocument) => CompiledPolicy = perObject(document => {
  const variables = readsVariables(document)
  const all = document.Statement.map(statement => new CompiledStatement(statement, variables))
  return compiledOf(all, action => {
    const indexes: number[] = []
    // Statements often name the same action as the one before.
    let before: OneOrMore<string> | undefined
    let isAbout = false
    for (let index = 0; index < document.Statement.length; index += 1) {
      const statement = document.Statement[index] as Statement
      const { Action } = statement
      if (Action === undefined) isAbout = isAboutAction(statement, action)
      else if (typeof Action !== 'string') isAbout = isNamed(Action, action)
      else if (Action !== before) isAbout = isAction(Action, action)
      before = Action
      if (isAbout) indexes.push(index)
    }
    return indexes
  })
})

/** All statements of several policies, one policy after the other: one look-up finds those that name a resource. */
export function compiledTogether(policies: readonly { readonly document: PolicyDocument }[]): CompiledPolicy {
  const [first] = policies
  return policies.length === 1 && first !== undefined ? compiled(first.document) : together(policies)
}

const together = perObject((policies: readonly { readonly document: PolicyDocument }[]): CompiledPolicy => {
  const each = policies.map(({ document }) => compiled(document))
  const all: CompiledStatement[] = []
  for (const { statements } of each) for (const one of statements) all.push(one)
  return compiledOf(all, action => {
    const indexes: number[] = []
    let before = 0
    for (const { statements, about } of each) {
      for (const index of about(action).indexes) indexes.push(before + index)
      before += statements.length
    }
    return indexes
  })
})

function compiledOf(
  statements: readonly CompiledStatement[],
  indexesAbout: (action: string) => readonly number[],
): CompiledPolicy {
  const byAction = new Map<string, AboutAction>()
  return {
    statements,
    about: action => {
      const present = byAction.get(action)
      if (present !== undefined) return present
      const about = new StatementsAbout(statements, indexesAbout(action))
      // Bounded, because names of actions can be outside text.
      if (byAction.size < MAX_ACTIONS) byAction.set(action, about)
      return about
    },
  }
}

/** Up to this many looks at a statement cost less than compiling it. */
const MAX_LOOKS = 2
const MAX_ACTIONS = 500
const MAX_RESOURCES = 100

class StatementsAbout implements AboutAction {
  readonly indexes: readonly number[]
  readonly #statements: readonly CompiledStatement[]
  #named: ReturnType<typeof byName> | undefined
  #byType: Map<PolicyType, Map<string, readonly number[]>> | undefined
  #isLookedAt = false

  constructor(statements: readonly CompiledStatement[], indexes: readonly number[]) {
    this.#statements = statements
    this.indexes = indexes
  }

  isFirstLook(): boolean {
    const isFirst = !this.#isLookedAt
    this.#isLookedAt = true
    return isFirst
  }

  on(type: PolicyType, resource: string, mayBe: (index: number) => boolean): readonly number[] {
    if (this.indexes.length <= FEW) return this.indexes
    this.#named ??= byName(this.#statements, this.indexes)
    const { exact, others } = this.#named
    const own = exact.get(resource) ?? NONE
    if (others.length === 0) return own
    // One diagnosis evaluates the same few roles about ten times.
    this.#byType ??= new Map()
    const byResource = this.#byType.get(type) ?? new Map<string, readonly number[]>()
    this.#byType.set(type, byResource)
    const present = byResource.get(resource)
    if (present !== undefined) return present
    const found = others.filter(mayBe)
    const all = own.length === 0 ? found : [...own, ...found].sort((one, other) => one - other)
    if (byResource.size >= MAX_RESOURCES) byResource.clear()
    byResource.set(resource, all)
    return all
  }
}

const NONE: readonly number[] = []

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

export const compileStatement = (statement: Statement, variables: boolean): CompiledStatement =>
  new CompiledStatement(statement, variables)

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

function isAboutAction({ Action, NotAction }: Statement, inLowerCase: string): boolean {
  if (Action !== undefined) return isNamed(Action, inLowerCase)
  return NotAction !== undefined && !isNamed(NotAction, inLowerCase)
}

/** Nearly all patterns name another service, so their first character decides. `action`: in lower case. */
function isNamed(patterns: OneOrMore<string>, action: string): boolean {
  if (typeof patterns === 'string') return isAction(patterns, action)
  const first = action.charCodeAt(0)
  for (let at = 0; at < patterns.length; at += 1) {
    const pattern = patterns[at] as string
    const code = pattern.charCodeAt(0)
    const isOther = ((code ^ first) & ~TO_LOWER) !== 0 && code !== STAR && code !== ANY && code <= LAST_ASCII
    if (!isOther && isAction(pattern, action)) return true
  }
  return false
}

/** Compares to the first character that differs. */
function isAction(pattern: string, action: string): boolean {
  for (let at = 0; at < pattern.length; at += 1) {
    const code = pattern.charCodeAt(at)
    if (code === STAR || code === ANY || code > LAST_ASCII) {
      const lower = pattern.toLowerCase()
      return hasWildcard(lower) ? globMatches(compileGlob(lower), action) : lower === action
    }
    const lower = code >= UPPER_A && code <= UPPER_Z ? code + TO_LOWER : code
    if (lower !== action.charCodeAt(at)) return false
  }
  return pattern.length === action.length
}

const [STAR, ANY, LAST_ASCII, UPPER_A, UPPER_Z, TO_LOWER] = [0x2a, 0x3f, 0x7f, 0x41, 0x5a, 0x20] as const
