import { describe, expect, it } from 'vitest'
import { alreadyTheRole } from '../../../core/diagnosis/text/already-the-role.ts'
import {
  called,
  inAccount,
  isDistinctive,
  showRole,
  showTrust,
  typeable,
  writtenCaller,
  writtenRole,
} from '../../../core/diagnosis/text/role-in-text.ts'
import { meantRole, wrongArn } from '../../../core/diagnosis/text/wrong-arn.ts'
import { DENIAL } from '../../fixtures/denial.ts'
import { by, textContext } from '../../fixtures/diagnosis.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app/orders'

describe('a role in a text', () => {
  it('has a name, and the account or what hides it', () => {
    expect(writtenRole(ROLE)).toEqual({ partition: 'aws', account: '111122223333', name: 'orders' })
    expect(writtenRole('arn:aws:iam::xxxxxxxxxxxx:role/orders')).toMatchObject({ account: 'xxxxxxxxxxxx' })
  })

  it.each([null, 'orders', 'arn:aws:iam::111122223333:user/role/x', 'arn:aws:sts::111122223333:role/x'])(
    'is none in %j',
    text => {
      expect(writtenRole(text)).toBeNull()
    },
  )

  it('is called by its name, or as the text has it', () => {
    expect(called(ROLE)).toBe('role orders')
    expect(called('*')).toBe('*')
    expect(called(null)).toBe('the role')
  })

  it('is shown by a command that holds only what is safe to type', () => {
    expect(showRole(ROLE)).toBe('aws iam get-role --role-name orders')
    expect(showRole('arn:aws:iam::xxxxxxxxxxxx:role/XXXX')).toBe('aws iam get-role --role-name ROLE_NAME')
    expect(showTrust('arn:aws:iam::111122223333:role/$(id)')).toBe(
      'aws iam get-role --role-name ROLE_NAME --query Role.AssumeRolePolicyDocument',
    )
    expect(showRole(null)).toBe('aws iam get-role --role-name ROLE_NAME')
    for (const text of ['-x', 'a b', 'a;b', 'x'.repeat(65), '', null, undefined]) expect(typeable(text)).toBeNull()
    expect(typeable('x'.repeat(64))).toBe('x'.repeat(64))
  })

  it('is in an account where the text shows twelve digits', () => {
    expect(inAccount(ROLE)).toBe(' (in account 111122223333)')
    expect(inAccount('arn:aws:iam::xxxxxxxxxxxx:role/orders')).toBe('')
    expect(inAccount(null)).toBe('')
  })
})

describe('the role behind a session in a text', () => {
  const callerOf = (arn: string | null) => writtenCaller({ ...DENIAL.principal, arn })

  it.each([
    ['arn:aws:sts::111122223333:assumed-role/deploy/build-7', 'deploy'],
    ['arn:aws:sts::111122223333:assumed-role/deploy', 'deploy'],
    ['arn:aws:iam::111122223333:role/ci/deploy', 'deploy'],
    ['arn:aws:sts::111122223333:assumed-role', undefined],
    ['arn:aws:sts::111122223333:assumed-role/', undefined],
    ['arn:aws:iam::111122223333:assumed-role/deploy', undefined],
    [null, undefined],
  ])('%j is %s', (arn, name) => {
    expect(callerOf(arn)?.name).toBe(name)
  })
})

describe('a name of a role', () => {
  it.each([
    ['orders-deploy', true],
    ['OrganizationAccountAccessRole', true],
    ['role-name', false],
    ['my-role', false],
    ['xxxx', false],
    ['XXXX-role', false],
    ['1111', false],
    ['x1', true],
    ['role-a', false],
    ['xxdeploy', false],
    ['1234', true],
  ])('%s can be told from a placeholder: %s', (name, expected) => {
    expect(isDistinctive(name)).toBe(expected)
  })
})

describe('the role that is meant', () => {
  it.each([
    ['arn:aws:sts::111122223333:assumed-role/deploy/build-7', 'arn:aws:iam::111122223333:role/deploy'],
    ['arn:aws-cn:sts::111122223333:assumed-role/deploy/x', 'arn:aws-cn:iam::111122223333:role/deploy'],
    // The word `role/` is missing.
    ['arn:aws:iam::111122223333:deploy', 'arn:aws:iam::111122223333:role/deploy'],
    ['arn:aws:iam::111122223333:root', 'arn:aws:iam::111122223333:role/<role>'],
    ['arn:aws:iam::111122223333:/', 'arn:aws:iam::111122223333:role/<role>'],
    ['arn:aws:iam::111122223333:user/jane', 'arn:aws:iam::111122223333:role/<role>'],
    ['arn:aws:iam::111122223333:assumed-role/deploy', 'arn:aws:iam::111122223333:role/<role>'],
    ['arn:aws:sts::111122223333:federated-user/jane', 'arn:aws:iam::111122223333:role/<role>'],
    ['arn:aws:sts::111122223333:assumed-role', 'arn:aws:iam::111122223333:role/<role>'],
    ['arn:aws:s3:::bucket', 'arn:aws:iam::111122223333:role/<role>'],
    ['deploy', 'arn:aws:iam::111122223333:role/<role>'],
  ])('instead of %s is %s', (text, meant) => {
    expect(meantRole(text)).toBe(meant)
  })
})

describe('a caller behind a mask that assumes a role behind a mask', () => {
  it.each([
    ['xxxxxxxxxxx', 'xxxxxxxxxxxx', 'self-assume'],
    ['***', '************', 'self-assume'],
    ['xxxxxxxxxxxx', '************', undefined],
    ['xxxxxxxxxxxx', 'XXXXXXXXXXXX', undefined],
    ['111122223333', '************', undefined],
    ['xx**', 'xx***', undefined],
  ])('of %s and %s is itself only behind one sign', (own, wanted, cause) => {
    const caller = by({ arn: `arn:aws:sts::${own}:assumed-role/orders-batch/s` })
    const resource = `arn:aws:iam::${wanted}:role/orders-batch`
    expect(alreadyTheRole(textContext({ action: 'sts:AssumeRole', resource, ...caller }))?.cause).toBe(cause)
  })
})

describe('a text in place of a role’s ARN', () => {
  const CN = 'arn:aws-cn:sts::111122223333:assumed-role/deploy/x'
  const faultOf = (text: string, principal: string | null = DENIAL.principal.arn) =>
    wrongArn(
      textContext({
        resource: null,
        unread: { kind: 'malformed', text },
        action: 'sts:AssumeRole',
        ...by({ arn: principal }),
      }),
    )?.summary

  it.each([
    ['aws:iam::111122223333:role/orders', '“arn:” is missing at its start'],
    ['arn:iam::111122223333:role/orders', 'the partition is missing (aws, aws-cn or aws-us-gov, after “arn:”)'],
    ['arn:aws:iam:111122223333:role/orders', 'there have to be two colons between “iam” and the account'],
    ['arn:aws:iam::111122223333:role/arn:aws:iam::111122223333:role/orders', 'it has a whole ARN in place of a name'],
  ])('%s names no role: %s', (text, why) => {
    expect(faultOf(text)).toBe(`${text} names no role: ${why}.`)
  })

  it('is completed with the partition of the caller', () => {
    const context = (arn: string | null) =>
      wrongArn(
        textContext({
          resource: null,
          unread: { kind: 'malformed', text: 'iam::111122223333:role/orders' },
          action: 'sts:AssumeRole',
          ...by({ arn }),
        }),
      )?.nextSteps[0]?.text
    expect(context(CN)).toContain('with arn:aws-cn:iam::111122223333:role/orders in the configuration')
    expect(context(null)).toContain('with arn:aws:iam::111122223333:role/orders in the configuration')
  })

  it('is not wrong where it is an ARN of a role, or no part of one', () => {
    expect(faultOf(ROLE)).toBeUndefined()
    expect(faultOf('orders')).toBeUndefined()
  })

  it('is wrong without an account, unless the text hides accounts or the role is passed', () => {
    const resource = 'arn:aws:iam:::role/orders'
    const caller = (account: string) => by({ arn: `arn:aws:sts::${account}:assumed-role/deploy/x` })
    const ofAction = (action: 'sts:AssumeRole' | 'iam:PassRole', account: string) =>
      wrongArn(textContext({ resource, action, ...caller(account) }))?.summary
    for (const account of ['111122223333', '<Log Archive Account>', '***'])
      expect(ofAction('sts:AssumeRole', account)).toContain('names no role: it has no account')
    expect(ofAction('sts:AssumeRole', '')).toBeUndefined()
    expect(ofAction('iam:PassRole', '111122223333')).toBeUndefined()
    expect(wrongArn(textContext({ resource, action: 'sts:AssumeRole', ...by({ arn: null }) }))).toBeNull()
  })

  it('is wrong in another partition than the caller', () => {
    const other = wrongArn(textContext({ resource: ROLE, action: 'sts:AssumeRole', ...by({ arn: CN }) }))
    expect(other?.summary).toContain('it is in partition aws, and the caller is in aws-cn')
    expect(wrongArn(textContext({ resource: ROLE, action: 'sts:AssumeRole' }))).toBeNull()
    expect(wrongArn(textContext({ resource: null, action: 'sts:AssumeRole' }))).toBeNull()
  })
})
