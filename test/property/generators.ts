/** Generated accounts and denials: callers with various policies, roles with various trust policies, including hostile texts. */
import fc from 'fast-check'
import type { Denial } from '../../core/denial/denial.ts'
import type { AccessSnapshot } from '../../core/iam/evaluation/access-snapshot.ts'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import type { Config } from '../../functions/domain/config/config.ts'
import {
  ACCOUNT,
  allow,
  assumeDenial,
  DEPLOYER,
  githubTrust,
  identity,
  inline,
  managed,
  passDenial,
  role,
  snapshot,
  trusting,
  webIdentityDenial,
} from '../fixtures/patches.ts'

/** Runs per law: many in CI, few locally. */
export const RUNS = Number(process.env['FC_RUNS'] ?? 150)

/** One run takes some milliseconds on a slow machine. */
export const TIMEOUT_MS = Math.max(20_000, RUNS * 30)

export type DiagnosisContext = {
  readonly denial: Denial
  readonly snapshot: AccessSnapshot
  readonly config: Partial<Config>
  readonly withGetRole: boolean
}

const SERVICES = [
  'ecs-tasks.amazonaws.com',
  'ec2.amazonaws.com',
  'lambda.amazonaws.com',
  'ecs.amazonaws.com',
  'monitoring.rds.amazonaws.com',
]
const NAMES = [
  'orders-task',
  'orders-execution',
  'orders',
  'EC2-roles-for-XYZ-7',
  'a',
  'admin',
  'Orders-Task',
  'x*',
  'y?',
  '${aws:username}',
]
const service = fc.constantFrom(...SERVICES)
const roleArn = fc
  .record({ path: fc.constantFrom('/', '/', '/team/', '/a/b/'), name: fc.constantFrom(...NAMES) })
  .map(({ path, name }) => `arn:aws:iam::${ACCOUNT}:role${path}${name}`)
const pattern = fc.oneof(
  roleArn,
  fc.constantFrom(
    '*',
    `arn:aws:iam::${ACCOUNT}:role/*`,
    `arn:aws:iam::${ACCOUNT}:role/orders-*`,
    `arn:aws:iam::*:role/team/*`,
  ),
)

const condition = fc.option(
  fc.record({
    operator: fc.constantFrom('StringEquals', 'StringLike', 'StringEqualsIfExists', 'StringNotEquals'),
    services: fc.uniqueArray(service, { minLength: 1, maxLength: 2 }),
  }),
)

const statement: fc.Arbitrary<Statement> = fc
  .record({
    action: fc.constantFrom(
      'iam:PassRole',
      'iam:PassRole',
      'sts:AssumeRole',
      'iam:GetRole',
      'iam:Pass*',
      's3:GetObject',
      'iam:*',
    ),
    resources: fc.uniqueArray(pattern, { minLength: 1, maxLength: 3 }),
    condition,
    deny: fc.integer({ min: 0, max: 14 }),
    sid: fc.option(fc.constantFrom('Rolemedic00000000', 'Rolemedic0a1b2c3d', 'ByHand')),
  })
  .map(({ action, resources, condition: limits, deny, sid }) => ({
    ...(sid === null ? {} : { Sid: sid }),
    ...allow(action, resources.length === 1 ? (resources[0] ?? '*') : [...resources]),
    Effect: deny === 0 ? ('Deny' as const) : ('Allow' as const),
    ...(limits === null ? {} : { Condition: { [limits.operator]: { 'iam:PassedToService': limits.services } } }),
  }))

const filler = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 8_000, max: 10_300 }) },
)

const policies: fc.Arbitrary<readonly SourcedPolicy[]> = fc
  .record({
    own: fc.option(fc.array(statement, { maxLength: 2 })),
    hand: fc.array(statement, { maxLength: 3 }),
    attached: fc.option(
      fc.record({ statements: fc.array(statement, { maxLength: 2 }), attachments: fc.constantFrom(1, 1, 3) }),
    ),
    filler,
  })
  .map(({ own, hand, attached, filler: size }) => [
    ...(own === null ? [] : [inline(DEPLOYER, 'rolemedic', ...own)]),
    inline(DEPLOYER, 'hand', ...hand, ...(size === 0 ? [] : [allow('s3:GetObject', 'x'.repeat(size))])),
    ...(attached === null ? [] : [managed(DEPLOYER, 'attached', attached.attachments, ...attached.statements)]),
  ])

const passSetup: fc.Arbitrary<DiagnosisContext> = fc
  .record({
    roles: fc.uniqueArray(roleArn, { minLength: 1, maxLength: 2 }),
    service,
    known: fc.constantFrom('published' as const, 'published' as const, 'optional' as const, 'guess' as const),
    trusted: service,
    policies,
    set: fc.boolean(),
    withGetRole: fc.boolean(),
  })
  .map(({ roles, service: receiver, known, trusted, policies: held, set, withGetRole }) => ({
    denial: passDenial(roles, receiver, known),
    snapshot: snapshot(
      identity(DEPLOYER, held),
      roles.map((arn, index) => role(arn, trusting({ Service: index === 0 ? receiver : trusted }))),
    ),
    config: set
      ? {
          approvedRoleSets: [
            { name: 'xyz', pattern: `arn:aws:iam::${ACCOUNT}:role/EC2-roles-for-XYZ-*`, services: [...SERVICES] },
          ],
        }
      : {},
    withGetRole,
  }))

const trustSetup: fc.Arbitrary<DiagnosisContext> = fc
  .record({
    name: fc.constantFrom('reports', 'a', 'x*'),
    home: fc.constantFrom(ACCOUNT, '444455556666'),
    principals: fc.uniqueArray(
      fc.constantFrom(
        `arn:aws:iam::${ACCOUNT}:root`,
        `arn:aws:iam::${ACCOUNT}:role/somebody`,
        DEPLOYER,
        'AROAEXAMPLEGONE00000',
        `arn:aws:iam::${ACCOUNT}:role/deployer2`,
      ),
      { minLength: 1, maxLength: 3 },
    ),
    limits: fc.constantFrom(
      {},
      {},
      { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' } },
      { StringEquals: { 'sts:ExternalId': 'secret' } },
      { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/other` } },
      { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    ),
    action: fc.constantFrom('sts:AssumeRole' as const, 'sts:AssumeRole' as const, 'sts:TagSession' as const),
    policies,
    inside: fc.boolean(),
  })
  .map(({ name, home, principals, limits, action, policies: held, inside }) => {
    const arn = `arn:aws:iam::${home}:role/${name}`
    const trust = trusting({ AWS: [...principals] }, Object.keys(limits).length === 0 ? {} : { Condition: limits })
    return {
      denial: assumeDenial(arn, { action }),
      snapshot: snapshot(identity(DEPLOYER, held), [role(arn, trust)]),
      config: inside ? { organizationAccounts: [ACCOUNT] } : {},
      withGetRole: false,
    }
  })

const subject = fc.constantFrom(
  'repo:octo-org/shop:ref:refs/heads/main',
  'repo:octo-org/shop:environment:production',
  'repo:octo-org/shop:pull_request',
  'repo:octo-org/shop:ref:refs/tags/v1',
  'repo:octo-org/shop:*',
  'repo:octo-org/*',
  'repo:octo-org@1/shop@2:ref:refs/heads/main',
  'repo:evil/shop:ref:refs/heads/main',
  'repo:octo-org/other:pull_request',
  '*',
  '${aws:username}',
  '',
)

const webSetup: fc.Arbitrary<DiagnosisContext> = fc
  .record({
    wanted: fc.uniqueArray(subject, { minLength: 1, maxLength: 2 }),
    presented: fc.oneof({ weight: 4, arbitrary: subject }, { weight: 1, arbitrary: fc.string({ maxLength: 40 }) }),
    audience: fc.constantFrom('sts.amazonaws.com', 'sts.amazonaws.com', 'https://github.com/octo-org', '*'),
    operator: fc.constantFrom('StringEquals', 'StringLike'),
  })
  .map(({ wanted, presented, audience, operator }) => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/github`
    return {
      denial: webIdentityDenial(arn, presented, audience),
      snapshot: snapshot(null, [role(arn, githubTrust([...wanted], operator))]),
      config: {},
      withGetRole: false,
    }
  })

export const setup: fc.Arbitrary<DiagnosisContext> = fc.oneof(
  { weight: 4, arbitrary: passSetup },
  { weight: 2, arbitrary: trustSetup },
  { weight: 1, arbitrary: webSetup },
)
