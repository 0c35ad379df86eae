import { describe, expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import { changeDigest, type Patch, type PolicyChange, patchDigest } from '../../../core/patch/patch.ts'
import { openedWith, verify } from '../../../core/patch/verification/verify.ts'
import { type Config, DEFAULT_CONFIG } from '../../../functions/domain/config/config.ts'
import {
  ACCOUNT,
  account,
  allow,
  aloneWith,
  analyzeSetup,
  assumeDenial,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  ecsTrust,
  identity,
  inline,
  managed,
  NOW_MS,
  offered,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
} from '../../fixtures/patches.ts'

const seen = snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust)])
const diagnosis = analyzeSetup(passDenial(), seen).diagnosis

function changeOf(
  target: Partial<PolicyChange['target']>,
  before: PolicyDocument | null,
  after: PolicyDocument,
): PolicyChange {
  const whole = {
    kind: 'role-inline-policy' as const,
    accountId: ACCOUNT,
    name: 'deployer',
    policyName: 'rolemedic',
    arn: DEPLOYER,
    ...target,
  }
  return { target: whole, before, after, required: true, digest: changeDigest({ target: whole, before, after }) }
}

function check(changes: readonly PolicyChange[], config: Partial<Config> = {}, picked = seen, denial = passDenial()) {
  const patch: Patch = { changes, digest: patchDigest(changes) }
  const about = {
    denial,
    diagnosis,
    snapshot: picked,
    config: { ...DEFAULT_CONFIG, ...config },
    nowMs: NOW_MS,
  }
  const { verification, result } = verify(patch, { ...about, opened: openedWith(patch, about, aloneWith(picked)) })
  return { verification, result, refusal: result.ok ? null : result.error.code }
}

const statement = (more: Partial<Statement> = {}): Statement => ({
  Sid: 'Rolemedic0a1b2c3d',
  ...allow('iam:PassRole', TASK_ROLE, {
    Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  }),
  ...more,
})
const grant = (...statements: Statement[]) => [changeOf({}, null, document(...statements))]

describe('a verified patch', () => {
  it('is denied before, allowed after, and proved to open nothing else', () => {
    const { verified } = analyzeSetup(passDenial(), seen)
    expect(verified?.result.ok).toBe(true)
    expect(verified?.verification).toMatchObject({
      before: 'denied',
      after: 'allowed',
      controls: { evaluated: 1, changed: 0 },
      proof: { outcome: 'nothing-else', detail: null },
      risk: 'low',
      approvers: 1,
      counterexample: null,
    })
  })

  it('needs two approvers if the passed role is administrator-equivalent', () => {
    const admin = role(TASK_ROLE, ecsTrust, [inline(TASK_ROLE, 'p', allow('*', '*'))])
    const { verified } = analyzeSetup(passDenial(), snapshot(identity(DEPLOYER), [admin]))
    expect(verified?.verification).toMatchObject({ risk: 'high', approvers: 2 })
    expect(verified?.result.ok).toBe(true)
  })
})

describe('a patch is refused', () => {
  it('that does not lift the denial', () => {
    expect(check(grant(statement({ Resource: EXECUTION_ROLE })))).toMatchObject({
      refusal: 'not-lifted',
      verification: { after: 'denied' },
    })
  })

  it('for a request that is already allowed', () => {
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'deploy', statement())])
    expect(check(grant(statement()), {}, snapshot(caller, [role(TASK_ROLE, ecsTrust)]))).toMatchObject({
      refusal: 'already-allowed',
      verification: { before: 'allowed' },
    })
  })

  it('that allows another role, and names the request', () => {
    const value = (services: string[]) =>
      allow('iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/*`, {
        Condition: { StringEquals: { 'iam:PassedToService': services } },
      })
    const before = document(value(['ec2.amazonaws.com']))
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'deploy', ...before.Statement)])
    const wide = [
      changeOf({ policyName: 'deploy' }, before, document(value(['ec2.amazonaws.com', 'ecs-tasks.amazonaws.com']))),
    ]
    const outcome = check(wide, {}, snapshot(caller, [role(TASK_ROLE, ecsTrust)]))
    expect(outcome.refusal).toBe('opens-more')
    expect(outcome.verification.counterexample).toMatchObject({
      action: 'iam:PassRole',
      resource: `arn:aws:iam::${ACCOUNT}:role/orders-task-admin`,
    })
    expect(outcome.verification.controls.changed).toBeGreaterThan(0)
  })

  it('that allows another service', () => {
    const { Condition: _, ...open } = statement()
    const { refusal, verification } = check(grant(open))
    expect(refusal).toBe('exact-passed-service')
    expect(verification.counterexample?.context['iam:passedtoservice']).toEqual({
      state: 'present',
      values: ['ecs-tasks.amazonaws.com.cn'],
    })
  })

  it('that allows reading other roles than it grants', () => {
    const reads: Statement = { Sid: 'Rolemedic0a1b2c3db', ...allow('iam:GetRole', '*') }
    expect(check(grant(statement(), reads)).verification.counterexample).toMatchObject({
      action: 'iam:GetRole',
      resource: `arn:aws:iam::${ACCOUNT}:role/orders-task-admin`,
    })
    const own: Statement = { ...reads, Resource: TASK_ROLE }
    expect(check(grant(statement(), own))).toMatchObject({ refusal: null, verification: { counterexample: null } })
  })

  it('that allows another action, even if no guardrail sees it', () => {
    expect(
      check(grant(statement(), statement({ Sid: 'Rolemedic0a1b2c3db', Action: 'iam:PutRolePolicy', Condition: {} })))
        .refusal,
    ).toBe('opens-more')
  })

  it('that trusts a whole account', () => {
    const target = `arn:aws:iam::${ACCOUNT}:role/reports`
    const trust = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:role/somebody` })
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'a', allow('sts:AssumeRole', target))])
    const after = document(...trust.Statement, {
      Sid: 'Rolemedic0a1b2c3d',
      Effect: 'Allow',
      Principal: account(ACCOUNT),
      Action: 'sts:AssumeRole',
    })
    const change = changeOf({ kind: 'role-trust-policy', name: 'reports', policyName: null, arn: target }, trust, after)
    const outcome = check([change], {}, snapshot(caller, [role(target, trust)]), assumeDenial(target))
    expect(outcome.refusal).toBe('exact-trust-principal')
    expect(outcome.verification.counterexample?.principalArn).toContain('-admin')
  })

  it('that trusts more than the denied session or service, also if the role path is unknown', () => {
    const target = `arn:aws:iam::${ACCOUNT}:role/reports`
    const trust = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:role/somebody` })
    const opening = (Principal: NonNullable<Statement['Principal']>) => {
      const added = { Sid: 'Rolemedic0a1b2c3d', Effect: 'Allow', Principal, Action: 'sts:AssumeRole' } as const
      const where = { kind: 'role-trust-policy', name: 'reports', policyName: null, arn: target } as const
      return [changeOf(where, trust, document(...trust.Statement, added))]
    }
    const denied = assumeDenial(target)
    const text = { ...denied, principal: { ...denied.principal, pathKnown: false } }
    const picked = snapshot(identity(DEPLOYER), [role(target, trust)])
    const ofAccount = check(opening(account(ACCOUNT)), {}, picked, text).verification
    expect(ofAccount.counterexample?.principalArn).toContain('-admin')
    expect(check(opening({ AWS: DEPLOYER }), {}, picked, text).verification.controls.changed).toBe(0)

    const name = 'codebuild.amazonaws.com'
    const principal = {
      ...denied.principal,
      kind: 'service',
      name,
      arn: null,
      roleArn: null,
      pathKnown: false,
    } as const
    const ofServices = opening({ Service: [name, 'lambda.amazonaws.com'] })
    expect(
      check(ofServices, {}, snapshot(null, picked.targets), { ...denied, principal }).verification.counterexample
        ?.principalArn,
    ).toBe('lambda.amazonaws.com')
  })

  it('whose answer afterwards depends on an unknown', () => {
    const unseen = identity(DEPLOYER, [], { unseen: [{ fact: 'policy x', why: 'AccessDenied' }] })
    const outcome = check(grant(statement()), {}, snapshot(unseen, [role(TASK_ROLE, ecsTrust)]))
    expect(outcome).toMatchObject({ refusal: 'before-unknown', verification: { before: 'unknown', after: 'unknown' } })
  })

  it('under an explicit deny', () => {
    const deny = inline(DEPLOYER, 'deny', { Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' })
    expect(
      check(grant(statement()), {}, snapshot(identity(DEPLOYER, [deny]), [role(TASK_ROLE, ecsTrust)])).refusal,
    ).toBe('not-lifted')
  })

  it('that AWS’s own checks reject', () => {
    const changes = grant(statement())
    const patch = { changes, digest: patchDigest(changes) }
    const about = { denial: passDenial(), diagnosis, snapshot: seen, config: DEFAULT_CONFIG, nowMs: NOW_MS }
    const { result, verification } = verify(patch, {
      ...about,
      opened: openedWith(patch, about, aloneWith(seen)),
      secondOpinion: [{ id: 'access-analyzer', outcome: 'refuse', detail: 'grants iam:CreateUser' }],
    })
    expect(!result.ok && result.error).toEqual({
      code: 'access-analyzer',
      message: 'grants iam:CreateUser',
      owner: null,
    })
    expect(verification.guardrails.at(-1)).toEqual({
      id: 'access-analyzer',
      outcome: 'refuse',
      detail: 'grants iam:CreateUser',
    })
  })
})

describe('a call with several possible requests', () => {
  const unproven = passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'optional')
  const under = (operator: string) =>
    statement({ Condition: { [operator]: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } } })

  it('is denied before if one of them is denied', () => {
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'deploy', under('StringEquals'))])
    const lifted = check(
      grant(under('StringEqualsIfExists')),
      {},
      snapshot(caller, [role(TASK_ROLE, ecsTrust)]),
      unproven,
    )
    expect(lifted).toMatchObject({ refusal: null, verification: { before: 'denied', after: 'allowed' } })
  })

  it('is unknown after if one of them is still denied', () => {
    expect(check(grant(under('StringEquals')), {}, seen, unproven)).toMatchObject({
      refusal: 'after-unknown',
      verification: { before: 'denied', after: 'unknown' },
    })
  })

  it('is unknown if no role is named', () => {
    const pattern = `arn:aws:iam::${ACCOUNT}:role/orders-*`
    const approvedRoleSets = [{ name: 'orders', pattern, services: ['ecs-tasks.amazonaws.com'] }]
    const nameless = { ...passDenial(), resource: null, passes: [] }
    expect(
      check(grant(statement({ Resource: pattern })), { approvedRoleSets }, snapshot(identity(DEPLOYER), []), nameless),
    ).toMatchObject({ verification: { before: 'unknown', after: 'unknown' } })
  })
})

describe('verification evaluates', () => {
  it('the request as it would be repeated now, not at the time of the denial', () => {
    const since = { DateGreaterThan: { 'aws:CurrentTime': new Date(NOW_MS - 60_000).toISOString() } }
    const deny = inline(DEPLOYER, 'freeze', { Effect: 'Deny', Action: 'iam:PassRole', Resource: '*', Condition: since })
    const frozen = snapshot(identity(DEPLOYER, [deny]), [role(TASK_ROLE, ecsTrust)])
    const denial = passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'published', { timeMs: NOW_MS - 120_000 })
    expect(check(grant(statement()), {}, frozen, denial)).toMatchObject({
      refusal: 'not-lifted',
      verification: { before: 'denied', after: 'denied' },
    })
  })

  it('each role of the patch: two changes that each fix a part are both needed', () => {
    const before = document()
    const second = changeOf(
      { kind: 'managed-policy', name: 'p', policyName: null, arn: `arn:aws:iam::${ACCOUNT}:policy/p` },
      before,
      document(statement({ Resource: EXECUTION_ROLE })),
    )
    const caller = identity(DEPLOYER, [managed(DEPLOYER, 'p', 1)])
    const both = snapshot(caller, [role(TASK_ROLE, ecsTrust), role(EXECUTION_ROLE, ecsTrust)])
    const denial = passDenial([TASK_ROLE, EXECUTION_ROLE])
    expect(check([...grant(statement()), second], {}, both, denial).refusal).toBe(null)
  })

  it('an unreadable role as stronger than the caller: two people decide', () => {
    const more = statement({ Resource: [TASK_ROLE, EXECUTION_ROLE] })
    expect(check(grant(more)).verification).toMatchObject({ risk: 'elevated', approvers: 2 })
  })
})

describe('the conditions of a trust policy', () => {
  const target = `arn:aws:iam::${ACCOUNT}:role/reports`
  const guarded = trusting(
    { AWS: `arn:aws:iam::${ACCOUNT}:role/somebody` },
    { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } },
  )
  const caller = identity(DEPLOYER, [inline(DEPLOYER, 'a', allow('sts:AssumeRole', target))])

  it('are copied to the new statement', () => {
    const denial = assumeDenial(target, { context: { 'aws:sourceip': { state: 'present', values: ['10.1.2.3'] } } })
    const patch = offered(analyzeSetup(denial, snapshot(caller, [role(target, guarded)])))
    expect(patch.changes[0]?.after.Statement[1]).toMatchObject({
      Principal: { AWS: DEPLOYER },
      Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    })
  })

  it('refuse the patch if the request does not satisfy them or does not show them', () => {
    const outside = assumeDenial(target, { context: { 'aws:sourceip': { state: 'present', values: ['192.0.2.1'] } } })
    expect(analyzeSetup(outside, snapshot(caller, [role(target, guarded)])).verified?.result).toMatchObject({
      error: {
        code: 'not-lifted',
        message:
          'The request would still be denied with this change. It carries the condition on aws:SourceIp that similar principals have: ask the owner of reports.',
        owner: 'owner of reports',
      },
    })
    const unseen = analyzeSetup(assumeDenial(target), snapshot(caller, [role(target, guarded)]))
    expect(unseen.verified?.result).toMatchObject({
      error: {
        code: 'after-unknown',
        message: expect.stringMatching(/depends on aws:SourceIp\. .* ask the owner of reports\.$/),
        owner: 'owner of reports',
      },
    })
  })
})

describe('a patch with a change that the denial does not need', () => {
  it('is offered without that change, and verified so', () => {
    const target = {
      kind: 'managed-policy',
      name: 'p',
      policyName: null,
      arn: `arn:aws:iam::${ACCOUNT}:policy/p`,
    } as const
    // It would open more, so only the smaller patch can be proved.
    const idle = changeOf(target, document(), document({ Effect: 'Allow', Action: 's3:*', Resource: '*' }))
    const caller = identity(DEPLOYER, [managed(DEPLOYER, 'p', 1)])
    for (const changes of [
      [...grant(statement()), idle],
      [idle, ...grant(statement())],
    ]) {
      const { verification, result } = check(changes, {}, snapshot(caller, [role(TASK_ROLE, ecsTrust)]))
      expect(result.ok && result.value.patch.changes.map(({ target: { name } }) => name)).toEqual(['deployer'])
      expect(verification.proof?.outcome).toBe('nothing-else')
      expect(result.ok && result.value.patch.digest).toBe(patchDigest(grant(statement())))
    }
  })
})
