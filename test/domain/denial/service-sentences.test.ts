import { describe, expect, it } from 'vitest'
import { denialsIn } from '../../../functions/domain/denial/logs/denials-in-log.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders-service'
const read = (text: string) =>
  denialsIn(text).map(({ action, principal, resource }) => [action, principal.name, resource])

describe('the sentence of a service that may not assume its role', () => {
  it.each([
    [`Access Denied: Elastic Beanstalk can't assume the role ${ROLE}`, 'elasticbeanstalk.amazonaws.com'],
    [`Access Denied: Elastic Beanstalk can’t assume the role ${ROLE}`, 'elasticbeanstalk.amazonaws.com'],
    [`Firehose cannot assume the role ${ROLE}`, 'firehose.amazonaws.com'],
  ])('is read with any form of the verb: %s', (text, service) => {
    expect(read(text)).toEqual([['sts:AssumeRole', service, ROLE]])
  })

  it('takes the service from the call where it names none', () => {
    const refused = 'Not authorized to assume the provided role.'
    const called = `An error occurred (AccessDeniedException) when calling the CreateStateMachine operation: ${refused}`
    expect(read(called)).toEqual([['sts:AssumeRole', 'states.amazonaws.com', null]])
    expect(read(refused)).toEqual([])
  })
})

describe('prose about an error', () => {
  it.each([
    'The error "is not authorized to perform: iam:PassRole on resource" is common.',
    "She saw 'is not authorized to perform iam:PassRole' and gave up.",
    'How to fix the "not authorized to perform iam:PassRole" error',
    'Not authorized to perform iam:PassRole errors after an update',
    'If you create a group without the PassRole permission, you receive the error above.',
    'The principal must be authorized to perform iam:PassRole on the role.',
  ])('is silent: %s', text => {
    expect(read(text)).toEqual([])
  })

  it.each([
    'AccessDenied: Not authorized to perform sts:AssumeRole',
    '{"message":"Not authorized to perform sts:AssumeRole","code":"AccessDenied"}',
    'Error: "User is not authorized to perform: sts:AssumeRole"',
    'Not authorized to perform sts:AssumeRole. Error code 403',
  ])('is not mistaken for it: %s', text => {
    expect(read(text)).toEqual([['sts:AssumeRole', null, null]])
  })
})
