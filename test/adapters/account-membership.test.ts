import { DescribeAccountCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { organizationMembership } from '../../functions/adapters/aws/organizations/account-membership.ts'
import { cloudMembership } from '../../functions/adapters/composition/account-membership.ts'

const client = new OrganizationsClient({ region: 'eu-west-1' })
const organizations = mockClient(OrganizationsClient)
const refusal = (name: string, $fault = 'client') => Object.assign(new Error(name), { name, $fault })
const MINUTE = 60_000

beforeEach(() => void organizations.reset())

describe('the membership of an account', () => {
  it.each([
    ['AccountNotFoundException', 'stranger'],
    ['AWSOrganizationsNotInUseException', 'stranger'],
    ['AccessDeniedException', 'unknown'],
    ['InvalidInputException', 'unknown'],
  ])('after %s is that of a %s', async (name, membership) => {
    organizations.on(DescribeAccountCommand).rejects(refusal(name))
    expect(await organizationMembership(client, () => 0)('444455556666')).toBe(membership)
  })

  it.each([
    ['TooManyRequestsException', 'client'],
    ['ServiceException', 'server'],
  ])('is a fault after %s, which is asked again', async (name, fault) => {
    organizations
      .on(DescribeAccountCommand)
      .rejectsOnce(refusal(name, fault))
      .resolves({ Account: { Id: '444455556666' } })
    const membershipOf = organizationMembership(client, () => 0)
    await expect(membershipOf('444455556666')).rejects.toThrow(name)
    expect(await membershipOf('444455556666')).toBe('member')
  })

  it('is read once in five minutes for each account', async () => {
    const clock = { nowMs: 0 }
    organizations.on(DescribeAccountCommand).callsFake(({ AccountId }) => ({ Account: { Id: AccountId } }))
    const membershipOf = organizationMembership(client, () => clock.nowMs)
    await membershipOf('444455556666')
    await membershipOf('444455556666')
    await membershipOf('123456789012')
    expect(organizations.calls()).toHaveLength(2)
    clock.nowMs = 6 * MINUTE
    await membershipOf('444455556666')
    expect(organizations.calls()).toHaveLength(3)
  })

  it('needs no request for the own account and those of the configuration', async () => {
    organizations.on(DescribeAccountCommand).rejects(refusal('AccountNotFoundException'))
    const config = { organizationAccounts: ['444455556666'] }
    const membershipOf = cloudMembership(config, { ownAccountId: '111122223333', region: 'eu-west-1' })
    expect(await membershipOf('111122223333')).toBe('member')
    expect(await membershipOf('444455556666')).toBe('member')
    expect(organizations.calls()).toEqual([])
    expect(await membershipOf('999988887777')).toBe('stranger')
  })
})
