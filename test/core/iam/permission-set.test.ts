/** https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html */
import { describe, expect, it } from 'vitest'
import { parseEntityArn } from '../../../core/iam/arn.ts'
import { isPrincipalArn, permissionSetOf, permissionSetPattern } from '../../../core/iam/permission-set.ts'

const HOME = 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com'
const entity = (text: string) => {
  const arn = parseEntityArn(text)
  if (arn === null) throw new Error(`${text} is no role or user`)
  return arn
}
const setOf = (text: string) => permissionSetOf(entity(text))
const patternOf = (text: string) => permissionSetPattern(entity(text))

describe('the permission set of a role', () => {
  it('is in its name, with or without a Region in its path', () => {
    expect(setOf(`${HOME}/eu-west-1/AWSReservedSSO_Deploy_Access_0123456789abcdef`)).toBe('Deploy_Access')
    expect(setOf(`${HOME}/AWSReservedSSO_Admin_0123456789abcdef`)).toBe('Admin')
  })

  it.each([
    `${HOME}/AWSReservedSSO_Admin_0123456789abcde`,
    `${HOME}/AWSReservedSSO_Admin`,
    `${HOME}/Admin_0123456789abcdef`,
    'arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_0123456789abcdef',
    'arn:aws:iam::111122223333:user/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef',
  ])('is none for %s', text => {
    expect(setOf(text)).toBeNull()
    expect(patternOf(text)).toBeNull()
  })
})

describe('the pattern of a permission set', () => {
  it('matches any suffix of sixteen characters, in the same account and path', () => {
    expect(patternOf(`${HOME}/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef`)).toBe(
      `${HOME}/eu-west-1/AWSReservedSSO_Admin_????????????????`,
    )
    expect(patternOf(`${HOME}/AWSReservedSSO_Admin_0123456789abcdef`)).toBe(
      `${HOME}/AWSReservedSSO_Admin_????????????????`,
    )
  })

  it('is none where the name or the path could hold a wildcard', () => {
    expect(patternOf(`${HOME}/AWSReservedSSO_Adm*n_0123456789abcdef`)).toBeNull()
    expect(patternOf(`${HOME}/${'x'.repeat(8)}/more/AWSReservedSSO_Admin_0123456789abcdef`)).toBeNull()
    expect(patternOf(`${HOME}/AWSReservedSSO_${'x'.repeat(33)}_0123456789abcdef`)).toBeNull()
    expect(patternOf(`${HOME}/AWSReservedSSO_${'x'.repeat(32)}_0123456789abcdef`)).not.toBeNull()
  })
})

describe('the condition key of a principal', () => {
  it('has any case', () => {
    expect(isPrincipalArn('AWS:principalarn')).toBe(true)
    expect(isPrincipalArn('aws:SourceArn')).toBe(false)
  })
})
