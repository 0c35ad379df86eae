/** The forms of https://cloudscape.design/patterns/genai/genai-loading-states/, with and without the line breaks of the page. */
import { describe, expect, it } from 'vitest'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'

const USER = 'arn:aws:iam::111122223333:user/ci'
const ROLE = 'arn:aws:iam::111122223333:role/app/orders-task'
const INTRODUCTION =
  "You don't have permission to iam:PassRole. To request access, copy the following text and send it to your AWS administrator. Learn more about troubleshooting access denied errors."

const read = (text: string) =>
  denialsInLog(text).denials.map(({ denial, line, again }) => ({
    ...{ action: denial.action, principal: denial.principal.arn, resource: denial.resource, reason: denial.reason },
    ...{ line, again },
  }))

const expected = {
  ...{ action: 'iam:PassRole', principal: USER, resource: ROLE, reason: 'no-identity-policy', line: 1, again: [] },
}

describe('a denial that the console shows to be copied', () => {
  it.each([
    [
      [
        INTRODUCTION,
        `User: ${USER}`,
        'Action: iam:PassRole',
        `On resource(s): ${ROLE}`,
        'Context: no identity-based policy allows the action',
      ],
      { line: 2 },
    ],
    [
      [
        INTRODUCTION,
        `User: ${USER}`,
        'Service: iam',
        'Action: PassRole',
        `On resource(s): ${ROLE}`,
        'Context: no identity-based policy allows the iam:PassRole action',
      ],
      { line: 2 },
    ],
    [
      [
        `Access denied to iam:PassRole${INTRODUCTION} User: ${USER}Action: iam:PassRoleOn resource(s): ${ROLE}Context: no identity-based policy allows the action`,
      ],
      {},
    ],
    [
      [
        `<div>User: [${USER}]</div><div>Service: [IAM]</div><div>Action: [PassRole]</div><div>On resource(s): [${ROLE}]</div><div>Context: [a service control policy explicitly denies the action.]</div>`,
      ],
      { reason: 'explicit-deny-scp' },
    ],
    [
      [`User: ${USER}`, 'Action: iam:PassRole', 'Context: an identity-based policy explicitly denies the action'],
      { resource: null, reason: 'explicit-deny-identity' },
    ],
    [
      [`User: ${USER}`, 'Action: iam:PassRole', `On resource(s): ${ROLE}`, 'Context: something else'],
      { reason: 'none-given' },
    ],
    [
      [
        `User: ${USER} is not authorized to perform: iam:PassRole on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`,
        `User: ${USER}`,
        'Action: iam:PassRole',
        `On resource(s): ${ROLE}`,
        'Context: no identity-based policy allows the action',
      ],
      { again: [2] },
    ],
  ])('is read: %j', (lines, more) => {
    expect(read(lines.join('\n'))).toEqual([{ ...expected, ...more }])
  })

  it.each([
    [`User: ${USER}`, 'Action: iam:GetRole', 'Context: no identity-based policy allows the action'],
    [`User: ${USER}`, 'Action: iam:PassRole', `Resource: ${ROLE}`],
    ['Principal: *', 'Action: sts:AssumeRole', 'Context: no identity-based policy allows the action'],
    ['User: alice', 'Action: iam:PassRole', 'Context: no identity-based policy allows the action'],
  ])('is none where it lists something else: %j', (...lines) => {
    expect(read(lines.join('\n'))).toEqual([])
  })
})
