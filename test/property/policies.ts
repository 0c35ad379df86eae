/** Random policies, requests and snapshots over a small vocabulary, so that statements often match or nearly match. */
import fc from 'fast-check'
import { ABSENT, found, known, unknown } from '../../core/base/fact.ts'
import type { ContextFact, ContextFacts } from '../../core/iam/conditions/context.ts'
import { ABSENT_KEY, present } from '../../core/iam/conditions/context.ts'
import type { AccessSnapshot, GuardrailLevel, Identity, Role } from '../../core/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../core/iam/evaluation/evaluation.ts'
import type { ConditionBlock, PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import type { PolicyType, SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'

export const RUNS = Number(process.env['FC_RUNS'] ?? 300)

export const ROLE = 'arn:aws:iam::111122223333:role/ci/deploy'
export const SESSION = 'arn:aws:sts::111122223333:assumed-role/deploy/build-7'
export const USER = 'arn:aws:iam::111122223333:user/ann'
export const TARGETS = [
  'arn:aws:iam::111122223333:role/app',
  'arn:aws:iam::111122223333:role/team/app-task',
  'arn:aws:iam::444455556666:role/app',
  ROLE,
]

const actions = ['iam:PassRole', 'sts:AssumeRole', 'sts:TagSession']
const actionPatterns = [...actions, '*', 'iam:*', 'sts:Assume*', 'STS:ASSUMEROLE', 'iam:Pass?ole', 's3:GetObject']
const resourcePatterns = [
  ...TARGETS,
  '*',
  'arn:aws:iam::*:role/app',
  'arn:aws:iam::111122223333:role/*',
  'arn:aws:iam::111122223333:role/App',
  'arn:aws:iam::111122223333:role/?pp',
  'arn:aws:iam::1111*:role/*app*',
  // Incomplete ARNs, and variables on both sides of the fifth colon.
  'arn:aws:iam',
  'arn:aws:s3',
  'arn:aws:iam::111122223333',
  'arn:aws:iam::*',
  'arn:aws:iam::${sts:ExternalId}:role/app',
  "arn:aws:iam::${sts:ExternalId, '111122223333'}:role/app",
  "arn:aws:iam::111122223333:role/${sts:ExternalId, 'app'}",
  'arn:aws:iam::111122223333:role/${aws:username}',
]
const principals = [
  '*',
  '111122223333',
  'arn:aws:iam::111122223333:root',
  'arn:aws:iam::444455556666:root',
  ROLE,
  'arn:aws:iam::111122223333:role/deploy',
  SESSION,
  'arn:aws:sts::111122223333:assumed-role/deploy/other',
  USER,
  'AROAEXAMPLEDELETED12',
]

/** The condition keys, each with values for requests and policies. */
export const KEY_VALUES: { readonly [key: string]: readonly string[] } = {
  'aws:username': ['ann', 'bob'],
  'sts:externalid': ['ann', 'x-1', 'X-1'],
  'aws:sourceip': ['192.0.2.7', '198.51.100.1'],
  'aws:multifactorauthpresent': ['true', 'false'],
  'aws:multifactorauthage': ['30', '3600'],
  'aws:currenttime': ['2026-11-24T12:00:00Z', '2027-01-01T00:00:00Z'],
  'aws:principalarn': [ROLE, USER],
  'aws:tagkeys': ['team', 'Team', 'cost', ''],
}

const condition = fc.oneof(
  texts(
    ['sts:ExternalId', 'aws:UserName', 'aws:TagKeys', 'AWS:TAGKEYS'],
    ['ann', 'bob', 'x-1', 'team', 'cost', '${aws:username}', "${aws:username, 'x-1'}", 'x-*', '?nn', '*'],
    [
      'StringEquals',
      'StringNotEquals',
      'StringLike',
      'StringNotLike',
      'StringEqualsIgnoreCase',
      'StringNotEqualsIgnoreCase',
    ],
  ),
  texts(
    ['aws:PrincipalArn'],
    [ROLE, USER, 'arn:aws:iam::*:role/*', 'arn:aws:iam::111122223333:*/ann', 'role/ci/deploy'],
    ['ArnLike', 'ArnNotLike', 'ArnEquals'],
  ),
  texts(['aws:SourceIp'], ['192.0.2.0/24', '198.51.100.1', '0.0.0.0/0', '192.0.2.0/08'], ['IpAddress', 'NotIpAddress']),
  texts(['aws:MultiFactorAuthPresent'], ['true', 'false'], ['Bool', 'Null']),
  texts(['aws:MultiFactorAuthAge'], ['30', '900'], ['NumericLessThan', 'NumericGreaterThanEquals', 'NumericEquals']),
  texts(['aws:CurrentTime'], ['2026-12-01T00:00:00Z', '2026-01-01T00:00:00Z'], ['DateLessThan', 'DateGreaterThan']),
)

function texts(keys: string[], values: string[], operators: string[]): fc.Arbitrary<ConditionBlock> {
  return fc
    .record({
      key: fc.constantFrom(...keys),
      wanted: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
      operator: fc.constantFrom(...operators),
      ifExists: fc.boolean(),
      quantifier: fc.constantFrom('ForAnyValue:', 'ForAllValues:'),
    })
    .map(({ key, wanted, operator, ifExists, quantifier }) => {
      if (operator === 'Null') return { Null: { [key]: wanted } }
      const several = key.toLowerCase() === 'aws:tagkeys'
      return { [`${several ? quantifier : ''}${operator}${ifExists ? 'IfExists' : ''}`]: { [key]: wanted } }
    })
}

const conditions = fc.option(
  fc.array(condition, { minLength: 1, maxLength: 2 }).map(blocks => Object.assign({}, ...blocks) as ConditionBlock),
  { nil: undefined, freq: 2 },
)

const principalBlock = fc.oneof(
  { weight: 1, arbitrary: fc.constant<'*'>('*') },
  {
    weight: 6,
    arbitrary: fc.uniqueArray(fc.constantFrom(...principals), { minLength: 1, maxLength: 3 }).map(AWS => ({ AWS })),
  },
)
/** Complete or unrelated lists. For an incomplete list AWS documents only that it might deny. */
const notPrincipalBlock = fc
  .constantFrom<readonly string[]>(
    ['111122223333', ROLE, SESSION],
    ['arn:aws:iam::111122223333:root', USER],
    ['arn:aws:iam::444455556666:root'],
    ['*'],
  )
  .map(AWS => ({ AWS }))

export function statement(kind: 'plain' | 'trust' | 'resource'): fc.Arbitrary<Statement> {
  const some = (values: string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 })
  return fc
    .record({
      Effect: fc.constantFrom('Allow' as const, 'Allow' as const, 'Deny' as const),
      action: some(actionPatterns),
      notAction: fc.integer({ min: 0, max: 5 }).map(n => n === 0),
      resource: some(resourcePatterns),
      notResource: fc.integer({ min: 0, max: 5 }).map(n => n === 0),
      principal: principalBlock,
      notPrincipal: fc.option(notPrincipalBlock, { nil: null, freq: 8 }),
      Condition: conditions,
    })
    .map(sampled => ({
      Effect: sampled.Effect,
      ...(sampled.notAction ? { NotAction: sampled.action } : { Action: sampled.action }),
      ...(kind === 'trust'
        ? {}
        : sampled.notResource
          ? { NotResource: sampled.resource }
          : { Resource: sampled.resource }),
      ...(kind === 'plain'
        ? {}
        : sampled.notPrincipal === null
          ? { Principal: sampled.principal }
          : { NotPrincipal: sampled.notPrincipal }),
      ...(sampled.Condition === undefined ? {} : { Condition: sampled.Condition }),
    }))
}

export function document(kind: 'plain' | 'trust' | 'resource'): fc.Arbitrary<PolicyDocument> {
  return fc.record({
    Version: fc.constantFrom('2012-10-17', '2012-10-17', '2008-10-17'),
    Statement: fc.array(statement(kind), { minLength: 1, maxLength: 3 }),
  })
}

function sourced(type: PolicyType): fc.Arbitrary<SourcedPolicy> {
  return document(type === 'rcp' ? 'resource' : 'plain').map(document => ({
    type,
    name: `a-${type}`,
    arn: null,
    attachedTo: 'somewhere',
    document,
  }))
}

const FULL: Statement = { Effect: 'Allow', Action: '*', Resource: '*' }
function levels(type: 'scp' | 'rcp'): fc.Arbitrary<readonly GuardrailLevel[]> {
  const full: SourcedPolicy = {
    type,
    name: 'FullAccess',
    arn: null,
    attachedTo: 'r-root',
    document: { Version: '2012-10-17', Statement: [type === 'rcp' ? { ...FULL, Principal: '*' } : FULL] },
  }
  const level = fc.record({
    id: fc.constantFrom('r-root', 'ou-1'),
    policies: fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.array(sourced(type), { maxLength: 1 }))
      .map(([n, own]) => (n === 0 ? own : [full, ...own])),
  })
  return fc.array(level, { maxLength: 2 })
}

export const context: fc.Arbitrary<ContextFacts> = fc.record(
  Object.fromEntries(
    Object.entries(KEY_VALUES).map(([key, values]): [string, fc.Arbitrary<ContextFact>] => [
      key,
      fc.oneof(
        fc.constant(ABSENT_KEY),
        key === 'aws:tagkeys'
          ? fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }).map(some => present(...some))
          : fc.constantFrom(...values).map(value => present(value)),
      ),
    ]),
  ),
)

export type World = { readonly request: AccessRequest; readonly snapshot: AccessSnapshot }

/** Everything is known; guardrails are sometimes unread. */
export const world: fc.Arbitrary<World> = fc
  .record({
    byUser: fc.boolean(),
    action: fc.constantFrom(...actions),
    resource: fc.constantFrom(...TARGETS),
    context,
    policies: fc.array(sourced('identity'), { maxLength: 3 }),
    boundary: fc.option(sourced('boundary'), { nil: null, freq: 1 }),
    trust: document('trust'),
    scps: levels('scp'),
    rcps: levels('rcp'),
    session: fc.option(fc.array(sourced('session'), { maxLength: 1 }), { nil: null }),
  })
  .map(sampled => {
    const base = { policies: sampled.policies, unseen: [], tags: {}, accountId: '111122223333' }
    const boundary = sampled.boundary === null ? ABSENT : found(sampled.boundary)
    const caller: Identity = sampled.byUser
      ? { ...base, kind: 'user', arn: USER, name: 'ann', path: '/', uniqueId: 'AIDAEXAMPLEANN123456', boundary }
      : { ...base, kind: 'role', arn: ROLE, name: 'deploy', path: '/ci/', uniqueId: 'AROAEXAMPLEDEPLOY123', boundary }
    const target: Role = {
      ...base,
      kind: 'role',
      arn: sampled.resource,
      accountId: sampled.resource.split(':')[4] ?? '',
      name: sampled.resource.split('/').at(-1) ?? '',
      path: '/',
      uniqueId: null,
      boundary: ABSENT,
      trust: known(sampled.trust),
    }
    return {
      request: {
        action: sampled.action,
        resource: sampled.resource,
        principalArn: sampled.byUser ? USER : SESSION,
        roleArn: sampled.byUser ? null : ROLE,
        context: sampled.context,
      },
      snapshot: {
        caller: found(caller),
        targets: [{ arn: sampled.resource, role: found(target), near: unknown('not asked') }],
        organization: unknown('not given'),
        scps: known(sampled.scps),
        rcps: known(sampled.rcps),
        session: sampled.session === null ? unknown('not shown') : known(sampled.session),
        vpce: unknown('not shown'),
      },
    }
  })
