/**
 * What a change opens, found without the product's evaluator: the naive one answers a wide set of requests before and
 * after, each document by itself, with everything around it out of the way.
 */

import { ABSENT, found, known } from '../../functions/domain/base/fact.ts'
import { ABSENT_KEY, type ContextFacts, present } from '../../functions/domain/iam/conditions/context.ts'
import type { Identity, Role } from '../../functions/domain/iam/evaluation/access-snapshot.ts'
import { list, type PolicyDocument, type Statement } from '../../functions/domain/iam/policy/policy-document.ts'
import { naiveCondition } from '../../test/naive/naive-condition.ts'
import { naiveAnswer } from '../../test/naive/naive-evaluator.ts'
import { glob } from '../../test/naive/naive-text.ts'
import type { OracleRequest } from './oracle-requests.ts'
import { inOnePartition, type ProposedDocument } from './proposed-document.ts'

/** One text for each probe that the offers allow and did not allow before. */
export function newlyAllowed(
  offers: readonly ProposedDocument[],
  probes: readonly OracleRequest[],
): ReadonlySet<string> {
  const all = inOnePartition(offers).flatMap(offer =>
    probes
      .filter(probe => bearsOn(probe, offer) && allows(offer.after, probe))
      .filter(probe => offer.before === null || !allows(offer.before, probe))
      .map(probe => probe.text),
  )
  return new Set(all)
}

const bearsOn = (probe: OracleRequest, { role }: ProposedDocument): boolean =>
  role === null ? probe.side === 'identity' : probe.side !== 'identity' && nameOf(probe.role) === role

function allows(document: PolicyDocument, probe: OracleRequest): boolean {
  switch (probe.side) {
    case 'identity': {
      const caller = { ...bare(probe.by), policies: [sourced(document)] }
      return answer(probe, caller, probe.role, delegating(probe.by))
    }
    case 'trust': {
      const caller = { ...bare(probe.by), policies: [sourced(EVERYTHING)] }
      return answer(probe, caller, probe.role, document)
    }
    case 'trust-alone':
      return answer(probe, bare(probe.by), probe.role, document)
    case 'outside':
      return outsiderAllowed(document, probe)
  }
}

function answer(probe: OracleRequest, caller: Identity, resource: string, trust: PolicyDocument): boolean {
  const role: Role = { ...bare(resource), kind: 'role', trust: known(trust) }
  const request = {
    action: probe.action,
    resource,
    principalArn: caller.arn,
    roleArn: caller.kind === 'role' ? caller.arn : null,
    context: closed({ ...probe.context, 'aws:principalarn': present(caller.arn) }),
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

/** Services and federated people: named by kind, and by nothing else than the trust policy let in. */
function outsiderAllowed(document: PolicyDocument, probe: OracleRequest): boolean {
  const context = closed(probe.context)
  const applies = (statement: Statement) =>
    names(statement, probe.by) &&
    list(statement.Action).some(action => glob(action.toLowerCase(), probe.action.toLowerCase())) &&
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

/** Every key that is not given is absent from the request: the naive evaluator has no third value. */
function closed(context: ContextFacts): ContextFacts {
  return new Proxy(context, { get: (facts, key) => facts[String(key)] ?? ABSENT_KEY })
}
