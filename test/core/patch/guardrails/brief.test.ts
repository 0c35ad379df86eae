import { describe, expect, it } from 'vitest'
import { inBrief } from '../../../../core/patch/guardrails/brief.ts'

describe('a finding in brief', () => {
  it.each([
    [
      'administrator-equivalent',
      'Through admin deployer could become administrator: admin may pass any role: to Lambda.',
      'Through admin deployer could become administrator.',
    ],
    [
      'destroy',
      'Through admin deployer could destroy what nobody can bring back: admin may delete the key.',
      'Through admin deployer could destroy what nobody can bring back.',
    ],
    [
      'web-identity-subject',
      'Any job of acme/x that may use the environment a, which now trusts only b could assume r, which now trusts only the branch main.',
      'Any job of acme/x that may use the environment a, which now trusts only b could assume r.',
    ],
    [
      'managed-by-code',
      'deployer is managed by CloudFormation stack x: make the same change there.',
      'deployer is managed by CloudFormation stack x.',
    ],
    ['trust-account', 'r would trust account 1: 2.', 'r would trust account 1: 2.'],
    ['administrator-equivalent', null, null],
  ])('of %s ends after what it says first', (id, detail, brief) => {
    expect(inBrief({ id, detail })).toBe(brief)
  })
})
