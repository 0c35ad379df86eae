import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../../core/iam/policy/parse-policy.ts'

const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } }
const policy = { Version: '2012-10-17', Statement: [statement] }

describe('reading a policy', () => {
  it('takes an object, JSON text and URL-encoded JSON text', () => {
    const read = { ok: true, value: policy }
    expect(parsePolicy(policy)).toEqual(read)
    expect(parsePolicy(JSON.stringify(policy))).toEqual(read)
    expect(parsePolicy(encodeURIComponent(JSON.stringify(policy)))).toEqual(read)
  })

  it('gives the same document for the same object', () => {
    const object = { ...policy }
    const [one, other] = [parsePolicy(object), parsePolicy(object)]
    expect(one.ok && other.ok && one.value === other.value).toBe(true)
  })

  it('takes a statement without a principal, as in a policy of a role', () => {
    const identity = { Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }] }
    expect(parsePolicy(identity)).toEqual({ ok: true, value: identity })
  })

  it('keeps a per cent sign that belongs to plain JSON', () => {
    const odd = { Version: '2012-10-17', Statement: [{ ...statement, Sid: '100%' }] }
    expect(parsePolicy(JSON.stringify(odd))).toEqual({ ok: true, value: odd })
  })

  it('lifts a lone statement into a list and leaves everything else as it was', () => {
    expect(parsePolicy({ Id: 'x', Statement: statement })).toEqual({
      ok: true,
      value: { Id: 'x', Statement: [statement] },
    })
  })

  it('takes every element of the grammar', () => {
    const full = {
      Version: '2008-10-17',
      Id: 'all',
      Statement: [
        {
          Sid: 'One',
          Effect: 'Deny',
          NotPrincipal: { AWS: ['111122223333'], Service: 'ec2.amazonaws.com', Federated: 'x', CanonicalUser: 'y' },
          NotAction: ['sts:*'],
          NotResource: ['*'],
          Condition: { Bool: { 'aws:SecureTransport': false }, NumericLessThan: { k: [1, '2'] } },
        },
        { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Resource: '*' },
      ],
    }
    expect(parsePolicy(full)).toEqual({ ok: true, value: full })
  })

  const refused: readonly (readonly [string, unknown, string])[] = [
    ['null', null, 'a policy is a JSON object'],
    ['a list', [], 'a policy is a JSON object'],
    ['a text that is not JSON', '{', 'the policy is not JSON'],
    ['a broken URL encoding', '%7B%ZZ', 'the policy is not JSON'],
    ['text nested beyond any stack', '['.repeat(200_000), 'the policy is not JSON'],
    ['an unknown element', { ...policy, Statements: [] }, '"Statements" is not an element of a policy'],
    ['an unknown version', { ...policy, Version: '2012-10-18' }, 'Version "2012-10-18" is not known'],
    ['an Id that is no text', { ...policy, Id: 5 }, 'Id is not a text'],
    ['no statement', { Version: '2012-10-17' }, 'the policy has no Statement'],
    ['a statement that is a text', { Statement: ['x'] }, 'Statement 0: it is not a JSON object'],
    ['an element in the wrong case', of({ action: 'x' }), 'Statement 0: "action" is not an element of a statement'],
    [
      'an effect in the wrong case',
      of({ Effect: 'allow' }),
      'Statement 0: Effect is "allow", neither "Allow" nor "Deny"',
    ],
    ['no action', { Statement: [{ Effect: 'Allow' }] }, 'Statement 0: it has neither Action nor NotAction'],
    ['a number as Sid', of({ Sid: 1 }), 'Statement 0: Sid is not a text'],
    ['an action that is no list', of({ Action: 1 }), 'Statement 0: Action is neither a text nor a list of texts'],
    [
      'a number as principal',
      of({ Principal: { AWS: '111122223333', Service: [1] } }),
      'Statement 0: Principal Service lists something that is not a text',
    ],
    [
      'a lone condition value that is an object',
      of({ Condition: { StringEquals: { k: {} } } }),
      'Statement 0: Condition "StringEquals" has a value of "k" that is not a text, number or boolean',
    ],
    ['both actions', of({ NotAction: 'x' }), 'Statement 0: it has both Action and NotAction'],
    ['both resources', of({ Resource: '*', NotResource: '*' }), 'Statement 0: it has both Resource and NotResource'],
    [
      'a wildcard in the service of an action',
      of({ Action: ['iam:PassRole', '*:GetBucket'] }),
      'Statement 0: Action "*:GetBucket" has a wildcard in the service, which IAM refuses',
    ],
    ['null as action', of({ Action: null }), 'Statement 0: Action is neither a text nor a list of texts'],
    ['a number as action', of({ Action: [1] }), 'Statement 0: Action lists something that is not a text'],
    [
      'an account as principal',
      of({ Principal: '111122223333' }),
      'Statement 0: Principal is neither "*" nor an object',
    ],
    [
      'an unknown principal type',
      of({ Principal: { Aws: '*' } }),
      'Statement 0: Principal has a type "Aws" that is not known',
    ],
    ['a condition that is a list', of({ Condition: [] }), 'Statement 0: Condition is not an object'],
    ['an operator without keys', of({ Condition: { Bool: 'true' } }), 'Statement 0: Condition "Bool" is not an object'],
    [
      'a condition value that is an object',
      of({ Condition: { StringEquals: { k: [{}] } } }),
      'Statement 0: Condition "StringEquals" has a value of "k" that is not a text, number or boolean',
    ],
    [
      'a key that is not plain',
      JSON.parse('{"Statement":[{"__proto__":{},"Effect":"Allow","Action":"x"}]}'),
      'Statement 0: "__proto__" is not an element of a statement',
    ],
  ]
  it.each(refused)('refuses %s', (_, input, error) => {
    expect(parsePolicy(input)).toEqual({ ok: false, error })
  })

  it('refuses a wildcard in the service of an action, however it is written', () => {
    const signs = ['', ...'a*?:"']
    const texts = signs.flatMap(one => signs.flatMap(two => signs.map(three => `${one}${two}${three}`)))
    const escaped = (json: string) => json.replace(/[*?:]/g, sign => `\\u00${sign.charCodeAt(0).toString(16)}`)
    for (const text of texts) {
      const given = of({ Action: ['iam:Get*', text], Resource: 'arn:aws:iam::*:role/*' })
      const json = JSON.stringify(given)
      const other = JSON.stringify(of({ Action: ['iam:Get*', 'TEXT'] })).replace('"TEXT"', () =>
        escaped(JSON.stringify(text)),
      )
      const written = [given, json, JSON.stringify(given, null, 2), encodeURIComponent(json), other]
      const wild = /^[^:]*[*?].*:/.test(text) && text !== '*:*'
      expect([text, ...written.map(one => parsePolicy(one).ok)]).toEqual([text, ...written.map(() => !wild)])
    }
  })

  it('names the statement, and quotes at most one line of it', () => {
    const read = parsePolicy({ Statement: [statement, { ...statement, ['x'.repeat(5_000)]: 1 }] })
    expect(read.ok ? '' : read.error).toBe(`Statement 1: "${'x'.repeat(80)}" is not an element of a statement`)
  })
})

function of(more: object): object {
  return { Statement: [{ ...statement, ...more }] }
}
