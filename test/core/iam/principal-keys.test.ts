import { describe, expect, it } from 'vitest'
import { requestOf } from '../../../core/access/access-request.ts'
import { evaluate, resolveRequest } from '../../../core/actions/actions.ts'
import { found, known, unknown } from '../../../core/base/fact.ts'
import { type Denial, PRINCIPAL_KINDS, type Principal } from '../../../core/denial/denial.ts'
import type { AccessSnapshot, Identity } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { ConditionBlock, Statement } from '../../../core/iam/policy/policy-document.ts'
import { DENIAL } from '../../fixtures/denial.ts'

const HOME = '111122223333'
const ROLE = `arn:aws:iam::${HOME}:role/deploy`
const TARGET = `arn:aws:iam::${HOME}:role/app`
const PROVIDER = `arn:aws:iam::${HOME}:oidc-provider/token.actions.githubusercontent.com`

const nobody: Principal = {
  kind: 'unknown',
  arn: null,
  roleArn: null,
  pathKnown: false,
  accountId: null,
  name: null,
  sessionName: null,
  uniqueId: null,
}
const session = (kind: Principal['kind']): Principal => ({
  kind,
  arn: `arn:aws:sts::${HOME}:assumed-role/deploy/build-7`,
  roleArn: ROLE,
  pathKnown: true,
  accountId: HOME,
  name: 'deploy',
  sessionName: 'build-7',
  uniqueId: 'AROAEXAMPLEDEPLOY123:build-7',
})
const PRINCIPALS: { readonly [kind in Principal['kind']]: Principal } = {
  user: {
    ...nobody,
    kind: 'user',
    arn: `arn:aws:iam::${HOME}:user/ann`,
    accountId: HOME,
    name: 'ann',
    uniqueId: 'AIDAEXAMPLEANN123456',
  },
  role: session('role'),
  'sso-role': session('sso-role'),
  'service-linked-role': session('service-linked-role'),
  root: { ...nobody, kind: 'root', arn: `arn:aws:iam::${HOME}:root`, accountId: HOME, uniqueId: HOME },
  'federated-user': {
    ...nobody,
    kind: 'federated-user',
    arn: `arn:aws:sts::${HOME}:federated-user/guest`,
    accountId: HOME,
    uniqueId: `${HOME}:guest`,
  },
  'web-identity': { ...nobody, kind: 'web-identity' },
  saml: { ...nobody, kind: 'saml' },
  service: { ...nobody, kind: 'service', name: 'codebuild.amazonaws.com' },
  unknown: nobody,
}

function denialBy(kind: Principal['kind']): Denial {
  const principal = PRINCIPALS[kind]
  const token = {
    provider: kind === 'saml' ? `arn:aws:iam::${HOME}:saml-provider/idp` : PROVIDER,
    subject: 'repo:acme/app:ref:refs/heads/main',
    audience: 'sts.amazonaws.com',
  }
  const action =
    kind === 'saml'
      ? 'sts:AssumeRoleWithSAML'
      : kind === 'web-identity'
        ? 'sts:AssumeRoleWithWebIdentity'
        : 'sts:AssumeRole'
  return {
    ...DENIAL,
    action,
    principal,
    resource: TARGET,
    passes: [],
    claims: kind === 'saml' || kind === 'web-identity' ? token : null,
    context: {},
  }
}

const identity = (kind: 'user' | 'role', name: string): Identity => ({
  kind,
  arn: `arn:aws:iam::${HOME}:${kind}/${name}`,
  accountId: HOME,
  name,
  path: '/',
  uniqueId: null,
  tags: { team: 'shop' },
  policies: [],
  unseen: [],
  boundary: { kind: 'absent' },
})

/** An account in a unit of an organization, for every kind of caller. */
function snapshotFor(kind: Principal['kind'], trust: readonly Statement[] = []): AccessSnapshot {
  const own =
    kind === 'user' ? identity('user', 'ann') : PRINCIPALS[kind].roleArn === null ? null : identity('role', 'deploy')
  const role = {
    ...identity('role', 'app'),
    kind: 'role' as const,
    trust: known({ Version: '2012-10-17', Statement: trust }),
  }
  return {
    caller: own === null ? { kind: 'absent' } : found(own),
    targets: [{ arn: TARGET, role: found(role), near: unknown('not asked') }],
    organization: known({ id: 'o-abc123', managementAccountId: '999999999999' }),
    scps: known(['r-ab12', 'ou-ab12-prod', HOME].map(id => ({ id, policies: [] }))),
    rcps: unknown('not read'),
    session: unknown('not shown'),
    vpce: unknown('not shown'),
  }
}

/**
 * By key: what a request of each kind of caller has. `-`: the key is absent. `?`: unknown. `≠`: unknown, but not this account.
 * `∅`: absent, but that proves nothing where absence decides. Copied from the "Availability" of each key, and for
 * `aws:username`, `aws:userid` and `aws:PrincipalType` from the table of principals:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
const COLUMNS = [
  'user',
  'role',
  'sso-role',
  'service-linked-role',
  'root',
  'federated-user',
  'web-identity',
  'saml',
  'service',
  'unknown',
] as const
const PATH = 'o-abc123/r-ab12/ou-ab12-prod/'
const AROA = 'AROAEXAMPLEDEPLOY123:build-7'
const TABLE: { readonly [key: string]: readonly string[] } = {
  // "only if the principal is a member of an organization. Anonymous requests do not include this key."
  'aws:PrincipalOrgID': ['o-abc123', 'o-abc123', 'o-abc123', 'o-abc123', 'o-abc123', 'o-abc123', '∅', '∅', '∅', '?'],
  // "an IAM user, IAM role, federated user, or AWS account root user"
  'aws:PrincipalOrgPaths': [PATH, PATH, PATH, PATH, PATH, PATH, '∅', '∅', '∅', '?'],
  // "all requests, including anonymous requests"
  'aws:PrincipalAccount': [HOME, HOME, HOME, HOME, HOME, HOME, '≠', '≠', '≠', '?'],
  // "all signed requests. Anonymous requests do not include this key." A service is none of the types that it can name.
  'aws:PrincipalArn': [PRINCIPALS.user.arn ?? '', ROLE, ROLE, ROLE, PRINCIPALS.root.arn ?? '', '?', '-', '-', '-', '?'],
  // Tags of users and roles, and session tags, which replace those of a role.
  'aws:PrincipalTag/team': ['shop', '?', '?', '?', '-', '?', '-', '-', '-', '?'],
  'aws:PrincipalTag/none': ['-', '?', '?', '?', '-', '?', '-', '-', '-', '?'],
  'aws:PrincipalType': [
    'User',
    'AssumedRole',
    'AssumedRole',
    'AssumedRole',
    'Account',
    'FederatedUser',
    '?',
    '?',
    '?',
    '?',
  ],
  'aws:userid': ['AIDAEXAMPLEANN123456', AROA, AROA, AROA, HOME, `${HOME}:guest`, '?', '?', '?', '?'],
  'aws:username': ['ann', '-', '-', '-', '-', '-', '-', '-', '-', '?'],
  // "all signed API requests that use AWS credentials. Anonymous requests do not include this key."
  'aws:PrincipalIsAWSService': ['false', 'false', 'false', 'false', 'false', 'false', '-', '-', 'true', '?'],
  // "when the call is made by an AWS service principal"
  'aws:PrincipalServiceName': ['-', '-', '-', '-', '-', '-', '-', '-', 'codebuild.amazonaws.com', '?'],
  'aws:PrincipalServiceNamesList': ['-', '-', '-', '-', '-', '-', '-', '-', '?', '?'],
  'aws:SourceArn': ['-', '-', '-', '-', '-', '-', '-', '-', '?', '?'],
  'aws:SourceAccount': ['-', '-', '-', '-', '-', '-', '-', '-', '?', '?'],
  'aws:SourceOrgID': ['-', '-', '-', '-', '-', '-', '-', '-', '?', '?'],
  'aws:SourceOrgPaths': ['-', '-', '-', '-', '-', '-', '-', '-', '?', '?'],
  // "only when the principal uses temporary credentials to make the request"
  'aws:MultiFactorAuthPresent': ['?', '?', '?', '?', '?', '?', '-', '-', '?', '?'],
  'aws:MultiFactorAuthAge': ['?', '?', '?', '?', '?', '?', '-', '-', '?', '?'],
  'aws:TokenIssueTime': ['?', '?', '?', '?', '?', '?', '-', '-', '?', '?'],
  // About the role, for every kind of caller.
  'aws:ResourceAccount': COLUMNS.map(() => HOME),
  'aws:ResourceOrgID': ['o-abc123', 'o-abc123', 'o-abc123', 'o-abc123', 'o-abc123', 'o-abc123', '?', '?', '?', '?'],
  'aws:ResourceTag/team': COLUMNS.map(() => 'shop'),
}

function shown(kind: Principal['kind'], key: string): string {
  const fact = resolveRequest(requestOf(denialBy(kind)), snapshotFor(kind)).fact(key)
  switch (fact.state) {
    case 'present':
      return fact.values.join(' ')
    case 'absent':
      return '-'
    case 'unknown':
      return fact.never === undefined
        ? '?'
        : fact.never === 'any'
          ? '∅'
          : fact.never.join() === HOME
            ? '≠'
            : fact.never.join()
  }
}

describe('a key about the principal', () => {
  it('is listed for every kind of caller', () => {
    expect([...COLUMNS].sort()).toEqual([...PRINCIPAL_KINDS].sort())
    for (const states of Object.values(TABLE)) expect(states).toHaveLength(COLUMNS.length)
  })

  const rows = Object.entries(TABLE).flatMap(([key, states]) =>
    COLUMNS.map((kind, at) => [key, kind, states[at] ?? ''] as const),
  )
  it.each(rows)('%s by %s: %s', (key, kind, state) => {
    expect(shown(kind, key)).toBe(state)
  })

  it('is not taken from an account that is not the caller’s', () => {
    const other = {
      ...PRINCIPALS.role,
      accountId: '444455556666',
      arn: 'arn:aws:sts::444455556666:assumed-role/deploy/x',
    }
    const request = requestOf({ ...denialBy('role'), principal: { ...other, roleArn: null, pathKnown: false } })
    expect(resolveRequest(request, snapshotFor('role')).fact('aws:PrincipalOrgPaths').state).toBe('unknown')
  })
})

const AUDIENCE = { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' }
const entrance = (kind: 'web-identity' | 'service', Condition: ConditionBlock): Statement =>
  kind === 'service'
    ? { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole', Condition }
    : { Effect: 'Allow', Principal: { Federated: PROVIDER }, Action: 'sts:AssumeRoleWithWebIdentity', Condition }

describe.each(['web-identity', 'service'] as const)('a %s', kind => {
  const answer = (...trust: readonly Statement[]) =>
    evaluate(requestOf(denialBy(kind)), snapshotFor(kind, trust)).answer
  const under = (Condition: ConditionBlock) => answer(entrance(kind, Condition))

  it.each<[string, ConditionBlock, string]>([
    ['its organization', { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' } }, 'denied'],
    ['its unit', { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': ['o-abc123/*'] } }, 'denied'],
    ['another organization', { StringNotEquals: { 'aws:PrincipalOrgID': 'o-other' } }, 'allowed'],
    ['its organization, if there is one', { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-abc123' } }, 'unknown'],
    ['its unit, for all of a set', { 'ForAllValues:StringLike': { 'aws:PrincipalOrgPaths': 'o-abc123/*' } }, 'unknown'],
    ['no organization', { Null: { 'aws:PrincipalOrgID': 'true' } }, 'unknown'],
    ['some organization', { Null: { 'aws:PrincipalOrgPaths': 'false' } }, 'unknown'],
    ['its account', { StringEquals: { 'aws:PrincipalAccount': HOME } }, 'denied'],
    ['its account, in a list', { StringLike: { 'aws:PrincipalAccount': [HOME] } }, 'denied'],
    ['any account but its own', { StringNotEquals: { 'aws:PrincipalAccount': HOME } }, 'allowed'],
    ['its account, if there is one', { StringEqualsIfExists: { 'aws:PrincipalAccount': HOME } }, 'unknown'],
    ['every account of a set', { 'ForAllValues:StringEquals': { 'aws:PrincipalAccount': HOME } }, 'unknown'],
    ['no account', { Null: { 'aws:PrincipalAccount': 'true' } }, 'unknown'],
    ['some account', { Null: { 'aws:PrincipalAccount': 'false' } }, 'unknown'],
    ['an account that may be a service’s', { StringEquals: { 'aws:PrincipalAccount': '444455556666' } }, 'unknown'],
    ['a pattern of accounts', { StringLike: { 'aws:PrincipalAccount': '1*' } }, 'unknown'],
  ])('where the trust policy wants %s', (_what, condition, expected) => {
    expect(under(condition)).toBe(expected)
  })

  it('is not kept out as a stranger to the account by what its own account may be', () => {
    const deny: Statement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:*',
      Condition: { StringNotEquals: { 'aws:PrincipalAccount': HOME } },
    }
    expect(answer(entrance(kind, {}), deny)).toBe('denied')
    expect(
      answer(entrance(kind, {}), { ...deny, Condition: { StringNotEqualsIfExists: { 'aws:PrincipalAccount': HOME } } }),
    ).toBe('denied')
  })
})

it('trusts no token for an audience alone where the organization decides', () => {
  const trust = entrance('web-identity', {
    StringEquals: { ...AUDIENCE, 'aws:PrincipalOrgID': 'o-abc123' },
  })
  expect(evaluate(requestOf(denialBy('web-identity')), snapshotFor('web-identity', [trust])).answer).toBe('denied')
})
