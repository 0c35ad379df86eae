import { describe, expect, it } from 'vitest'
import { ABSENT, known, unknown } from '../../core/base/fact.ts'
import { present } from '../../core/iam/conditions/context.ts'
import { list, type Statement } from '../../core/iam/policy/policy-document.ts'
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
  githubTrust,
  identity,
  inline,
  type Outcome,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
  webIdentityDenial,
} from '../fixtures/patches.ts'

/** Statements that the patch adds or changes. Empty: nothing is offered. */
function opened({ patch, refusal }: Outcome): readonly (Statement & { readonly on: string })[] {
  if (patch === null || refusal !== null) return []
  return patch.changes.flatMap(({ target, before, after }) => {
    const old = (before?.Statement ?? []).map(statement => JSON.stringify(statement))
    return after.Statement.filter(statement => !old.includes(JSON.stringify(statement))).map(statement => ({
      ...statement,
      on: target.kind,
    }))
  })
}

const nothing: readonly unknown[] = []
const actions = (outcome: Outcome) => opened(outcome).flatMap(({ Action }) => list(Action))
const resources = (outcome: Outcome) => opened(outcome).flatMap(({ Resource }) => list(Resource))
const target = `arn:aws:iam::${ACCOUNT}:role/reports`
const ecs = role(TASK_ROLE, ecsTrust)
const assuming = (...statements: Statement[]) => identity(DEPLOYER, [inline(DEPLOYER, 'deploy', ...statements)])
const absent = (arn: string, near: readonly string[] = []) => ({ arn, role: ABSENT, near: known(near) })

describe('the wrong fix is never offered', () => {
  it('1: neither ecs:* nor a wildcard, nor one role of two', () => {
    const outcome = analyzeSetup(
      passDenial([TASK_ROLE, EXECUTION_ROLE]),
      snapshot(identity(DEPLOYER), [ecs, role(EXECUTION_ROLE, ecsTrust)]),
    )
    expect(actions(outcome)).toEqual(['iam:PassRole'])
    expect(resources(outcome)).toEqual([TASK_ROLE, EXECUTION_ROLE])
  })

  it('2: no second, unconditional statement beside a short service list', () => {
    const short = allow('iam:PassRole', TASK_ROLE, {
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs.amazonaws.com' } },
    })
    const statements = opened(analyzeSetup(passDenial(), snapshot(assuming(short), [ecs])))
    expect(statements).toHaveLength(1)
    expect(statements[0]?.Condition?.['StringEquals']?.['iam:PassedToService']).toEqual([
      'ecs.amazonaws.com',
      'ecs-tasks.amazonaws.com',
    ])
  })

  it('3: no further value where the call may send none', () => {
    const service = 'lambda.amazonaws.com'
    const held = allow('iam:PassRole', TASK_ROLE, { Condition: { StringEquals: { 'iam:PassedToService': service } } })
    const outcome = analyzeSetup(
      passDenial([TASK_ROLE], service, 'optional'),
      snapshot(assuming(held), [role(TASK_ROLE, trusting({ Service: service }))]),
      { config: { patchLikely: true } },
    )
    expect(opened(outcome)).toMatchObject([
      {
        on: 'role-inline-policy',
        Resource: TASK_ROLE,
        Condition: { StringEqualsIfExists: { 'iam:PassedToService': service } },
      },
    ])
  })

  it('4: no AdministratorAccess for CI, but the one role for CloudFormation', () => {
    const exec = `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-eu-central-1`
    const admin = role(exec, trusting({ Service: 'cloudformation.amazonaws.com' }), [
      inline(exec, 'a', allow('*', '*')),
    ])
    const outcome = analyzeSetup(
      passDenial([exec], 'cloudformation.amazonaws.com'),
      snapshot(identity(DEPLOYER), [admin]),
    )
    expect(opened(outcome)).toMatchObject([{ Action: 'iam:PassRole', Resource: exec }])
    expect(outcome.verified?.verification.approvers).toBe(2)
  })

  it('5: no allow for a CDK role that does not exist', () => {
    const deploy = `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-deploy-role-${ACCOUNT}-eu-central-1`
    expect(opened(analyzeSetup(assumeDenial(deploy), snapshot(identity(DEPLOYER), [absent(deploy)])))).toEqual(nothing)
  })

  it('6: no repo:* and no trust without its condition', () => {
    const trust = githubTrust('repo:octo-org/shop:ref:refs/heads/main')
    const outcome = analyzeSetup(
      webIdentityDenial(target, 'repo:octo-org/shop:environment:prod'),
      snapshot(null, [role(target, trust)]),
    )
    expect(opened(outcome)).toMatchObject([
      {
        Condition: {
          StringLike: {
            'token.actions.githubusercontent.com:sub': [
              'repo:octo-org/shop:ref:refs/heads/main',
              'repo:octo-org/shop:environment:prod',
            ],
          },
        },
      },
    ])
  })

  it('7: no pattern over owner and repository for the immutable form', () => {
    const sub = 'repo:octo-org@7/shop@8:ref:refs/heads/main'
    const trust = githubTrust('repo:octo-org/shop:ref:refs/heads/main')
    const [statement] = opened(analyzeSetup(webIdentityDenial(target, sub), snapshot(null, [role(target, trust)])))
    expect(statement?.Condition?.['StringLike']?.['token.actions.githubusercontent.com:sub']).toEqual([
      'repo:octo-org/shop:ref:refs/heads/main',
      sub,
    ])
  })

  it('8: the caller is not added to a trust that delegates to the account', () => {
    const outcome = analyzeSetup(
      assumeDenial(target),
      snapshot(identity(DEPLOYER), [role(target, trusting(account(ACCOUNT)))]),
    )
    expect(opened(outcome).map(({ on }) => on)).toEqual(['role-inline-policy'])
  })

  it('9: neither one side only nor the caller’s whole account', () => {
    const foreign = 'arn:aws:iam::444455556666:role/reports'
    const trust = trusting({ AWS: 'arn:aws:iam::444455556666:role/x' })
    const config = { organizationAccounts: [ACCOUNT] }
    const outcome = analyzeSetup(assumeDenial(foreign), snapshot(identity(DEPLOYER), [role(foreign, trust)]), {
      config,
    })
    expect(opened(outcome)).toMatchObject([
      { on: 'role-inline-policy', Resource: foreign },
      { on: 'role-trust-policy', Principal: { AWS: DEPLOYER } },
    ])
  })

  it('10: no allow for the wrong ARN', () => {
    const wrong = `arn:aws:iam::${ACCOUNT}:role/Reports`
    expect(opened(analyzeSetup(assumeDenial(wrong), snapshot(identity(DEPLOYER), [absent(wrong, [target])])))).toEqual(
      nothing,
    )
    const found = { ...role(target, trusting(account(ACCOUNT))), arn: wrong }
    expect(opened(analyzeSetup(assumeDenial(wrong), snapshot(identity(DEPLOYER), [found])))).toEqual(nothing)
  })

  it('11: no healing of a deleted principal', () => {
    const caller = assuming(allow('sts:AssumeRole', target))
    expect(
      opened(
        analyzeSetup(assumeDenial(target), snapshot(caller, [role(target, trusting({ AWS: 'AROAEXAMPLEGONE00000' }))])),
      ),
    ).toEqual(nothing)
  })

  it('12: no identity allow under an SCP, which would stay as latent access', () => {
    const deny = {
      type: 'scp' as const,
      name: 'guard',
      arn: null,
      attachedTo: 'r-root',
      document: document({ Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }),
    }
    const scps = known([{ id: 'r-root', policies: [deny] }])
    expect(opened(analyzeSetup(passDenial(), snapshot(identity(DEPLOYER), [ecs], { scps })))).toEqual(nothing)
    const unseen = { scps: unknown('no organization file') }
    const denied = passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'published', { reason: 'explicit-deny-scp' })
    expect(opened(analyzeSetup(denied, snapshot(identity(DEPLOYER), [ecs], unseen)))).toEqual(nothing)
  })

  it('13: neither an identity statement nor another boundary under a boundary that lacks it', () => {
    const boundary = {
      kind: 'found' as const,
      value: { ...inline(DEPLOYER, 'b', allow('s3:*', '*')), type: 'boundary' as const },
    }
    for (const policies of [[], [inline(DEPLOYER, 'p', allow('iam:PassRole', TASK_ROLE))]])
      expect(opened(analyzeSetup(passDenial(), snapshot(identity(DEPLOYER, policies, { boundary }), [ecs])))).toEqual(
        nothing,
      )
  })

  it('14: no weaker deny', () => {
    const deny: Statement = {
      Effect: 'Deny',
      Action: 'iam:PassRole',
      Resource: '*',
      Condition: { StringNotEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    }
    expect(opened(analyzeSetup(passDenial(), snapshot(assuming(deny), [ecs])))).toEqual(nothing)
  })

  it('15: no trust without MFA', () => {
    const trust = trusting({ AWS: DEPLOYER }, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })
    const denial = assumeDenial(target, {
      context: { 'aws:multifactorauthpresent': { state: 'present', values: ['false'] } },
    })
    expect(
      opened(analyzeSetup(denial, snapshot(assuming(allow('sts:AssumeRole', target)), [role(target, trust)]))),
    ).toEqual(nothing)
    const unseen = assumeDenial(target)
    expect(
      opened(analyzeSetup(unseen, snapshot(assuming(allow('sts:AssumeRole', target)), [role(target, trust)]))),
    ).toEqual(nothing)
  })

  it('16: no trust without the external id', () => {
    const foreign = 'arn:aws:iam::444455556666:role/reports'
    const Condition = { StringEquals: { 'sts:ExternalId': 'secret' } }
    for (const principal of [DEPLOYER, `arn:aws:iam::${ACCOUNT}:role/somebody`]) {
      const caller = assuming(allow('sts:AssumeRole', foreign))
      const seen = snapshot(caller, [role(foreign, trusting({ AWS: principal }, { Condition }))])
      const config = { organizationAccounts: [ACCOUNT], patchLikely: true }
      for (const statement of opened(analyzeSetup(assumeDenial(foreign), seen, { config })))
        expect(statement.Condition).toEqual(Condition)
    }
  })

  it('17: neither sts:* nor one side only for session tags', () => {
    for (const action of ['sts:TagSession', 'sts:SetSourceIdentity'] as const) {
      const seen = snapshot(assuming(allow('sts:AssumeRole', target)), [role(target, trusting({ AWS: DEPLOYER }))])
      const outcome = analyzeSetup(assumeDenial(target, { action }), seen)
      expect(opened(outcome).map(({ on, Action }) => [on, Action])).toEqual([
        ['role-inline-policy', action],
        ['role-trust-policy', action],
      ])
    }
  })

  it('18: no trust of every service account', () => {
    const host = 'oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF'
    const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/${host}`
    const sub = 'system:serviceaccount:orders:api'
    const trust = document({
      Effect: 'Allow',
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${host}:sub`]: 'system:serviceaccount:orders:web' } },
    })
    const denial = {
      ...webIdentityDenial(target, sub),
      claims: { provider, subject: sub, audience: 'sts.amazonaws.com' },
      context: { [`${host.toLowerCase()}:sub`]: present(sub) },
    }
    const [statement] = opened(analyzeSetup(denial, snapshot(null, [role(target, trust)])))
    expect(statement?.Condition).toEqual({
      StringEquals: { [`${host}:sub`]: ['system:serviceaccount:orders:web', sub] },
    })
  })

  it('19: neither ec2:RunInstances nor the ARN of the instance profile', () => {
    const profile = `arn:aws:iam::${ACCOUNT}:instance-profile/web`
    const web = `arn:aws:iam::${ACCOUNT}:role/web`
    const outcome = analyzeSetup(
      passDenial([web], 'ec2.amazonaws.com'),
      snapshot(identity(DEPLOYER), [role(web, trusting({ Service: 'ec2.amazonaws.com' }))]),
    )
    expect(actions(outcome)).toEqual(['iam:PassRole'])
    expect(resources(outcome)).toEqual([web])
    for (const resource of resources(
      analyzeSetup(passDenial([profile], 'ec2.amazonaws.com'), snapshot(identity(DEPLOYER), [])),
    ))
      expect(resource).not.toContain('instance-profile')
  })

  it('20: no edit of a reserved role', () => {
    const reserved = `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0123456789abcdef`
    const outcome = analyzeSetup(
      assumeDenial(reserved),
      snapshot(assuming(allow('sts:AssumeRole', reserved)), [role(reserved, trusting({ Federated: 'x' }))]),
    )
    expect(opened(outcome)).toEqual(nothing)
    const principal = {
      ...assumeDenial(target).principal,
      kind: 'sso-role' as const,
      roleArn: reserved,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/ana`,
      name: 'AWSReservedSSO_Dev_0123456789abcdef',
    }
    const seen = snapshot(identity(reserved), [role(target, trusting(account(ACCOUNT)))])
    expect(opened(analyzeSetup(assumeDenial(target, { principal }), seen)).map(({ on }) => on)).toEqual([
      'permission-set-inline-policy',
    ])
  })

  it('21: no identity allow for a role that assumes itself', () => {
    const principal = {
      ...assumeDenial(target).principal,
      roleArn: target,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/reports/x`,
      name: 'reports',
    }
    const outcome = analyzeSetup(
      assumeDenial(target, { principal }),
      snapshot(identity(target), [role(target, trusting(account(ACCOUNT)))]),
    )
    expect(opened(outcome).map(({ on }) => on)).not.toContain('role-inline-policy')
  })

  it('22: no PassRole for the caller when the service is not trusted', () => {
    const held = allow('iam:PassRole', TASK_ROLE)
    const outcome = analyzeSetup(
      passDenial(),
      snapshot(assuming(held), [role(TASK_ROLE, trusting({ Service: 'ec2.amazonaws.com' }))]),
    )
    expect(opened(outcome)).toEqual(nothing)
  })

  it('23: no iam:* for a service-linked role', () => {
    const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`
    const denial = passDenial([], 'x', 'guess', { action: 'iam:CreateServiceLinkedRole', resource: linked })
    const outcome = analyzeSetup(denial, snapshot(identity(DEPLOYER), [absent(linked)]))
    expect(actions(outcome)).toEqual(['iam:CreateServiceLinkedRole'])
    expect(resources(outcome)).toEqual([linked])
  })

  it('24: not rds.amazonaws.com for enhanced monitoring, and nothing for a role that does not exist', () => {
    const monitoring = `arn:aws:iam::${ACCOUNT}:role/rds-monitoring-role`
    const denial = passDenial([monitoring], 'monitoring.rds.amazonaws.com')
    const seen = snapshot(identity(DEPLOYER), [role(monitoring, trusting({ Service: 'monitoring.rds.amazonaws.com' }))])
    expect(opened(analyzeSetup(denial, seen))[0]?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' },
    })
    expect(opened(analyzeSetup(denial, snapshot(identity(DEPLOYER), [absent(monitoring)])))).toEqual(nothing)
  })

  it('25: no pattern that is not approved', () => {
    const xyz = `arn:aws:iam::${ACCOUNT}:role/EC2-roles-for-XYZ-7`
    const seen = snapshot(identity(DEPLOYER), [role(xyz, trusting({ Service: 'ec2.amazonaws.com' }))])
    expect(resources(analyzeSetup(passDenial([xyz], 'ec2.amazonaws.com'), seen))).toEqual([xyz])
  })

  it('26: no further grant while the first is on its way', () => {
    const held = allow('iam:PassRole', TASK_ROLE, {
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    })
    const outcome = analyzeSetup(passDenial(), snapshot(assuming(held), [ecs]))
    expect([opened(outcome), outcome.diagnosis.cause]).toEqual([nothing, 'already-allowed'])
  })

  it('27: no change to CloudFormation, but to the principal it acts for', () => {
    const denial = passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'published', {
      via: 'cloudformation.amazonaws.com',
    })
    const outcome = analyzeSetup(denial, snapshot(identity(DEPLOYER), [ecs]))
    expect(outcome.patch?.changes.map(change => change.target.arn)).toEqual([DEPLOYER])
  })

  it('28: no permissions for rolemedic itself', () => {
    const own = `arn:aws:iam::${ACCOUNT}:role/rolemedic-reader`
    const principal = {
      ...passDenial().principal,
      roleArn: own,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/rolemedic-reader/x`,
      name: 'rolemedic-reader',
    }
    const denial = passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'published', { principal })
    expect(analyzeSetup(denial, snapshot(identity(own), [ecs])).refusal).toBe('own-roles')
  })
})
