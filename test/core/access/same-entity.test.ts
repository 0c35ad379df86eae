import { describe, expect, it } from 'vitest'
import { isDifferentEntity } from '../../../core/access/read-access.ts'

const ROLE = 'arn:aws:iam::111122223333:role/ci/deploy'
const USER = 'arn:aws:iam::111122223333:user/ann'
const ID = 'AROAEXAMPLEDEPLOY1234'
const OTHER_ID = 'AROAEXAMPLEDEPLOY5678'
const denied = { kind: 'role', arn: `${ROLE}/session`, roleArn: ROLE, pathKnown: true, uniqueId: null } as const

describe('an entity that was read', () => {
  it.each([
    ['the id of the session', { uniqueId: `${ID}:build-7` }, { arn: ROLE, uniqueId: ID }, false],
    ['another id under the same name', { uniqueId: `${ID}:build-7` }, { arn: ROLE, uniqueId: OTHER_ID }, true],
    ['the same id under another path', { uniqueId: ID }, { arn: `${ROLE}-2`, uniqueId: ID }, false],
    ['no id and the same ARN', {}, { arn: ROLE, uniqueId: OTHER_ID }, false],
    ['no id and another ARN', {}, { arn: `${ROLE}-2`, uniqueId: null }, true],
    ['no readable id and another ARN', { uniqueId: 'ci' }, { arn: `${ROLE}-2`, uniqueId: ID }, true],
    ['another ARN for a path that is not known', { pathKnown: false }, { arn: `${ROLE}-2`, uniqueId: null }, false],
    ['no ARN to compare', { roleArn: null }, { arn: ROLE, uniqueId: null }, false],
    ['the ARN of the user', { kind: 'user', arn: USER, roleArn: null }, { arn: USER, uniqueId: null }, false],
    ['another user', { kind: 'user', arn: USER, roleArn: null }, { arn: `${USER}a`, uniqueId: null }, true],
  ] as const)('with %s', (_, more, now, differs) => {
    expect(isDifferentEntity({ ...denied, ...more }, now)).toBe(differs)
  })
})
