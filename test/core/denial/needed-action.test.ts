import { expect, it } from 'vitest'
import { denialsIn, otherDenialOfRecord, otherDenialsIn, parseRecord } from '../../../core/denial/index.ts'

const ROLE = 'arn:aws:iam::111122223333:role/task'
const message = (performed: string, needed: string) =>
  `User: arn:aws:sts::111122223333:assumed-role/deployer/s is not authorized to perform: ${performed} on resource: ${ROLE} because no identity-based policy allows the ${needed} action`

it.each(['ecs:RegisterTaskDefinition', 'lambda:CreateFunction', 'states:CreateStateMachine'])(
  'a denied %s that needs iam:PassRole is a denial of iam:PassRole',
  performed => {
    const text = `Error: ${message(performed, 'iam:PassRole')}\n`
    expect(denialsIn(text)).toMatchObject([{ action: 'iam:PassRole', resource: ROLE, reason: 'no-identity-policy' }])
    expect(otherDenialsIn(text)).toEqual([])
    const record = {
      ...{ eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition', errorCode: 'AccessDenied' },
      errorMessage: message(performed, 'iam:PassRole'),
    }
    expect(parseRecord(record)).toMatchObject({ kind: 'denial', denial: { action: 'iam:PassRole' } })
  },
)

it('a denied call that needs an action of its own service is none of ours', () => {
  const text = `Error: ${message('ecs:RegisterTaskDefinition', 'ecs:TagResource')}\n`
  expect(denialsIn(text)).toEqual([])
})

it.each(Object.getOwnPropertyNames(Object.prototype))('a service named %s is named as it is', name => {
  const record = {
    ...{ eventSource: `${name.toLowerCase()}.amazonaws.com`, eventName: 'Create', errorCode: 'AccessDenied' },
    errorMessage: 'Access Denied',
  }
  expect(typeof (otherDenialOfRecord(record)?.call?.service ?? '')).toBe('string')
})
