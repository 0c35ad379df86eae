import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../core/actions/actions.ts'
import { known } from '../../../core/base/fact.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import {
  allow,
  answer,
  callerRole,
  callerUser,
  deny,
  FOREIGN,
  layer,
  NOBODY,
  passRole,
  snapshot,
  sourced,
  TARGET,
  trusting,
  USER,
} from '../../fixtures/evaluation.ts'

describe('passing a role', () => {
  const identity = sourced('identity', allow({ Action: 'iam:PassRole', Resource: TARGET }))

  it('asks the identity policies and not the trust policy', () => {
    expect(answer(passRole(), snapshot(callerRole([identity]), NOBODY))).toBe('allowed')
    expect(answer(passRole(), snapshot(callerRole(), trusting('*')))).toBe('denied')
    expect(layer(passRole(), snapshot(callerRole(), trusting('*')), 'trust')?.answer).toBe('not-applicable')
  })

  it('is never allowed across accounts', () => {
    const anything = sourced('identity', allow({ Action: '*' }))
    const outcome = evaluate(passRole({ resource: FOREIGN }), snapshot(callerRole([anything]), NOBODY, {}, FOREIGN))
    expect([outcome.answer, outcome.rule]).toEqual(['denied', 'cross-account-pass-role'])
  })

  it('is never allowed for a role that AWS reserves', () => {
    const reserved =
      'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef'
    const anything = sourced('identity', allow({ Action: '*' }))
    const outcome = evaluate(passRole({ resource: reserved }), snapshot(callerRole([anything]), NOBODY, {}, reserved))
    expect([outcome.answer, outcome.rule]).toEqual(['denied', 'reserved-role'])
  })

  it('depends on the service that receives the role', () => {
    const Condition = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }
    const seen = snapshot(callerRole([sourced('identity', allow({ Action: 'iam:PassRole', Condition }))]), NOBODY)
    const to = (service: string) => passRole({}, { 'iam:passedtoservice': present(service) })
    expect(answer(to('ecs-tasks.amazonaws.com'), seen)).toBe('allowed')
    expect(answer(to('ec2.amazonaws.com'), seen)).toBe('denied')
    expect(answer(passRole(), seen)).toBe('unknown')
    expect(layer(passRole(), seen, 'identity')?.deciding[0]?.unknowns).toEqual([
      { fact: 'iam:PassedToService', why: 'the event does not show iam:PassedToService' },
    ])
  })

  it('is not bound by RCPs, as IAM is not among the services they cover', () => {
    const rcps = known([{ id: 'r-root', policies: [sourced('rcp', deny({ Action: '*', Principal: '*' }))] }])
    expect(answer(passRole(), snapshot(callerRole([identity]), NOBODY, { rcps }))).toBe('allowed')
  })

  it('explains the nearest miss of the resource', () => {
    const near = (pattern: string) => {
      const seen = snapshot(
        callerRole([sourced('identity', allow({ Action: 'iam:PassRole', Resource: pattern }))]),
        NOBODY,
      )
      const [mismatch] = layer(passRole(), seen, 'identity')?.statements[0]?.mismatches ?? []
      return mismatch?.element === 'resource' ? mismatch.near : undefined
    }
    expect(near('arn:aws:iam::111122223333:role/Target')).toBe('case')
    expect(near('arn:aws:iam::111122223333:role/app/target')).toBe('path')
    expect(near('arn:aws:iam::444455556666:role/target')).toBe('account')
    expect(near('arn:aws-cn:iam::111122223333:role/target')).toBe('partition')
    expect(near('arn:aws:iam::111122223333:role/tagret')).toBe('name')
    expect(near('arn:aws:iam::111122223333:role/backup-writer')).toBeNull()
    expect(near('arn:aws:s3:::bucket/*')).toBeNull()
  })
})

describe('a request whose role nothing names', () => {
  it('is decided by statements on every role alone', () => {
    const seen = (Resource: string) =>
      snapshot(callerRole([sourced('identity', allow({ Action: 'iam:PassRole', Resource }))]), NOBODY)
    expect(answer(passRole({ resource: '*' }), seen('*'))).toBe('allowed')
    expect(answer(passRole({ resource: '*' }), seen(TARGET))).toBe('unknown')
  })
})

describe('policy variables in resources', () => {
  const own = 'arn:aws:iam::111122223333:role/${aws:username}-*'
  const asked = passRole({ principalArn: USER, roleArn: null, resource: 'arn:aws:iam::111122223333:role/ann-app' })
  const byStatement = (statement: Statement, Version = '2012-10-17') => {
    const policy = { ...sourced('identity'), document: { Version, Statement: [statement] } }
    return snapshot(callerUser([policy]), NOBODY)
  }

  it('expand to the values of the request', () => {
    const statement = allow({ Action: 'iam:PassRole', Resource: own })
    expect(answer(asked, byStatement(statement))).toBe('allowed')
    expect(answer({ ...asked, resource: TARGET }, byStatement(statement))).toBe('denied')
  })

  it('are plain text before version 2012-10-17', () => {
    expect(answer(asked, byStatement(allow({ Action: 'iam:PassRole', Resource: own }), '2008-10-17'))).toBe('denied')
    const undated = {
      ...sourced('identity'),
      document: { Statement: [allow({ Action: 'iam:PassRole', Resource: own })] },
    }
    expect(answer(asked, snapshot(callerUser([undated]), NOBODY))).toBe('denied')
  })

  it('match nothing without a value, and leave open what they do not match', () => {
    const { Resource: _, ...rest } = allow({ Action: 'iam:PassRole' })
    const pattern = 'arn:aws:iam::111122223333:role/${aws:SourceIdentity}'
    const without = { ...asked, context: { 'aws:sourceidentity': { state: 'absent' } as const } }
    expect(answer(without, byStatement({ ...rest, Resource: pattern }))).toBe('denied')
    expect(answer(without, byStatement({ ...rest, NotResource: pattern }))).toBe('unknown')
    expect(answer(without, byStatement({ ...rest, NotResource: TARGET }))).toBe('allowed')
    expect(answer(without, byStatement({ ...rest, NotResource: asked.resource }))).toBe('denied')
  })

  it('leave open what an unseen value may match, and nothing else', () => {
    const pattern = (start: string) => allow({ Action: 'iam:PassRole', Resource: `${start}\${aws:SourceIdentity}` })
    expect(answer(asked, byStatement(pattern('arn:aws:iam::111122223333:role/')))).toBe('unknown')
    expect(answer(asked, byStatement(pattern('arn:aws:iam::111122223333:role/bob-')))).toBe('denied')
  })
})
