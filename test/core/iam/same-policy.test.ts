import { describe, expect, it } from 'vitest'
import type { ConditionBlock, PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import { samePolicy } from '../../../core/iam/policy/same-policy.ts'

const document = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })
const TRUST: Statement = {
  Effect: 'Allow',
  Principal: { AWS: ['arn:aws:iam::111122223333:root'] },
  Action: ['sts:AssumeRole'],
  Condition: { StringEquals: { 'aws:PrincipalOrgID': ['o-abc123'] } },
}

describe('two documents', () => {
  it.each<[string, Statement]>([
    ['a lone value without its list', { ...TRUST, Action: 'sts:AssumeRole' }],
    ['an account as its id', { ...TRUST, Principal: { AWS: '111122223333' } }],
    [
      'a condition key in another case',
      { ...TRUST, Condition: { stringequals: { 'aws:principalorgid': 'o-abc123' } } },
    ],
    ['an action in another case', { ...TRUST, Action: 'STS:assumerole' }],
    ['a repeated value', { ...TRUST, Condition: { StringEquals: { 'aws:PrincipalOrgID': ['o-abc123', 'o-abc123'] } } }],
    [
      'the same test in two spellings',
      { ...TRUST, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123', 'AWS:PrincipalOrgId': 'o-abc123' } } },
    ],
    ['an operator without keys', { ...TRUST, Condition: { ...TRUST.Condition, Bool: {} } }],
  ])('are the same with %s', (_what, statement) => {
    expect(samePolicy(document(TRUST), document(statement))).toBe(true)
  })

  it('are the same with an empty condition as without one', () => {
    const { Condition: _, ...open } = TRUST
    expect(samePolicy(document(open), document({ ...open, Condition: {} }))).toBe(true)
    expect(samePolicy(document(open), document(TRUST))).toBe(false)
  })

  it('are the same whatever the order inside a list', () => {
    const list = (...Action: string[]): Statement => ({ Effect: 'Allow', Action, Resource: '*' })
    expect(samePolicy(document(list('a:B', 'c:D')), document(list('c:D', 'a:B')))).toBe(true)
  })

  it.each<[string, PolicyDocument]>([
    ['another effect', document({ ...TRUST, Effect: 'Deny' })],
    ['another value', document({ ...TRUST, Principal: { AWS: '444455556666' } })],
    ['no condition', document({ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole' })],
    ['one statement more', document(TRUST, TRUST)],
    ['an older version', { Version: '2008-10-17', Statement: [TRUST] }],
    [
      'another value of a condition',
      document({ ...TRUST, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-x' } } }),
    ],
    [
      'another key of a condition',
      document({ ...TRUST, Condition: { StringEquals: { 'aws:SourceOrgID': 'o-abc123' } } }),
    ],
    ['another operator', document({ ...TRUST, Condition: { StringLike: { 'aws:PrincipalOrgID': 'o-abc123' } } })],
    ['an Id', { ...document(TRUST), Id: 'trust' }],
    ['another Sid', document({ ...TRUST, Sid: 'Trust' })],
    ['everybody as principal', document({ ...TRUST, Principal: '*' })],
  ])('differ by %s', (_what, other) => {
    expect(samePolicy(document(TRUST), other)).toBe(false)
  })

  it('differ by their Ids', () => {
    expect(samePolicy({ ...document(TRUST), Id: 'a' }, { ...document(TRUST), Id: 'b' })).toBe(false)
    expect(samePolicy({ ...document(TRUST), Id: 'a' }, { ...document(TRUST), Id: 'a' })).toBe(true)
  })

  const tested = (Condition: ConditionBlock): PolicyDocument => document({ ...TRUST, Condition })
  it.each<[string, ConditionBlock]>([
    ['key', { StringLike: { 'aws:PrincipalOrgID': 'o-other', 'aws:principalorgid': 'o-abc123' } }],
    ['key, the other way round', { StringLike: { 'aws:principalorgid': 'o-abc123', 'aws:PrincipalOrgID': 'o-other' } }],
    ['operator', { StringLike: { 'aws:PrincipalOrgID': 'o-other' }, stringlike: { 'aws:PrincipalOrgID': 'o-abc123' } }],
  ])('keep both of two tests of one %s in two spellings', (_what, both) => {
    for (const value of ['o-abc123', 'o-other', ['o-abc123', 'o-other']])
      expect(samePolicy(tested(both), tested({ StringLike: { 'aws:PrincipalOrgID': value } }))).toBe(false)
  })

  it('are the same where two spellings of one operator test different keys', () => {
    const both = { 'aws:PrincipalOrgID': 'o-abc123', 'aws:SourceIp': '10.0.0.0/8' }
    const apart = { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' }, stringEquals: { 'aws:SourceIp': '10.0.0.0/8' } }
    expect(samePolicy(tested({ StringEquals: both }), tested(apart))).toBe(true)
  })

  it('are the same when neither exists, and only then', () => {
    expect(samePolicy(null, null)).toBe(true)
    expect(samePolicy(null, document())).toBe(false)
    expect(samePolicy(document(TRUST), null)).toBe(false)
  })
})
