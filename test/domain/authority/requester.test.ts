import { describe, expect, it } from 'vitest'
import { ABSENT, type Fact, found, known, unknown, unreadable } from '../../../core/base/fact.ts'
import { UNKNOWN_PRINCIPAL } from '../../../core/denial/cloudtrail/denied-principal.ts'
import type { Principal } from '../../../core/denial/denial.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import { parsePolicy } from '../../../core/iam/policy/parse-policy.ts'
import type { PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import { type RequesterClaim, requesterClaim, requesterClaimOf } from '../../../functions/domain/authority/requester.ts'
import { configSchema } from '../../../functions/domain/config/config.ts'
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

const policy = (Statement: object | readonly object[], Version = '2012-10-17'): Fact<PolicyDocument> => {
  const parsed = parsePolicy({ Version, Statement })
  if (!parsed.ok) throw new Error(parsed.error)
  return known(parsed.value)
}
const ROOT = { AWS: `arn:aws:iam::${ACCOUNT}:root` }
const enters = (Principal: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
  ...more,
})
const onlyAs = (condition: object, Principal: unknown = ROOT) => enters(Principal, { Condition: condition })
const pinnedTo = (value: unknown, Principal: unknown = ROOT) =>
  onlyAs({ StringEquals: { 'sts:SourceIdentity': value } }, Principal)

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

  it('is one where the configuration says whom an unknown issuer signs in, by the whole ARN', () => {
    const machines = ['arn:aws:iam::*:role/pipe*']
    const own = trust({ Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.example.com` })
    expect(claim({ principal: role(), trust: own }).kind).toBe('unknown')
    expect(claim({ principal: role(), trust: own, config: { machines } })).toEqual({ kind: 'machine' })
    const others = { machines: ['arn:aws:iam::*:role/x*'] }
    expect(claim({ principal: role(), trust: own, config: others }).kind).toBe('unknown')
  })

  it.each<[string, readonly unknown[]]>([
    ['its account', [{ AWS: `arn:aws:iam::${ACCOUNT}:root` }]],
    ['a role', [{ AWS: `arn:aws:iam::${ACCOUNT}:role/developer` }]],
    ['an instance that people log in to', [{ Service: 'ec2.amazonaws.com' }]],
    ['SAML', [{ Federated: OKTA }]],
    ['Cognito', [{ Federated: 'cognito-identity.amazonaws.com' }]],
    ['everybody', ['*']],
    ['nobody', []],
  ])('is not one because of its name alone, where it lets in %s', (_, principals) => {
    const config = { machines: ['arn:aws:iam::*:role/*'] }
    expect(claim({ principal: role(), trust: trust(...principals), config }).kind).toBe('unknown')
    expect(claim({ principal: role(), config })).toMatchObject({ why: expect.stringContaining('could not be read') })
  })

  it('says so on the card, where the configuration calls it one', () => {
    const people = trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` })
    const config = { machines: ['arn:aws:iam::*:role/*'] }
    expect(claim({ principal: role(), trust: people, config })).toMatchObject({
      why: 'people can assume this role, so "machines" does not make it one, and choose the name of their session',
    })
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

  it('gives way to the source identity, where the trust policy sets that', () => {
    const principal = role({ sessionName: 'ben@example.com' })
    const pinned = policy(pinnedTo('jane@example.com'))
    expect(claim({ principal, trust: pinned, sourceIdentity: 'jane@example.com' })).toEqual({
      kind: 'email',
      email: 'jane@example.com',
    })
    const config = { people: [{ slack: 'U0JANE', session: 'jane', account: ACCOUNT }] }
    expect(claim({ principal, trust: policy(pinnedTo('jane')), sourceIdentity: 'jane', config })).toEqual({
      kind: 'person',
      userId: 'U0JANE',
    })
    expect(claim({ principal, trust: policy(pinnedTo('x')), sourceIdentity: 'x', config })).toMatchObject({
      kind: 'unknown',
      why: 'its source identity x is mapped to nobody in "people"',
    })
  })

  it('claims beside the source identity, in whatever way the configuration knows it', () => {
    const config = { people: [{ slack: 'U0ANA', session: 'ana' }] }
    const principal = role({ sessionName: 'ana' })
    expect(claim({ principal, trust: people, sourceIdentity: 'ben@example.com', config })).toEqual({
      kind: 'unknown',
      why: 'people can assume this role, and its trust policy does not set the source identity of each of them',
      claimed: 'ben@example.com',
      alsoClaimed: ['U0ANA'],
    })
    const both = role({ sessionName: 'ana@example.com' })
    expect(claim({ principal: both, sourceIdentity: 'ben@example.com' })).toMatchObject({
      claimed: 'ben@example.com',
      alsoClaimed: ['ana@example.com'],
    })
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

  it.each<[string, string | null, 'machine' | 'unknown']>([
    ['GitHub', 'token.actions.githubusercontent.com', 'machine'],
    ['a provider of GitHub', GITHUB, 'machine'],
    ['Google', 'accounts.google.com', 'unknown'],
    ['Cognito', 'cognito-identity.amazonaws.com', 'unknown'],
    ['a sign-in of the company', `arn:aws:iam::${ACCOUNT}:oidc-provider/login.example.com`, 'unknown'],
    ['an issuer that is not named', null, 'unknown'],
  ])('is known by who issued the token: %s', (_, provider, kind) => {
    const principal: Principal = { ...UNKNOWN_PRINCIPAL, kind: 'web-identity' }
    const claims = { provider, subject: 'x', audience: 'y' }
    expect(
      requesterClaimOf({ principal, context: {}, claims }, unknown('none'), configSchema.parse({ mode: 'approve' }))
        .kind,
    ).toBe(kind)
  })

  it.each(['web-identity', 'service', 'service-linked-role'] as const)('is a machine: %s', kind => {
    expect(claim({ principal: { ...UNKNOWN_PRINCIPAL, kind } })).toEqual({ kind: 'machine' })
  })
})

describe('the caller as it was read', () => {
  const claimOf = (read: Parameters<typeof requesterClaim>[1]) =>
    requesterClaim({ principal: role(), context: {} }, read, configSchema.parse({ mode: 'approve' }))
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

const JANE = 'jane@example.com'
const theUser = (name: string) => ({ AWS: `arn:aws:iam::${ACCOUNT}:user/${name}` })
const BY_NAME = '${aws:username}'
const SOURCE = 'sts:SourceIdentity'
/** Roles of the account by a condition. */
const theDevelopers = (value: string) =>
  onlyAs({
    StringEquals: { [SOURCE]: value },
    ArnEquals: { 'aws:PrincipalArn': [1, 2].map(n => `arn:aws:iam::${ACCOUNT}:role/developer-${n}`) },
  })

/** `set`: callers cannot choose it. `chosen`: they can, or it cannot be seen. */
const ENTRANCES: readonly (readonly [string, 'set' | 'chosen', object | readonly object[]])[] = [
  ['one value, for the account', 'set', pinnedTo(JANE)],
  ['one value, in a list of one', 'set', pinnedTo([JANE])],
  ['one value, for one user', 'set', pinnedTo(JANE, theUser('jane'))],
  ['one value, for a role', 'set', pinnedTo(JANE, { AWS: `arn:aws:iam::${ACCOUNT}:role/developer` })],
  ['one value, for two roles of the account', 'set', theDevelopers(JANE)],
  ['one value, for a SAML provider', 'set', pinnedTo(JANE, { Federated: OKTA })],
  ['one value, under an operator that would take patterns', 'set', onlyAs({ StringLike: { [SOURCE]: JANE } })],
  ['one value, the key in other letters', 'set', onlyAs({ StringEquals: { 'STS:sourceidentity': JANE } })],
  ['the name of the IAM user', 'set', pinnedTo(BY_NAME)],
  ['the name of the IAM user, in other letters', 'set', pinnedTo('${AWS:UserName}')],
  ['the name of the IAM user, as a pattern', 'set', onlyAs({ StringLike: { [SOURCE]: BY_NAME } })],
  [
    'one value, and more conditions',
    'set',
    onlyAs({
      StringEquals: { [SOURCE]: JANE, 'sts:ExternalId': ['a', 'b'] },
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
      Null: { [SOURCE]: 'false' },
    }),
  ],
  ['the same in two statements', 'set', [pinnedTo(JANE), pinnedTo(JANE, theUser('jane'))]],
  ['each user their own', 'set', [pinnedTo(JANE, theUser('jane')), pinnedTo('ben@example.com', theUser('ben'))]],
  ['beside a service', 'set', [pinnedTo(JANE), enters({ Service: 'lambda.amazonaws.com' })]],
  ['beside GitHub', 'set', [pinnedTo(JANE), enters({ Federated: GITHUB })]],
  ['beside a Deny', 'set', [pinnedTo(JANE), { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }]],
  ['beside tags', 'set', [pinnedTo(JANE), enters(ROOT, { Action: 'sts:TagSession' })]],

  ['no condition', 'chosen', enters(ROOT)],
  ['another condition', 'chosen', onlyAs({ StringEquals: { 'sts:ExternalId': JANE } })],
  ['the key of the session before', 'chosen', onlyAs({ StringEquals: { 'aws:SourceIdentity': JANE } })],
  ['the name of the session', 'chosen', onlyAs({ StringEquals: { 'sts:RoleSessionName': JANE } })],
  ['a list of people', 'chosen', pinnedTo([JANE, 'ben@example.com'])],
  ['an empty list', 'chosen', pinnedTo([])],
  ['a list with the name of the user', 'chosen', pinnedTo([BY_NAME, JANE])],
  ['a pattern', 'chosen', onlyAs({ StringLike: { [SOURCE]: '*@example.com' } })],
  ['everything', 'chosen', onlyAs({ StringLike: { [SOURCE]: '*' } })],
  ['a pattern of one character', 'chosen', onlyAs({ StringLike: { [SOURCE]: 'jane@example.co?' } })],
  ['an operator that ignores letters', 'chosen', onlyAs({ StringEqualsIgnoreCase: { [SOURCE]: JANE } })],
  ['an operator that excludes', 'chosen', onlyAs({ StringNotEquals: { [SOURCE]: 'ben@example.com' } })],
  ['an operator that is true without it', 'chosen', onlyAs({ StringEqualsIfExists: { [SOURCE]: JANE } })],
  ['ForAllValues', 'chosen', onlyAs({ 'ForAllValues:StringEquals': { [SOURCE]: JANE } })],
  ['ForAnyValue', 'chosen', onlyAs({ 'ForAnyValue:StringEquals': { [SOURCE]: JANE } })],
  ['presence', 'chosen', onlyAs({ Null: { [SOURCE]: 'false' } })],
  ['a part of a name', 'chosen', pinnedTo('${aws:username}@example.com')],
  ['a variable with a default', 'chosen', pinnedTo("${aws:username, 'jane@example.com'}")],
  ['a tag, which the caller may set', 'chosen', pinnedTo('${aws:PrincipalTag/email}')],
  ['the name of the session, as a variable', 'chosen', pinnedTo('${sts:RoleSessionName}')],
  ['the id, which has the name of the session', 'chosen', pinnedTo('${aws:userid}')],
  ['everybody', 'chosen', pinnedTo(JANE, '*')],
  ['everybody, in a block', 'chosen', pinnedTo(BY_NAME, { AWS: '*' })],
  ['all but some', 'chosen', { ...pinnedTo(JANE), Principal: undefined, NotPrincipal: theUser('ben') }],
  ['an entrance without, beside it', 'chosen', [pinnedTo(JANE), enters(theUser('ana'))]],
  ['an entrance by a wildcard, beside it', 'chosen', [pinnedTo(JANE), enters(theUser('ana'), { Action: 'sts:*' })]],
  [
    'an entrance by all but some actions, beside it',
    'chosen',
    [pinnedTo(JANE), { Effect: 'Allow', Principal: ROOT, NotAction: 'sts:TagSession' }],
  ],
  ['a service that people sit in, beside it', 'chosen', [pinnedTo(JANE), enters({ Service: 'ec2.amazonaws.com' })]],
  ['an issuer of the company, beside it', 'chosen', [pinnedTo(JANE), enters({ Federated: `${GITHUB}.example.com` })]],
  ['Cognito, beside it', 'chosen', [pinnedTo(JANE), enters({ Federated: 'cognito-identity.amazonaws.com' })]],
  ['SAML, beside it', 'chosen', [pinnedTo(JANE), enters({ Federated: OKTA })]],
  ['another value for the same people', 'chosen', [pinnedTo(JANE), pinnedTo('ben@example.com')]],
  [
    'another value for one user',
    'chosen',
    [pinnedTo(JANE, theUser('jane')), pinnedTo('ben@example.com', theUser('jane'))],
  ],
  [
    'another value for roles of the account',
    'chosen',
    [pinnedTo(JANE, theUser('jane')), theDevelopers('ben@example.com')],
  ],
  ['another value, or the name', 'chosen', [pinnedTo(BY_NAME), pinnedTo(JANE)]],
  ['another value for the account', 'chosen', [pinnedTo(JANE, theUser('jane')), pinnedTo('ben@example.com')]],
  ['somebody else alone', 'chosen', pinnedTo('ben@example.com')],
  ['a Deny alone', 'chosen', [enters(ROOT), { ...pinnedTo(JANE), Effect: 'Deny' }]],
]

describe('the source identity of a session', () => {
  it.each(ENTRANCES)('%s: %s', (_, expected, statements) => {
    const given = { principal: role({ sessionName: 'run' }), trust: policy(clean(statements)), sourceIdentity: JANE }
    const is = claim(given)
    if (expected === 'set') expect(is).toEqual({ kind: 'email', email: JANE })
    else expect(is).toMatchObject({ kind: 'unknown', claimed: JANE })
  })

  it('is not set by a variable in a version of the language that has none', () => {
    const old = policy(pinnedTo(BY_NAME), '2008-10-17')
    expect(claim({ principal: role(), trust: old, sourceIdentity: JANE }).kind).toBe('unknown')
  })
})

/** Without members that are undefined, as JSON has none. */
const clean = (statements: object): object => JSON.parse(JSON.stringify(statements)) as object

describe('a service', () => {
  // AWS's own names of principals: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
  it.each([
    ...['ec2', 'ssm', 'sagemaker', 'cloud9', 'cloudshell', 'glue', 'elasticmapreduce', 'emr-serverless', 'athena'],
    ...['workspaces', 'appstream', 'codecatalyst', 'codecatalyst-runner', 'chatbot', 'ds', 'grafana', 'redshift'],
    ...['rolesanywhere', 'credentials.iot', 'ssm.eu-west-1', 'datazone', 'bedrock-agentcore', 'lightsail'],
  ])('that people sit in is no machine: %s', name => {
    const trusted = trust({ Service: `${name}.amazonaws.com` })
    expect(claim({ principal: role(), trust: trusted })).toMatchObject({
      kind: 'unknown',
      why: `people can work in what ${name}.amazonaws.com runs with this role`,
    })
    expect(
      claim({ principal: role(), trust: trust({ Service: ['lambda.amazonaws.com', `${name}.amazonaws.com`] }) }).kind,
    ).toBe('unknown')
  })

  it('of China is one too', () => {
    expect(claim({ principal: role(), trust: trust({ Service: 'ec2.amazonaws.com.cn' }) }).kind).toBe('unknown')
  })

  it.each([
    ...['lambda', 'edgelambda', 'codebuild', 'codepipeline', 'cloudformation', 'states', 'events', 'scheduler'],
    ...['ecs-tasks', 'ecs', 'pods.eks', 'eks', 'tasks.apprunner', 'iot', 'ec2.application-autoscaling', 'spotfleet'],
  ])('that nobody sits in is a machine: %s', name => {
    expect(claim({ principal: role(), trust: trust({ Service: `${name}.amazonaws.com` }) })).toEqual({
      kind: 'machine',
    })
  })
})
