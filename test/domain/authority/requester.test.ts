import { describe, expect, it } from 'vitest'
import { type RequesterClaim, requesterClaim, requesterClaimOf } from '../../../functions/domain/authority/requester.ts'
import { ABSENT, type Fact, found, known, unknown, unreadable } from '../../../functions/domain/base/fact.ts'
import { configSchema } from '../../../functions/domain/config/config.ts'
import { UNKNOWN_PRINCIPAL } from '../../../functions/domain/denial/cloudtrail/denied-principal.ts'
import type { Principal } from '../../../functions/domain/denial/denial.ts'
import { present } from '../../../functions/domain/iam/conditions/context.ts'
import { parsePolicy } from '../../../functions/domain/iam/policy/parse-policy.ts'
import type { PolicyDocument } from '../../../functions/domain/iam/policy/policy-document.ts'
import { callerUser, document, role as evaluatedRole } from '../../fixtures/evaluation.ts'

const ACCOUNT = '111122223333'
const GITHUB = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`
const OKTA = `arn:aws:iam::${ACCOUNT}:saml-provider/okta`
const SSO_PATH = 'aws-reserved/sso.amazonaws.com/eu-west-1/'

function trust(...principals: readonly unknown[]): Fact<PolicyDocument> {
  const Statement = principals.map(Principal => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }))
  const parsed = parsePolicy({ Version: '2012-10-17', Statement })
  if (!parsed.ok) throw new Error(parsed.error)
  return known(parsed.value)
}

const role = (changed: Partial<Principal> = {}): Principal => ({
  ...UNKNOWN_PRINCIPAL,
  kind: 'role',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/pipeline/session`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/pipeline`,
  pathKnown: true,
  accountId: ACCOUNT,
  name: 'pipeline',
  sessionName: 'session',
  ...changed,
})
const sso = (sessionName: string, path = SSO_PATH): Principal =>
  role({ kind: 'sso-role', sessionName, roleArn: `arn:aws:iam::${ACCOUNT}:role/${path}AWSReservedSSO_Admin_0123` })
const user = (name: string): Principal => ({
  ...UNKNOWN_PRINCIPAL,
  kind: 'user',
  arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
  accountId: ACCOUNT,
  name,
})

type Given = { principal: Principal; trust?: Fact<PolicyDocument>; config?: object; sourceIdentity?: string }

function claim({ principal, trust: policy = unknown('not read'), config = {}, sourceIdentity }: Given): RequesterClaim {
  const context = sourceIdentity === undefined ? {} : { 'aws:sourceidentity': present(sourceIdentity) }
  return requesterClaimOf({ principal, context }, policy, configSchema.parse(config))
}

describe('a role that only machines can assume', () => {
  it.each<[string, unknown]>([
    ['a service', { Service: 'codebuild.amazonaws.com' }],
    ['several services', { Service: ['lambda.amazonaws.com', 'edgelambda.amazonaws.com'] }],
    ['GitHub Actions', { Federated: GITHUB }],
    ['an EKS cluster', { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC` }],
    ['Buildkite', { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/agent.buildkite.com` }],
  ])('is a machine: %s', (_, principal) => {
    expect(claim({ principal: role(), trust: trust(principal) })).toEqual({ kind: 'machine' })
  })

  it.each<[string, readonly unknown[]]>([
    ['its account', [{ AWS: `arn:aws:iam::${ACCOUNT}:root` }]],
    ['a role', [{ AWS: `arn:aws:iam::${ACCOUNT}:role/developer` }]],
    ['a service and a role', [{ Service: 'lambda.amazonaws.com' }, { AWS: `arn:aws:iam::${ACCOUNT}:role/developer` }]],
    ['everybody', ['*']],
    ['Google', [{ Federated: 'accounts.google.com' }]],
    ['Cognito', [{ Federated: 'cognito-identity.amazonaws.com' }]],
    ['a sign-in of the company', [{ Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/login.example.com` }]],
    ['a host that only begins like GitHub', [{ Federated: `${GITHUB}.example.com` }]],
    ['SAML', [{ Federated: OKTA }]],
    ['nobody', []],
  ])('is not one that lets in %s', (_, principals) => {
    expect(claim({ principal: role(), trust: trust(...principals) }).kind).toBe('unknown')
  })

  it('is not one whose trust policy cannot be read, or lets in all but some', () => {
    expect(claim({ principal: role() })).toMatchObject({ kind: 'unknown', why: expect.stringContaining('not read') })
    const all = parsePolicy({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', NotPrincipal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
    })
    if (!all.ok) throw new Error(all.error)
    expect(claim({ principal: role(), trust: known(all.value) }).kind).toBe('unknown')
    const beside = parsePolicy({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        { Effect: 'Allow', NotPrincipal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    })
    if (!beside.ok) throw new Error(beside.error)
    expect(claim({ principal: role(), trust: known(beside.value) }).kind).toBe('unknown')
  })

  it('is not one that lets in a role with the name of an issuer of tokens', () => {
    const roleNamed = `arn:aws:iam::${ACCOUNT}:role/oidc-provider/token.actions.githubusercontent.com`
    expect(claim({ principal: role(), trust: trust({ AWS: GITHUB }) }).kind).toBe('unknown')
    expect(claim({ principal: role(), trust: trust({ Federated: roleNamed }) }).kind).toBe('unknown')
    const padded = `arn:aws:iam::${ACCOUNT}:xxxx-provider/token.actions.githubusercontent.com`
    expect(claim({ principal: role(), trust: trust({ Federated: padded }) }).kind).toBe('unknown')
  })

  it('is one where the configuration says so, by the whole ARN', () => {
    const machines = ['arn:aws:iam::*:role/pipe*']
    const people = trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` })
    expect(claim({ principal: role(), trust: people, config: { machines } })).toEqual({ kind: 'machine' })
    expect(claim({ principal: role(), trust: people, config: { machines: ['arn:aws:iam::*:role/x*'] } }).kind).toBe(
      'unknown',
    )
  })
})

describe('a session name', () => {
  const people = trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` })

  it('is believed of Identity Center, which sets it', () => {
    expect(claim({ principal: sso('jane@example.com') })).toEqual({ kind: 'email', email: 'jane@example.com' })
    const config = { people: [{ slack: 'U0JANE', session: 'jane.doe' }] }
    expect(claim({ principal: sso('jane.doe'), config })).toEqual({ kind: 'person', userId: 'U0JANE' })
    expect(claim({ principal: sso('jane.doe') }).kind).toBe('unknown')
  })

  it('is not believed of a role that only bears such a name', () => {
    expect(claim({ principal: sso('jane@example.com', '') })).toMatchObject({
      kind: 'unknown',
      claimed: 'jane@example.com',
    })
    expect(claim({ principal: { ...sso('jane@example.com'), pathKnown: false } }).kind).toBe('unknown')
  })

  it('of any other role proves nothing, and is kept so that who it names does not approve either', () => {
    expect(claim({ principal: role({ sessionName: 'jane@example.com' }), trust: people })).toMatchObject({
      kind: 'unknown',
      claimed: 'jane@example.com',
    })
    const config = { people: [{ slack: 'U0JANE', session: 'jane*' }] }
    expect(claim({ principal: role({ sessionName: 'jane@example.com' }), trust: people, config }).kind).toBe('unknown')
  })

  it('is believed of a SAML provider that the configuration knows, where nobody else gets in', () => {
    const config = { people: [{ slack: 'U0JANE', provider: OKTA, session: 'jane' }] }
    const principal = role({ sessionName: 'jane' })
    expect(claim({ principal, trust: trust({ Federated: OKTA }), config })).toEqual({
      kind: 'person',
      userId: 'U0JANE',
    })
    const other = trust({ Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/other` })
    expect(claim({ principal, trust: other, config }).kind).toBe('unknown')
    const both = trust({ Federated: OKTA }, { AWS: `arn:aws:iam::${ACCOUNT}:root` })
    expect(claim({ principal, trust: both, config }).kind).toBe('unknown')
    const two = trust({ Federated: OKTA }, { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/other` })
    expect(claim({ principal, trust: two, config }).kind).toBe('unknown')
    const mixed = trust({ Federated: OKTA }, { Service: 'lambda.amazonaws.com' })
    expect(claim({ principal, trust: mixed, config }).kind).toBe('unknown')
  })

  it('gives way to the source identity', () => {
    const principal = role({ sessionName: 'ben@example.com' })
    expect(claim({ principal, trust: people, sourceIdentity: 'jane@example.com' })).toEqual({
      kind: 'email',
      email: 'jane@example.com',
    })
    const config = { people: [{ slack: 'U0JANE', session: 'jane', account: ACCOUNT }] }
    expect(claim({ principal, trust: people, sourceIdentity: 'jane', config })).toEqual({
      kind: 'person',
      userId: 'U0JANE',
    })
    expect(claim({ principal, trust: people, sourceIdentity: 'x', config }).kind).toBe('unknown')
  })
})

describe('an IAM user', () => {
  it('is a person where the configuration says whose it is, per account', () => {
    const config = { people: [{ slack: 'U0ADA', user: 'ada', account: ACCOUNT }] }
    expect(claim({ principal: user('ada'), config })).toEqual({ kind: 'person', userId: 'U0ADA' })
    expect(claim({ principal: { ...user('ada'), accountId: '444455556666' }, config }).kind).toBe('unknown')
    expect(claim({ principal: user('ben'), config }).kind).toBe('unknown')
  })

  it('is not who its name says, as the creator of the user chooses the name', () => {
    expect(claim({ principal: user('jane@example.com') })).toMatchObject({
      kind: 'unknown',
      claimed: 'jane@example.com',
    })
    expect(claim({ principal: user('jane') })).toMatchObject({ kind: 'unknown', claimed: null })
    expect(claim({ principal: { ...user('jane@example.com'), sessionName: 'build-7' } })).toMatchObject({
      claimed: 'jane@example.com',
    })
  })

  it('is a machine where the configuration says so', () => {
    expect(claim({ principal: user('ci-1'), config: { machineUsers: ['arn:aws:iam::*:user/ci-*'] } })).toEqual({
      kind: 'machine',
    })
  })
})

describe('everybody else', () => {
  it.each(['root', 'saml', 'federated-user', 'unknown'] as const)('is an unknown person: %s', kind => {
    expect(claim({ principal: { ...UNKNOWN_PRINCIPAL, kind } }).kind).toBe('unknown')
  })

  it.each(['web-identity', 'service', 'service-linked-role'] as const)('is a machine: %s', kind => {
    expect(claim({ principal: { ...UNKNOWN_PRINCIPAL, kind } })).toEqual({ kind: 'machine' })
  })
})

describe('the caller as it was read', () => {
  const claimOf = (read: Parameters<typeof requesterClaim>[1]) =>
    requesterClaim({ principal: role(), context: {} }, read, configSchema.parse({}))
  const SERVICE = document({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: 'lambda.amazonaws.com' },
  })

  it('is a machine by the trust policy of its role', () => {
    expect(claimOf(found(evaluatedRole(`arn:aws:iam::${ACCOUNT}:role/pipeline`, SERVICE)))).toEqual({ kind: 'machine' })
  })

  it.each([
    [found(callerUser()), 'the caller is not a role'],
    [ABSENT, 'the role does not exist any more'],
    [unreadable('AccessDenied'), 'AccessDenied'],
  ] as const)('is unknown where there is no trust policy: %#', (read, why) => {
    expect(claimOf(read)).toMatchObject({
      kind: 'unknown',
      why: `the trust policy of the caller's role could not be read: ${why}`,
    })
  })

  it('is unknown without the name of its session', () => {
    const nameless = { ...sso('x'), sessionName: null }
    expect(claim({ principal: nameless })).toMatchObject({ why: 'the event does not name the session' })
    const config = { people: [{ slack: 'U0ANN', session: '*', provider: OKTA }] }
    const saml = { principal: role({ sessionName: null }), trust: trust({ Federated: OKTA }), config }
    expect(claim(saml)).toMatchObject({ kind: 'unknown' })
  })
})
