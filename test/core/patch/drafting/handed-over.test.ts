import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../../core/denial/denial.ts'
import type { Diagnosis } from '../../../../core/diagnosis/diagnosis.ts'
import { present } from '../../../../core/iam/conditions/context.ts'
import { handOver } from '../../../../core/patch/drafting/hand-over.ts'
import { withHandOver } from '../../../../core/patch/export/hand-over-step.ts'
import { DEFAULT_CONFIG } from '../../../../functions/domain/config/config.ts'
import { diagnosis } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  assumeDenial,
  DEPLOYER,
  document,
  ecsTrust,
  identity,
  NOW_MS,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
} from '../../../fixtures/patches.ts'

const ECS = 'ecs-tasks.amazonaws.com'
const NOTHING_READ = snapshot(null, [])
const published = { services: [ECS], evidence: 'published' as const, mayBeAbsent: false, disputed: [] }
/** What a text alone shows. */
const inText = (denial: Denial, more: Partial<Denial> = {}): Denial => ({ ...denial, source: 'message', ...more })
const by = (denial: Denial, principal: Partial<Denial['principal']>): Denial => ({
  ...denial,
  principal: { ...denial.principal, ...principal },
})
const LIKELY: Partial<Diagnosis> = { verdict: 'likely', cause: 'identity-gap', gaps: [], passedService: published }
const given = (denial: Denial, more: Partial<Diagnosis> = {}, seen = NOTHING_READ) =>
  handOver(denial, { ...diagnosis, ...LIKELY, ...more }, seen, {
    config: DEFAULT_CONFIG,
    withGetRole: false,
    nowMs: NOW_MS,
    isAlone: denial.source === 'message',
  })
const statementOf = (found: ReturnType<typeof given>) => {
  if (found === null) return null
  const { Sid: _, ...statement } =
    found.kind === 'trust' ? found.statement : (found.change.after.Statement[0] ?? { Effect: 'Allow' })
  return statement
}
const PASS = {
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: TASK_ROLE,
  Condition: { StringEquals: { 'iam:PassedToService': ECS } },
}

describe('what a text alone shows to be needed', () => {
  it('is a policy of its own for the role that was denied', () => {
    const found = given(inText(passDenial()))
    expect(statementOf(found)).toEqual(PASS)
    expect(found?.kind === 'caller' && found.change).toMatchObject({
      before: null,
      target: { kind: 'role-inline-policy', accountId: ACCOUNT, name: 'deployer', arn: DEPLOYER },
    })
  })

  it.each<[string, Denial, Partial<Diagnosis>, typeof NOTHING_READ | undefined]>([
    ['a record', passDenial(), {}, undefined],
    [
      'a gap that a patch closes',
      inText(passDenial()),
      { gaps: [{ kind: 'identity', roles: [TASK_ROLE] }] },
      undefined,
    ],
    ['a cause that is proved', inText(passDenial()), { verdict: 'proved' }, undefined],
    ['a guardrail of others', inText(passDenial()), { verdict: 'not-ours' }, undefined],
    ['another cause', inText(passDenial()), { cause: 'trust-gap' }, undefined],
    ['a caller that was read', inText(passDenial()), {}, snapshot(identity(DEPLOYER), [])],
    ['no role', inText(passDenial(), { resource: null }), {}, undefined],
    ['a pattern', inText(passDenial(), { resource: `${TASK_ROLE}*` }), {}, undefined],
    [
      'what is no name of a service',
      inText(passDenial()),
      { passedService: { ...published, services: ['*'] } },
      undefined,
    ],
    ['a token', inText(assumeDenial(TASK_ROLE), { action: 'sts:AssumeRoleWithWebIdentity' }), {}, undefined],
    ['root', inText(assumeDenial(TASK_ROLE), { action: 'sts:AssumeRoot' }), {}, undefined],
  ])('is nothing for %s', (_, denial, more, seen) => {
    expect(given(denial, more, seen)).toBe(null)
  })

  it.each([
    ['an unknown service', null],
    ['a guessed service', { ...published, evidence: 'trust' as const }],
  ])('has a placeholder for %s', (_, passedService) => {
    expect(statementOf(given(inText(passDenial()), { passedService }))).toMatchObject({
      Condition: { StringEquals: { 'iam:PassedToService': 'SERVICE.amazonaws.com' } },
    })
  })

  it.each<[Partial<Diagnosis>]>([
    [{ verdict: 'likely', cause: 'unknown' }],
    [{ verdict: 'not-enough-evidence', cause: 'unknown' }],
    [{ verdict: 'not-enough-evidence', cause: 'identity-gap' }],
  ])('is the same for %j', more => {
    expect(statementOf(given(inText(passDenial()), more))).toEqual(PASS)
  })

  it('is the right to assume a role only where AWS says that the caller lacks it', () => {
    const ASSUME = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: TASK_ROLE }
    const assumed = (reason: Denial['reason'], action: Denial['action'] = 'sts:AssumeRole') =>
      statementOf(given(inText(assumeDenial(TASK_ROLE), { reason, action })))
    expect(assumed('no-identity-policy')).toEqual(ASSUME)
    expect(assumed('none-given')).toBe(null)
    expect(assumed('no-trust-policy')).toBe(null)
    expect(assumed('no-identity-policy', 'sts:TagSession')).toBe(null)
  })

  it('is the right to create a service-linked role', () => {
    const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`
    const denial = inText(passDenial([linked]), { action: 'iam:CreateServiceLinkedRole' })
    expect(statementOf(given(denial))).toMatchObject({ Action: 'iam:CreateServiceLinkedRole', Resource: linked })
    expect(given({ ...denial, resource: TASK_ROLE })).toBe(null)
  })

  const target = (principal: Partial<Denial['principal']>) => {
    const found = given(by(inText(passDenial()), principal))
    return found?.kind === 'caller'
      ? [found.change.target.kind, found.change.target.accountId, found.change.target.arn]
      : null
  }
  const user = `arn:aws:iam::${ACCOUNT}:user/ana`
  it.each<[string, Partial<Denial['principal']>, readonly string[]]>([
    ['a user', { kind: 'user', arn: user, name: 'ana' }, ['user-inline-policy', ACCOUNT, user]],
    [
      'a role in China',
      { arn: `arn:aws-cn:sts::${ACCOUNT}:assumed-role/deployer/ci` },
      ['role-inline-policy', ACCOUNT, `arn:aws-cn:iam::${ACCOUNT}:role/deployer`],
    ],
    ['a role without an ARN', { arn: null }, ['role-inline-policy', ACCOUNT, DEPLOYER]],
    ['a role without an account', { accountId: null }, ['managed-policy', '', '']],
    ['a role without a name', { name: null }, ['managed-policy', ACCOUNT, '']],
    ['a federated user', { kind: 'federated-user' }, ['managed-policy', ACCOUNT, '']],
  ])('is for %s', (_, principal, wanted) => {
    expect(target(principal)).toEqual(wanted)
  })
})

describe('trust that a service most likely lacks', () => {
  const EC2 = 'ec2.amazonaws.com'
  const lacking = (name: string | null, more: Partial<Denial> = {}) =>
    by(inText(assumeDenial(TASK_ROLE), more), { kind: 'service', name, arn: null })
  const TRUST = { verdict: 'likely' as const, cause: 'trust-gap' as const }

  it('is one statement, for the account that it acts for', () => {
    expect(given(lacking(EC2), TRUST)).toEqual({
      kind: 'trust',
      role: TASK_ROLE,
      statement: { Effect: 'Allow', Principal: { Service: EC2 }, Action: 'sts:AssumeRole' },
    })
    const found = given(lacking(EC2, { resource: null, context: { 'aws:sourceaccount': present(ACCOUNT) } }), TRUST)
    expect(found).toMatchObject({
      role: null,
      statement: { Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } },
    })
  })

  it('is nothing for another cause, for what is no service, and for a role that was read', () => {
    expect(given(lacking(EC2), { verdict: 'likely', cause: 'identity-gap' })).toBe(null)
    expect(given(lacking(null), TRUST)).toBe(null)
    expect(given(lacking('everybody'), TRUST)).toBe(null)
    expect(given(lacking(EC2), TRUST, snapshot(null, [role(TASK_ROLE, ecsTrust)]))).toBe(null)
    const absent = { ...role(TASK_ROLE, ecsTrust), role: { kind: 'absent' as const } }
    expect(given(lacking(EC2), TRUST, snapshot(null, [absent]))).not.toBe(null)
  })
})

describe('the next step of what is handed over', () => {
  const own = { text: 'Ask.', command: null, owner: null }
  const about = { ...diagnosis, nextSteps: [own] }
  it('comes first, and is not called verified', () => {
    expect(withHandOver(passDenial(), about, null)).toBe(about)
    const statement = { Effect: 'Allow', Principal: { Service: ECS }, Action: 'sts:AssumeRole' } as const
    expect(withHandOver(passDenial(), about, { kind: 'trust', role: null, statement }).nextSteps).toEqual([
      {
        text: `Add the statement that the trust policy most likely lacks: ${JSON.stringify(statement)}. Not verified against your policies.`,
        command: null,
        owner: null,
      },
      own,
    ])
  })

  it('has the commands on one line, without their comments', () => {
    const found = given(inText(passDenial()))
    const [step, ...others] = withHandOver(passDenial(), about, found).nextSteps
    expect(others).toEqual([own])
    expect(step?.owner).toBe('an administrator of the account')
    expect(step?.command).toMatch(
      /^aws iam put-role-policy --role-name deployer --policy-name rolemedic-[0-9a-f]{8} --policy-document '\{.*\}'$/,
    )
    const set = {
      kind: 'permission-set-inline-policy' as const,
      accountId: ACCOUNT,
      name: 'Deploy',
      policyName: null,
      arn: DEPLOYER,
    }
    const change = { target: set, before: null, after: document() }
    const command = withHandOver(passDenial(), about, { kind: 'caller', change }).nextSteps[0]?.command
    expect(command).not.toContain('#')
    expect(command?.split(' && ').map(part => part.split(' ').slice(0, 3).join(' '))).toEqual([
      'aws sso-admin put-inline-policy-to-permission-set',
      'aws sso-admin provision-permission-set',
    ])
  })
})
