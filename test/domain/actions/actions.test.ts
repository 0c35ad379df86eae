import { describe, expect, it } from 'vitest'
import { NAMES_WITHOUT_PREFIX, wantsRole } from '../../../functions/domain/actions/actions.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app'
const SELF = 'arn:aws:sts::111122223333:self'
const ROOT = 'arn:aws:iam::111122223333:root'

describe('the target of an action', () => {
  it.each([
    ['sts:AssumeRole', ROLE, true],
    ['sts:AssumeRole', ROOT, true],
    ['sts:SetContext', ROLE, true],
    ['sts:SetContext', SELF, false],
    // Only a request of STS for itself is one; a role may have the name.
    ['sts:SetContext', 'arn:aws:iam::111122223333:self', true],
    ['sts:SetContext', 'arn:aws:sts::111122223333:selfish', true],
    ['sts:AssumeRoot', ROOT, false],
  ] as const)('of %s, %s can only be a role: %s', (action, arn, expected) => {
    expect(wantsRole(action, arn)).toBe(expected)
  })
})

it('reads the longer of two names that begin alike', () => {
  const pattern = new RegExp(`^(?:${NAMES_WITHOUT_PREFIX})`)
  expect(pattern.exec('AssumeRoleWithWebIdentity')?.[0]).toBe('AssumeRoleWithWebIdentity')
  expect(pattern.exec('AssumeRoleWithSAML')?.[0]).toBe('AssumeRoleWithSAML')
})
