import { describe, expect, it } from 'vitest'
import { ok } from '../../../core/base/result.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import { revertChange } from '../../../core/patch/revert-patch.ts'
import { restorable } from '../../../core/patch/take-away.ts'
import { sent } from '../../fixtures/passed-service.ts'
import {
  ACCOUNT,
  account,
  allow,
  analyzeSetup,
  assumeDenial,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  ecsTrust,
  GITHUB_PROVIDER,
  githubTrust,
  identity,
  inline,
  managed,
  offered,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
  webIdentityDenial,
} from '../../fixtures/patches.ts'

const taskRole = [role(TASK_ROLE, ecsTrust)]
const bothRoles = [...taskRole, role(EXECUTION_ROLE, ecsTrust)]

describe('a PassRole gap', () => {
  it('is fixed by one statement for the exact role and service in the rolemedic policy', () => {
    const patch = offered(analyzeSetup(passDenial(), snapshot(identity(DEPLOYER), taskRole)))
    expect(patch.changes).toHaveLength(1)
    expect(patch.changes[0]).toMatchObject({
      target: {
        kind: 'role-inline-policy',
        accountId: ACCOUNT,
        name: 'deployer',
        policyName: 'rolemedic',
        arn: DEPLOYER,
      },
      before: null,
      required: true,
    })
    expect(patch.changes[0]?.after).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: expect.stringMatching(/^Rolemedic[0-9a-f]{8}$/),
          Effect: 'Allow',
          Action: 'iam:PassRole',
          Resource: TASK_ROLE,
          Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
        },
      ],
    })
  })

  it('covers every role of the call in one statement', () => {
    const denial = passDenial([TASK_ROLE, EXECUTION_ROLE])
    const patch = offered(analyzeSetup(denial, snapshot(identity(DEPLOYER), bothRoles)))
    expect(patch.changes[0]?.after.Statement).toMatchObject([{ Resource: [TASK_ROLE, EXECUTION_ROLE] }])
  })

  it('uses one statement for each service if the roles of a call go to different services', () => {
    const lambdaRole = `arn:aws:iam::${ACCOUNT}:role/hook`
    const denial = passDenial([TASK_ROLE, lambdaRole], 'ecs-tasks.amazonaws.com', 'published', {
      passes: [
        { arn: TASK_ROLE, parameter: null, service: sent('ecs-tasks.amazonaws.com') },
        { arn: lambdaRole, parameter: null, service: sent('lambda.amazonaws.com') },
      ],
    })
    const targets = [role(TASK_ROLE, ecsTrust), role(lambdaRole, trusting({ Service: 'lambda.amazonaws.com' }))]
    const patch = offered(analyzeSetup(denial, snapshot(identity(DEPLOYER), targets)))
    expect(patch.changes[0]?.after.Statement).toMatchObject([
      {
        Sid: expect.stringMatching(/a$/),
        Resource: TASK_ROLE,
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
      {
        Sid: expect.stringMatching(/b$/),
        Resource: lambdaRole,
        Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      },
    ])
  })

  it('uses StringEqualsIfExists if it is not proven that the call sends the key', () => {
    const denial = passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'optional')
    const patch = offered(analyzeSetup(denial, snapshot(identity(DEPLOYER), taskRole)))
    expect(patch.changes[0]?.after.Statement[0]?.Condition).toEqual({
      StringEqualsIfExists: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    })
  })

  it('adds iam:GetRole in a separate statement on request', () => {
    const patch = offered(analyzeSetup(passDenial(), snapshot(identity(DEPLOYER), taskRole), { withGetRole: true }))
    const statements = patch.changes[0]?.after.Statement ?? []
    expect(statements.map(({ Action }) => Action)).toEqual(['iam:PassRole', 'iam:GetRole'])
    expect(statements[1]).toEqual({
      Sid: statements[1]?.Sid,
      Effect: 'Allow',
      Action: 'iam:GetRole',
      Resource: TASK_ROLE,
    })
  })

  it('grants an approved role set instead of single roles, for the one service', () => {
    const xyz7 = `arn:aws:iam::${ACCOUNT}:role/EC2-roles-for-XYZ-7`
    const pattern = `arn:aws:iam::${ACCOUNT}:role/EC2-roles-for-XYZ-*`
    const approvedRoleSets = [{ name: 'xyz', pattern, services: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] }]
    const targets = [role(xyz7, trusting({ Service: 'ec2.amazonaws.com' }))]
    const denial = passDenial([xyz7], 'ec2.amazonaws.com')
    const patch = offered(analyzeSetup(denial, snapshot(identity(DEPLOYER), targets), { config: { approvedRoleSets } }))
    expect(patch.changes[0]?.after.Statement).toMatchObject([
      { Resource: pattern, Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } } },
    ])
  })

  it('grants the exact role if the set is approved for another service', () => {
    const xyz7 = `arn:aws:iam::${ACCOUNT}:role/EC2-roles-for-XYZ-7`
    const pattern = `arn:aws:iam::${ACCOUNT}:role/EC2-roles-for-XYZ-*`
    const approvedRoleSets = [{ name: 'xyz', pattern, services: ['lambda.amazonaws.com'] }]
    const targets = [role(xyz7, trusting({ Service: 'ec2.amazonaws.com' }))]
    const denial = passDenial([xyz7], 'ec2.amazonaws.com')
    const patch = offered(analyzeSetup(denial, snapshot(identity(DEPLOYER), targets), { config: { approvedRoleSets } }))
    expect(patch.changes[0]?.after.Statement[0]?.Resource).toBe(xyz7)
  })

  it('keeps earlier statements of rolemedic and of others', () => {
    const old = { Sid: 'Rolemedic00000000', ...allow('iam:PassRole', EXECUTION_ROLE) }
    const hand = { Sid: 'ByHand', ...allow('s3:GetObject', 'arn:aws:s3:::a/*') }
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', old, hand)])
    const patch = offered(analyzeSetup(passDenial(), snapshot(caller, taskRole)))
    expect(patch.changes[0]?.before).toEqual(document(old, hand))
    expect(patch.changes[0]?.after.Statement.slice(0, 2)).toEqual([old, hand])
    expect(patch.changes[0]?.after.Statement).toHaveLength(3)
  })

  it('renews its own ended grant, and keeps an ended statement of others that has its Sid', () => {
    const ended = { DateLessThan: { 'aws:CurrentTime': '2026-11-24T00:00:00Z' } }
    const drafted = (...held: readonly Statement[]) =>
      offered(
        analyzeSetup(passDenial(), snapshot(identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', ...held)]), taskRole)),
      ).changes[0]?.after.Statement ?? []
    const [first] = drafted({ Sid: 'ByHand', ...allow('s3:GetObject', 'arn:aws:s3:::a/*') }).slice(-1)
    if (first === undefined) throw new Error('nothing drafted')
    const own = { ...first, Condition: { ...first.Condition, ...ended } }
    expect(drafted(own)).toEqual([first])
    const copied = { ...own, Condition: { ...own.Condition, Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }
    expect(drafted(copied)[0]).toEqual(copied)
  })

  it.each(['ByHand', 'Rolemedic0a1b2c3d'])(
    'takes over the conditions of the nearest allow, whatever its Sid (%s)',
    Sid => {
      const mfa = { 'aws:MultiFactorAuthPresent': 'true' }
      const services = { 'iam:PassedToService': ['lambda.amazonaws.com', 'ec2.amazonaws.com'] }
      const anyRole = `arn:aws:iam::${ACCOUNT}:role/*`
      const held = { Sid, ...allow('iam:PassRole', anyRole), Condition: { StringEquals: services, Bool: mfa } }
      const caller = identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', held)])
      const context = { 'aws:multifactorauthpresent': present('true') }
      const denial = passDenial()
      const asked = { ...denial, context: { ...denial.context, ...context } }
      const patch = offered(analyzeSetup(asked, snapshot(caller, taskRole)))
      expect(patch.changes[0]?.after.Statement.at(-1)?.Condition?.['Bool']).toEqual(mfa)
    },
  )

  it('is written to the permission set behind an Identity Center role', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Deploy_Team_0123456789abcdef`
    const before = inline(arn, 'AwsSSOInlinePolicy', allow('s3:ListAllMyBuckets', '*'))
    const denial = passDenial()
    const principal = {
      ...denial.principal,
      kind: 'sso-role' as const,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Deploy_Team_0123456789abcdef/ana`,
      roleArn: arn,
      name: 'AWSReservedSSO_Deploy_Team_0123456789abcdef',
    }
    const patch = offered(analyzeSetup({ ...denial, principal }, snapshot(identity(arn, [before]), taskRole)))
    expect(patch.changes[0]?.target).toMatchObject({ kind: 'permission-set-inline-policy', name: 'Deploy_Team' })
    expect(patch.changes[0]?.before).toEqual(before.document)
    expect(patch.changes[0]?.after.Statement).toHaveLength(2)
  })

  it('is refused for a service-linked caller', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup`
    const principal = {
      ...passDenial().principal,
      kind: 'service-linked-role' as const,
      roleArn: arn,
      name: 'AWSServiceRoleForBackup',
    }
    const outcome = analyzeSetup(
      passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'published', { principal }),
      snapshot(identity(arn), taskRole),
    )
    expect(outcome.patch).toBeNull()
  })
})

describe('an allow whose service list lacks a value', () => {
  const statement = (service: string, resources: string | string[] = TASK_ROLE) =>
    allow('iam:PassRole', resources, { Condition: { StringEquals: { 'iam:PassedToService': service } } })

  it('gets the one missing value, in that list', () => {
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'deploy', statement('ecs.amazonaws.com'))])
    const patch = offered(analyzeSetup(passDenial(), snapshot(caller, taskRole)))
    expect(patch.changes).toHaveLength(1)
    expect(patch.changes[0]?.target).toMatchObject({
      kind: 'role-inline-policy',
      name: 'deployer',
      policyName: 'deploy',
    })
    expect(patch.changes[0]?.after.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: TASK_ROLE,
        Condition: { StringEquals: { 'iam:PassedToService': ['ecs.amazonaws.com', 'ecs-tasks.amazonaws.com'] } },
      },
    ])
  })

  it('is left alone if it is an earlier grant, so that either is taken away, or ends, without the other', () => {
    const ended = { DateLessThan: { 'aws:CurrentTime': '2026-11-24T18:00:00Z' } }
    for (const more of [{}, ended]) {
      const given = statement('lambda.amazonaws.com')
      const earlier = { Sid: 'Rolemedic00000000', ...given, Condition: { ...given.Condition, ...more } }
      const caller = identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', earlier)])
      const [change] = offered(analyzeSetup(passDenial(), snapshot(caller, taskRole))).changes
      const added = { Sid: expect.stringMatching(/^Rolemedic(?!00000000)/), ...statement('ecs-tasks.amazonaws.com') }
      expect(change?.after.Statement).toEqual([earlier, added])
      const { target, after = document() } = change ?? expect.fail('no change')
      const first = { target, before: null, after: document(earlier) }
      const second = { target, before: first.after, after }
      const own = after.Statement.slice(1)
      expect(revertChange(first, after)).toEqual(ok(document(...own)))
      expect(revertChange({ ...second, before: restorable(second) }, after)).toEqual(ok(document(earlier)))
    }
  })

  it('gets it in a customer-managed policy, with two approvers if others may have it attached', () => {
    const alone = identity(DEPLOYER, [managed(DEPLOYER, 'deploy', 1, statement('ecs.amazonaws.com'))])
    const one = analyzeSetup(passDenial(), snapshot(alone, taskRole))
    expect(offered(one).changes[0]?.target).toMatchObject({ kind: 'managed-policy', name: 'deploy', policyName: null })
    expect(one.verified?.verification.approvers).toBe(1)

    const shared = identity(DEPLOYER, [managed(DEPLOYER, 'deploy', 4, statement('ecs.amazonaws.com'))])
    expect(analyzeSetup(passDenial(), snapshot(shared, taskRole)).verified?.verification).toMatchObject({
      risk: 'elevated',
      approvers: 2,
    })
  })

  it('leaves a statement alone if it covers other roles, which the value would allow too', () => {
    for (const resources of ['*', [TASK_ROLE, `arn:aws:iam::${ACCOUNT}:role/other`]]) {
      const caller = identity(DEPLOYER, [inline(DEPLOYER, 'deploy', statement('ecs.amazonaws.com', resources))])
      const patch = offered(analyzeSetup(passDenial(), snapshot(caller, taskRole)))
      expect(patch.changes[0]?.target.policyName).toBe('rolemedic')
      expect(patch.changes[0]?.after.Statement).toMatchObject([{ Resource: TASK_ROLE }])
    }
  })

  it('leaves AWS-managed and group policies alone', () => {
    const aws = { ...managed(DEPLOYER, 'x', 1, statement('ecs.amazonaws.com')), arn: 'arn:aws:iam::aws:policy/x' }
    const group = managed(`arn:aws:iam::${ACCOUNT}:group/devs`, 'x', 1, statement('ecs.amazonaws.com'))
    for (const policy of [aws, group]) {
      const patch = offered(analyzeSetup(passDenial(), snapshot(identity(DEPLOYER, [policy]), taskRole)))
      expect(patch.changes[0]?.target.policyName).toBe('rolemedic')
    }
  })
})

describe('quotas', () => {
  const filler = (size: number) => ({ Sid: 'Filler', ...allow('s3:GetObject', `arn:aws:s3:::${'x'.repeat(size)}/*`) })

  it('moves a grant to a managed policy that only the caller has if the inline policies are full', () => {
    const policies = [
      inline(DEPLOYER, 'big', filler(10_000)),
      managed(DEPLOYER, 'shared', 3),
      managed(DEPLOYER, 'own', 1),
    ]
    const patch = offered(analyzeSetup(passDenial(), snapshot(identity(DEPLOYER, policies), taskRole)))
    expect(patch.changes[0]?.target).toEqual({
      kind: 'managed-policy',
      accountId: ACCOUNT,
      name: 'own',
      policyName: null,
      arn: `arn:aws:iam::${ACCOUNT}:policy/own`,
    })
  })

  it('refuses if no policy has room', () => {
    const policies = [inline(DEPLOYER, 'big', filler(10_000)), managed(DEPLOYER, 'own', 1, filler(6_000))]
    expect(analyzeSetup(passDenial(), snapshot(identity(DEPLOYER, policies), taskRole)).refusal).toBe('quota')
  })

  it('counts all inline policies of a user together', () => {
    const user = `arn:aws:iam::${ACCOUNT}:user/ana`
    const principal = { ...passDenial().principal, kind: 'user' as const, arn: user, roleArn: null, name: 'ana' }
    const denial = passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'published', { principal })
    const small = identity(user, [inline(user, 'a', filler(700))])
    expect(offered(analyzeSetup(denial, snapshot(small, taskRole))).changes[0]?.target).toMatchObject({
      kind: 'user-inline-policy',
    })
    const full = identity(user, [inline(user, 'a', filler(900)), inline(user, 'b', filler(800))])
    expect(analyzeSetup(denial, snapshot(full, taskRole)).refusal).toBe('quota')
  })
})

describe('an AssumeRole gap', () => {
  const target = `arn:aws:iam::${ACCOUNT}:role/reports`

  it('on the caller’s side is fixed with the exact role', () => {
    const patch = offered(
      analyzeSetup(assumeDenial(target), snapshot(identity(DEPLOYER), [role(target, trusting(account(ACCOUNT)))])),
    )
    expect(patch.changes).toHaveLength(1)
    expect(patch.changes[0]?.after.Statement).toEqual([
      { Sid: expect.any(String), Effect: 'Allow', Action: 'sts:AssumeRole', Resource: target },
    ])
  })

  it('on the role’s side is fixed with the exact principal, in a separate statement', () => {
    const trust = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:role/somebody` })
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'a', allow('sts:AssumeRole', target))])
    const patch = offered(analyzeSetup(assumeDenial(target), snapshot(caller, [role(target, trust)])))
    expect(patch.changes).toHaveLength(1)
    expect(patch.changes[0]?.target).toMatchObject({
      kind: 'role-trust-policy',
      name: 'reports',
      policyName: null,
      arn: target,
    })
    expect(patch.changes[0]?.after.Statement).toEqual([
      trust.Statement[0],
      { Sid: expect.any(String), Effect: 'Allow', Principal: { AWS: DEPLOYER }, Action: 'sts:AssumeRole' },
    ])
  })

  it.each(['ByHand', 'Rolemedic0a1b2c3d'])('takes over what others are trusted under, whatever its Sid (%s)', Sid => {
    const Condition = { StringEquals: { 'sts:ExternalId': 'reports-1' } }
    const named = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:role/somebody` }).Statement[0]
    if (named === undefined) throw new Error('no statement')
    const trust = document({ ...named, Sid, Condition })
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'a', allow('sts:AssumeRole', target))])
    const { patch } = analyzeSetup(assumeDenial(target), snapshot(caller, [role(target, trust)]))
    expect(patch?.changes[0]?.after.Statement.at(-1)).toMatchObject({ Principal: { AWS: DEPLOYER }, Condition })
  })

  const foreign = 'arn:aws:iam::444455556666:role/reports'

  it('across accounts is fixed on both sides, the trust policy last', () => {
    const trust = trusting({ AWS: 'arn:aws:iam::444455556666:role/somebody' })
    const scps = { known: true as const, value: [{ id: 'r-root', policies: [] }] }
    const outcome = analyzeSetup(assumeDenial(foreign), snapshot(identity(DEPLOYER), [role(foreign, trust)], { scps }))
    expect(offered(outcome).changes.map(change => change.target.kind)).toEqual([
      'role-inline-policy',
      'role-trust-policy',
    ])
    expect(outcome.verified?.verification).toMatchObject({ risk: 'elevated', approvers: 2 })
  })

  it('is refused if the caller’s account is outside the organization', () => {
    const trust = trusting({ AWS: 'arn:aws:iam::444455556666:role/somebody' })
    expect(analyzeSetup(assumeDenial(foreign), snapshot(identity(DEPLOYER), [role(foreign, trust)])).refusal).toBe(
      'trust-account',
    )
  })

  it('names the session tag keys if they are known', () => {
    const denial = assumeDenial(target, {
      action: 'sts:TagSession',
      context: { 'aws:tagkeys': { state: 'present', values: ['team', 'cost-center'] } },
    })
    const trust = trusting({ AWS: DEPLOYER })
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'a', allow('sts:AssumeRole', target))])
    const patch = offered(analyzeSetup(denial, snapshot(caller, [role(target, trust)])))
    expect(patch.changes.map(change => change.target.kind)).toEqual(['role-inline-policy', 'role-trust-policy'])
    const Condition = { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost-center'] } }
    expect(patch.changes.map(change => change.after.Statement.at(-1))).toMatchObject([
      { Action: 'sts:TagSession', Resource: target, Condition },
      { Action: 'sts:TagSession', Principal: { AWS: DEPLOYER }, Condition },
    ])
  })
})

describe('a web identity', () => {
  const target = `arn:aws:iam::${ACCOUNT}:role/github-deploy`
  const subject = 'repo:octo-org/shop:environment:production'

  it('gets its exact subject in the existing list', () => {
    const trust = githubTrust('repo:octo-org/shop:ref:refs/heads/main', 'StringEquals')
    const patch = offered(analyzeSetup(webIdentityDenial(target, subject), snapshot(null, [role(target, trust)])))
    expect(patch.changes).toHaveLength(1)
    expect(patch.changes[0]?.after).toEqual(
      githubTrust(['repo:octo-org/shop:ref:refs/heads/main', subject], 'StringEquals'),
    )
  })

  it('gets it apart from an earlier grant', () => {
    const [earlier] = githubTrust('repo:octo-org/shop:ref:refs/heads/main', 'StringEquals').Statement
    const held = { ...(earlier ?? expect.fail('no statement')), Sid: 'Rolemedic00000000' }
    const trust = document(held)
    const patch = offered(analyzeSetup(webIdentityDenial(target, subject), snapshot(null, [role(target, trust)])))
    const [first, second, ...more] = patch.changes[0]?.after.Statement ?? []
    expect([first, more]).toEqual([held, []])
    expect(second?.Condition?.['StringEquals']).toMatchObject({ 'token.actions.githubusercontent.com:sub': subject })
  })

  it('gets it in the format with immutable ids', () => {
    const immutable = 'repo:octo-org@123/shop@456:ref:refs/heads/main'
    const trust = githubTrust('repo:octo-org/shop:ref:refs/heads/main')
    const outcome = analyzeSetup(webIdentityDenial(target, immutable), snapshot(null, [role(target, trust)]))
    expect(offered(outcome).changes[0]?.after).toEqual(
      githubTrust(['repo:octo-org/shop:ref:refs/heads/main', immutable]),
    )
  })

  it('gets another audience for its own subject alone, under the other conditions of the owner', () => {
    const trust = document({
      Sid: 'Deploys',
      Effect: 'Allow',
      Principal: { Federated: [GITHUB_PROVIDER, 'arn:aws:iam::111122223333:oidc-provider/gitlab.com'] },
      Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sigstore',
          'aws:RequestedRegion': 'eu-central-1',
        },
        StringLike: { 'token.actions.githubusercontent.com:sub': ['repo:octo-org/shop:*', 'repo:octo-org/docs:*'] },
      },
    })
    const denial = webIdentityDenial(target, subject)
    const outcome = analyzeSetup(
      { ...denial, context: { ...denial.context, 'aws:requestedregion': present('eu-central-1') } },
      snapshot(null, [role(target, trust)]),
    )
    const [change] = offered(outcome).changes
    expect(change?.after.Statement.slice(0, 1)).toEqual(trust.Statement)
    expect(change?.after.Statement.slice(1)).toMatchObject([
      {
        Sid: expect.stringMatching(/^Rolemedic[0-9a-f]{8}$/),
        Effect: 'Allow',
        Principal: { Federated: GITHUB_PROVIDER },
        Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
        Condition: {
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': subject,
            'aws:RequestedRegion': 'eu-central-1',
          },
        },
      },
    ])
    expect(outcome.verified?.verification.risk).toBe('elevated')
    expect(outcome.verified?.verification.guardrails).toContainEqual({
      id: 'web-identity-subject',
      outcome: 'warn',
      detail:
        'Any job of octo-org/shop that may use the environment production could assume github-deploy with a token for the audience sts.amazonaws.com, which it does not accept now.',
    })
  })

  it('is refused if it presents a pattern', () => {
    const trust = githubTrust('repo:octo-org/shop:ref:refs/heads/main')
    for (const sub of ['repo:octo-org/shop:*', 'repo:octo-org/shop:ref:refs/heads/?'])
      expect(analyzeSetup(webIdentityDenial(target, sub), snapshot(null, [role(target, trust)])).patch).toBeNull()
  })

  it('is refused if it belongs to somebody else', () => {
    const trust = githubTrust('repo:octo-org/shop:ref:refs/heads/main')
    const outcome = analyzeSetup(
      webIdentityDenial(target, 'repo:evil/shop:ref:refs/heads/main'),
      snapshot(null, [role(target, trust)]),
    )
    expect(outcome.refusal).not.toBeNull()
  })
})

describe('a service-linked role', () => {
  const target = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`
  it('can be created only for its own service', () => {
    const denial = passDenial([], 'x', 'guess', { action: 'iam:CreateServiceLinkedRole', resource: target })
    const absent = { arn: target, role: { kind: 'absent' as const }, near: { known: true as const, value: [] } }
    const patch = offered(analyzeSetup(denial, snapshot(identity(DEPLOYER), [absent])))
    expect(patch.changes[0]?.after.Statement).toMatchObject([
      {
        Action: 'iam:CreateServiceLinkedRole',
        Resource: target,
        Condition: { StringEquals: { 'iam:AWSServiceName': 'autoscaling.amazonaws.com' } },
      },
    ])
  })
})
