/** Requests with the snapshots that answer them, to measure the evaluator alone. */
import { ABSENT, found, known, unknown } from '../../core/base/fact.ts'
import { present } from '../../core/iam/conditions/context.ts'
import type { AccessSnapshot, Identity, Role } from '../../core/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../core/iam/evaluation/evaluation.ts'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { ACCOUNT, role } from './generated-account.ts'

export type World = {
  readonly what: string
  readonly statements: number
  readonly snapshot: AccessSnapshot
  /** Each concerns another role, so that no cached result of one request answers the next. */
  readonly requests: readonly AccessRequest[]
}

const REQUESTS = 2_000
const PER_POLICY = 25
const NOT_READ = unknown('not read')

export const worldOf = (what: string, statements: number, resourceOf: (at: number) => string): World => {
  const own = range(statements).map(at => allow('iam:PassRole', resourceOf(at)))
  const requests = range(REQUESTS).map(at => requestFor('iam:PassRole', role(`orders-${at}-task`)))
  return { what, statements, requests, snapshot: snapshotOf(callerWith(own), []) }
}

export const EXACT = (at: number): string => role(`team-${at}-job`)
/** None matches, and each must be compared beyond its first wildcard. */
export const WILDCARD = (at: number): string => `arn:aws:iam::*:role/app/*-team-${at}-*`

/** A role whose trust policy has 20 statements, a caller with as many, under three levels of SCPs. */
export function assumptions(): World {
  const target = role('orders-task')
  const trusting = range(20).map(
    (at): Statement => ({
      Effect: 'Allow',
      Principal: { AWS: role(`team-${at}`) },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:PrincipalTag/team': `team-${at}` } },
    }),
  )
  const snapshot = snapshotOf(
    callerWith(range(20).map(at => allow('sts:AssumeRole', EXACT(at)))),
    range(3).map(level => [
      policy('scp', `full-${level}`, [allow('*', '*')]),
      policy('scp', `regions-${level}`, [
        {
          Effect: 'Deny',
          NotAction: ['iam:*', 'sts:*'],
          Resource: '*',
          Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-1', 'eu-central-1'] } },
        },
        { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: `arn:aws:iam::*:role/protected-${level}-*` },
      ]),
    ]),
  )
  const targets = [{ arn: target, role: found(roleWith(target, trusting)), near: NOT_READ }]
  const requests = range(REQUESTS).map(at => {
    const request = requestFor('sts:AssumeRole', target)
    return { ...request, context: { ...request.context, 'sts:rolesessionname': present(`run-${at}`) } }
  })
  return {
    what: 'sts:AssumeRole: trust of 20, 20 of the caller, 3 SCP levels',
    statements: 40,
    requests,
    snapshot: { ...snapshot, targets },
  }
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)
const allow = (Action: string, Resource: string): Statement => ({ Effect: 'Allow', Action, Resource })
const documentOf = (Statement: readonly Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })
const policy = (type: 'identity' | 'scp', name: string, Statement: readonly Statement[]): SourcedPolicy => ({
  type,
  name,
  arn: `arn:aws:iam::${ACCOUNT}:policy/${name}`,
  attachedTo: role('deployer'),
  document: documentOf(Statement),
})

function requestFor(action: string, resource: string): AccessRequest {
  return {
    action,
    resource,
    principalArn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/pipeline`,
    roleArn: role('deployer'),
    context: {
      'aws:principalarn': present(role('deployer')),
      'iam:passedtoservice': present('ecs-tasks.amazonaws.com'),
    },
  }
}

function callerWith(statements: readonly Statement[]): Identity {
  const policies = range(Math.ceil(statements.length / PER_POLICY)).map(at =>
    policy('identity', `own-${at}`, statements.slice(at * PER_POLICY, (at + 1) * PER_POLICY)),
  )
  return { ...roleWith(role('deployer'), []), policies }
}

function roleWith(arn: string, trusting: readonly Statement[]): Role {
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  return {
    kind: 'role',
    arn,
    accountId: ACCOUNT,
    name,
    path: '/app/',
    uniqueId: null,
    tags: {},
    policies: [],
    unseen: [],
    boundary: ABSENT,
    trust: known(documentOf(trusting)),
  }
}

function snapshotOf(caller: Identity, levels: readonly (readonly SourcedPolicy[])[]): AccessSnapshot {
  return {
    caller: found(caller),
    targets: [],
    organization: known({ id: 'o-example', managementAccountId: '444455556666' }),
    scps: known(levels.map((policies, at) => ({ id: `level-${at}`, policies }))),
    rcps: known([]),
    session: NOT_READ,
    vpce: NOT_READ,
  }
}
