import { describe, expect, it } from 'vitest'
import { allowedAmong } from '../../../core/iam/policy/allowed-actions.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'

const allow = (more: Partial<Statement>): Statement => ({ Effect: 'Allow', Resource: '*', ...more })

describe('the actions that statements allow on something', () => {
  it.each<readonly [string, readonly Statement[], readonly string[]]>([
    ['one', [allow({ Action: 'iam:PassRole' })], ['iam:PassRole']],
    ['a list', [allow({ Action: ['IAM:passrole', 's3:*'] })], ['iam:PassRole', 's3:GetObject']],
    ['a wildcard', [allow({ Action: 'iam:*' })], ['iam:CreateRole', 'iam:PassRole']],
    ['all but some', [allow({ NotAction: 'iam:*' })], ['s3:GetObject']],
    ['all but none of ours', [allow({ NotAction: 'ec2:*' })], ['iam:CreateRole', 'iam:PassRole', 's3:GetObject']],
    ['none of a Deny', [{ Effect: 'Deny', Action: '*', Resource: '*' }], []],
    [
      'several statements',
      [allow({ Action: 'iam:PassRole' }), allow({ Action: 's3:GetObject' })],
      ['iam:PassRole', 's3:GetObject'],
    ],
    ['the same again', [allow({ Action: 'iam:PassRole' })], ['iam:PassRole']],
    ['another action', [allow({ Action: 'ec2:RunInstances' })], []],
  ])('%s', (_, statements, actions) => {
    const allowed = allowedAmong(() => ['iam:PassRole', 'iam:CreateRole', 's3:GetObject'])
    expect([...allowed(statements)].sort()).toEqual(actions)
    // The pattern's matches are cached by now.
    expect([...allowed(statements)].sort()).toEqual(actions)
  })
})
