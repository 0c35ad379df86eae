/** CloudTrail truncates messages at 1,024 characters, so a name at the end may be the start of a longer one. */
import { describe, expect, it } from 'vitest'
import { parseRecord } from '../../../core/denial/parse-denial.ts'

const CALLER = 'arn:aws:sts::111122223333:assumed-role/orders-deploy/ci-42'
const SENTENCE = `User: ${CALLER} is not authorized to perform: iam:PassRole on resource: `
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`

/** The text, padded in front to `length` characters. */
const filled = (text: string, length = 1_024): string => `${'x'.repeat(length - text.length - 1)} ${text}`

function denied(errorMessage: string, requestParameters: object | null = null) {
  const parsed = parseRecord({
    eventSource: 'ecs.amazonaws.com',
    eventName: 'RegisterTaskDefinition',
    errorCode: 'AccessDeniedException',
    errorMessage,
    requestParameters,
    userIdentity: { type: 'AssumedRole', arn: CALLER, accountId: '111122223333' },
  })
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  return parsed.denial
}

describe('a message that was cut within the name of the role', () => {
  it('names no role', () => {
    const denial = denied(filled(SENTENCE + role('orders-prod')))
    expect(denial).toMatchObject({ action: 'iam:PassRole', resource: null, passes: [] })
  })

  it('names none either where the last character left is one that sentences end in', () => {
    expect(denied(filled(`${SENTENCE}${role('orders')}.`)).resource).toBeNull()
  })

  it('is completed by the one role of the call that begins so', () => {
    const parameters = { taskRoleArn: role('orders-prod-task'), executionRoleArn: role('execution') }
    expect(denied(filled(SENTENCE + role('orders-pr')), parameters).resource).toBe(role('orders-prod-task'))
  })

  it('is completed neither by a role that begins otherwise nor where two begin so', () => {
    const text = filled(SENTENCE + role('orders-pr'))
    expect(denied(text, { taskRoleArn: role('billing') }).resource).toBeNull()
    const both = { taskRoleArn: role('orders-prod-task'), executionRoleArn: role('orders-prod-execution') }
    expect(denied(text, both).resource).toBeNull()
  })
})

describe('a name that was not cut', () => {
  it('is whole where the message is shorter than the limit', () => {
    expect(denied(filled(SENTENCE + role('orders-prod'), 1_023)).resource).toBe(role('orders-prod'))
  })

  it('is whole where words follow it', () => {
    const denial = denied(filled(`${SENTENCE}${role('orders-prod')} because no identity-ba`))
    expect(denial).toMatchObject({ resource: role('orders-prod'), reason: 'none-given' })
  })
})

describe('a policy whose ARN was cut', () => {
  it('is not named, and is still a denial', () => {
    const policy = 'arn:aws:organizations::999999999999:policy/o-abc123/service_control_policy/p-12'
    const text = `${SENTENCE}${role('orders-prod')} with an explicit deny in a service control policy: ${policy}`
    expect(denied(filled(text))).toMatchObject({
      resource: role('orders-prod'),
      reason: 'explicit-deny-scp',
      reasonPolicyArn: null,
    })
  })
})
