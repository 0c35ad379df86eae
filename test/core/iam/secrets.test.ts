import { describe, expect, it } from 'vitest'
import type { ConditionBlock, PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import { withoutSecrets } from '../../../core/iam/policy/secrets.ts'

const trust = (Condition: ConditionBlock): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*', Condition }],
})

describe('external ids', () => {
  it.each<readonly [string, ConditionBlock, ConditionBlock | null, ConditionBlock]>([
    [
      'hidden',
      { StringEquals: { 'sts:ExternalId': 's3cret' } },
      null,
      { StringEquals: { 'sts:ExternalId': '(not shown)' } },
    ],
    [
      'hidden in a list and in any case',
      { StringEquals: { 'STS:externalid': ['s3cret', 'other'] } },
      null,
      { StringEquals: { 'STS:externalid': ['(not shown)', '(not shown)'] } },
    ],
    [
      'hidden alone',
      { StringEquals: { 'sts:ExternalId': 's3cret', 'aws:username': 's3cret' } },
      null,
      { StringEquals: { 'sts:ExternalId': '(not shown)', 'aws:username': 's3cret' } },
    ],
    [
      'shown as new when they change',
      { StringEquals: { 'sts:ExternalId': ['s3cret', 'new'] } },
      { StringEquals: { 'sts:ExternalId': 's3cret' } },
      { StringEquals: { 'sts:ExternalId': ['(not shown)', '(not shown, new)'] } },
    ],
    [
      'new where the text was the value of another key',
      { StringEquals: { 'sts:ExternalId': 'ann' } },
      { StringEquals: { 'aws:username': 'ann' } },
      { StringEquals: { 'sts:ExternalId': '(not shown, new)' } },
    ],
  ])('are %s', (_, condition, before, shown) => {
    expect(withoutSecrets(trust(condition), before === null ? null : trust(before))).toEqual(trust(shown))
  })
})
