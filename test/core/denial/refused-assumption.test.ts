import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { refusedAssumption } from '../../../core/denial/cloudtrail/refused-assumption.ts'
import { denialOfAssumption } from '../../../iac/needs/need-denial.ts'

/** Of the public form of the record: CreateFunction20150331 with the sentence of Lambda. */
const RECORD = JSON.parse(
  readFileSync(new URL('../../../events/look-alikes/lambda-role-not-assumable.json', import.meta.url), 'utf8'),
) as { readonly [member: string]: unknown }
const ROLE = 'arn:aws:iam::111122223333:role/orders-reader'
const need = (role = ROLE, service = 'lambda.amazonaws.com') =>
  denialOfAssumption({ action: 'sts:AssumeRole', service, sends: [] }, role, 0)

describe('the record of a call that failed because a service could not assume its role', () => {
  it('confirms the need of that service and role', () => {
    expect(refusedAssumption(RECORD, need())).toMatchObject({
      source: 'cloudtrail',
      id: '1303d640-17c1-4faf-a174-1dd549f5d565',
      timeMs: Date.parse('2026-11-24T02:47:31Z'),
      accountId: '111122223333',
      region: 'eu-west-1',
      call: { eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' },
      action: 'sts:AssumeRole',
      principal: { kind: 'service', name: 'lambda.amazonaws.com' },
      resource: ROLE,
    })
  })

  it.each<[string, object, Parameters<typeof need>]>([
    ['another role', {}, ['arn:aws:iam::111122223333:role/orders-admin']],
    ['another service', {}, [ROLE, 'ec2.amazonaws.com']],
    ['a call that succeeded', { errorCode: null }, []],
    ['another failure', { errorMessage: 'The runtime parameter of nodejs is no longer supported.' }, []],
    ['a call that gives no role', { requestParameters: { functionName: 'orders-worker' } }, []],
    [
      'a role that only its message names',
      { errorMessage: `The role ${ROLE} of the function cannot be assumed by Lambda.`, requestParameters: null },
      ['arn:aws:iam::111122223333:role/orders-admin'],
    ],
  ])('confirms nothing for %s', (_, members, asked) => {
    expect(refusedAssumption({ ...RECORD, ...members }, need(...asked))).toBe(null)
  })

  it('confirms no denial of a principal', () => {
    const denial = need()
    const byUser = { ...denial, principal: { ...denial.principal, kind: 'user' as const } }
    expect(refusedAssumption(RECORD, byUser)).toBe(null)
    expect(refusedAssumption('text', denial)).toBe(null)
  })
})
