import { describe, expect, it } from 'vitest'
import { type GivenAccount, withGivenAccount } from '../../../core/access/given-account.ts'
import type { Denial, Principal } from '../../../core/denial/denial.ts'
import { DENIAL } from '../../fixtures/denial.ts'

const ACCOUNT: GivenAccount = {
  accountId: '444455556666',
  roleArns: ['arn:aws:iam::444455556666:role/app-task', 'arn:aws:iam::444455556666:role/ci/Deployer'],
  userArns: ['arn:aws:iam::444455556666:user/ann'],
}
const redactedRole: Principal = {
  ...DENIAL.principal,
  arn: 'arn:aws:sts::XXXXXXXXXXXX:assumed-role/deployer/ci',
  roleArn: 'arn:aws:iam::XXXXXXXXXXXX:role/deployer',
  pathKnown: false,
  accountId: null,
}
const redactedUser: Principal = {
  ...redactedRole,
  kind: 'user',
  arn: 'arn:aws:iam::XXXXXXXXXXXX:user/ann',
  roleArn: null,
  name: 'ann',
}
const TARGET = 'arn:aws:iam::XXXXXXXXXXXX:role/app-task'
const redacted = (more: Partial<Denial> = {}): Denial => ({
  ...DENIAL,
  source: 'message',
  accountId: null,
  principal: redactedRole,
  resource: TARGET,
  ...more,
})
const filled = (denial: Denial, account = ACCOUNT) => withGivenAccount(denial, [account])

describe('a text with redacted account ids', () => {
  it('is about the account that was given, for the role and for the caller', () => {
    expect(filled(redacted())).toMatchObject({
      accountId: '444455556666',
      resource: 'arn:aws:iam::444455556666:role/app-task',
      principal: {
        arn: 'arn:aws:sts::444455556666:assumed-role/deployer/ci',
        roleArn: 'arn:aws:iam::444455556666:role/deployer',
        accountId: '444455556666',
      },
      accountFrom: { accountId: '444455556666', of: 'the caller and the role' },
    })
  })

  it('is about its user, by the name that the account has', () => {
    expect(filled(redacted({ principal: redactedUser })).principal).toMatchObject({
      arn: 'arn:aws:iam::444455556666:user/ann',
      roleArn: null,
      accountId: '444455556666',
    })
    const named = { ...ACCOUNT, userArns: [], roleArns: [...ACCOUNT.roleArns, 'arn:aws:iam::444455556666:role/ann'] }
    expect(filled(redacted({ principal: redactedUser }), named).principal).toEqual(redactedUser)
  })

  it('is about no caller without a name, and about a role where no user has that name', () => {
    const unnamed = { ...redactedUser, name: null }
    const nobody = { ...ACCOUNT, userArns: [...ACCOUNT.userArns, 'arn:aws:iam::444455556666:user/'] }
    expect(filled(redacted({ principal: unnamed }), nobody).principal).toEqual(unnamed)
    const asRole = { ...redactedRole, name: 'ann' }
    expect(filled(redacted({ principal: asRole })).principal).toEqual(asRole)
  })

  it('keeps an account that it names', () => {
    const whole = redacted({ accountId: '111122223333', principal: DENIAL.principal })
    expect(filled(whole)).toMatchObject({
      accountId: '111122223333',
      principal: DENIAL.principal,
      resource: 'arn:aws:iam::444455556666:role/app-task',
      accountFrom: { of: 'the role' },
    })
    expect(filled(redacted({ resource: DENIAL.resource }))).toMatchObject({
      resource: DENIAL.resource,
      accountFrom: { of: 'the caller' },
    })
  })

  it('keeps a caller whose account is redacted in another way than the role’s', () => {
    const principal = { ...redactedRole, arn: 'arn:aws:sts::YYYYYYYYYYYY:assumed-role/deployer/ci' }
    expect(filled(redacted({ principal }))).toMatchObject({ principal, accountFrom: { of: 'the role' } })
    const elsewhere = redacted({ principal, resource: 'arn:aws:iam::XXXXXXXXXXXX:role/unknown' })
    expect(filled(elsewhere)).toMatchObject({ resource: elsewhere.resource, accountFrom: { of: 'the caller' } })
  })

  it('fills in the passed role, and none of the others', () => {
    const other = { arn: 'arn:aws:iam::XXXXXXXXXXXX:role/other', parameter: 'executionRoleArn', service: null }
    const passes = [{ ...other, arn: TARGET }, other] as unknown as Denial['passes']
    expect(filled(redacted({ passes })).passes.map(({ arn }) => arn)).toEqual([
      'arn:aws:iam::444455556666:role/app-task',
      other.arn,
    ])
    expect(filled(redacted({ passes, resource: DENIAL.resource })).passes.map(({ arn }) => arn)).toEqual([
      TARGET,
      other.arn,
    ])
  })

  it.each([
    ['no account is given', []],
    ['two accounts are given', [ACCOUNT, { ...ACCOUNT, accountId: '123456789012' }]],
  ])('stays as it is when %s', (_, given) => {
    expect(withGivenAccount(redacted(), given)).toEqual(redacted())
  })

  it.each<readonly [string, Denial]>([
    ['comes from CloudTrail', redacted({ source: 'cloudtrail' })],
    ['has whole account ids', { ...DENIAL, source: 'message' }],
    ['names nothing', redacted({ resource: null, principal: { ...redactedRole, arn: null, name: null } })],
    [
      'names a role that the account lacks',
      redacted({ resource: 'arn:aws:iam::X:role/none', principal: { ...redactedRole, name: 'none' } }),
    ],
    ['names no caller', redacted({ resource: null, principal: { ...redactedRole, name: null } })],
    [
      'names a user that the account lacks',
      redacted({ resource: null, principal: { ...redactedUser, arn: 'arn:aws:iam::X:user/bob' } }),
    ],
    ['is about a bucket', redacted({ resource: 'arn:aws:s3::X:role/app-task', principal: DENIAL.principal })],
    ['is about a policy', redacted({ resource: 'arn:aws:iam::X:policy/app-task', principal: DENIAL.principal })],
    ['ends before the name', redacted({ resource: 'arn:aws:iam::X:role/', principal: DENIAL.principal })],
  ])('stays as it is when it %s', (_, denial) => {
    expect(filled(denial)).toEqual(denial)
  })

  it('stays as it is when two roles have that name', () => {
    const twice = { ...ACCOUNT, roleArns: [...ACCOUNT.roleArns, 'arn:aws:iam::444455556666:role/blue/APP-task'] }
    expect(filled(redacted({ principal: DENIAL.principal }), twice).resource).toBe(TARGET)
  })
})
