/**
 * A second policy evaluator, deliberately independent of the first: two-valued instead of three-valued logic, regular
 * expressions instead of a matcher, one long function instead of layers. It only supports worlds in which everything is known.
 * Unknowns are checked by evaluating every world that they allow.
 */
import type { AccessSnapshot, GuardrailLevel } from '../../core/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../core/iam/evaluation/evaluation.ts'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import { naiveCondition } from './naive-condition.ts'
import { inResourceElement } from './naive-resource.ts'
import { glob, many } from './naive-text.ts'

/** `silent`: completes an incomplete ARN where AWS documents nothing. */
type World = { readonly request: AccessRequest; readonly snapshot: AccessSnapshot; readonly silent: boolean }

export function naiveAnswer(request: AccessRequest, snapshot: AccessSnapshot, silent = false): 'allowed' | 'denied' {
  return allowed({ request, snapshot, silent }) ? 'allowed' : 'denied'
}

/** One answer for each reading of what AWS leaves undocumented. */
export function naiveAnswers(request: AccessRequest, snapshot: AccessSnapshot): readonly ('allowed' | 'denied')[] {
  return [naiveAnswer(request, snapshot, false), naiveAnswer(request, snapshot, true)]
}

function allowed(world: World): boolean {
  const { request, snapshot } = world
  const caller = snapshot.caller.kind === 'found' ? snapshot.caller.value : null
  if (caller === null) throw new Error('the naive evaluator knows only callers that were read')
  const callerAccount = request.principalArn.split(':')[4]
  const roleAccount = request.resource.split(':')[4]
  const sts = request.action.toLowerCase().startsWith('sts:')
  if (!sts && callerAccount !== roleAccount) return false

  const identity = caller.policies.map(policy => policy.document)
  const boundary = caller.boundary.kind === 'found' ? [caller.boundary.value.document] : null
  const session =
    request.principalArn.includes(':assumed-role/') && snapshot.session.known && snapshot.session.value.length > 0
      ? snapshot.session.value.map(policy => policy.document)
      : null
  const scps = snapshot.scps.known ? levels(snapshot.scps.value) : []
  const rcps = sts && snapshot.rcps.known ? levels(snapshot.rcps.value) : []
  const [target] = snapshot.targets
  const role = target?.role.kind === 'found' ? target.role.value : null
  const trust = sts && role?.trust.known === true ? [role.trust.value] : []

  // An explicit deny in any policy wins.
  for (const document of [...identity, ...(boundary ?? []), ...(session ?? []), ...scps.flat()]) {
    const completes = identity.includes(document) || world.silent
    if (document.Statement.some(s => s.Effect === 'Deny' && applies(s, document, world, false, completes))) return false
  }
  for (const document of [...trust, ...rcps.flat()]) {
    if (document.Statement.some(s => s.Effect === 'Deny' && applies(s, document, world, true, world.silent)))
      return false
  }
  const allowedBy = (documents: readonly PolicyDocument[], named = false) =>
    documents.some(document => {
      const completes = identity.includes(document) || world.silent
      return document.Statement.some(s => s.Effect === 'Allow' && applies(s, document, world, named, completes))
    })
  if (!scps.every(level => allowedBy(level))) return false
  const allowsSomething = (level: readonly PolicyDocument[]) =>
    level.some(document => document.Statement.some(s => s.Effect === 'Allow'))
  if (!rcps.every(level => !allowsSomething(level) || allowedBy(level, true))) return false

  const capped = (boundary === null || allowedBy(boundary)) && (session === null || allowedBy(session))
  if (!sts) return allowedBy(identity) && capped
  const ways = new Set(
    trust.flatMap(document =>
      document.Statement.filter(s => s.Effect === 'Allow' && applies(s, document, world, true, world.silent)).flatMap(
        s => waysNamed(s, world),
      ),
    ),
  )
  if (callerAccount !== roleAccount) return ways.size > 0 && allowedBy(identity) && capped
  if (request.action !== 'sts:AssumeRole' && !(allowedBy(identity) && capped)) return false
  if (ways.has('everyone') || ways.has('session')) return true
  if (ways.has('entity')) return capped
  return ways.has('account') && caller.arn !== request.resource && allowedBy(identity) && capped
}

function levels(all: readonly GuardrailLevel[]): PolicyDocument[][] {
  return all.map(level => level.policies.map(policy => policy.document)).filter(level => level.length > 0)
}

function applies(
  statement: Statement,
  document: PolicyDocument,
  world: World,
  named: boolean,
  completes: boolean,
): boolean {
  const { action, resource, context } = world.request
  const inAction = (patterns: readonly string[]) => patterns.some(p => glob(p.toLowerCase(), action.toLowerCase()))
  if (statement.Action !== undefined && !inAction(many(statement.Action))) return false
  if (statement.NotAction !== undefined && inAction(many(statement.NotAction))) return false
  const variables = document.Version === '2012-10-17'
  const inResource = (patterns: readonly string[]) =>
    patterns.some(pattern => inResourceElement(pattern, resource, context, { variables, completes }))
  if (statement.Resource !== undefined && !inResource(many(statement.Resource))) return false
  if (statement.NotResource !== undefined && inResource(many(statement.NotResource))) return false
  if (named && waysNamed(statement, world).length === 0) return false
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    for (const [key, value] of Object.entries(keys)) {
      if (!naiveCondition(operator, key, many(value).map(String), context, variables)) return false
    }
  }
  return true
}

/** Empty: the statement does not name the caller. */
function waysNamed(statement: Statement, { request, snapshot }: World): string[] {
  const caller = snapshot.caller.kind === 'found' ? snapshot.caller.value : null
  const account = request.principalArn.split(':')[4]
  const names = (block: Statement['Principal']): string[] => {
    if (block === undefined) return []
    if (block === '*') return ['everyone']
    return many(block['AWS'] ?? []).flatMap(entry => {
      if (entry === '*') return ['everyone']
      if (entry === account || entry === `arn:aws:iam::${account}:root`) return ['account']
      if (entry === caller?.arn) return ['entity']
      return entry === request.principalArn ? ['session'] : []
    })
  }
  if (statement.NotPrincipal === undefined) return names(statement.Principal)
  const bounded = caller?.boundary.kind === 'found'
  const listed = names(statement.NotPrincipal)
  if (listed.includes('everyone')) return []
  if (statement.Effect === 'Deny' && bounded) return ['everyone']
  return listed.length > 0 ? [] : ['everyone']
}
