import { describe, expect, it } from 'vitest'
import { ABSENT } from '../../../../core/base/fact.ts'
import type { Denial } from '../../../../core/denial/denial.ts'
import { present } from '../../../../core/iam/conditions/context.ts'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import { change, SID } from '../../../fixtures/guardrails.ts'
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
} from '../../../fixtures/patches.ts'
import { excess, type Given, REPORTS, SOMEBODY } from '../../../fixtures/proofs.ts'

describe('trust is proved', () => {
  const trust = trusting({ AWS: SOMEBODY })
  const letting = (statement: Partial<Statement>, given: Given = {}, before: PolicyDocument = trust) =>
    excess(
      [
        change(
          'role-trust-policy',
          REPORTS,
          before,
          document(...before.Statement, { Sid: SID, Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }),
        ),
      ],
      {
        denial: assumeDenial(REPORTS),
        seen: snapshot(identity(DEPLOYER), [role(REPORTS, before)]),
        gaps: [],
        ...given,
      },
    )

  it('for the caller itself, and nobody else', () => {
    expect(letting({ Principal: { AWS: DEPLOYER } })).toBe(null)
    expect(letting({ Principal: { AWS: SOMEBODY } })).toBe(`it trusts ${SOMEBODY}`)
    expect(letting({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } })).toBe(
      `it trusts arn:aws:iam::${ACCOUNT}:root`,
    )
    expect(letting({ Principal: '*' })).toBe('it trusts *')
    expect(letting({ Principal: { Federated: DEPLOYER } })).toBe(`it trusts ${DEPLOYER}`)
    expect(letting({ Principal: { Service: DEPLOYER } })).toBe(`it trusts ${DEPLOYER}`)
    expect(letting({ Principal: { Service: 'ec2.amazonaws.com' } })).toBe('it trusts ec2.amazonaws.com')
    expect(letting({ Principal: { AWS: [DEPLOYER, SOMEBODY] } })).toBe('it trusts more than one principal')
    expect(letting({})).toBe('a statement has no principal or no action')
    expect(letting({ NotPrincipal: { AWS: SOMEBODY } })).toBe('a statement has NotPrincipal')
    expect(letting({ Principal: { AWS: DEPLOYER }, Resource: '*' })).toBe('a statement has Resource')
    expect(letting({ Principal: { AWS: DEPLOYER }, Action: 'sts:*' })).toBe('it allows sts:*')
    expect(letting({ Principal: { AWS: DEPLOYER }, Action: ['sts:AssumeRole', 'sts:TagSession'] })).toBe(
      'it allows sts:TagSession',
    )
  })

  it('under the conditions that the owner sets for similar principals', () => {
    const Condition = { StringEquals: { 'sts:ExternalId': 'secret' } }
    const guarded = trusting({ AWS: SOMEBODY }, { Condition })
    expect(letting({ Principal: { AWS: DEPLOYER }, Condition }, {}, guarded)).toBe(null)
    expect(letting({ Principal: { AWS: DEPLOYER } }, {}, guarded)).toBe(
      'it does not limit sts:externalid as this denial does',
    )
    const negated = { StringNotEquals: { 'aws:PrincipalTag/team': ['a', 'b'] } }
    const excluded = trusting({ AWS: SOMEBODY }, { Condition: negated })
    expect(letting({ Principal: { AWS: DEPLOYER }, Condition: negated }, {}, excluded)).toBe(null)
    const fewer = { StringNotEquals: { 'aws:PrincipalTag/team': ['a'] } }
    expect(letting({ Principal: { AWS: DEPLOYER }, Condition: fewer }, {}, excluded)).toMatch(/principaltag/)
    const two = document(
      ...guarded.Statement,
      ...trusting({ AWS: `arn:aws:iam::${ACCOUNT}:role/b` }, { Condition: negated }).Statement,
    )
    expect(letting({ Principal: { AWS: DEPLOYER }, Condition }, {}, two)).toBe(
      'the conditions of similar principals differ',
    )
  })

  it('for the tags and the source identity that the call shows', () => {
    const denial = assumeDenial(REPORTS, {
      action: 'sts:TagSession',
      context: { 'aws:tagkeys': present('team', 'cost') },
    })
    const tagging = (Condition?: Statement['Condition']) =>
      letting({ Principal: { AWS: DEPLOYER }, Action: 'sts:TagSession', ...(Condition && { Condition }) }, { denial })
    expect(tagging({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost'] } })).toBe(null)
    expect(tagging({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } })).toBe(null)
    expect(tagging({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'x'] } })).toMatch(/aws:tagkeys/)
    expect(tagging({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['team'] } })).toMatch(/aws:tagkeys/)
    expect(tagging()).toMatch(/aws:tagkeys/)
  })

  it('for the caller’s permission set in its account', () => {
    const name = 'AWSReservedSSO_Admin_0123456789abcdef'
    const path = `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/`
    const caller = `${path}${name}`
    const pattern = `${path}AWSReservedSSO_Admin_????????????????`
    const denial = assumeDenial(REPORTS)
    const by = {
      ...denial.principal,
      kind: 'sso-role' as const,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/ana`,
    }
    const given = (before = trust): Given => ({
      denial: { ...denial, principal: { ...by, roleArn: caller, name, uniqueId: null } },
      seen: snapshot(identity(caller), [role(REPORTS, before)]),
    })
    const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` }
    const named = (value: string | string[], operator = 'ArnLike') =>
      letting({ Principal: root, Condition: { [operator]: { 'aws:PrincipalArn': value } } }, given())
    expect(named(pattern)).toBe(null)
    const why = 'it does not limit aws:principalarn as this denial does'
    expect(named(`${path}AWSReservedSSO_Admin_*`)).toBe(why)
    expect(named([pattern, SOMEBODY])).toBe(why)
    expect(named(pattern, 'ArnLikeIfExists')).toBe(why)
    expect(named(pattern, 'ArnNotLike')).toBe(why)
    expect(letting({ Principal: root }, given())).toBe(why)
    expect(letting({ Principal: { AWS: '444455556666' } }, given())).toBe('it trusts 444455556666')

    const joins = (before: string[], ...added: string[]) => {
      const listed = (values: string[]) => trusting(root, { Condition: { ArnLike: { 'aws:PrincipalArn': values } } })
      return excess(
        [change('role-trust-policy', REPORTS, listed(before), listed([...before, ...added]))],
        given(listed(before)),
      )
    }
    expect(joins([SOMEBODY], pattern)).toBe(null)
    expect(joins([SOMEBODY], caller)).toBe(null)
    expect(joins([SOMEBODY], pattern, DEPLOYER)).toBe(why)
    expect(joins([SOMEBODY], `${path}*`)).toBe(why)
  })

  it('for the denied service, with the account that it acts for or the owner’s condition', () => {
    const name = 'codebuild.amazonaws.com'
    const denial = assumeDenial(REPORTS, {
      action: 'sts:TagSession',
      context: { 'aws:sourceaccount': present(ACCOUNT) },
    })
    const principal = {
      ...denial.principal,
      kind: 'service' as const,
      name,
      arn: null,
      roleArn: null,
      pathKnown: false,
    }
    const given = (before: PolicyDocument): Given => ({
      denial: { ...denial, principal },
      seen: snapshot(null, [role(REPORTS, before)]),
    })
    const tagging = (service: string, Condition?: Statement['Condition'], before = trusting({ Service: name })) =>
      letting(
        { Principal: { Service: service }, Action: 'sts:TagSession', ...(Condition && { Condition }) },
        given(before),
        before,
      )
    const account = { StringEquals: { 'aws:SourceAccount': ACCOUNT } }
    expect(tagging(name, account)).toBe(null)
    expect(tagging(name)).toBe('it does not limit aws:sourceaccount as this denial does')
    expect(tagging('ec2.amazonaws.com', account)).toBe('it trusts ec2.amazonaws.com')
    const arn = { ArnLike: { 'aws:SourceArn': 'arn:aws:codebuild:*:111122223333:*' } }
    expect(tagging(name, arn, trusting({ Service: name }, { Condition: arn }))).toBe(null)
    expect(tagging(name, account, trusting({ Service: name }, { Condition: arn }))).toMatch(/aws:sourcearn/)
  })

  it('for the denied service alone, by the resource that it acts for', () => {
    const name = 'states.amazonaws.com'
    const machine = (its: string) => `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:${its}`
    const denial = assumeDenial(REPORTS, { context: { 'aws:sourcearn': present(machine('orders')) } })
    const service = { ...denial.principal, kind: 'service' as const, name, arn: null, roleArn: null, pathKnown: false }
    const listing = (Principal: NonNullable<Statement['Principal']>, ...its: string[]) =>
      document({
        ...{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal },
        Condition: { ArnLike: { 'aws:SourceArn': its.map(machine) } },
      })
    const joining = (Principal: NonNullable<Statement['Principal']>, added: string) => {
      const before = listing(Principal, 'billing')
      return excess([change('role-trust-policy', REPORTS, before, listing(Principal, 'billing', added))], {
        ...{ denial: { ...denial, principal: service }, gaps: [] },
        seen: snapshot(null, [role(REPORTS, before)]),
      })
    }
    expect(joining({ Service: name }, 'orders')).toBe(null)
    expect(joining({ Service: name }, 'other')).toBe('it does not limit aws:sourcearn as this denial does')
    const more = 'it trusts more than one service'
    expect(joining({ Service: [name, 'ec2.amazonaws.com'] }, 'orders')).toBe(more)
    expect(joining({ Service: 'ec2.amazonaws.com' }, 'orders')).toBe(more)
    expect(joining({ Service: name, AWS: SOMEBODY }, 'orders')).toBe(more)
    expect(joining({ Federated: name }, 'orders')).toBe(more)
    expect(joining('*', 'orders')).toBe(more)
  })

  it('for the caller in a list of its account without the conditions of its own allow, which holds beside it', () => {
    const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }
    const policies = [inline(DEPLOYER, 'own', allow('sts:AssumeRole', REPORTS, mfa))]
    const listing = (AWS: string, ...arns: string[]) =>
      trusting({ AWS }, { Condition: { ArnLike: { 'aws:PrincipalArn': arns } } })
    const joining = (AWS: string) => {
      const before = listing(AWS, SOMEBODY)
      return excess([change('role-trust-policy', REPORTS, before, listing(AWS, SOMEBODY, DEPLOYER))], {
        ...{ denial: assumeDenial(REPORTS), gaps: [] },
        seen: snapshot(identity(DEPLOYER, policies), [role(REPORTS, before)]),
      })
    }
    expect(joining(`arn:aws:iam::${ACCOUNT}:root`)).toBe(null)
    expect(joining('*')).toBe('it does not limit aws:multifactorauthpresent as this denial does')
  })

  it('not in a trust policy that was not read, nor in one of another role', () => {
    const unread = snapshot(identity(DEPLOYER), [{ arn: REPORTS, role: ABSENT, near: { known: false, why: '' } }])
    expect(letting({ Principal: { AWS: DEPLOYER } }, { seen: unread })).toBe(
      'the policy of reports is not as it was read',
    )
    expect(letting({ Principal: { AWS: DEPLOYER } }, { denial: assumeDenial(SOMEBODY) })).toBe(
      'the trust policy of reports does not decide about the denied request',
    )
    expect(letting({ Principal: { AWS: DEPLOYER } }, { denial: passDenial([REPORTS]) })).toBe(
      'the trust policy of reports does not decide about the denied request',
    )
  })
})

describe('trust for a token is proved', () => {
  const [main, fix] = ['repo:acme/shop:ref:refs/heads/main', 'repo:acme/shop:ref:refs/heads/fix'] as const
  const given = (before: PolicyDocument, audience = 'sts.amazonaws.com'): Given => ({
    denial: webIdentityDenial(REPORTS, fix, audience),
    seen: snapshot(null, [role(REPORTS, before)]),
    gaps: [],
  })
  const write = (before: PolicyDocument, after: PolicyDocument, audience?: string) =>
    excess([change('role-trust-policy', REPORTS, before, after)], given(before, audience))
  const issuer = 'token.actions.githubusercontent.com'

  it('where its subject joins the list', () => {
    expect(write(githubTrust([main]), githubTrust([main, fix]))).toBe(null)
    expect(write(githubTrust([main], 'StringEquals'), githubTrust([main, fix], 'StringEquals'))).toBe(null)
    const why = `it does not limit ${issuer}:sub as this denial does`
    expect(write(githubTrust([main]), githubTrust([main, `${fix}*`]))).toBe(why)
    expect(write(githubTrust([main]), githubTrust([main, fix, 'repo:acme/shop:*']))).toBe(why)
    expect(
      write(githubTrust([main], 'StringEqualsIgnoreCase'), githubTrust([main, fix], 'StringEqualsIgnoreCase')),
    ).toBe(why)
  })

  it('where the statement also lets the session be tagged, which is within the same call', () => {
    const tagging = (subjects: string[], ...more: string[]) => {
      const [only] = githubTrust(subjects).Statement
      return document({
        ...only,
        Effect: 'Allow',
        Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', ...more],
      })
    }
    expect(write(tagging([main]), tagging([main, fix]))).toBe(null)
    expect(write(tagging([main], 'sts:AssumeRole'), tagging([main, fix], 'sts:AssumeRole'))).toBe(
      'it allows sts:AssumeRole',
    )
  })

  it('in a list that other providers are in, but for nobody of AWS', () => {
    const shared = (subjects: string[], more: NonNullable<Statement['Principal']>) => {
      const [only] = githubTrust(subjects).Statement
      return document({ ...only, Effect: 'Allow', Principal: more })
    }
    const gitlab = `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`
    const both = { Federated: [GITHUB_PROVIDER, gitlab] }
    expect(write(shared([main], both), shared([main, fix], both))).toBe(null)
    expect(write(shared([main], { Federated: gitlab }), shared([main, fix], { Federated: gitlab }))).toBe(
      'it trusts another identity provider',
    )
    const people = { Federated: GITHUB_PROVIDER, AWS: SOMEBODY }
    expect(write(shared([main], people), shared([main, fix], people))).toBe(`it trusts ${SOMEBODY}`)
  })

  it('in a statement of its own for the subject and the audience, under the conditions of the provider', () => {
    const before = githubTrust([fix], 'StringEquals')
    const beside = (Condition: NonNullable<Statement['Condition']>, more: Partial<Statement> = {}, old = before) =>
      write(
        old,
        document(...old.Statement, {
          Sid: SID,
          Effect: 'Allow',
          Principal: { Federated: GITHUB_PROVIDER },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition,
          ...more,
        }),
        'acme',
      )
    const pinned = { [`${issuer}:sub`]: fix, [`${issuer}:aud`]: 'acme' }
    expect(beside({ StringEquals: pinned })).toBe(null)
    expect(beside({ StringEquals: { [`${issuer}:aud`]: 'acme' } })).toBe(
      `it does not limit ${issuer}:sub as this denial does`,
    )
    expect(beside({ StringEquals: { [`${issuer}:sub`]: fix } })).toBe(
      `it does not limit ${issuer}:aud as this denial does`,
    )
    expect(beside({ StringEqualsIfExists: pinned })).toMatch(/:sub/)
    const gitlab = `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`
    expect(beside({ StringEquals: pinned }, { Principal: { Federated: gitlab } })).toBe(
      'it trusts another identity provider',
    )
    expect(beside({ StringEquals: pinned }, { Principal: { Federated: [GITHUB_PROVIDER, gitlab] } })).toBe(
      'it trusts more than one identity provider',
    )
    expect(beside({ StringEquals: pinned }, {}, trust)).toBe(
      'it trusts an identity provider that the role does not trust yet',
    )
    const [only] = before.Statement
    const network = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }
    const guarded = document({ ...only, Effect: 'Allow', Condition: { ...only?.Condition, ...network } })
    expect(beside({ StringEquals: pinned, ...network }, {}, guarded)).toBe(null)
    expect(beside({ StringEquals: pinned }, {}, guarded)).toBe('it does not limit aws:sourceip as this denial does')
  })

  const ownStatement = (audience: string, more: NonNullable<Statement['Condition']> = {}): Statement => ({
    ...{ Sid: SID, Effect: 'Allow', Principal: { Federated: GITHUB_PROVIDER } },
    ...{ Action: 'sts:AssumeRoleWithWebIdentity' },
    Condition: { StringEquals: { [`${issuer}:sub`]: fix, [`${issuer}:aud`]: audience }, ...more },
  })

  it('under the conditions of any one statement of the provider', () => {
    const [only] = githubTrust([main], 'StringEquals').Statement
    const network = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }
    const office = { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }
    const open = { ...only, Effect: 'Allow' } as const
    const guarded = { ...open, Condition: { ...only?.Condition, ...network } }
    const regional = { ...open, Condition: { ...office, ...network } }
    const beside = (owners: readonly Statement[], own: Statement) =>
      write(document(...owners), document(...owners, own), 'acme')
    expect(beside([guarded, open], ownStatement('acme'))).toBe(null)
    expect(beside([open, guarded], ownStatement('acme'))).toBe(null)
    expect(beside([regional, guarded], ownStatement('acme', network))).toBe(null)
    expect(beside([guarded, regional], ownStatement('acme'))).toBe('it does not limit aws:sourceip as this denial does')
  })

  it('never for an audience that is no exact name, or that the token does not show', () => {
    const before = githubTrust([main], 'StringEquals')
    const about = (audience: string | null) => {
      const after = document(...before.Statement, ownStatement(audience ?? 'acme'))
      const denial = webIdentityDenial(REPORTS, fix, 'acme')
      const claims = { provider: GITHUB_PROVIDER, subject: fix, audience }
      return excess([change('role-trust-policy', REPORTS, before, after)], {
        ...given(before),
        denial: { ...denial, claims },
      })
    }
    expect(about('acme')).toBe(null)
    expect(about('ac*e')).toBe('the audience of the token is not one exact name')
    expect(about(null)).toBe('the audience of the token is not one exact name')
  })

  const trust = trusting({ AWS: SOMEBODY })
  it('never for a subject or an audience that is no exact name', () => {
    const wild = { ...webIdentityDenial(REPORTS, 'repo:acme/*') }
    const about = (denial: Denial) =>
      excess([change('role-trust-policy', REPORTS, githubTrust([main]), githubTrust([main, 'repo:acme/*']))], {
        ...given(githubTrust([main])),
        denial,
      })
    expect(about(wild)).toBe('the subject of the token is not one exact name')
    expect(about({ ...wild, claims: null })).toBe('it trusts another identity provider')
    const nameless = { ...wild, claims: { provider: GITHUB_PROVIDER, subject: null, audience: null } }
    expect(about(nameless)).toBe('the subject of the token is not one exact name')
  })
})
