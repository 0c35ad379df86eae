import { describe, expect, it } from 'vitest'
import { list, type Statement } from '../../../core/iam/policy/policy-document.ts'
import { principalsOf, principalsOfType } from '../../../core/iam/policy/principals.ts'

const ALLOW = { Effect: 'Allow', Action: 'sts:AssumeRole' } as const

describe('the principals of a statement', () => {
  it.each<[string, Statement, readonly string[]]>([
    ['none', ALLOW, []],
    ['everybody', { ...ALLOW, Principal: '*' }, ['* *']],
    ['everybody of AWS', { ...ALLOW, Principal: { AWS: '*' } }, ['AWS *']],
    [
      'several of several types',
      { ...ALLOW, Principal: { AWS: ['111122223333', '444455556666'], Service: 'ec2.amazonaws.com' } },
      ['AWS 111122223333', 'AWS 444455556666', 'Service ec2.amazonaws.com'],
    ],
    ['not those that it excepts', { ...ALLOW, NotPrincipal: { AWS: '111122223333' } }, []],
  ])('are %s', (_, statement, wanted) => {
    expect(principalsOf(statement).map(({ type, name }) => `${type} ${name}`)).toEqual(wanted)
  })

  it('are asked for by type', () => {
    const statement = { ...ALLOW, Principal: { AWS: '111122223333', Service: ['ec2.amazonaws.com'] } }
    expect(principalsOfType(statement, 'Service')).toEqual(['ec2.amazonaws.com'])
    expect(principalsOfType(statement, 'Federated')).toEqual([])
    expect(principalsOfType({ ...ALLOW, Principal: '*' }, 'AWS')).toEqual([])
  })
})

describe('an element that may hold one value or several', () => {
  it('is a list of none, one or all of them', () => {
    expect(list(undefined)).toEqual([])
    expect(list('a')).toEqual(['a'])
    expect(list('')).toEqual([''])
    expect(list(['a', 'b'])).toEqual(['a', 'b'])
  })
})
