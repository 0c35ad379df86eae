import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../../core/denial/denial.ts'
import type { Diagnosis } from '../../../../core/diagnosis/diagnosis.ts'
import { parseEntityArn } from '../../../../core/iam/arn.ts'
import type { Identity } from '../../../../core/iam/evaluation/access-snapshot.ts'
import type { PolicyDocument } from '../../../../core/iam/policy/policy-document.ts'
import type { SourcedPolicy } from '../../../../core/iam/policy/sourced-policy.ts'
import {
  editableCaller,
  grantToCaller,
  inlineSize,
  inlineTarget,
  isCustomerManaged,
  managedTarget,
} from '../../../../core/patch/drafting/caller-policy.ts'
import type { DraftContext } from '../../../../core/patch/drafting/draft-context.ts'
import {
  approvedRoleSet,
  deniedRole,
  passRoleStatements,
  receivingService,
} from '../../../../core/patch/drafting/pass-role-statements.ts'
import { policySize } from '../../../../core/patch/policy-size.ts'
import { DEFAULT_CONFIG } from '../../../../functions/domain/config/config.ts'
import { diagnosis, SID } from '../../../fixtures/guardrails.ts'
import { sent } from '../../../fixtures/passed-service.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  ecsTrust,
  identity,
  inline,
  managed,
  NOW_MS,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
} from '../../../fixtures/patches.ts'

const arnOf = (text: string) => {
  const arn = parseEntityArn(text)
  if (arn === null) throw new Error(text)
  return arn
}
const code = (result: { ok: true } | { ok: false; error: { code: string } }) => (result.ok ? null : result.error.code)
const SSO = `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef`

describe('a caller whose policies can be edited', () => {
  it.each([
    [DEPLOYER, null],
    [`arn:aws:iam::${ACCOUNT}:user/ana`, null],
    [SSO, null],
    [`arn:aws:iam::${ACCOUNT}:role/aws-reserved/other/x`, 'reserved-role'],
    [`arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/x`, 'service-linked-role'],
    [`arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci`, 'unreadable-arn'],
  ])('%s: %s', (arn, wanted) => {
    expect(code(editableCaller(identity(arn)))).toBe(wanted)
  })
})

describe('the policy that gets a grant', () => {
  const ADDED = allow('iam:PassRole', TASK_ROLE)
  const add = (before: PolicyDocument | null): PolicyDocument => document(...(before?.Statement ?? []), ADDED)
  const filler = (size: number) => allow('s3:GetObject', 'x'.repeat(size))
  const big = inline(DEPLOYER, 'big', filler(10_100))
  const granted = (caller: Identity, edits: Parameters<typeof grantToCaller>[0] = []) => {
    const result = grantToCaller(edits, caller, arnOf(caller.arn), add)
    return result.ok
      ? result.value.map(({ target, before, after }) => [
          target.kind,
          target.policyName ?? target.name,
          before?.Statement.length ?? null,
          after.Statement.length,
        ])
      : result.error.code
  }

  it.each<[string, Identity, unknown]>([
    ['a new one of rolemedic', identity(DEPLOYER), [['role-inline-policy', 'rolemedic', null, 1]]],
    ['of a user', identity(`arn:aws:iam::${ACCOUNT}:user/ana`), [['user-inline-policy', 'rolemedic', null, 1]]],
    [
      'the one of rolemedic',
      identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', filler(1))]),
      [['role-inline-policy', 'rolemedic', 1, 2]],
    ],
    [
      'of the permission set',
      identity(SSO, [inline(SSO, 'AwsSSOInlinePolicy', filler(1))]),
      [['permission-set-inline-policy', 'Admin', 1, 2]],
    ],
    [
      'not a managed one of that name',
      identity(DEPLOYER, [managed(DEPLOYER, 'rolemedic', 1)]),
      [['role-inline-policy', 'rolemedic', null, 1]],
    ],
    [
      'not one of a group',
      identity(DEPLOYER, [inline('arn:aws:iam::111122223333:group/g', 'rolemedic', filler(1))]),
      [['role-inline-policy', 'rolemedic', null, 1]],
    ],
    [
      'a managed one where there is no room',
      identity(DEPLOYER, [big, managed(DEPLOYER, 'own', 1, filler(1))]),
      [['managed-policy', 'own', 1, 2]],
    ],
    ['not one that others have', identity(DEPLOYER, [big, managed(DEPLOYER, 'own', 2)]), 'quota'],
    [
      'not one of AWS',
      identity(DEPLOYER, [big, { ...managed(DEPLOYER, 'own', 1), arn: 'arn:aws:iam::aws:policy/own' }]),
      'quota',
    ],
    [
      'not one that is a boundary',
      identity(DEPLOYER, [big, { ...managed(DEPLOYER, 'own', 1), bounds: true as const }]),
      'quota',
    ],
    [
      'not one of a group of the caller',
      identity(DEPLOYER, [big, { ...managed(DEPLOYER, 'own', 1), attachedTo: 'arn:aws:iam::111122223333:group/g' }]),
      'quota',
    ],
    ['not one without room', identity(DEPLOYER, [big, managed(DEPLOYER, 'own', 1, filler(6_000))]), 'quota'],
    [
      'the first with room',
      identity(DEPLOYER, [big, managed(DEPLOYER, 'full', 1, filler(6_000)), managed(DEPLOYER, 'own', 1)]),
      [['managed-policy', 'own', 0, 1]],
    ],
    ['none', identity(DEPLOYER, [big]), 'quota'],
  ])('is %s', (_, caller, wanted) => {
    expect(granted(caller)).toEqual(wanted)
  })

  it('has what the patch added to it before', () => {
    const caller = identity(DEPLOYER)
    const target = inlineTarget(caller, arnOf(DEPLOYER), 'rolemedic')
    expect(granted(caller, [{ target, before: null, after: document(filler(1)) }])).toEqual([
      ['role-inline-policy', 'rolemedic', null, 2],
    ])
  })

  it('counts all inline policies, those that the patch edits as edited, and none of others', () => {
    const [a, b] = [inline(DEPLOYER, 'a', filler(10)), inline(DEPLOYER, 'b', filler(20))]
    const group = inline('arn:aws:iam::111122223333:group/g', 'c', filler(500))
    const caller = identity(DEPLOYER, [a, b, group, managed(DEPLOYER, 'm', 1, filler(900))])
    const target = inlineTarget(caller, arnOf(DEPLOYER), 'rolemedic')
    const size = (policy: SourcedPolicy) => policySize(policy.document)
    expect(inlineSize([], caller, target, 7)).toBe(7 + size(a) + size(b))
    expect(inlineSize([], caller, { ...target, policyName: 'a' }, 7)).toBe(7 + size(b))
    const after = document(filler(1_000))
    const edited = (arn: string) => [{ target: { ...target, arn, policyName: 'b' }, before: null, after }]
    expect(inlineSize(edited(DEPLOYER), caller, target, 7)).toBe(7 + size(a) + policySize(after))
    expect(inlineSize(edited(TASK_ROLE), caller, target, 7)).toBe(7 + size(a) + size(b))
    const set = identity(SSO, [inline(SSO, 'AwsSSOInlinePolicy', filler(10)), inline(SSO, 'b', filler(20))])
    expect(inlineSize([], set, inlineTarget(set, arnOf(SSO), 'AwsSSOInlinePolicy'), 7)).toBe(7 + size(b))
  })

  it('is of the customer, and attached to the caller itself', () => {
    const policy = managed(DEPLOYER, 'p', 1)
    expect(isCustomerManaged(policy, identity(DEPLOYER))).toBe(true)
    expect(isCustomerManaged(policy, identity(TASK_ROLE))).toBe(false)
    expect(isCustomerManaged({ ...policy, arn: null }, identity(DEPLOYER))).toBe(false)
    expect(managedTarget(policy, policy.arn ?? '')).toEqual({
      kind: 'managed-policy',
      accountId: ACCOUNT,
      name: 'p',
      policyName: null,
      arn: `arn:aws:iam::${ACCOUNT}:policy/p`,
    })
  })
})

describe('the right to pass roles', () => {
  const ECS = 'ecs-tasks.amazonaws.com'
  const context = (
    more: Partial<Omit<DraftContext, 'denial' | 'diagnosis'>> & {
      denial?: Denial
      diagnosis?: Partial<Diagnosis>
    } = {},
  ): DraftContext => ({
    denial: passDenial([TASK_ROLE, EXECUTION_ROLE]),
    snapshot: snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust), role(EXECUTION_ROLE, ecsTrust)]),
    config: DEFAULT_CONFIG,
    withGetRole: false,
    nowMs: NOW_MS,
    sid: SID,
    joinable: new Set(),
    ...more,
    diagnosis: { ...diagnosis, ...more.diagnosis },
  })
  const services = (names: readonly string[], evidence: 'published' | 'trust' = 'published', mayBeAbsent = false) => ({
    diagnosis: { passedService: { services: names, evidence, mayBeAbsent, disputed: [] } },
  })
  const named = (count: number) => Array.from({ length: count }, (_, at) => `s${at}.amazonaws.com`)

  it.each<[string, ReturnType<typeof services>, unknown]>([
    ['the one', services([ECS]), { services: [ECS], certain: true }],
    ['a guess', services([ECS], 'trust'), { services: [ECS], certain: false }],
    ['one that may be absent', services([ECS], 'published', true), { services: [ECS], certain: false }],
    ['six', services(named(6)), { services: named(6), certain: true }],
    ['seven', services(named(7)), null],
    ['a pattern', services(['*.amazonaws.com']), null],
    ['a pattern beside a name', services([ECS, '*']), null],
  ])('knows the service that receives the denied role: %s', (_, more, wanted) => {
    expect(receivingService(context(more), TASK_ROLE)).toEqual(wanted)
  })

  it('does not know it where the diagnosis does not, and finds that of the other roles itself', () => {
    const unknown = context({ diagnosis: { passedService: null } })
    expect(receivingService(unknown, TASK_ROLE)).toBe(null)
    expect(receivingService(unknown, EXECUTION_ROLE)).toEqual({ services: [ECS], certain: true })
    expect(code(passRoleStatements(unknown, [TASK_ROLE]))).toBe('service-unknown')
    expect(code(passRoleStatements(context(), [`arn:aws:iam::${ACCOUNT}:user/ana`]))).toBe('unreadable-arn')
  })

  it('is one statement for a service, and one for each that differs', () => {
    const pass = (Resource: string | string[], operator = 'StringEquals', service: string | string[] = ECS) =>
      allow('iam:PassRole', Resource, { Condition: { [operator]: { 'iam:PassedToService': service } } })
    const statements = (about: DraftContext, roles = [TASK_ROLE, EXECUTION_ROLE, TASK_ROLE]) => {
      const result = passRoleStatements(about, roles)
      return result.ok ? result.value : result.error.code
    }
    expect(statements(context())).toEqual([pass([TASK_ROLE, EXECUTION_ROLE])])
    const passes = [
      { arn: TASK_ROLE, parameter: null, service: sent(ECS) },
      { arn: EXECUTION_ROLE, parameter: null, service: sent('ec2.amazonaws.com', 'optional') },
    ]
    expect(statements(context({ denial: { ...passDenial(), passes } }))).toEqual([
      pass(TASK_ROLE),
      pass(EXECUTION_ROLE, 'StringEqualsIfExists', 'ec2.amazonaws.com'),
    ])
    expect(statements(context(services([ECS, 'ec2.amazonaws.com'])), [TASK_ROLE])).toEqual([
      pass(TASK_ROLE, 'StringEquals', [ECS, 'ec2.amazonaws.com']),
    ])
    expect(statements(context({ withGetRole: true }), [TASK_ROLE])).toEqual([
      pass(TASK_ROLE),
      allow('iam:GetRole', TASK_ROLE),
    ])
  })

  it('is under the conditions of the owner, also for reading the role', () => {
    const mfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }
    const result = passRoleStatements(context({ withGetRole: true }), [TASK_ROLE], mfa)
    expect(result.ok && result.value.map(({ Condition }) => Condition)).toEqual([
      { ...mfa, StringEquals: { 'iam:PassedToService': ECS } },
      mfa,
    ])
  })

  it('is for an approved set that holds the role for every service', () => {
    const pattern = `arn:aws:iam::${ACCOUNT}:role/orders-*`
    const config = {
      ...DEFAULT_CONFIG,
      approvedRoleSets: [
        { name: 'one', pattern: TASK_ROLE, services: ['ec2.amazonaws.com'] },
        { name: 'all', pattern, services: [ECS, 'lambda.amazonaws.com'] },
      ],
    }
    const of = (arn: string, names: string[]) => approvedRoleSet(config, arn, names)?.name ?? null
    expect(of(TASK_ROLE, [ECS])).toBe('all')
    expect(of(TASK_ROLE, ['ec2.amazonaws.com'])).toBe('one')
    expect(of(`${TASK_ROLE}-2`, ['ec2.amazonaws.com'])).toBe(null)
    expect(of(TASK_ROLE, [ECS, 'ec2.amazonaws.com'])).toBe(null)
    expect(of(`arn:aws:iam::${ACCOUNT}:role/billing`, [ECS])).toBe(null)
    const result = passRoleStatements(context({ config }), [TASK_ROLE, EXECUTION_ROLE])
    expect(result.ok && result.value.map(({ Resource }) => Resource)).toEqual([pattern])
  })

  it('is about the role of an instance profile, where that is the denied resource', () => {
    const profile = `arn:aws:iam::${ACCOUNT}:instance-profile/web`
    const seen = snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust)])
    const of = (resource: string | null, passes: Denial['passes'] = [], about = seen) =>
      deniedRole({ denial: { ...passDenial(), resource, passes }, snapshot: about })
    expect(of(profile)).toBe(TASK_ROLE)
    expect(of(TASK_ROLE)).toBe(TASK_ROLE)
    expect(of(profile, [], snapshot(null, []))).toBe(profile)
    expect(of(null, passDenial().passes)).toBe(TASK_ROLE)
    expect(of(null)).toBe(null)
  })
})
