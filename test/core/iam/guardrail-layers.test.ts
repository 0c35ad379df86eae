import { describe, expect, it } from 'vitest'
import { known, unreadable } from '../../../core/base/fact.ts'
import { unknownKey } from '../../../core/iam/conditions/context.ts'
import type { AccessSnapshot } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import {
  allow,
  answer,
  CALLER,
  callerRole,
  deny,
  layer,
  NOBODY,
  passRole,
  request,
  snapshot,
  sourced,
  trusting,
} from '../../fixtures/evaluation.ts'

describe('guardrails', () => {
  const identity = sourced('identity', allow({ Action: 'iam:PassRole' }))
  const full = { id: 'r-root', policies: [sourced('scp', allow({ Action: '*' }))] }
  const seen = (more: Partial<AccessSnapshot>) => snapshot(callerRole([identity]), NOBODY, more)

  it('do not change the answer when they could not be read, and say so', () => {
    expect(answer(passRole(), seen({}))).toBe('allowed')
    expect(layer(passRole(), seen({}), 'scp')).toMatchObject({
      answer: 'unseen',
      unknowns: [{ fact: 'service control policies', why: 'not given' }],
    })
    expect(layer(request(), seen({}), 'rcp')).toMatchObject({
      answer: 'unseen',
      unknowns: [{ fact: 'resource control policies', why: 'not given' }],
    })
  })

  it('must allow at every level', () => {
    const only = { id: 'ou-1', policies: [sourced('scp', allow({ Action: 's3:*' }))] }
    expect(answer(passRole(), seen({ scps: known([full, full]) }))).toBe('allowed')
    expect(answer(passRole(), seen({ scps: known([full, only]) }))).toBe('denied')
    expect(answer(passRole(), seen({ scps: known([only, full]) }))).toBe('denied')
  })

  it('deny at one level whatever an unseen condition says at another', () => {
    const Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' } }
    const open = { id: 'r-root', policies: [sourced('scp', allow({ Action: '*', Condition }))] }
    const only = { id: 'ou-1', policies: [sourced('scp', allow({ Action: 's3:*' }))] }
    expect(answer(passRole(), seen({ scps: known([open, full]) }))).toBe('unknown')
    expect(answer(passRole(), seen({ scps: known([open, only]) }))).toBe('denied')
  })

  it('say nothing at a level that lists no policy', () => {
    expect(answer(passRole(), seen({ scps: known([full, { id: '111122223333', policies: [] }]) }))).toBe('allowed')
  })

  it('do not bind the management account', () => {
    const organization = known({ id: 'o-abc123', managementAccountId: '111122223333' })
    const scps = known([{ id: 'r-root', policies: [sourced('scp', deny({ Action: '*' }))] }])
    expect(answer(passRole(), seen({ organization, scps }))).toBe('allowed')
    expect(answer(passRole(), seen({ scps }))).toBe('denied')
    const member = known({ id: 'o-abc123', managementAccountId: '999999999999' })
    expect(answer(passRole(), seen({ organization: member, scps }))).toBe('denied')
  })

  it('do not bind service-linked roles', () => {
    const arn = 'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'
    const caller = callerRole([identity], { arn, name: 'AWSServiceRoleForAutoScaling' })
    const asked = passRole({
      principalArn: 'arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling',
      roleArn: arn,
    })
    const scps = known([{ id: 'r-root', policies: [sourced('scp', deny({ Action: '*' }))] }])
    expect(answer(asked, snapshot(caller, NOBODY, { scps }))).toBe('allowed')
  })

  it('let through what RCPs that only deny do not deny', () => {
    const rcps = known([
      { id: 'r-root', policies: [sourced('rcp', deny({ Principal: '*', Resource: 'arn:aws:iam::*:role/vault-*' }))] },
    ])
    expect(answer(request(), snapshot(callerRole(), trusting(CALLER), { rcps }))).toBe('allowed')
  })

  it('allow nothing else when an RCP lists what it allows', () => {
    const rcps = known([{ id: 'r-root', policies: [sourced('rcp', allow({ Principal: '*', Action: 's3:*' }))] }])
    expect(answer(request(), snapshot(callerRole(), trusting(CALLER), { rcps }))).toBe('denied')
  })

  it('bind no service-linked role by an RCP', () => {
    const rcps = known([{ id: 'r-root', policies: [sourced('rcp', deny({ Principal: '*', Action: '*' }))] }])
    const linked = 'arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'
    const asked = (resource: string) =>
      answer(request({ resource }), snapshot(callerRole(), trusting(CALLER), { rcps }, resource))
    expect(asked(linked)).toBe('allowed')
    expect(asked('arn:aws:iam::111122223333:role/ecs')).toBe('denied')
  })
})

describe('what could not be seen', () => {
  const identity = sourced('identity', allow({ Action: 'iam:PassRole' }))

  it('makes an unread identity policy an unknown, for it may deny', () => {
    const caller = callerRole([identity], { unseen: [{ fact: 'policy extra', why: 'AccessDenied' }] })
    expect(answer(passRole(), snapshot(caller, NOBODY))).toBe('unknown')
  })

  it('makes an unread boundary an unknown', () => {
    expect(answer(passRole(), snapshot(callerRole([identity], { boundary: unreadable('AccessDenied') }), NOBODY))).toBe(
      'unknown',
    )
  })

  it('makes a deny under an unseen condition an unknown, unless another deny is certain', () => {
    const mfa = deny({ Action: '*', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } })
    const unseen = { 'aws:multifactorauthpresent': unknownKey('not in the event') }
    const seen = (...statements: Statement[]) => snapshot(callerRole([sourced('identity', ...statements)]), NOBODY)
    expect(answer(passRole({}, unseen), seen(allow({ Action: '*' }), mfa))).toBe('unknown')
    expect(answer(passRole({}, unseen), seen(allow({ Action: '*' }), mfa, deny({ Action: 'iam:*' })))).toBe('denied')
    expect(answer(passRole({}, unseen), seen(mfa))).toBe('denied')
  })

  it('does not apply the caller’s policies to somebody else', () => {
    const other = passRole({ principalArn: 'arn:aws:iam::111122223333:user/bob', roleArn: null })
    expect(answer(other, snapshot(callerRole([identity]), NOBODY))).toBe('unknown')
  })
})
