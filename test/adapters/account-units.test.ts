import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  ListParentsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { organizationUnits } from '../../functions/adapters/aws/organizations/account-units.ts'
import { unitsWithin } from '../../functions/adapters/composition/account-units.ts'

const client = new OrganizationsClient({ region: 'eu-west-1' })
const aws = mockClient(client)
const ACCOUNT = '111122223333'
const ARN = `arn:aws:organizations::999999999999:account/o-abc1234567/${ACCOUNT}`
const MINUTE = 60_000
const refusal = (name: string, $fault = 'client') => Object.assign(new Error(name), { name, $fault })

beforeEach(() => aws.reset())

describe('the units of an account', () => {
  it('come from its path, root first', async () => {
    aws.on(DescribeAccountCommand).resolves({
      Account: { Id: ACCOUNT, Arn: ARN, Paths: [`o-abc1234567/r-ab12/ou-ab12-11111111/${ACCOUNT}/`] } as never,
    })
    expect(await organizationUnits(client, () => 0)(ACCOUNT)).toEqual({
      known: true,
      value: ['r-ab12', 'ou-ab12-11111111'],
    })
  })

  it('come from its parents where the answer has no path', async () => {
    aws.on(DescribeAccountCommand).resolves({ Account: { Id: ACCOUNT, Arn: ARN } })
    aws
      .on(ListParentsCommand, { ChildId: ACCOUNT })
      .resolves({ Parents: [{ Id: 'ou-ab12-11111111', Type: 'ORGANIZATIONAL_UNIT' }] })
    aws.on(ListParentsCommand, { ChildId: 'ou-ab12-11111111' }).resolves({ Parents: [{ Id: 'r-ab12', Type: 'ROOT' }] })
    expect(await organizationUnits(client, () => 0)(ACCOUNT)).toEqual({
      known: true,
      value: ['r-ab12', 'ou-ab12-11111111'],
    })
  })

  it.each([
    ['AccessDeniedException', /DescribeAccount was refused/],
    ['AccountNotFoundException', /is not in the organization/],
  ])('are unknown, with the reason, after %s', async (name, why) => {
    aws.on(DescribeAccountCommand).rejects(refusal(name))
    expect(await organizationUnits(client, () => 0)(ACCOUNT)).toEqual({ known: false, why: expect.stringMatching(why) })
  })

  it('are none where there is no organization', async () => {
    aws.on(DescribeAccountCommand).rejects(refusal('AWSOrganizationsNotInUseException'))
    expect(await organizationUnits(client, () => 0)(ACCOUNT)).toEqual({ known: true, value: [] })
    expect(aws.commandCalls(DescribeOrganizationCommand)).toHaveLength(0)
  })

  it('are no answer while Organizations fails, and are asked for again', async () => {
    aws
      .on(DescribeAccountCommand)
      .rejectsOnce(refusal('TooManyRequestsException'))
      .rejectsOnce(refusal('ServiceException', 'server'))
    const units = organizationUnits(client, () => 0)
    await expect(units(ACCOUNT)).rejects.toThrow(/TooManyRequests/)
    await expect(units(ACCOUNT)).rejects.toThrow(/ServiceException/)
    aws.on(DescribeAccountCommand).rejects(refusal('AWSOrganizationsNotInUseException'))
    expect(await units(ACCOUNT)).toEqual({ known: true, value: [] })
  })

  it('are kept for five minutes', async () => {
    const clock = { nowMs: 0 }
    aws.on(DescribeAccountCommand).rejects(refusal('AWSOrganizationsNotInUseException'))
    const units = organizationUnits(client, () => clock.nowMs)
    await Promise.all([units(ACCOUNT), units(ACCOUNT)])
    clock.nowMs = 5 * MINUTE - 1
    await units(ACCOUNT)
    expect(aws.commandCalls(DescribeAccountCommand)).toHaveLength(1)
    clock.nowMs = 5 * MINUTE
    await units(ACCOUNT)
    expect(aws.commandCalls(DescribeAccountCommand)).toHaveLength(2)
  })
})

describe('units for an answer that is due in seconds', () => {
  it('are unknown once their time is over, and known while it is not', async () => {
    expect(await unitsWithin(async () => known(['r-ab12']), 60_000)(ACCOUNT)).toEqual({
      known: true,
      value: ['r-ab12'],
    })
    expect(await unitsWithin(() => new Promise(() => {}), 5)(ACCOUNT)).toEqual({
      known: false,
      why: 'Organizations did not answer within 5 ms',
    })
  })

  it('fail as before', async () => {
    const units = unitsWithin(() => Promise.reject(new Error('throttled')), 60_000)
    await expect(units(ACCOUNT)).rejects.toThrow('throttled')
  })
})
