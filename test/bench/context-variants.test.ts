import { describe, expect, it } from 'vitest'
import { contextVariants } from '../../bench/accuracy/context-variants.ts'
import { newlyAllowed } from '../../bench/accuracy/oracle.ts'
import { oracleRequests } from '../../bench/accuracy/oracle-requests.ts'
import type { ProposedDocument } from '../../bench/accuracy/proposed-document.ts'
import { type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import type { ConditionBlock } from '../../core/iam/policy/policy-document.ts'
import { caseFile, inputOf } from '../case-run.ts'

const trust = (Condition?: ConditionBlock): ProposedDocument => ({
  role: 'orders-admin',
  before: null,
  after: {
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
        Principal: { AWS: 'arn:aws:iam::111122223333:user/jane' },
        ...(Condition === undefined ? {} : { Condition }),
      },
    ],
  },
})
const firstValue = (context: ContextFacts, key: string) => {
  const fact = context[key]
  return fact?.state === 'present' ? fact.values[0] : null
}

describe('the variants of a request', () => {
  it.each(['StringEquals', 'StringNotEquals', 'StringLike', 'ForAnyValue:StringNotLike'])(
    'have what %s compares with a variable equal to its value, and different, and no value',
    operator => {
      const condition = { [operator]: { 'aws:userid': `\${aws:username}` } }
      const pairs = contextVariants([trust(condition)], [], { 'aws:username': present('jane') }).map(context => [
        firstValue(context, 'aws:userid'),
        firstValue(context, 'aws:username'),
      ])
      expect(pairs).toEqual(
        expect.arrayContaining([
          ['jane', 'jane'],
          ['other', 'jane'],
          [null, 'jane'],
        ]),
      )
      expect(pairs.some(([, variable]) => variable === null)).toBe(true)
    },
  )

  it('give a variable the value that another condition demands of its key', () => {
    const condition = { StringEquals: { 'aws:username': 'jane', 'aws:userid': `id-\${aws:username}` } }
    const [whole] = contextVariants([trust(condition)], [], {})
    expect(whole).toEqual({ 'aws:username': present('jane'), 'aws:userid': present('id-jane') })
  })
})

describe('the oracle', () => {
  it.each(['StringEquals', 'StringNotEquals'])('sees that %s of a variable was taken away', operator => {
    const file = caseFile('assume-role/conditions-of-the-caller.json')
    const one = file.cases.find(({ name }) => name.startsWith('a variable of the own allow keeps its meaning'))
    if (one === undefined) throw new Error('no such case')
    const right = [trust({ [operator]: { 'aws:userid': `\${aws:username}` } })]
    const requests = oracleRequests(inputOf(file, one), [...right, trust()])
    const allowed = newlyAllowed(right, requests)
    expect(allowed.size).toBeGreaterThan(0)
    expect([...newlyAllowed([trust()], requests)].some(request => !allowed.has(request))).toBe(true)
  })
})
