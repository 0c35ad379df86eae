/**
 * Matches one statement against a request and, on demand, says which element fails.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */

import type { Unknown } from '../../base/index.ts'
import { meetsConditions, type Notes, quietScope } from '../conditions/conditions.ts'
import { type ContextFact, unknownKey } from '../conditions/context.ts'
import { and, type Truth } from '../conditions/truth.ts'
import type { Mismatch } from '../policy/mismatch.ts'
import { nearMiss } from '../policy/near-miss.ts'
import type { Statement } from '../policy/policy-document.ts'
import type { Match, VariableScope } from '../policy/policy-variables.ts'
import type { PolicyType, SourcedPolicy } from '../policy/sourced-policy.ts'
import type { Caller } from './caller.ts'
import {
  type AboutAction,
  type CompiledStatement,
  compiled,
  compiledTogether,
  compileStatement,
  type ResourceList,
} from './compiled-policy.ts'
import type { Authorization, StatementOutcome } from './evaluation.ts'
import { matchesPrincipal } from './principal-match.ts'

/** A request with every fact that the snapshot adds to it. */
export type ResolvedRequest = {
  readonly actionInLowerCase: string
  readonly authorization: Authorization
  readonly resource: string
  readonly caller: Caller
  readonly fact: (key: string) => ContextFact
  /** The scope for comparisons that collect no reasons. */
  readonly quiet: VariableScope
}

/** The resource of a request that names no role. */
export const UNNAMED_RESOURCE = '*'

/** A statement that applies, or may apply. */
export type MatchedStatement = { readonly compiled: CompiledStatement; readonly truth: 'yes' | 'unknown' }

export const matchedStatements = (policy: SourcedPolicy, resolved: ResolvedRequest): readonly MatchedStatement[] =>
  matchedIn(policy.type, [policy], resolved)

/**
 * The statements of policies of one type that match or may match. Once one allows, no further one that allows is looked at: only a
 * denial changes the answer. Of a trust policy, it matters which statement names the caller.
 */
export function matchedIn(
  type: PolicyType,
  policies: readonly SourcedPolicy[],
  resolved: ResolvedRequest,
): readonly MatchedStatement[] {
  const { statements, about } = compiledTogether(policies)
  const matched: MatchedStatement[] = []
  let isAllowed = false
  for (const index of maybeOnResource(type, statements, about(resolved.actionInLowerCase), resolved)) {
    const one = statements[index] as CompiledStatement
    const isAllow = one.statement.Effect === 'Allow'
    if (isAllow && isAllowed) continue
    const truth = truthOf(one, type, resolved)
    if (truth !== 'no') matched.push({ compiled: one, truth })
    if (isAllow && truth === 'yes' && type !== 'trust') isAllowed = true
  }
  return matched
}

/** The statements that may be about the resource, whatever the values of their variables. */
function maybeOnResource(
  type: PolicyType,
  statements: readonly CompiledStatement[],
  about: AboutAction,
  { resource }: ResolvedRequest,
): readonly number[] {
  if (resource === UNNAMED_RESOURCE || about.isFirstLook()) return about.indexes
  const anyFacts = { resource, fact: UNSEEN, quiet: UNSEEN_SCOPE }
  return about.on(
    type,
    resource,
    index => matchResource(statements[index] as CompiledStatement, type, anyFacts, null) !== 'no',
  )
}

const UNSEEN = (key: string) => unknownKey(key)
const UNSEEN_SCOPE = quietScope(UNSEEN)

/** Of each policy, every statement about the action, with the reason why it does not match or is unknown. */
export function outcomesAboutAction(
  type: PolicyType,
  policies: readonly SourcedPolicy[],
  resolved: ResolvedRequest,
): readonly { readonly policy: SourcedPolicy; readonly about: readonly StatementOutcome[] }[] {
  const { statements, about } = compiledTogether(policies)
  const ofAction = about(resolved.actionInLowerCase)
  const onResource = new Set(maybeOnResource(type, statements, ofAction, resolved).map(index => statements[index]))
  return policies.map(policy => {
    const own = compiled(policy.document)
    const outcomes = own.about(resolved.actionInLowerCase).indexes.map(index => {
      const notes: Notes = { mismatches: [], unknowns: [] }
      const one = own.statements[index] as CompiledStatement
      const truth = explain(one, type, resolved, notes, onResource.has(one))
      return {
        ...outcomeOf(policy, one, index),
        matches: truth,
        mismatches: truth === 'no' ? notes.mismatches : [],
        unknowns: truth === 'unknown' ? distinct(notes.unknowns) : [],
      }
    })
    return { policy, about: outcomes }
  })
}

/** Every statement of the policy. `about`: those about the action. */
export function allOutcomes(policy: SourcedPolicy, about: readonly StatementOutcome[]): readonly StatementOutcome[] {
  const byIndex = new Map(about.map(outcome => [outcome.index, outcome]))
  return compiled(policy.document).statements.map(
    (one, index) =>
      byIndex.get(index) ?? { ...outcomeOf(policy, one, index), matches: 'no', mismatches: OTHER_ACTION, unknowns: [] },
  )
}

const outcomeOf = (policy: SourcedPolicy, { statement: { Sid, Effect } }: CompiledStatement, index: number) => ({
  policy,
  index,
  sid: Sid ?? null,
  effect: Effect,
})

const OTHER_ACTION: readonly Mismatch[] = [{ element: 'action' }]

/** True when the statement is about the action, given in lower case. */
export const matchesAction = (statement: Statement, action: string): boolean =>
  compileStatement(statement, true).matchesAction(action)

/** True when the statement is certainly about the resource of the request, whatever its conditions say. */
export function isOnResource({ policy, index }: StatementOutcome, resolved: ResolvedRequest): boolean {
  const one = compiled(policy.document).statements[index]
  return one !== undefined && matchResource(one, policy.type, resolved, null) === 'yes'
}

/** For a statement whose action matches. Checks the resource first, because it fails most often. */
function truthOf(one: CompiledStatement, type: PolicyType, resolved: ResolvedRequest): Truth {
  const resource = matchResource(one, type, resolved, null)
  if (resource === 'no') return 'no'
  const principal = matchPrincipal(one, type, resolved, null)
  if (principal === 'no') return 'no'
  return and(principal, resource, meetsConditions(one.conditions(), resolved, null))
}

/**
 * Like `truthOf`, with the reasons: the mismatches of the first element that fails, in the order in which people read a
 * statement.
 * `onResource`: false if the statement is known to be about other resources.
 */
function explain(
  one: CompiledStatement,
  type: PolicyType,
  resolved: ResolvedRequest,
  notes: Notes,
  onResource: boolean,
): Truth {
  const principal = matchPrincipal(one, type, resolved, notes)
  if (principal === 'no') return 'no'
  const all = one.resources()
  if (!onResource && all?.excluded === false) {
    noteOtherResource(all.patterns, resolved.resource, notes)
    return 'no'
  }
  const resource = matchResource(one, type, resolved, notes)
  if (resource === 'no') return 'no'
  return and(principal, resource, meetsConditions(one.conditions(), resolved, notes))
}

/** Identity policies, boundaries, session policies and SCPs name no principal. */
function matchPrincipal(
  one: CompiledStatement,
  type: PolicyType,
  { caller }: ResolvedRequest,
  notes: Notes | null,
): Truth {
  const named = one.principal()
  switch (type) {
    case 'trust':
    case 'rcp':
    case 'vpce':
      return matchesPrincipal(named, one.statement.Effect, caller, notes).truth
    case 'identity':
    case 'boundary':
    case 'session':
    case 'scp':
      if (named.kind === 'neither') return 'yes'
      return unclear('Principal', `a policy of type ${type} cannot have one`, notes)
  }
}

function matchResource(
  one: CompiledStatement,
  type: PolicyType,
  { resource, fact, quiet }: Pick<ResolvedRequest, 'resource' | 'fact' | 'quiet'>,
  notes: Notes | null,
): Truth {
  const isNamed = notes === null && resource !== UNNAMED_RESOURCE ? one.names(resource) : null
  if (isNamed !== null) return isNamed ? 'yes' : 'no'
  const all = one.resources()
  // A trust policy has no resource element: its resource is the role itself.
  if (all === null)
    return type === 'trust' ? 'yes' : unclear('Resource', 'the statement has neither Resource nor NotResource', notes)
  const { excluded, patterns, exact } = all
  if (exact?.has(resource) === true) return 'yes'
  const unknowns: Unknown[] = []
  const scope = notes === null ? quiet : { fact, note: (unknown: Unknown) => unknowns.push(unknown) }
  let best: Match = 'no'
  for (const pattern of patterns) {
    const { text } = pattern
    const found = resourceMatch(pattern, resource, type, scope)
    if (found === 'yes') {
      if (!excluded) return 'yes'
      notes?.mismatches.push({ element: 'resource', pattern: text, near: null })
      return 'no'
    }
    if (found === 'unknown' || best === 'no') best = found
  }
  if (best === 'unknown' || (best === 'unresolvable' && excluded)) {
    notes?.unknowns.push(...unknowns)
    return 'unknown'
  }
  if (excluded) return 'yes'
  if (notes !== null) noteOtherResource(patterns, resource, notes)
  return 'no'
}

function noteOtherResource(patterns: ResourceList['patterns'], resource: string, notes: Notes): void {
  for (const { text } of patterns)
    notes.mismatches.push({ element: 'resource', pattern: text, near: nearMiss(text, resource) })
}

function resourceMatch(
  pattern: ResourceList['patterns'][number],
  resource: string,
  type: PolicyType,
  scope: VariableScope,
): Match {
  if (pattern.text === '*') return 'yes'
  if (resource === UNNAMED_RESOURCE) {
    scope.note({ fact: 'the role', why: 'the event does not name it' })
    return 'unknown'
  }
  return pattern.match(resource, type, scope)
}

function unclear(fact: string, why: string, notes: Notes | null): 'unknown' {
  notes?.unknowns.push({ fact, why })
  return 'unknown'
}

function distinct(unknowns: readonly Unknown[]): readonly Unknown[] {
  return [...new Map(unknowns.map(unknown => [`${unknown.fact}\n${unknown.why}`, unknown])).values()]
}
