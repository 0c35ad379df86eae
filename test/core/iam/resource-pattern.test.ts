import { describe, expect, it } from 'vitest'
import { ABSENT_KEY, present } from '../../../core/iam/conditions/context.ts'
import type { Match } from '../../../core/iam/policy/policy-variables.ts'
import { compileResource } from '../../../core/iam/policy/resource-pattern.ts'
import type { PolicyType } from '../../../core/iam/policy/sourced-policy.ts'

const ROLE = 'arn:aws:iam::111122223333:role/ann/app'

describe('a resource pattern', () => {
  it.each<readonly [string, PolicyType, Match]>([
    ['arn:aws:iam::111122223333:role/ann/app', 'identity', 'yes'],
    ['arn:aws:iam::*:role/*', 'identity', 'yes'],
    ['arn:aws:iam::444455556666:role/ann/app', 'identity', 'no'],
    ['role/ann/app', 'identity', 'no'],
    // Variables resolve in the sixth field alone.
    ['arn:aws:iam::111122223333:role/${aws:username}/app', 'identity', 'yes'],
    ['arn:aws:iam::111122223333:role/${aws:username}/other', 'identity', 'no'],
    ['arn:aws:iam::111122223333:role/${aws:userid}/app', 'identity', 'unresolvable'],
    ['arn:aws:iam::${aws:PrincipalAccount}:role/ann/app', 'identity', 'no'],
    ['arn:aws:iam::*:role/${aws:username}/*', 'identity', 'yes'],
    ['arn:aws:iam::111122223333:role/${aws:username}/app', 'scp', 'yes'],
    ['arn:aws:iam::111122223333:role/${aws:username}/App', 'identity', 'no'],
    ['arn:aws:${aws:Unseen}:x:${aws:userid}:role/ann/app', 'identity', 'no'],
    ['arn:aws:${aws:Unseen}:x:${aws:userid}:role/ann/app', 'scp', 'no'],
    // AWS completes an incomplete ARN in an identity policy, and documents nothing for others.
    ['arn:aws:iam', 'identity', 'yes'],
    ['arn:aws:iam::111122223333', 'identity', 'yes'],
    ['arn:aws:iam::111122223333', 'scp', 'unknown'],
    ['arn:aws:iam::*', 'scp', 'yes'],
    ['arn:aws:s3', 'scp', 'no'],
    ['arn:aws:s3', 'identity', 'no'],
    ['arn:aws:iam::111122223333', 'boundary', 'yes'],
    ['arn:aws:iam::111122223333', 'rcp', 'unknown'],
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html: a wildcard in the resource type is "not allowed".
    ['arn:aws:iam::111122223333:r*', 'identity', 'unknown'],
    ['arn:aws:iam::111122223333:role*', 'identity', 'unknown'],
    ['arn:aws:iam::111122223333:*/ann/app', 'scp', 'unknown'],
    ['arn:aws:iam::111122223333:rol?/${aws:username}/app', 'identity', 'unknown'],
    ['arn:aws:iam::111122223333:u*', 'identity', 'no'],
    ['arn:aws:iam::111122223333:*', 'identity', 'yes'],
    ['arn', 'identity', 'yes'],
    ['arnold', 'identity', 'no'],
    // A variable that does not end.
    ['arn:aws:${iam::111122223333:role/app', 'identity', 'no'],
  ])('%s in a policy of type %s: %s', (pattern, type, match) => {
    const notes: string[] = []
    const scope = {
      fact: (key: string) => (key === 'aws:username' ? present('ann') : ABSENT_KEY),
      note: ({ fact }: { readonly fact: string }) => void notes.push(fact),
    }
    expect(compileResource(pattern, true)(ROLE, type, scope)).toBe(match)
    expect(notes.length > 0).toBe(match === 'unknown' || match === 'unresolvable')
  })

  it('fits what is no ARN with a star', () => {
    const scope = { fact: () => ABSENT_KEY, note: () => {} }
    for (const type of ['identity', 'scp'] as const) expect(compileResource('*', true)('*', type, scope)).toBe('yes')
  })

  it('keeps a variable as text where the policy has an older version', () => {
    const scope = { fact: () => present('ann'), note: () => {} }
    const pattern = compileResource('arn:aws:iam::111122223333:role/${aws:username}/app', false)
    expect(pattern(ROLE, 'identity', scope)).toBe('no')
  })
})
