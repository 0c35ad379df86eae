/** Every form of a draft: those of the other laws, and the callers and actions that they omit. */
import fc from 'fast-check'
import { present } from '../../../core/iam/conditions/context.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import {
  ACCOUNT,
  allow,
  assumeDenial,
  DEPLOYER,
  document,
  GITHUB_PROVIDER,
  githubTrust,
  identity,
  inline,
  passDenial,
  role,
  snapshot,
  trusting,
  webIdentityDenial,
} from '../../fixtures/patches.ts'
import { type DiagnosisContext, setup } from '../generators.ts'
import { shortList } from '../short-lists.ts'

const arnOf = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`
const REPORTS = arnOf('reports')
const LIMITS = [
  {},
  { StringEquals: { 'sts:ExternalId': 'secret' } },
  { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' } },
] as const
const limited = (limits: object): Partial<Statement> =>
  Object.keys(limits).length === 0 ? {} : { Condition: limits as NonNullable<Statement['Condition']> }

/** Trust for a role of a permission set, which is named by a pattern: in a statement, or in a list with others. */
const permissionSets: fc.Arbitrary<DiagnosisContext> = fc
  .record({
    set: fc.constantFrom('Admin', 'Admin_Prod', 'a.b'),
    limits: fc.constantFrom(...LIMITS),
    listed: fc.boolean(),
    operator: fc.constantFrom('ArnLike', 'StringLike', 'ArnEquals'),
  })
  .map(({ set, limits, listed, operator }) => {
    const path = 'aws-reserved/sso.amazonaws.com/eu-west-1'
    const caller = arnOf(`${path}/AWSReservedSSO_${set}_0123456789abcdef`)
    const other = arnOf(`${path}/AWSReservedSSO_Other_????????????????`)
    const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` }
    const trust = listed
      ? trusting(root, { Condition: { [operator]: { 'aws:PrincipalArn': other } } })
      : trusting({ AWS: arnOf('somebody') }, limited(limits))
    const { principal } = assumeDenial(REPORTS)
    const named = { ...principal, kind: 'sso-role' as const, roleArn: caller, pathKnown: true, uniqueId: null }
    const name = `AWSReservedSSO_${set}_0123456789abcdef`
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/ana`
    return {
      denial: assumeDenial(REPORTS, { principal: { ...named, name, arn: session, sessionName: 'ana' } }),
      snapshot: snapshot(identity(caller, [inline(caller, 'p', allow('sts:AssumeRole', REPORTS))]), [
        role(REPORTS, trust),
      ]),
      config: {},
      withGetRole: false,
    }
  })

/** Session actions whose record shows the tags or the source identity, which limit the grant. */
const sessions: fc.Arbitrary<DiagnosisContext> = fc
  .record({
    action: fc.constantFrom('sts:TagSession' as const, 'sts:SetSourceIdentity' as const, 'sts:SetContext' as const),
    shown: fc.boolean(),
    identitySide: fc.boolean(),
    trustSide: fc.boolean(),
  })
  .map(({ action, shown, identitySide, trustSide }) => {
    // The needs of another action of the session do not affect this one.
    const facts = {
      'sts:TagSession': { 'aws:tagkeys': present('team', 'cost') },
      'sts:SetSourceIdentity': { 'sts:sourceidentity': present('ana') },
      'sts:SetContext': {},
    }
    const context = shown ? facts[action] : {}
    const actions = ['sts:AssumeRole', ...(identitySide ? [] : [action])]
    const trusted = ['sts:AssumeRole', ...(trustSide ? [] : [action])]
    return {
      denial: assumeDenial(REPORTS, { action, context }),
      snapshot: snapshot(identity(DEPLOYER, [inline(DEPLOYER, 'p', allow(actions, REPORTS))]), [
        role(REPORTS, document({ Effect: 'Allow', Principal: { AWS: DEPLOYER }, Action: trusted })),
      ]),
      config: {},
      withGetRole: false,
    }
  })

/** A service that lacks one more action, with the source account that its other statement requires, or that the call shows. */
const services: fc.Arbitrary<DiagnosisContext> = fc
  .record({ shown: fc.boolean(), carried: fc.constantFrom('none', 'account', 'arn') })
  .map(({ shown, carried }) => {
    const name = 'codebuild.amazonaws.com'
    const { principal } = assumeDenial(REPORTS)
    const by = {
      ...principal,
      kind: 'service' as const,
      name,
      arn: null,
      roleArn: null,
      pathKnown: false,
      uniqueId: null,
    }
    const limits = {
      none: {},
      account: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
      arn: { ArnLike: { 'aws:SourceArn': `arn:aws:codebuild:*:${ACCOUNT}:project/*` } },
    }[carried]
    const context = {
      ...(shown ? { 'aws:sourceaccount': present(ACCOUNT) } : {}),
      'aws:sourcearn': present(`arn:aws:codebuild:eu-central-1:${ACCOUNT}:project/p`),
    }
    return {
      denial: assumeDenial(REPORTS, { action: 'sts:TagSession', principal: by, context }),
      snapshot: snapshot(null, [role(REPORTS, trusting({ Service: name }, limited(limits)))]),
      config: {},
      withGetRole: false,
    }
  })

/** A token with an audience that the role does not accept: one statement for its subject. */
const audiences: fc.Arbitrary<DiagnosisContext> = fc
  .record({ operator: fc.constantFrom('StringEquals', 'StringLike'), guarded: fc.boolean(), tags: fc.boolean() })
  .map(({ operator, guarded, tags }) => {
    const arn = arnOf('github')
    const subject = 'repo:octo-org/shop:ref:refs/heads/main'
    const [only] = githubTrust(subject, operator).Statement
    const Action = tags ? ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'] : 'sts:AssumeRoleWithWebIdentity'
    const guard = guarded ? { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } : {}
    const statement = { ...only, Effect: 'Allow' as const, Action, Condition: { ...only?.Condition, ...guard } }
    const denial = webIdentityDenial(arn, subject, 'https://github.com/octo-org')
    return {
      denial: { ...denial, context: { ...denial.context, 'aws:sourceip': present('203.0.113.7') } },
      snapshot: snapshot(null, [role(arn, document(statement))]),
      config: {},
      withGetRole: false,
    }
  })

/** Service-linked roles, and callers whose nearest allow has more conditions. */
const guarded: fc.Arbitrary<DiagnosisContext> = fc
  .record({ linked: fc.boolean(), region: fc.boolean(), user: fc.boolean(), withGetRole: fc.boolean() })
  .map(({ linked, region, user, withGetRole }) => {
    const caller = user ? `arn:aws:iam::${ACCOUNT}:user/ana` : DEPLOYER
    const { principal } = assumeDenial(REPORTS)
    const person = { kind: 'user' as const, arn: caller, roleArn: null, name: 'ana', sessionName: null, uniqueId: null }
    const by = user ? { ...principal, ...person } : principal
    const target = linked
      ? arnOf('aws-service-role/es.amazonaws.com/AWSServiceRoleForAmazonElasticsearchService')
      : REPORTS
    const where = { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } }
    const near = allow('iam:PassRole', target, {
      Condition: {
        StringEquals: { ...(region ? where.StringEquals : {}), 'iam:PassedToService': 'ec2.amazonaws.com' },
      },
    })
    const seen = identity(caller, linked ? [] : [inline(caller, 'hand', near, allow('s3:*', '*'))])
    const denial = linked
      ? assumeDenial(target, { action: 'iam:CreateServiceLinkedRole', principal: by })
      : passDenial([target], 'ecs-tasks.amazonaws.com', 'published', { principal: by })
    return {
      denial,
      snapshot: snapshot(seen, linked ? [] : [role(target, trusting({ Service: 'ecs-tasks.amazonaws.com' }))]),
      config: {},
      withGetRole,
    }
  })

/** Lists that a value cannot join without side effects: the statement allows other actions too, or its operator ignores case. */
export const crowdedLists: fc.Arbitrary<DiagnosisContext> = fc
  .record({
    token: fc.boolean(),
    more: fc.constantFrom<string | string[]>('tags', 'sts:Assume*', 'sts:*', []),
    operator: fc.constantFrom('StringEquals', 'StringLike', 'StringEqualsIgnoreCase', 'ArnLike', 'ArnEquals'),
    guarded: fc.boolean(),
  })
  .map(({ token, more, operator, guarded }) => {
    const action = token ? ('sts:AssumeRoleWithWebIdentity' as const) : ('sts:AssumeRole' as const)
    const Action = more === 'tags' ? [action, 'sts:TagSession'] : typeof more === 'string' ? more : action
    const guard = guarded ? { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } : {}
    const main = 'repo:octo-org/shop:ref:refs/heads/main'
    const claims = token && operator.startsWith('Arn') ? 'StringEqualsIgnoreCase' : operator
    const [ofToken] = githubTrust(main, claims).Statement
    const ofRole = {
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Condition: { [operator]: { 'aws:PrincipalArn': [arnOf('somebody')] } },
    }
    const given = token ? ofToken : ofRole
    const statement = { ...given, Effect: 'Allow' as const, Action, Condition: { ...given?.Condition, ...guard } }
    const caller = token ? null : identity(DEPLOYER, [inline(DEPLOYER, 'p', allow('sts:AssumeRole', REPORTS))])
    const about = token
      ? webIdentityDenial(REPORTS, 'repo:octo-org/shop:ref:refs/heads/fix')
      : assumeDenial(REPORTS, { action })
    return {
      denial: { ...about, context: { ...about.context, 'aws:sourceip': present('203.0.113.7') } },
      snapshot: snapshot(caller, [role(REPORTS, document(statement))]),
      config: {},
      withGetRole: false,
    }
  })

export const anySetup: fc.Arbitrary<DiagnosisContext> = fc.oneof(
  { weight: 6, arbitrary: setup },
  { weight: 2, arbitrary: shortList },
  { weight: 1, arbitrary: permissionSets },
  { weight: 1, arbitrary: sessions },
  { weight: 1, arbitrary: services },
  { weight: 1, arbitrary: audiences },
  { weight: 1, arbitrary: guarded },
  { weight: 1, arbitrary: crowdedLists },
)

export const OTHER_PROVIDER = GITHUB_PROVIDER.replace('token.actions.githubusercontent.com', 'gitlab.com')
