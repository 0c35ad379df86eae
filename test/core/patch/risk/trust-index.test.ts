import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../../core/base/fact.ts'
import type { ListedRole } from '../../../../core/iam/evaluation/access-snapshot.ts'
import type { Statement } from '../../../../core/iam/policy/policy-document.ts'
import { admits, trustIndex } from '../../../../core/patch/risk/trust-index.ts'
import { ACCOUNT, DEPLOYER, document, GITHUB_PROVIDER, trusting } from '../../../fixtures/patches.ts'

const roleThat = (name: string, ...statements: Statement[]): ListedRole => ({
  arn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
  trust: known(document(...statements)),
})
const lets = (Principal: NonNullable<Statement['Principal']>, more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...more,
})
const names = (roles: readonly ListedRole[]) => roles.map(({ arn }) => arn.split('/').at(-1))

const index = trustIndex([
  roleThat('by-name', lets({ AWS: DEPLOYER }), lets({ AWS: [DEPLOYER, `arn:aws:iam::${ACCOUNT}:role/other`] })),
  roleThat('by-session', lets({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci` })),
  roleThat('by-account', lets({ AWS: `arn:aws:iam::${ACCOUNT}:root` })),
  roleThat('by-account-id', lets({ AWS: ACCOUNT })),
  roleThat('everybody', lets('*')),
  roleThat('everybody-of-aws', lets({ AWS: '*' })),
  roleThat('all-but-one', { Effect: 'Allow', NotPrincipal: { AWS: DEPLOYER }, Action: 'sts:AssumeRole' }),
  roleThat('denies', lets({ AWS: DEPLOYER }, { Effect: 'Deny' }), lets('*', { Effect: 'Deny' })),
  roleThat('service', lets({ Service: ['lambda.amazonaws.com', 'ec2.amazonaws.com'] })),
  roleThat('another-service', lets({ Service: 'ec2.amazonaws.com' })),
  roleThat('wrong-call', lets({ Service: 'ec2.amazonaws.com' }, { Action: 'sts:TagSession' })),
  roleThat('federated', lets({ Federated: GITHUB_PROVIDER }, { Action: 'sts:AssumeRoleWithWebIdentity' })),
  { arn: `arn:aws:iam::${ACCOUNT}:role/unread`, trust: unknown('AccessDenied') },
])

describe('the roles of an account by whom they trust', () => {
  it('are those that name a principal, everybody, or whose trust is open', () => {
    expect(names(index.naming(DEPLOYER))).toEqual([
      'by-name',
      'by-session',
      'everybody',
      'everybody-of-aws',
      'all-but-one',
      'unread',
    ])
    expect(names(index.naming(`arn:aws:iam::${ACCOUNT}:role/nobody`))).toEqual([
      'everybody',
      'everybody-of-aws',
      'all-but-one',
      'unread',
    ])
  })

  it('are those that leave it to an account', () => {
    expect(names(index.delegating(ACCOUNT))).toEqual(['by-account', 'by-account-id'])
    expect(index.delegating('444455556666')).toEqual([])
  })

  it('are those that a service may take, each once', () => {
    expect(names(index.admitting('ec2.amazonaws.com'))).toEqual(['service', 'another-service'])
    expect(names(index.admitting('lambda.amazonaws.com'))).toEqual(['service'])
    expect(index.admitting('glue.amazonaws.com')).toEqual([])
  })

  it('are those that a service may take under any of its names', () => {
    const spelled = trustIndex([
      roleThat('china', lets({ Service: 'ec2.amazonaws.com.cn' })),
      roleThat('region', lets({ Service: 'ec2.eu-west-1.amazonaws.com' })),
      roleThat('wrong-call', lets({ Service: 'ec2.amazonaws.com.cn' }, { Action: 'sts:TagSession' })),
      roleThat('other', lets({ Service: 'ec2-fleet.amazonaws.com' })),
    ])
    expect(names(spelled.admitting('ec2.amazonaws.com'))).toEqual(['china', 'region'])
  })

  it('know the identity providers, and the role of an ARN', () => {
    expect(index.providers).toEqual([GITHUB_PROVIDER])
    expect(names(index.admitting(GITHUB_PROVIDER))).toEqual(['federated'])
    expect(index.byArn.get(`arn:aws:iam::${ACCOUNT}:role/unread`)?.trust).toEqual(unknown('AccessDenied'))
  })

  it('are indexed once for a list', () => {
    const roles = [roleThat('one', lets({ AWS: DEPLOYER }))]
    expect(trustIndex(roles)).toBe(trustIndex(roles))
  })
})

describe('a role admits', () => {
  const SAML = `arn:aws:iam::${ACCOUNT}:saml-provider/corp`
  const taken = (Action: string, principal: Statement['Principal']): ListedRole => ({
    arn: `arn:aws:iam::${ACCOUNT}:role/r`,
    trust: known(document({ Effect: 'Allow', Action, ...(principal === undefined ? {} : { Principal: principal }) })),
  })
  it.each([
    ['a SAML provider by its own call', SAML, 'sts:AssumeRoleWithSAML', { Federated: SAML }, true],
    ['no SAML provider by a token', SAML, 'sts:AssumeRoleWithWebIdentity', { Federated: SAML }, false],
    [
      'an OIDC provider by a token',
      GITHUB_PROVIDER,
      'sts:AssumeRoleWithWebIdentity',
      { Federated: GITHUB_PROVIDER },
      true,
    ],
    ['no OIDC provider by a plain call', GITHUB_PROVIDER, 'sts:AssumeRole', { Federated: GITHUB_PROVIDER }, false],
    [
      'Cognito, which trust policies name by its host, by a token',
      'cognito-identity.amazonaws.com',
      'sts:AssumeRoleWithWebIdentity',
      { Federated: 'cognito-identity.amazonaws.com' },
      true,
    ],
    ['a service by a plain call', 'ec2.amazonaws.com', 'sts:AssumeRole', { Service: 'ec2.amazonaws.com' }, true],
    [
      'a service of China by its name there',
      'ec2.amazonaws.com',
      'sts:AssumeRole',
      { Service: 'ec2.amazonaws.com.cn' },
      true,
    ],
    [
      'a service by its name in one Region',
      'states.amazonaws.com',
      'sts:AssumeRole',
      { Service: ['lambda.amazonaws.com', 'states.eu-west-1.amazonaws.com'] },
      true,
    ],
    [
      'Cognito by its name in the GovCloud',
      'cognito-identity.amazonaws.com',
      'sts:AssumeRoleWithWebIdentity',
      { Federated: 'cognito-identity-us-gov.amazonaws.com' },
      true,
    ],
    ['no other service', 'ec2.amazonaws.com', 'sts:AssumeRole', { Service: 'lambda.amazonaws.com' }, false],
  ])('%s', (_, by, action, principal, wanted) => {
    expect(admits(taken(action, principal), by)).toBe(wanted)
  })

  it('somebody under a condition that may be met, and not under one that is not', () => {
    const guarded: ListedRole = {
      arn: `arn:aws:iam::${ACCOUNT}:role/r`,
      trust: known(
        trusting({ Service: 'ec2.amazonaws.com' }, { Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } }),
      ),
    }
    expect(admits(guarded, 'ec2.amazonaws.com')).toBe(true)
    const other = { 'aws:sourceaccount': { state: 'present' as const, values: ['444455556666'] } }
    expect(admits(guarded, 'ec2.amazonaws.com', other)).toBe(false)
  })
})
