/**
 * Determines what a change allows, without the product's evaluator: the naive evaluator answers many requests before and after
 * the change, for each document in isolation.
 */

import { ABSENT, found, known } from '../../core/base/fact.ts'
import { ABSENT_KEY, type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import type { Identity, Role } from '../../core/iam/evaluation/access-snapshot.ts'
import { list, type PolicyDocument, type Statement } from '../../core/iam/policy/policy-document.ts'
import { naiveCondition } from '../../test/naive/naive-condition.ts'
import { naiveAnswer } from '../../test/naive/naive-evaluator.ts'
import { glob } from '../../test/naive/naive-text.ts'
import type { OracleRequest } from './oracle-requests.ts'
import { inOnePartition, type ProposedDocument } from './proposed-document.ts'

/** One text for each request that the documents newly allow. */
export function newlyAllowed(
  documents: readonly ProposedDocument[],
  queries: readonly OracleRequest[],
): ReadonlySet<string> {
  const all = inOnePartition(documents).flatMap(proposed =>
    queries
      .filter(query => concerns(query, proposed) && allows(proposed.after, query))
      .filter(query => proposed.before === null || !allows(proposed.before, query))
      .map(query => query.text),
  )
  return new Set(all)
}

const concerns = (query: OracleRequest, { role }: ProposedDocument): boolean =>
  role === null ? query.side === 'identity' : query.side !== 'identity' && nameOf(query.role) === role

function allows(document: PolicyDocument, query: OracleRequest): boolean {
  switch (query.side) {
    case 'identity': {
      const caller = { ...bare(query.by), policies: [sourced(document)] }
      return answer(query, caller, query.role, delegating(query.by))
    }
    case 'trust': {
      const caller = { ...bare(query.by), policies: [sourced(EVERYTHING)] }
      return answer(query, caller, query.role, document)
    }
    case 'trust-alone':
      return answer(query, bare(query.by), query.role, document)
    case 'outside':
      return outsiderAllowed(document, query)
  }
}

function answer(query: OracleRequest, caller: Identity, resource: string, trust: PolicyDocument): boolean {
  const role: Role = { ...bare(resource), kind: 'role', trust: known(trust) }
  const request = {
    action: query.action,
    resource,
    principalArn: caller.arn,
    roleArn: caller.kind === 'role' ? caller.arn : null,
    context: closed({ ...query.context, 'aws:principalarn': present(caller.arn) }),
  }
  const nothing = known([])
  const snapshot = {
    caller: found(caller),
    targets: [{ arn: resource, role: found(role), near: nothing }],
    organization: known({ id: null, managementAccountId: null }),
    scps: nothing,
    rcps: nothing,
    session: nothing,
    vpce: nothing,
  }
  return naiveAnswer(request, snapshot) === 'allowed'
}

/** Whether a service or a federated user is allowed, which only a trust policy can do. */
function outsiderAllowed(document: PolicyDocument, query: OracleRequest): boolean {
  const context = closed(query.context)
  const applies = (statement: Statement) =>
    names(statement, query.by) &&
    list(statement.Action).some(action => glob(action.toLowerCase(), query.action.toLowerCase())) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, value]) =>
        naiveCondition(operator, key, list(value).map(String), context, true),
      ),
    )
  const matching = document.Statement.filter(applies)
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny')
}

function names({ Principal }: Statement, outsider: string): boolean {
  if (Principal === undefined) return false
  if (Principal === '*') return true
  return Object.values(Principal).some(entries => list(entries).some(entry => entry === '*' || entry === outsider))
}

const EVERYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

function delegating(by: string): PolicyDocument {
  const account = by.split(':')[4]
  const Principal = { AWS: `arn:aws:iam::${account}:root` }
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:*' }] }
}

function bare(arn: string): Identity {
  const kind = arn.includes(':user/') ? 'user' : 'role'
  const accountId = arn.split(':')[4] ?? ''
  const rest = { path: '/', uniqueId: null, tags: {}, policies: [], unseen: [], boundary: ABSENT }
  return { kind, arn, accountId, name: nameOf(arn), ...rest }
}

const nameOf = (arn: string): string => arn.split('/').at(-1) ?? ''
const sourced = (document: PolicyDocument) => ({
  type: 'identity' as const,
  name: 'offered',
  arn: null,
  attachedTo: '',
  document,
})

/** Makes missing keys absent: the naive evaluator has no unknown values. */
function closed(context: ContextFacts): ContextFacts {
  return new Proxy(context, { get: (facts, key) => facts[String(key)] ?? ABSENT_KEY })
}
