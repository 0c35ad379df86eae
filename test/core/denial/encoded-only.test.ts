/** https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
import { describe, expect, it } from 'vitest'
import { denialFromDecoded, encodedOnlyIn } from '../../../core/denial/cloudtrail/encoded-only.ts'
import type { AwsEvaluation } from '../../../core/denial/denial.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import { type Json, record } from '../../fixtures/events.ts'

const EVENT = record('ec2-run-instances-encoded-only')
const ROLE = 'arn:aws:iam::111122223333:role/app/web-instance'
const sentence = 'You are not authorized to perform this operation. Encoded authorization failure message:'
const changed = (other: Json): Json => ({ ...EVENT, ...other })

describe('a denial whose message is only encoded', () => {
  it('has the message, and where to decode it', () => {
    const encoded = encodedOnlyIn(EVENT)
    expect(encoded).toMatchObject({ accountId: '111122223333', region: 'eu-west-1', cut: false })
    expect(encoded?.blob).toBe(String(EVENT['errorMessage']).split(' ').at(-1))
  })

  it('takes the account of the caller where the record has no recipient', () => {
    expect(encodedOnlyIn(changed({ recipientAccountId: null }))?.accountId).toBe('111122223333')
    expect(encodedOnlyIn(changed({ recipientAccountId: null, userIdentity: null }))).toBeNull()
  })

  it('is cut where the message fills CloudTrail’s limit', () => {
    const errorMessage = `${sentence} ${'A'.repeat(1_024)}`.slice(0, 1_024)
    expect(encodedOnlyIn(changed({ errorMessage }))?.cut).toBe(true)
  })

  it.each<[string, unknown]>([
    ['the call passes no role', changed({ eventName: 'DescribeInstances' })],
    ['the message is missing', changed({ errorMessage: null })],
    ['the message names the action', record('ec2-run-instances')],
    ['the message says nothing', changed({ errorMessage: 'You are not authorized.' })],
    ['it is no record', 17],
  ])('is none where %s', (_, value) => {
    expect(encodedOnlyIn(value)).toBeNull()
  })
})

describe('the decoded message', () => {
  const evaluation = (other: Partial<AwsEvaluation> = {}): AwsEvaluation => ({
    source: 'decoded-message',
    allowed: false,
    explicitDeny: false,
    action: 'iam:PassRole',
    resource: ROLE,
    matchedStatements: [],
    context: { 'aws:requestedregion': present('eu-central-1') },
    policies: [],
    ...other,
  })
  const denialFrom = (other: Partial<AwsEvaluation> = {}) => {
    const read = denialFromDecoded(EVENT, evaluation(other))
    return read.kind === 'denial' ? read.denial : read
  }

  it('gives the role, and its condition keys before those of the record', () => {
    const denial = denialFrom()
    expect(denial).toMatchObject({
      action: 'iam:PassRole',
      resource: ROLE,
      reason: 'none-given',
      principal: { kind: 'role', name: 'pipeline-deploy' },
      awsEvaluation: { source: 'decoded-message' },
      encodedMessage: { cut: false },
    })
    expect(denial).toHaveProperty('context.aws:requestedregion', present('eu-central-1'))
    expect(denial).toHaveProperty('context.aws:sourceip', present('203.0.113.17'))
  })

  it('tells an explicit deny', () => {
    expect(denialFrom({ explicitDeny: true })).toMatchObject({ reason: 'explicit-deny' })
  })

  it('names no role where its resource is no ARN', () => {
    for (const resource of ['web-instance', '*', null])
      expect(denialFrom({ resource })).toMatchObject({ resource: null })
  })

  it.each<[string, Partial<AwsEvaluation>, string]>([
    [
      'another action',
      { action: 'ec2:RunInstances' },
      'ec2:RunInstances was denied, which is no role being passed or assumed',
    ],
    ['no action', { action: null }, 'another action was denied, which is no role being passed or assumed'],
    ['an allowed request', { allowed: true }, 'the decoded message says that AWS allowed iam:PassRole'],
  ])('is not ours with %s', (_, other, why) => {
    expect(denialFrom(other)).toEqual({ kind: 'not-ours', why })
  })

  it('belongs to a record with an encoded message', () => {
    const why = 'the record has no encoded message'
    expect(denialFromDecoded(record('ec2-run-instances'), evaluation())).toEqual({ kind: 'unreadable', why })
    expect(denialFromDecoded(17, evaluation())).toEqual({ kind: 'unreadable', why })
  })
})
