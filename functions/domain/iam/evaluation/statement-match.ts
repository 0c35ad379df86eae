/**
 * Matches one statement against a request, and finds the element that fails.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */

import type { Unknown } from '../../base/fact.ts'
import { meetsConditions } from '../conditions/conditions.ts'
import type { ContextFact } from '../conditions/context.ts'
import { and, type Truth } from '../conditions/truth.ts'
import { matchesGlob } from '../policy/glob.ts'
import type { Mismatch } from '../policy/mismatch.ts'
import { nearMiss } from '../policy/near-miss.ts'
import { list, type PolicyType, type SourcedPolicy, type Statement } from '../policy/policy-document.ts'
import type { Match, Scope } from '../policy/policy-variables.ts'
import { matchesResource } from '../policy/resource-pattern.ts'
import type { Authorization } from './authorization.ts'
import type { Caller } from './caller.ts'
import type { StatementOutcome } from './evaluation.ts'
import { matchesPrincipal } from './principal-match.ts'

/** A request with every fact that the snapshot adds. */
export type ResolvedRequest = {
  readonly actionInLowerCase: string
  readonly authorization: Authorization
  readonly resource: string
  readonly caller: Caller
  readonly fact: (key: string) => ContextFact
}

type Part = { readonly truth: Truth; readonly mismatches: readonly Mismatch[]; readonly unknowns: readonly Unknown[] }

const YES: Part = { truth: 'yes', mismatches: [], unknowns: [] }
const OTHER_ACTION: Part = { truth: 'no', mismatches: [{ element: 'action' }], unknowns: [] }
/** The resource of a request that names no role. */
export const UNNAMED_RESOURCE = '*'

export function statementOutcomes(policy: SourcedPolicy, resolved: ResolvedRequest): readonly StatementOutcome[] {
  return policy.document.Statement.map((statement, index) => {
    const { truth, mismatches, unknowns } = match(policy, statement, resolved)
    return {
      policy,
      index,
      sid: statement.Sid ?? null,
      effect: statement.Effect,
      matches: truth,
      mismatches: truth === 'no' ? mismatches : [],
      unknowns: truth === 'unknown' ? distinct(unknowns) : [],
    }
  })
}

function match(policy: SourcedPolicy, statement: Statement, resolved: ResolvedRequest): Part {
  if (!matchesAction(statement, resolved.actionInLowerCase)) return OTHER_ACTION
  const variables = policy.document.Version === '2012-10-17'
  const principal = matchPrincipal(policy, statement, resolved)
  if (principal.truth === 'no') return principal
  const resource = matchResource(policy, statement, resolved, variables)
  if (resource.truth === 'no') return resource
  const conditions = meetsConditions(statement.Condition, resolved.fact, variables)
  if (conditions.truth === 'no') return conditions
  return {
    truth: and(principal.truth, resource.truth, conditions.truth),
    mismatches: [],
    unknowns: [...principal.unknowns, ...resource.unknowns, ...conditions.unknowns],
  }
}

/** `action` in lower case. */
export function matchesAction(statement: Statement, action: string): boolean {
  const named = (patterns: readonly string[]) => patterns.some(pattern => matchesGlob(pattern.toLowerCase(), action))
  if (statement.Action !== undefined) return named(list(statement.Action))
  return statement.NotAction !== undefined && !named(list(statement.NotAction))
}

/** Identity policies, boundaries, session policies and SCPs name no principal. */
function matchPrincipal(policy: SourcedPolicy, statement: Statement, { caller }: ResolvedRequest): Part {
  const named = statement.Principal !== undefined || statement.NotPrincipal !== undefined
  switch (policy.type) {
    case 'trust':
    case 'rcp':
    case 'vpce':
      return matchesPrincipal(statement, caller)
    case 'identity':
    case 'boundary':
    case 'session':
    case 'scp':
      return named ? unclear('Principal', `a policy of type ${policy.type} cannot have one`) : YES
  }
}

function matchResource(
  policy: SourcedPolicy,
  statement: Statement,
  resolved: ResolvedRequest,
  variables: boolean,
): Part {
  const excluded = statement.Resource === undefined
  const patterns = list(statement.Resource ?? statement.NotResource)
  if (statement.Resource === undefined && statement.NotResource === undefined) {
    // The resource of a trust policy is its role.
    return policy.type === 'trust' ? YES : unclear('Resource', 'the statement has neither Resource nor NotResource')
  }
  const unknowns: Unknown[] = []
  const scope: Scope = { fact: resolved.fact, variables, note: unknown => unknowns.push(unknown) }
  const mismatches: Mismatch[] = []
  let best: Match = 'no'
  for (const pattern of patterns) {
    const found = resourceMatch(pattern, resolved.resource, policy.type, scope)
    if (found === 'yes') {
      if (!excluded) return YES
      return { truth: 'no', mismatches: [{ element: 'resource', pattern, near: null }], unknowns: [] }
    }
    if (found === 'unknown' || best === 'no') best = found
    mismatches.push({ element: 'resource', pattern, near: null })
  }
  if (best === 'unknown' || (best === 'unresolvable' && excluded)) return { truth: 'unknown', mismatches: [], unknowns }
  if (excluded) return YES
  return { truth: 'no', mismatches: explained(mismatches, resolved.resource), unknowns: [] }
}

function resourceMatch(pattern: string, resource: string, type: PolicyType, scope: Scope): Match {
  if (pattern === '*') return 'yes'
  if (resource === UNNAMED_RESOURCE) {
    scope.note({ fact: 'the role', why: 'the event does not name it' })
    return 'unknown'
  }
  return matchesResource(pattern, resource, type, scope)
}

function explained(mismatches: readonly Mismatch[], resource: string): readonly Mismatch[] {
  return mismatches.map(mismatch =>
    mismatch.element === 'resource' && mismatch.pattern !== null
      ? { ...mismatch, near: nearMiss(mismatch.pattern, resource) }
      : mismatch,
  )
}

function unclear(fact: string, why: string): Part {
  return { truth: 'unknown', mismatches: [], unknowns: [{ fact, why }] }
}

function distinct(unknowns: readonly Unknown[]): readonly Unknown[] {
  return [...new Map(unknowns.map(unknown => [`${unknown.fact}\n${unknown.why}`, unknown])).values()]
}
