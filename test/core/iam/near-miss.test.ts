import { describe, expect, it } from 'vitest'
import { nearMiss } from '../../../core/iam/policy/near-miss.ts'

const ROLE = 'arn:aws:iam::111122223333:role/ci/deploy'
const SESSION = 'arn:aws:sts::111122223333:assumed-role/deploy/build-7'

describe('a pattern that nearly matches', () => {
  it.each([
    [ROLE, ROLE, null],
    ['arn:aws:iam::444455556666:role/ci/deploy', ROLE, 'account'],
    ['arn:aws-cn:iam::111122223333:role/ci/deploy', ROLE, 'partition'],
    // Two differences are too many.
    ['arn:aws-cn:iam::444455556666:role/ci/deploy', ROLE, null],
    ['arn:aws:sts::111122223333:role/ci/deploy', ROLE, null],
    ['arn:aws:iam::111122223333:role/CI/Deploy', ROLE, 'case'],
    ['arn:aws:iam::111122223333:role/Ci/de*', ROLE, 'case'],
    ['arn:aws:iam::111122223333:role/deploy', ROLE, 'path'],
    ['arn:aws:iam::111122223333:role/other/dep*', ROLE, 'path'],
    ['arn:aws:iam::111122223333:role/other/*', ROLE, null],
    ['arn:aws:iam::111122223333:role/ci/depoly', ROLE, 'name'],
    ['arn:aws:iam::111122223333:role/ci/depol?', ROLE, null],
    ['arn:aws:iam::111122223333:role/ci/backup', ROLE, null],
    ['arn:aws:iam::111122223333:user/deploy', ROLE, null],
    ['arn:aws:iam::444455556666:role/deploy', ROLE, null],
    [ROLE, SESSION, 'session-for-role'],
    [SESSION, ROLE, 'session-for-role'],
    ['arn:aws:sts::111122223333:assumed-role/deploy/other', SESSION, 'session-for-role'],
    ['arn:aws:iam::111122223333:user/deploy', SESSION, null],
    [SESSION, 'arn:aws:iam::111122223333:user/deploy', null],
    ['arn:aws:iam::111122223333:role/backup', SESSION, null],
    ['arn:aws:sts::111122223333:role/CI/Deploy', ROLE, null],
    ['arn:aws:iam::111122223333:role/ci/Deploy:1', `${ROLE}:1`, 'case'],
    ['urn:aws:iam::111122223333:role/ci/Deploy', 'urn:aws:iam::111122223333:role/ci/deploy', null],
    ['arn:awX', 'arn:awx', null],
    ['arn:aws:iam:us-east-1:X', 'arn:aws:iam:us-east-1:x', null],
    ['*', ROLE, null],
    ['111122223333', ROLE, null],
    ['arn:aws:iam', ROLE, null],
    ['arn:aws:iam::111122223333', ROLE, null],
    [ROLE, 'deploy', null],
  ])('%s for %s: %s', (pattern, actual, near) => {
    expect(nearMiss(pattern, actual)).toBe(near)
  })
})
