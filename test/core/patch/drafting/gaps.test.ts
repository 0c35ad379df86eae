import { describe, expect, it } from 'vitest'
import { descriptorOf } from '../../../../core/actions/actions.ts'
import type { Denial } from '../../../../core/denial/denial.ts'
import type { Diagnosis, Gap } from '../../../../core/diagnosis/diagnosis.ts'
import { present } from '../../../../core/iam/conditions/context.ts'
import type { AccessSnapshot } from '../../../../core/iam/evaluation/access-snapshot.ts'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import { draft } from '../../../../core/patch/drafting/draft.ts'
import { type Config, DEFAULT_CONFIG } from '../../../../functions/domain/config/config.ts'
import { diagnosis } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
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
  NOW_MS,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
  webIdentityDenial,
} from '../../../fixtures/patches.ts'

const ECS = 'ecs-tasks.amazonaws.com'
const EC2 = 'ec2.amazonaws.com'
const REPORTS = `arn:aws:iam::${ACCOUNT}:role/reports`
const BOTH = [role(TASK_ROLE, ecsTrust), role(EXECUTION_ROLE, ecsTrust)]
const SEEN = snapshot(identity(DEPLOYER), BOTH)
const condition = (services: string | string[], operator = 'StringEquals') => ({
  Condition: { [operator]: { 'iam:PassedToService': services } },
})

const called = (denial: Denial, principal: Partial<Denial['principal']>): Denial => ({
  ...denial,
  principal: { ...denial.principal, ...principal },
})
/** By this role. */
const as = (denial: Denial, roleArn: string) => called(denial, { roleArn, uniqueId: null })
const LINKED = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/x`

type Given = {
  readonly denial?: Denial
  readonly diagnosis?: Partial<Diagnosis>
  readonly seen?: AccessSnapshot
  readonly config?: Partial<Config>
}
function drafted(gaps: readonly Gap[], given: Given = {}) {
  const made = draft(given.denial ?? passDenial(), { ...diagnosis, ...given.diagnosis, gaps }, given.seen ?? SEEN, {
    config: { ...DEFAULT_CONFIG, ...given.config },
    withGetRole: false,
    nowMs: NOW_MS,
  })
  if (!made.ok) return { refusal: made.error.code, message: made.error.message, owner: made.error.owner }
  const shown = ({ target, after }: (typeof made.value.patch.changes)[number]) =>
    `${target.kind} ${target.policyName ?? target.name}: ${after.Statement.length}`
  return {
    changes: made.value.patch.changes.map(shown),
    followUps: made.value.followUps.map(shown),
    last: made.value.patch.changes.at(-1)?.after.Statement.at(-1),
    first: made.value.patch.changes[0]?.after.Statement[0],
  }
}

describe('a draft', () => {
  const IDENTITY: Gap = { kind: 'identity', roles: [TASK_ROLE] }

  it('is made for a gap that a policy can close, and for no other cause', () => {
    expect(drafted([IDENTITY]).changes).toEqual(['role-inline-policy rolemedic: 1'])
    const steps = [
      { text: 'a', command: null, owner: null },
      { text: 'b', command: null, owner: 'owner of the SCP' },
    ]
    const guarded = { cause: 'scp' as Diagnosis['cause'], summary: 'An SCP denies it.', nextSteps: steps }
    expect(drafted([IDENTITY], { diagnosis: guarded })).toEqual({
      refusal: 'scp',
      message: 'An SCP denies it.',
      owner: 'owner of the SCP',
    })
    expect(drafted([], { diagnosis: { nextSteps: [] } })).toMatchObject({ refusal: diagnosis.cause, owner: null })
  })

  it('is refused for an action that no grant fits', () => {
    const root = { ...assumeDenial(REPORTS), action: 'sts:AssumeRoot' as const }
    const { draft: none } = descriptorOf('sts:AssumeRoot')
    expect(none.kind === 'nothing' && none.refusal.code).toBe(drafted([IDENTITY], { denial: root }).refusal)
    expect(drafted([{ kind: 'identity', roles: [REPORTS] }], { denial: webIdentityDenial(REPORTS, 'x') }).refusal).toBe(
      'no-such-grant',
    )
  })

  it('is refused for a principal that was deleted and created again', () => {
    const denial = called(passDenial(), { uniqueId: 'AROAEXAMPLEDEPLOYER0:ci' })
    const caller = identity(DEPLOYER, [], { uniqueId: 'AROAANOTHEREXAMPLE02' })
    expect(drafted([IDENTITY], { denial, seen: snapshot(caller, BOTH) }).refusal).toBe('recreated-caller')
    const same = identity(DEPLOYER, [], { uniqueId: 'AROAEXAMPLEDEPLOYER0' })
    expect(drafted([IDENTITY], { denial, seen: snapshot(same, BOTH) }).refusal).toBeUndefined()
  })

  it('is refused if everything is there already, and for a caller that was not read or cannot be edited', () => {
    const there = inline(DEPLOYER, 'rolemedic', allow('iam:PassRole', TASK_ROLE, condition(ECS)))
    expect(drafted([IDENTITY], { seen: snapshot(identity(DEPLOYER, [there]), BOTH) }).refusal).toBe('nothing-to-change')
    expect(drafted([IDENTITY], { seen: snapshot(null, BOTH) }).refusal).toBe('caller-unseen')
    const linked = { denial: as(passDenial(), LINKED), seen: snapshot(identity(LINKED), BOTH) }
    expect(drafted([IDENTITY], linked).refusal).toBe('service-linked-role')
  })

  it('is refused for what is no role', () => {
    const assume = (arn: string) =>
      drafted([{ kind: 'identity', roles: [REPORTS, arn] }], { denial: assumeDenial(REPORTS) })
    expect(assume(`arn:aws:iam::${ACCOUNT}:role/r*`).refusal).toBe('unreadable-arn')
    expect(drafted([{ kind: 'identity', roles: [TASK_ROLE, 'no ARN'] }]).refusal).toBe('unreadable-arn')
    const session = { ...assumeDenial(`arn:aws:sts::${ACCOUNT}:self`), action: 'sts:SetContext' as const }
    expect(drafted([{ kind: 'identity', roles: [`arn:aws:sts::${ACCOUNT}:self`] }], { denial: session }).refusal).toBe(
      'not-a-role',
    )
    const tags = {
      ...assumeDenial(REPORTS),
      action: 'sts:TagSession' as const,
      context: { 'aws:tagkeys': present('a*') },
    }
    expect(drafted([{ kind: 'identity', roles: [REPORTS] }], { denial: tags }).refusal).toBe('unreadable-tag')
  })

  it('has one statement for each role that is assumed', () => {
    expect(
      drafted([{ kind: 'identity', roles: [REPORTS, TASK_ROLE] }], { denial: assumeDenial(REPORTS) }),
    ).toMatchObject({
      changes: ['role-inline-policy rolemedic: 2'],
      first: { Action: 'sts:AssumeRole', Resource: REPORTS },
    })
  })

  it('is refused if a trust policy would be too long, and fits with exactly its quota', () => {
    const TRUST: Gap = { kind: 'trust', role: REPORTS }
    const sized = (filler: number) =>
      document({ Effect: 'Allow', Principal: { Service: EC2 }, Action: 'x'.repeat(filler) })
    const of = (filler: number) =>
      drafted([TRUST], {
        denial: assumeDenial(REPORTS),
        seen: snapshot(identity(DEPLOYER), [role(REPORTS, sized(filler))]),
      })
    // The statement that is added, with an end time: {"Sid":…,"Effect":"Allow","Principal":{"AWS":…},"Action":"sts:AssumeRole","Condition":…}
    const added = `,{"Sid":"Rolemedic00000000","Effect":"Allow","Principal":{"AWS":"${DEPLOYER}"},"Action":"sts:AssumeRole","Condition":{"DateLessThan":{"aws:CurrentTime":"1970-01-01T00:00:00Z"}}}`
    const around = JSON.stringify(sized(0)).length + added.length
    expect(of(2_048 - around).refusal).toBeUndefined()
    expect(of(2_049 - around)).toMatchObject({ refusal: 'quota', owner: 'owner of reports' })
  })

  it('is refused if a list of a managed policy would be too long', () => {
    const listing = (filler: number): Statement[] => [
      allow('iam:PassRole', TASK_ROLE, condition([EC2])),
      allow('s3:GetObject', 'x'.repeat(filler)),
    ]
    const of = (filler: number) => {
      const policy = managed(DEPLOYER, 'deploy', 3, ...listing(filler))
      return drafted([serviceGap({ policy: 'deploy', policyArn: policy.arn })], {
        seen: snapshot(identity(DEPLOYER, [policy]), BOTH),
      })
    }
    expect(of(10).changes).toEqual(['managed-policy deploy: 2'])
    expect(of(6_100)).toMatchObject({ refusal: 'quota', owner: 'owner of deploy' })
  })
})

const serviceGap = (more: Partial<Extract<Gap, { kind: 'identity-condition' }>> = {}): Gap => ({
  kind: 'identity-condition',
  policy: 'deploy',
  policyArn: null,
  attachedTo: DEPLOYER,
  statement: 0,
  operator: 'StringEquals',
  key: 'iam:PassedToService',
  wanted: [EC2],
  got: ECS,
  ...more,
})

describe('a statement that lacks the service', () => {
  const listing = (Resource: string | string[] = TASK_ROLE, services: string | string[] = EC2) =>
    inline(DEPLOYER, 'deploy', allow('iam:PassRole', Resource, condition(services)))
  const by = (...policies: Parameters<typeof identity>[1] & object) => snapshot(identity(DEPLOYER, policies), BOTH)
  const JOINED = ['role-inline-policy deploy: 1']
  const APART = ['role-inline-policy rolemedic: 1']

  it('gains it in its list', () => {
    expect(drafted([serviceGap()], { seen: by(listing()) })).toMatchObject({
      changes: JOINED,
      last: condition([EC2, ECS]),
    })
  })

  const set = `arn:aws:iam::${ACCOUNT}:role/orders-*`
  const sets = (services: string[]) => ({ approvedRoleSets: [{ name: 'orders', pattern: set, services }] })
  it.each<[string, Gap, AccessSnapshot, Given, readonly string[]]>([
    ['for another role, too', serviceGap(), by(listing([TASK_ROLE, REPORTS])), {}, APART],
    ['for all roles', serviceGap(), by(listing('*')), {}, APART],
    [
      'for every role of the call',
      serviceGap(),
      by(listing([TASK_ROLE, EXECUTION_ROLE])),
      { denial: passDenial([TASK_ROLE, EXECUTION_ROLE]) },
      JOINED,
    ],
    ['for an approved set', serviceGap(), by(listing(set)), { config: sets([ECS, EC2]) }, JOINED],
    ['for a set that is not approved for the service', serviceGap(), by(listing(set)), { config: sets([EC2]) }, APART],
    ['for a set that is not approved', serviceGap(), by(listing(`${set}*`)), { config: sets([ECS, EC2]) }, APART],
    ['without a resource', serviceGap(), by(listing([])), {}, APART],
    [
      'that may not be sent',
      serviceGap(),
      by(listing()),
      { diagnosis: { passedService: { services: [ECS], evidence: 'published', mayBeAbsent: true, disputed: [] } } },
      APART,
    ],
    ['that is another than the call sends', serviceGap({ got: 'glue.amazonaws.com' }), by(listing()), {}, APART],
    ['of another policy', serviceGap({ policy: 'other' }), by(listing()), {}, APART],
    [
      'of a group',
      serviceGap({ attachedTo: 'arn:aws:iam::111122223333:group/g' }),
      by({ ...listing(), attachedTo: 'arn:aws:iam::111122223333:group/g' }),
      {},
      APART,
    ],
    ['that is not there', serviceGap({ statement: 4 }), by(listing()), {}, APART],
    ['by another key', serviceGap({ key: 'aws:SourceAccount' }), by(listing()), {}, APART],
    ['under an operator that is no list', serviceGap({ operator: 'StringNotEquals' }), by(listing()), {}, APART],
    [
      'of a managed policy',
      serviceGap({ policyArn: `arn:aws:iam::${ACCOUNT}:policy/deploy` }),
      by(managed(DEPLOYER, 'deploy', 1, allow('iam:PassRole', TASK_ROLE, condition(EC2)))),
      {},
      ['managed-policy deploy: 1'],
    ],
    [
      'of a managed policy of AWS',
      serviceGap({ policyArn: 'arn:aws:iam::aws:policy/deploy' }),
      by({
        ...managed(DEPLOYER, 'deploy', 1, allow('iam:PassRole', TASK_ROLE, condition(EC2))),
        arn: 'arn:aws:iam::aws:policy/deploy',
      }),
      {},
      APART,
    ],
  ])('%s', (_, gap, seen, given, wanted) => {
    expect(drafted([gap], { ...given, seen })).toMatchObject({ changes: wanted })
  })

  it('by another key gains nothing there, even the name of a service', () => {
    const other = { StringEquals: { 'aws:SourceAccount': ACCOUNT } }
    const near = inline(DEPLOYER, 'deploy', allow('iam:PassRole', TASK_ROLE, { Condition: other }))
    expect(drafted([serviceGap({ key: 'aws:SourceAccount' })], { seen: by(near) })).toMatchObject({ changes: APART })
  })

  it('of the call once, where two roles of it lack the same', () => {
    const denial = passDenial([TASK_ROLE, EXECUTION_ROLE])
    expect(
      drafted([serviceGap(), serviceGap()], { denial, seen: by(listing([TASK_ROLE, EXECUTION_ROLE])) }),
    ).toMatchObject({
      changes: JOINED,
      last: condition([EC2, ECS]),
    })
  })

  it('keeps its other conditions in a statement of its own, for the roles of the call that it names', () => {
    const mfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }
    const near = inline(DEPLOYER, 'deploy', {
      ...allow('iam:PassRole', [TASK_ROLE, EXECUTION_ROLE, REPORTS]),
      Condition: { ...condition(EC2).Condition, ...mfa },
    })
    const denial = passDenial([TASK_ROLE, EXECUTION_ROLE])
    expect(drafted([serviceGap()], { denial, seen: by(near) })).toMatchObject({
      changes: APART,
      last: { Resource: [TASK_ROLE, EXECUTION_ROLE], Condition: { ...mfa, ...condition(ECS).Condition } },
    })
  })

  it('is refused for a caller that was not read or cannot be edited', () => {
    expect(drafted([serviceGap()], { seen: snapshot(null, BOTH) }).refusal).toBe('caller-unseen')
    const linked = { denial: as(passDenial(), LINKED), seen: snapshot(identity(LINKED), BOTH) }
    expect(drafted([serviceGap()], linked).refusal).toBe('service-linked-role')
    expect(drafted([serviceGap()], { seen: by(listing()), diagnosis: { passedService: null } }).refusal).toBe(
      'service-unknown',
    )
  })
})

describe('a role that does not trust its caller', () => {
  const trusted = (trust: PolicyDocument, caller = identity(DEPLOYER)) => snapshot(caller, [role(REPORTS, trust)])
  const TRUST: Gap = { kind: 'trust', role: REPORTS }
  const denial = assumeDenial(REPORTS)

  it('trusts it by name, after the other policies', () => {
    const gaps: Gap[] = [TRUST, { kind: 'identity', roles: [REPORTS] }]
    expect(drafted(gaps, { denial, seen: trusted(ecsTrust) })).toMatchObject({
      changes: ['role-inline-policy rolemedic: 1', 'role-trust-policy reports: 2'],
      last: { Principal: { AWS: DEPLOYER }, Action: 'sts:AssumeRole' },
    })
  })

  it('is one of a service, which needs no policies', () => {
    const by = (name: string) => ({
      ...denial,
      principal: { ...denial.principal, kind: 'service' as const, name, arn: null },
    })
    const seen = snapshot(null, [role(REPORTS, ecsTrust)])
    expect(drafted([TRUST], { denial: by(EC2), seen })).toMatchObject({ last: { Principal: { Service: EC2 } } })
    expect(drafted([TRUST], { denial: by('no service'), seen }).refusal).toBe('caller-unseen')
    const role_ = { ...denial, principal: { ...denial.principal, name: EC2 } }
    expect(drafted([TRUST], { denial: role_, seen: trusted(ecsTrust) })).toMatchObject({
      last: { Principal: { AWS: DEPLOYER } },
    })
  })

  it('is left alone if it or its caller was not read, or if its owner sets different conditions', () => {
    expect(drafted([{ kind: 'trust', role: TASK_ROLE }], { denial, seen: trusted(ecsTrust) }).refusal).toBe(
      'trust-unseen',
    )
    expect(drafted([TRUST], { denial, seen: snapshot(null, [role(REPORTS, ecsTrust)]) }).refusal).toBe('caller-unseen')
    const two = document(
      ...['1', '2'].map(
        (id): Statement => ({
          Effect: 'Allow',
          Principal: { AWS: TASK_ROLE },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': id } },
        }),
      ),
    )
    expect(drafted([TRUST], { denial, seen: trusted(two) }).refusal).toBe('ambiguous-conditions')
  })
})

describe('a passed role that does not trust the service', () => {
  const gaps = (arn: string, service = ECS): Gap[] => [
    { kind: 'identity', roles: [TASK_ROLE] },
    { kind: 'service-trust', role: arn, service },
  ]
  it('is followed up, outside the approval', () => {
    const made = drafted(gaps(TASK_ROLE, EC2))
    expect([made.changes, made.followUps]).toEqual([
      ['role-inline-policy rolemedic: 1'],
      ['role-trust-policy orders-task: 2'],
    ])
  })
  it('is left out if it was not read, or for what is no service', () => {
    expect(drafted(gaps(REPORTS)).followUps).toEqual([])
    expect(drafted(gaps(TASK_ROLE, '*')).followUps).toEqual([])
  })
})

describe('a trust policy that lacks a value', () => {
  const GITHUB = 'token.actions.githubusercontent.com'
  const main = 'repo:octo-org/shop:ref:refs/heads/main'
  const fix = 'repo:octo-org/shop:ref:refs/heads/fix'
  const claim = (more: Partial<Extract<Gap, { kind: 'trust-condition' }>> = {}): Gap => ({
    kind: 'trust-condition',
    role: REPORTS,
    statement: 0,
    operator: 'StringLike',
    key: `${GITHUB}:sub`,
    wanted: [main],
    got: fix,
    ...more,
  })
  const seen = (trust: PolicyDocument) => snapshot(null, [role(REPORTS, trust)])
  const denial = webIdentityDenial(REPORTS, fix)
  const of = (gap: Gap, trust: PolicyDocument = githubTrust(main), about: Denial = denial) =>
    drafted([gap], { denial: about, seen: seen(trust) })

  it('gains the presented subject in its list', () => {
    expect(of(claim())).toMatchObject({
      changes: ['role-trust-policy reports: 1'],
      last: { Condition: { StringLike: { [`${GITHUB}:sub`]: [main, fix] } } },
    })
  })

  it.each<[string, Gap, PolicyDocument | undefined, Denial | undefined, string]>([
    ['another key', claim({ key: 'sts:ExternalId' }), undefined, undefined, 'condition-not-ours'],
    ['a claim of another provider', claim({ key: 'example.com:sub' }), undefined, undefined, 'condition-not-ours'],
    ['another value than the token presents', claim({ got: main }), undefined, undefined, 'condition-not-ours'],
    ['a statement that is not there', claim({ statement: 3 }), undefined, undefined, 'condition-not-ours'],
    ['a denial without claims', claim(), undefined, { ...denial, claims: null }, 'condition-not-ours'],
    [
      'a subject with a wildcard',
      claim({ got: 'repo:octo-org/*' }),
      undefined,
      webIdentityDenial(REPORTS, 'repo:octo-org/*'),
      'claim-not-exact',
    ],
    [
      'an operator without a list',
      claim({ operator: 'StringNotEquals' }),
      githubTrust(main, 'StringNotEquals'),
      undefined,
      'condition-not-a-list',
    ],
    ['a role that was not read', claim({ role: TASK_ROLE }), undefined, undefined, 'trust-unseen'],
  ])('is refused for %s', (_, gap, trust, about, wanted) => {
    expect(of(gap, trust, about).refusal).toBe(wanted)
  })

  it('gains an audience for the subject that presents it alone', () => {
    const vault = webIdentityDenial(REPORTS, main, 'vault')
    const gap = claim({ operator: 'StringEquals', key: `${GITHUB}:aud`, wanted: ['sts.amazonaws.com'], got: 'vault' })
    expect(of(gap, githubTrust(main), vault)).toMatchObject({
      changes: ['role-trust-policy reports: 2'],
      last: {
        Principal: { Federated: GITHUB_PROVIDER },
        Condition: { StringEquals: { [`${GITHUB}:aud`]: 'vault', [`${GITHUB}:sub`]: main } },
      },
    })
    const guarded = githubTrust(main)
    const [statement] = guarded.Statement
    const withIp = document({
      ...statement,
      Effect: 'Allow',
      Condition: { ...statement?.Condition, IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    })
    expect(of(gap, withIp, vault).last?.Condition).toEqual({
      IpAddress: { 'aws:SourceIp': '10.0.0.0/8' },
      StringEquals: { [`${GITHUB}:aud`]: 'vault', [`${GITHUB}:sub`]: main },
    })
    expect(of(gap, githubTrust(main), webIdentityDenial(REPORTS, 'repo:octo-org/*', 'vault')).refusal).toBe(
      'claim-not-exact',
    )
    const { claims } = vault
    const nameless = { ...vault, claims: claims === null ? null : { ...claims, subject: null } }
    expect(of(gap, githubTrust(main), nameless).refusal).toBe('claim-not-exact')
  })

  describe('for the caller', () => {
    const caller = (arn: string) => snapshot(identity(arn), [role(REPORTS, listed())])
    const listed = (operator = 'ArnLike') =>
      trusting(
        { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        { Condition: { [operator]: { 'aws:PrincipalArn': TASK_ROLE } } },
      )
    const principal = (got: string, operator = 'ArnLike') =>
      claim({ operator, key: 'aws:PrincipalArn', wanted: [TASK_ROLE], got })
    const set = (suffix: string) =>
      `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_${suffix}`
    const about = assumeDenial(REPORTS)

    it('gains its name', () => {
      expect(drafted([principal(DEPLOYER)], { denial: about, seen: caller(DEPLOYER) })).toMatchObject({
        last: { Condition: { ArnLike: { 'aws:PrincipalArn': [TASK_ROLE, DEPLOYER] } } },
      })
    })

    it('gains the pattern of its permission set, in a statement of its own beside exact names', () => {
      const arn = set('0123456789abcdef')
      expect(drafted([principal(arn)], { denial: as(about, arn), seen: caller(arn) })).toMatchObject({
        changes: ['role-trust-policy reports: 1'],
        last: { Condition: { ArnLike: { 'aws:PrincipalArn': [TASK_ROLE, set('????????????????')] } } },
      })
      const exact = snapshot(identity(arn), [role(REPORTS, listed('StringEquals'))])
      expect(drafted([principal(arn, 'StringEquals')], { denial: as(about, arn), seen: exact })).toMatchObject({
        changes: ['role-trust-policy reports: 2'],
        last: { Condition: { ArnLike: { 'aws:PrincipalArn': set('????????????????') } } },
      })
    })

    it('gains nothing for another principal than the one that was read', () => {
      expect(
        drafted([principal(DEPLOYER)], { denial: as(about, EXECUTION_ROLE), seen: caller(EXECUTION_ROLE) }).refusal,
      ).toBe('condition-not-ours')
      const unread = snapshot(null, [role(REPORTS, listed())])
      expect(drafted([principal(DEPLOYER)], { denial: about, seen: unread }).refusal).toBe('condition-not-ours')
    })
  })
})
