/** The texts of single rules, with explicit policies. */
import { describe, expect, it } from 'vitest'
import { ABSENT, found, known, unknown, unreadable } from '../../../core/base/fact.ts'
import type { Denial } from '../../../core/denial/denial.ts'
import { claimHint, sameSource } from '../../../core/diagnosis/rules/web-identity-claims.ts'
import { ABSENT_KEY, present } from '../../../core/iam/conditions/context.ts'
import type { AccessSnapshot } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import { ANN, assuming, by, CI, diagnosisOf, ECS, ecsTrust, pass, passing, policy } from '../../fixtures/diagnosis.ts'
import {
  allow,
  CALLER,
  callerRole,
  callerUser,
  deny,
  document,
  FOREIGN,
  NOBODY,
  ROOT,
  role,
  snapshot,
  sourced,
  TARGET,
  trusting,
  USER,
} from '../../fixtures/evaluation.ts'
import { sent } from '../../fixtures/passed-service.ts'

const EC2 = 'ec2.amazonaws.com'

/** The key is unknown. */
const UNSEEN = { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } }
const IN_US = { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }
const inEurope = { context: { 'aws:requestedregion': present('eu-west-1') } }
const texts = (diagnosis: ReturnType<typeof diagnosisOf>) => diagnosis.nextSteps.map(({ text }) => text)

describe('the id of a deleted principal in a trust policy', () => {
  const DEAD = 'AROADELETEDROLE1234'
  const named = (more: Partial<Denial>, ...statements: readonly Statement[]) =>
    diagnosisOf(assuming(more), snapshot(callerRole(), document(...statements)))
  const trust = (more: Partial<Statement>): Statement => ({ Effect: 'Allow', Action: 'sts:AssumeRole', ...more })

  it('is the cause where an Allow names it, beside statements about other things', () => {
    const others = [
      trust({ Action: 'sts:TagSession', NotPrincipal: { AWS: USER } }),
      trust({ Action: 'sts:TagSession', Principal: '*' }),
    ]
    const diagnosis = named({}, ...others, trust({ Principal: { AWS: DEAD } }))
    expect(diagnosis).toMatchObject({ cause: 'deleted-trust-principal', gaps: [] })
    expect(diagnosis.summary).toBe(
      `The trust policy of target names ${DEAD}, the id of a role that was deleted, and does not name role deploy.`,
    )
    expect(diagnosis.evidence[0]).toMatchObject({ statement: 2 })
  })

  it('is none where a Deny names it, or where it is of another kind than the caller', () => {
    const denied = { ...trust({ Principal: { AWS: DEAD } }), Effect: 'Deny' } as const
    expect(named({}, denied, trust({ Principal: { AWS: USER } })).cause).toBe('trust-gap')
    expect(named({}, trust({ Principal: { AWS: 'AIDADELETEDUSER1234' } })).cause).toBe('trust-gap')
  })

  it.each(['saml', 'web-identity'] as const)('is none for a caller of the kind %s', kind => {
    const action = kind === 'saml' ? 'sts:AssumeRoleWithSAML' : 'sts:AssumeRoleWithWebIdentity'
    const principal = by({ ...CI, kind, arn: null, roleArn: null })
    expect(named({ ...principal, action }, trust({ Action: action, Principal: { AWS: DEAD } })).cause).not.toBe(
      'deleted-trust-principal',
    )
  })
})

describe('a deny that AWS reports', () => {
  const scp = (arn: string | null, ...statements: Statement[]) => ({
    scps: known([{ id: 'r-root', policies: [{ ...sourced('scp', ...statements), arn, attachedTo: 'r-root' }] }]),
  })
  const ARN = 'arn:aws:organizations::999999999999:policy/o-abc/service_control_policy/p-1'

  it('is the one under a condition that was not seen, by its policy and statement', () => {
    const seen = snapshot(policy(pass(), { ...deny({ Action: 'iam:PassRole', ...UNSEEN }), Sid: 'Vpc' }), ecsTrust)
    const diagnosis = diagnosisOf(passing({ reason: 'explicit-deny-identity' }), seen)
    expect(diagnosis).toMatchObject({ cause: 'explicit-deny', gaps: [] })
    expect(diagnosis.summary).toBe(
      'Identity-based policy the-identity, statement 2 (Vpc) explicitly denies iam:PassRole to role deploy; no allow can overrule it.',
    )
  })

  it('is named by the ARN of its policy where it has one', () => {
    const seen = snapshot(policy(pass()), ecsTrust, scp(ARN, allow({ Action: '*' }), deny({ Action: 'iam:PassRole' })))
    const diagnosis = diagnosisOf(passing(), seen)
    expect(diagnosis.summary).toContain(`Service control policy ${ARN}, statement 2 explicitly denies`)
    expect(texts(diagnosis)).toEqual([`Ask the owner of the organization's service control policy ${ARN}.`])
  })

  it('may be in a policy that was not read, where AWS names one that no read policy can be', () => {
    const full = allow({ Action: '*' })
    const causeOf = (reasonPolicyArn: string | null, more: Partial<AccessSnapshot>) =>
      diagnosisOf(passing({ reason: 'explicit-deny-scp', reasonPolicyArn }), snapshot(policy(pass()), ecsTrust, more))
    expect(causeOf(ARN, scp(null, full)).summary).toContain(`in a service control policy (${ARN}) stops role deploy`)
    expect(causeOf(null, scp(null, full)).cause).toBe('already-allowed')
    expect(causeOf(ARN, scp(ARN, full)).cause).toBe('already-allowed')
    expect(causeOf(`${ARN.slice(0, -3)}the-scp`, scp(null, full)).cause).toBe('already-allowed')
  })
})

describe('a call that the policies allow now', () => {
  const allowed = (more: Partial<AccessSnapshot>) =>
    diagnosisOf(passing(), snapshot(policy(pass()), ecsTrust, more)).summary
  const NONE = { scps: known([]), rcps: known([]), session: known([]), vpce: known([]) }

  it('was fixed, or was denied by what was not read', () => {
    expect(allowed(NONE)).toBe(
      'The policies read now allow role deploy iam:PassRole on target: it was fixed after the denial (a change takes up to a minute to take effect).',
    )
    expect(allowed({ ...NONE, scps: unknown('x') })).toBe(
      'The policies read now allow role deploy iam:PassRole on target: either it was fixed after the denial (a change takes up to a minute to take effect), or a layer that was not read denied it (service control policies).',
    )
  })
})

describe('a role of the CDK that was not read', () => {
  const name = 'cdk-hnb659fds-deploy-role-111122223333-eu-west-1'
  const arn = `arn:aws:iam::111122223333:role/${name}`
  const unread = (trust: AccessSnapshot['targets'][number]['role'], more: Partial<AccessSnapshot> = {}) =>
    texts(
      diagnosisOf(assuming({ resource: arn }), {
        ...snapshot(callerRole(), NOBODY, more, arn),
        caller: unreadable('not given'),
        targets: [{ arn, role: trust, near: unknown('x') }],
      }),
    )
  const step =
    'The role exists only in bootstrapped environments: if aws://111122223333/eu-west-1 is not, bootstrap it (qualifier hnb659fds).'

  it('may not exist, and a role that was read does', () => {
    expect(unread(unreadable('AccessDenied'))).toContain(step)
    expect(unread(found(role(arn, ROOT)))).not.toContain(step)
  })

  it('was not made by the bootstrap of another qualifier, or of another Region', () => {
    const missing = (near: string) =>
      diagnosisOf(assuming({ resource: arn }), {
        ...snapshot(callerRole(), NOBODY),
        targets: [{ arn, role: ABSENT, near: known([`arn:aws:iam::111122223333:role/${near}`]) }],
      }).summary
    const isOlder = 'is an older version or customized, and lacks it'
    expect(missing('cdk-hnb659fds-lookup-role-111122223333-eu-west-1')).toContain(isOlder)
    expect(missing('cdk-other-lookup-role-111122223333-eu-west-1')).toContain('is not bootstrapped for the CDK')
    expect(missing('cdk-hnb659fds-lookup-role-111122223333-us-east-1')).toContain('is not bootstrapped for the CDK')
    expect(missing('cdk-hnb659fds-lookup-role-444455556666-eu-west-1')).toContain('is not bootstrapped for the CDK')
  })
})

describe('a permissions boundary', () => {
  const boundary = found({
    ...sourced('boundary', allow({ Action: 's3:*' })),
    arn: 'arn:aws:iam::111122223333:policy/b',
  })

  it('limits a role that the trust policy names', () => {
    expect(diagnosisOf(assuming(), snapshot(callerRole([], { boundary }), trusting(CALLER)))).toMatchObject({
      cause: 'boundary-gap',
    })
  })

  it('of a user that the trust policy names is a question for its owner', () => {
    const diagnosis = diagnosisOf(assuming(by(ANN)), snapshot(callerUser([], { boundary }), trusting(USER)))
    expect(diagnosis.summary).toBe(
      'The trust policy of target names user ann, and the permissions boundary does not allow sts:AssumeRole: AWS’s documentation disagrees on whether the boundary limits such a grant.',
    )
    const owner = 'the owner of the permissions boundary arn:aws:iam::111122223333:policy/b'
    expect(diagnosis.nextSteps).toContainEqual({
      ...{ text: `Ask ${owner} whether the boundary is meant to allow it.`, command: null, owner },
    })
  })
})

describe('a gap of the caller', () => {
  it('is on the role that was read, where the denial does not show its path', () => {
    const diagnosis = diagnosisOf(passing(by({ ...CI, roleArn: null })), snapshot(policy(), ecsTrust))
    expect(diagnosis).toMatchObject({ cause: 'identity-gap', evidence: [{ attachedTo: CALLER }] })
    expect(diagnosis.summary).toBe(`No identity policy of role deploy allows iam:PassRole on target for ${ECS}.`)
  })

  it('shows the statement that nearly allows it', () => {
    const near = pass({ Resource: TARGET.replace('target', 'Target') })
    expect(diagnosisOf(passing(), snapshot(policy(near), ecsTrust)).summary).toContain('(the nearest statement ')
  })

  it('names the services together where roles of one call go to several', () => {
    const passes = (other: string) => [
      { arn: TARGET, parameter: 'taskRoleArn', service: sent(ECS) },
      { arn: `${TARGET}-2`, parameter: 'roleArn', service: sent(other) },
    ]
    const seen = (other: string) => {
      const base = snapshot(policy(), ecsTrust)
      const second = { arn: `${TARGET}-2`, role: found(role(`${TARGET}-2`, ecsTrust)), near: unknown('x') }
      return diagnosisOf(passing({ passes: passes(other) }), { ...base, targets: [...base.targets, second] }).summary
    }
    expect(seen(EC2)).toContain('on target and target-2 for the services that receive them')
    expect(seen(ECS)).toContain(`on target and target-2 for ${ECS}`)
  })
})

describe('a caller that no policy helps', () => {
  it('is a federated user, who can call no such operation', () => {
    const bob = { kind: 'federated-user', arn: 'arn:aws:sts::111122223333:federated-user/bob', roleArn: null } as const
    const diagnosis = diagnosisOf(assuming(by(bob)), snapshot(callerUser([]), ROOT))
    expect(diagnosis).toMatchObject({ cause: 'session-policy-gap', verdict: 'not-ours' })
    expect(texts(diagnosis)).toEqual(['Assume the role with the keys of the IAM user, or from a session of a role.'])
  })

  it('is one that passes a role of another account', () => {
    const summaryOf = (resource: string | null) =>
      diagnosisOf(passing({ resource, reason: 'cross-account-pass-role' }), snapshot(policy(), NOBODY, {}, FOREIGN))
        .summary
    expect(summaryOf(FOREIGN)).toBe(`${FOREIGN} cannot be passed: a role can only be passed inside its own account.`)
  })
})

describe('a gap on both sides', () => {
  it('has the steps of both', () => {
    const MFA = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }
    const trust = document({
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: CALLER },
      Condition: IN_US,
    })
    const diagnosis = diagnosisOf(
      assuming({
        resource: FOREIGN,
        context: { ...inEurope.context, 'aws:multifactorauthpresent': present('false') },
      }),
      snapshot(policy(allow({ Condition: MFA })), trust, {}, FOREIGN),
    )
    expect(diagnosis.cause).toBe('identity-and-trust-gap')
    expect(texts(diagnosis)).toHaveLength(2)
    expect(texts(diagnosis)[0]).toContain('MFA')
    expect(texts(diagnosis)[1]).toContain('Meet the condition in the call, or ask ')
  })
})

describe('a role that assumes itself', () => {
  it('is known by the role that was read, where the denial does not show its path', () => {
    const itself = assuming({ resource: CALLER, ...by({ ...CI, roleArn: null }) })
    expect(diagnosisOf(itself, snapshot(policy(allow()), ROOT, {}, CALLER))).toMatchObject({
      cause: 'self-assume',
      gaps: [{ kind: 'trust', role: CALLER }],
    })
  })
})

describe('a statement for another service', () => {
  const only = (more: object): Statement => ({
    ...{ Effect: 'Allow', Resource: TARGET, Condition: { StringEquals: { 'iam:PassedToService': EC2 } } },
    ...more,
  })
  it.each<readonly [string, Statement]>([
    ['roles by a pattern', only({ Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/t*' })],
    [
      'one role and a pattern',
      only({ Action: 'iam:PassRole', Resource: [TARGET, 'arn:aws:iam::111122223333:role/t?'] }),
    ],
    ['all actions but some', only({ NotAction: 's3:*' })],
    ['all roles but some', { ...only({ Action: 'iam:PassRole', NotResource: FOREIGN }), Resource: undefined } as never],
  ])('gets no value where it is about %s', (_, statement) => {
    const { Resource, ...rest } = statement
    const whole = Resource === undefined ? rest : statement
    expect(diagnosisOf(passing(), snapshot(policy(whole), ecsTrust)).gaps).toEqual([
      { kind: 'identity', roles: [TARGET] },
    ])
  })
})

describe('a statement of rolemedic in a trust policy', () => {
  const own = (Condition: NonNullable<Statement['Condition']>) =>
    diagnosisOf(
      assuming(inEurope),
      snapshot(
        callerRole(),
        document({
          ...{ Sid: 'Rolemedic0a1b2c3d', Effect: 'Allow', Action: 'sts:AssumeRole' },
          ...{ Principal: { AWS: CALLER }, Condition },
        }),
      ),
    ).cause

  it('is another grant only by the callers that it names', () => {
    expect(own({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/other' } })).toBe('trust-gap')
    expect(own(IN_US)).toBe('trust-condition')
  })
})

describe('the source of a token', () => {
  it.each([
    ['repo:acme/shop:ref:refs/heads/main', 'repo:Acme/Shop:environment:prod', true],
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/shop:environment:prod', true],
    ['repo:acme/shop:ref:refs/heads/main', 'repo:acme/web:ref:refs/heads/main', false],
    ['system:serviceaccount:shop:orders', 'system:serviceaccount:shop:web', true],
    ['system:serviceaccount:shop:orders', 'system:serviceaccount:web:orders', true],
    ['system:serviceaccount:shop:orders', 'system:serviceaccount:web:web', false],
    ['repo:acme/shop:ref:refs/heads/main', 'system:serviceaccount:shop:orders', false],
    ['project_path:acme/shop:ref_type:branch', 'project_path:acme/shop:ref_type:tag', true],
    ['project_path:acme/shop:ref_type:branch', 'project_path:acme/web:ref_type:branch', false],
  ])('%s and %s: %s', (wanted, got, same) => {
    expect(sameSource(wanted, got)).toBe(same)
  })
})

describe('how a token differs from what the role trusts', () => {
  const hint = (wanted: string, got: string) =>
    claimHint('token.actions.githubusercontent.com:sub', 'StringEquals', [wanted], got)
  it.each([
    [
      'repo:acme@1/shop@2:ref:refs/heads/main',
      'repo:acme@1/shop@2:environment:prod',
      'the token uses the environment form, the trust policy the branch form',
    ],
    [
      'repo:acme@1/shop@2:ref:refs/heads/main',
      'repo:acme@1/shop@3:ref:refs/heads/main',
      'the token has other ids: another owner or repository with the same name',
    ],
    [
      'repo:acme@1/shop:ref:refs/heads/main',
      'repo:acme/shop:ref:refs/heads/main',
      'the token uses the form with names, the trust policy the immutable form with ids',
    ],
    [
      'repo:acme/shop:ref:refs/heads/main',
      'repo:acme/shop@2:ref:refs/heads/main',
      'the token uses the immutable form with ids, the trust policy the form with names',
    ],
    ['repo:acme/shop:ref:refs/heads/main', 'repo:acme/shop:ref:refs/heads/dev', 'the branch differs'],
  ])('%s and %s: %s', (wanted, got, words) => {
    expect(hint(wanted, got)).toBe(words)
  })
})

describe('a deny of a policy that was read', () => {
  const denied = (more: Partial<Statement>, denial: Partial<Denial> = {}) =>
    diagnosisOf(passing(denial), snapshot(policy(pass(), deny({ Action: 'iam:PassRole', ...more })), ecsTrust))

  it('says what it denies, and when', () => {
    expect(denied({}).evidence[0]?.finding).toBe('denies this request')
    expect(
      denied({ Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } }, inEurope).evidence[0],
    ).toMatchObject({ finding: 'denies this request when aws:RequestedRegion StringEquals eu-west-1' })
  })

  it('says to use MFA where it is about MFA', () => {
    const diagnosis = denied(
      { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } },
      { context: { 'aws:multifactorauthpresent': present('false') } },
    )
    expect(diagnosis.summary).toContain('explicitly denies iam:PassRole to role deploy without MFA; no allow')
    expect(texts(diagnosis)).toHaveLength(2)
    expect(texts(diagnosis)[0]).toContain('MFA')
    expect(texts(diagnosis)[1]).toBe('Ask the owner of the identity-based policy the-identity.')
  })

  it('is not named where something else is in doubt too', () => {
    const byAccount = { Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } }
    const seen = snapshot(policy(pass(UNSEEN), deny({ Action: 'iam:PassRole', ...byAccount })), ecsTrust)
    expect(diagnosisOf(passing(), seen).cause).not.toBe('explicit-deny')
  })

  it('is meant by AWS, whatever the type of its policy, where AWS names none', () => {
    const seen = snapshot(policy(pass(), deny({ Action: 'iam:PassRole', ...UNSEEN })), ecsTrust)
    expect(diagnosisOf(passing({ reason: 'explicit-deny' }), seen).summary).toContain(
      'Identity-based policy the-identity, statement 2 explicitly denies',
    )
  })
})

describe('a condition of the caller’s policy', () => {
  it('is the business of its owner', () => {
    const diagnosis = diagnosisOf(passing(inEurope), snapshot(policy(pass({ Condition: IN_US })), ecsTrust))
    expect(diagnosis).toMatchObject({ cause: 'identity-condition', gaps: [] })
    expect(diagnosis.nextSteps).toEqual([
      {
        text: 'Meet the condition in the call, or ask its owner: it is deliberate.',
        command: null,
        owner: 'the owner of the policy the-identity',
      },
    ])
  })

  it('is named by its keys where the event does not show them', () => {
    const diagnosis = diagnosisOf(passing(), snapshot(policy(pass(UNSEEN)), ecsTrust))
    expect(diagnosis.summary).toBe(
      'Policy the-identity of role deploy allows iam:PassRole only under a condition that the event does not show (aws:SourceVpc).',
    )
    expect(texts(diagnosis)).toContain('Check what the call sends for aws:SourceVpc.')
    const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }
    const unseenMfa = diagnosisOf(passing(), snapshot(policy(pass(mfa)), ecsTrust))
    expect(texts(unseenMfa)[0]).toContain('MFA')
  })

  it('cannot be met by a call that sends no service', () => {
    const only = pass({ Resource: TARGET, Condition: { StringEquals: { 'iam:PassedToService': ECS } } })
    const diagnosis = diagnosisOf(
      passing({ context: { 'iam:passedtoservice': ABSENT_KEY } }),
      snapshot(policy(only), ecsTrust),
    )
    expect(diagnosis.cause).toBe('identity-condition')
    expect(texts(diagnosis)[0]).toContain('This call does not send iam:PassedToService, so no value')
  })
})

describe('a condition of a trust policy', () => {
  const under = (Condition: NonNullable<Statement['Condition']>) =>
    diagnosisOf(
      assuming(),
      snapshot(
        callerRole(),
        document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: CALLER }, Condition }),
      ),
    )

  it('is named by its keys where the event does not show them', () => {
    const byVpc = under(UNSEEN.Condition)
    expect(byVpc.summary).toBe(
      'The trust policy of target lets role deploy in only under a condition that the event does not show (aws:SourceVpc).',
    )
    expect(texts(byVpc)).toContain('Check what the call sends for aws:SourceVpc.')
    const byId = under({ StringEquals: { 'sts:ExternalId': 'x' } })
    expect(byId.summary).toContain('(sts:ExternalId)')
    expect(texts(byId)[0]).toContain('a wrong one is a possible cause')
    expect(texts(under({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }))[0]).toContain('MFA')
  })
})

describe('what no policy can allow', () => {
  it('is a call of root, also where only AWS’s words tell', () => {
    const root = by({ ...CI, kind: 'root', arn: 'arn:aws:iam::111122223333:root', roleArn: null })
    const words = by({ kind: 'unknown', arn: null, roleArn: null, name: null, accountId: null })
    for (const denial of [root, { ...words, reason: 'root-cannot-assume', accountId: '111122223333' } as const]) {
      const diagnosis = diagnosisOf(assuming(denial), snapshot(callerRole(), ROOT))
      expect(diagnosis).toMatchObject({ cause: 'root-caller', verdict: 'not-ours' })
      expect(diagnosis.summary).toContain('The caller is the root user of 111122223333: ')
      expect(texts(diagnosis)).toEqual([
        'Sign in as an IAM user, or through IAM Identity Center, and repeat the call from there.',
      ])
    }
  })

  it('is a role of another partition', () => {
    const there = FOREIGN.replace('arn:aws:', 'arn:aws-cn:')
    const diagnosis = diagnosisOf(assuming({ resource: there }), snapshot(callerRole(), ROOT, {}, there))
    expect(diagnosis).toMatchObject({ cause: 'role-not-found', verdict: 'not-ours' })
    expect(texts(diagnosis)).toEqual(['Use a role in aws, or credentials of aws-cn.'])
  })
})

describe('a guardrail that allows nothing', () => {
  it('is a question for its owner', () => {
    const scps = known([{ id: 'r-root', policies: [sourced('scp', allow({ Action: 's3:*' }))] }])
    expect(texts(diagnosisOf(passing(), snapshot(policy(pass()), ecsTrust, { scps })))).toEqual([
      "Ask the owner of the organization's service control policy the-scp.",
    ])
  })
})

describe('a role and itself', () => {
  it('needs its own ARN in its trust policy, and no other allow, to assume itself', () => {
    const itself = diagnosisOf(assuming({ resource: CALLER }), snapshot(policy(), ROOT, {}, CALLER))
    expect(itself).toMatchObject({ cause: 'self-assume', gaps: [{ kind: 'trust', role: CALLER }] })
    expect(itself.gaps).toHaveLength(1)
  })

  it('needs an allow like any other to pass itself', () => {
    const passes = [{ arn: CALLER, parameter: 'taskRoleArn', service: sent(ECS) }]
    const itself = diagnosisOf(passing({ resource: CALLER, passes }), snapshot(policy(), ecsTrust, {}, CALLER))
    expect(itself).toMatchObject({ cause: 'identity-gap', gaps: [{ kind: 'identity', roles: [CALLER] }] })
  })
})
