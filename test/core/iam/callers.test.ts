import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../core/actions/actions.ts'
import { ABSENT, found, known, unreadable } from '../../../core/base/fact.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import type { AccessSnapshot } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import type { PolicyType } from '../../../core/iam/policy/sourced-policy.ts'
import {
  allow,
  answer,
  CALLER,
  callerRole,
  callerUser,
  deny,
  document,
  layer,
  NOBODY,
  request,
  snapshot,
  sourced,
  TARGET,
  trusting,
} from '../../fixtures/evaluation.ts'

describe('web identities', () => {
  const provider = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'
  const asked = request(
    { action: 'sts:AssumeRoleWithWebIdentity', principalArn: provider, roleArn: null },
    { 'token.actions.githubusercontent.com:sub': present('repo:acme/shop:ref:refs/heads/main') },
  )
  const trust = (sub: string, federated = provider) =>
    document({
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: federated },
      Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': sub } },
    })
  const seen = (policy: PolicyDocument) => snapshot(callerRole(), policy, { caller: ABSENT })

  it('are admitted by the trust policy alone', () => {
    expect(answer(asked, seen(trust('repo:acme/shop:*')))).toBe('allowed')
  })

  it('are rejected by a condition, and the outcome shows what was presented', () => {
    const outcome = layer(asked, seen(trust('repo:acme/web:*')), 'trust')
    expect(outcome?.statements[0]?.mismatches).toEqual([
      {
        element: 'condition',
        operator: 'StringLike',
        key: 'token.actions.githubusercontent.com:sub',
        wanted: ['repo:acme/web:*'],
        got: ['repo:acme/shop:ref:refs/heads/main'],
      },
    ])
    expect(answer(asked, seen(trust('repo:acme/web:*')))).toBe('denied')
  })

  it('must come from the provider that is named', () => {
    expect(answer(asked, seen(trust('*', provider.replace('1111', '4444'))))).toBe('denied')
  })

  it('are bound by RCPs and not by SCPs', () => {
    const level = (type: PolicyType) =>
      known([{ id: 'r-root', policies: [sourced(type, deny({ Action: '*', Principal: '*' }))] }])
    const scpDeny = known([{ id: 'r-root', policies: [sourced('scp', deny({ Action: '*' }))] }])
    expect(answer(asked, { ...seen(trust('*')), rcps: level('rcp') })).toBe('denied')
    expect(answer(asked, { ...seen(trust('*')), scps: scpDeny })).toBe('allowed')
  })
})

describe('root', () => {
  const asked = request({ principalArn: 'arn:aws:iam::111122223333:root', roleArn: null })

  it('cannot assume roles', () => {
    const outcome = evaluate(asked, snapshot(callerRole(), trusting('*'), { caller: ABSENT }))
    expect([outcome.answer, outcome.rule]).toEqual(['denied', 'root-cannot-assume'])
  })

  // "You cannot call AssumeRole by using AWS account root user credentials": nor add anything to the session.
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  it.each(['sts:TagSession', 'sts:SetSourceIdentity', 'sts:SetContext'])('cannot begin a session with %s', action => {
    const trust = document({ Effect: 'Allow', Action: 'sts:*', Principal: { AWS: '111122223333' } })
    const outcome = evaluate({ ...asked, action }, snapshot(callerRole(), trust, { caller: ABSENT }))
    expect([outcome.answer, outcome.rule]).toEqual(['denied', 'root-cannot-assume'])
  })

  it('needs no identity policy to pass a role', () => {
    expect(answer({ ...asked, action: 'iam:PassRole' }, snapshot(callerRole(), NOBODY, { caller: ABSENT }))).toBe(
      'allowed',
    )
  })
})

describe('federated users', () => {
  // "You cannot call any AWS STS operations except GetCallerIdentity."
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
  it.each(['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity', 'sts:SetContext'])('are refused %s', action => {
    const arn = 'arn:aws:sts::111122223333:federated-user/ann'
    const trust = document({ Effect: 'Allow', Action: 'sts:*', Principal: { AWS: [arn, '111122223333'] } })
    const seen = snapshot(callerUser([sourced('identity', allow({ Action: 'sts:*' }))]), trust)
    const outcome = evaluate(request({ action, principalArn: arn, roleArn: null }), seen)
    expect([outcome.answer, outcome.rule]).toEqual(['denied', 'federated-user-cannot-assume'])
  })
})

describe('services', () => {
  const asked = request({ principalArn: 'ecs-tasks.amazonaws.com', roleArn: null })
  const trust = document({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
  })

  it('are admitted by the trust policy that names them', () => {
    expect(answer(asked, snapshot(callerRole(), trust, { caller: ABSENT }))).toBe('allowed')
    expect(
      answer({ ...asked, principalArn: 'ec2.amazonaws.com' }, snapshot(callerRole(), trust, { caller: ABSENT })),
    ).toBe('denied')
  })
})

describe('a caller that the request names badly', () => {
  const identityOf = (caller: AccessSnapshot['caller']) =>
    layer(
      request({ principalArn: 'somebody', roleArn: null, action: 'iam:PassRole' }),
      snapshot(callerRole(), NOBODY, { caller }),
      'identity',
    )

  it('has no policies, whatever was read', () => {
    expect(identityOf(found(callerRole()))).toMatchObject({ unknowns: [{ why: 'the caller is unknown' }] })
    expect(identityOf(unreadable('AccessDenied'))).toMatchObject({ unknowns: [{ why: 'AccessDenied' }] })
  })

  it('presents a web identity where only the trust policy decides', () => {
    const asked = request({ action: 'sts:AssumeRoleWithWebIdentity', principalArn: '', roleArn: null })
    const trust = document({ Effect: 'Allow', Action: '*', Principal: { AWS: CALLER } })
    expect(answer(asked, snapshot(callerRole(), trust, { caller: ABSENT }))).toBe('denied')
  })
})

describe('NotResource', () => {
  it('shows the pattern that excludes the role', () => {
    const policy = sourced('identity', { Effect: 'Allow', Action: 'iam:PassRole', NotResource: ['x', TARGET] })
    const asked = request({ action: 'iam:PassRole' })
    expect(layer(asked, snapshot(callerRole([policy]), NOBODY), 'identity')?.statements).toMatchObject([
      { matches: 'no', mismatches: [{ element: 'resource', pattern: TARGET, near: null }] },
    ])
  })
})

describe('a list of resources', () => {
  const NO = 'arn:aws:iam::111122223333:role/other'
  /** The key is absent, so the pattern matches nothing that AWS documents. */
  const UNRESOLVABLE = 'arn:aws:iam::111122223333:role/${aws:username}'
  /** The key is unknown. */
  const UNKNOWN = 'arn:aws:iam::111122223333:role/${aws:SourceVpc}'
  /** With any value it is another role; without a value, it counts as absent. */
  const UNKNOWN_ELSEWHERE = 'arn:aws:iam::444455556666:role/${aws:SourceVpc}'
  const asked = request({ action: 'iam:PassRole' }, { 'aws:sourcevpc': { state: 'unknown', why: 'not shown' } })
  const answerBy = (element: 'Resource' | 'NotResource', list: readonly string[]) =>
    answer(
      asked,
      snapshot(callerRole([sourced('identity', allow({ Action: 'iam:PassRole', ...only(element, list) }))]), NOBODY),
    )
  const only = (element: 'Resource' | 'NotResource', list: readonly string[]) =>
    element === 'Resource' ? { Resource: list } : ({ Resource: undefined, NotResource: list } as unknown as object)

  it.each([
    [[NO], 'denied', 'allowed'],
    [[NO, TARGET], 'allowed', 'denied'],
    [[UNRESOLVABLE], 'denied', 'unknown'],
    [[UNRESOLVABLE, NO], 'denied', 'unknown'],
    [[NO, UNRESOLVABLE], 'denied', 'unknown'],
    [[UNKNOWN, NO], 'unknown', 'unknown'],
    [[NO, UNKNOWN], 'unknown', 'unknown'],
    [[UNRESOLVABLE, UNKNOWN], 'unknown', 'unknown'],
    [[UNKNOWN, UNRESOLVABLE], 'unknown', 'unknown'],
    [[UNKNOWN, TARGET], 'allowed', 'denied'],
    [[UNKNOWN_ELSEWHERE], 'denied', 'unknown'],
    [[UNKNOWN_ELSEWHERE, TARGET], 'allowed', 'denied'],
  ])('of %j gives %s; with these left out it gives %s', (list, named, leftOut) => {
    expect(answerBy('Resource', list)).toBe(named)
    expect(answerBy('NotResource', list)).toBe(leftOut)
  })
})
