import { describe, expect, it } from 'vitest'
import { compileConditions, meetsConditions, quietScope } from '../../../core/iam/conditions/conditions.ts'
import { contextFact, present } from '../../../core/iam/conditions/context.ts'
import { compiled } from '../../../core/iam/evaluation/compiled-policy.ts'
import type { PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import type { PolicyType } from '../../../core/iam/policy/sourced-policy.ts'

const ANN = 'arn:aws:iam::111122223333:role/ann'
const OWN: Statement = {
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: 'arn:aws:iam::111122223333:role/${aws:username}',
}

/** The known context of a request by this user. */
const by = (user: string) => {
  const facts = { 'aws:username': present(user), 'aws:somekey': present(ANN) }
  return (key: string) => contextFact(facts, key)
}

const resourceOf = (document: PolicyDocument, user: string) =>
  compiled(document)
    .statements[0]?.resources()
    ?.patterns[0]?.match(ANN, 'identity', quietScope(by(user)))

describe('a document that is compiled once', () => {
  it.each(['StringEquals', 'StringLike', 'StringEqualsIgnoreCase', 'ArnLike', 'ArnEquals'])(
    'takes the variables of %s from each request',
    operator => {
      const block = { [operator]: { 'aws:SomeKey': 'arn:aws:iam::111122223333:role/${aws:username}' } }
      const conditions = compileConditions(block, true)
      const truth = (user: string) => meetsConditions(conditions, { fact: by(user), quiet: quietScope(by(user)) }, null)
      expect([truth('ann'), truth('bob'), truth('ann')]).toEqual(['yes', 'no', 'yes'])
    },
  )

  it('takes the variables of Resource from each request', () => {
    const document: PolicyDocument = { Version: '2012-10-17', Statement: [OWN] }
    expect([resourceOf(document, 'ann'), resourceOf(document, 'bob')]).toEqual(['yes', 'no'])
    expect(compiled(document)).toBe(compiled(document))
  })

  it('has no variables in the old version, also where it shares the statement with one of the new version', () => {
    expect(resourceOf({ Version: '2012-10-17', Statement: [OWN] }, 'ann')).toBe('yes')
    expect(resourceOf({ Version: '2008-10-17', Statement: [OWN] }, 'ann')).toBe('no')
  })

  it('finds the statements about an action after any number of others', () => {
    const { about } = compiled({ Version: '2012-10-17', Statement: [{ ...OWN, Action: 's3:*' }, OWN] })
    for (let at = 0; at < 2_000; at += 1) expect(about(`s3:made-up-${at}`).indexes).toEqual([0])
    expect(about('iam:passrole').indexes).toEqual([1])
  })

  it('asks each statement once about each resource and type of policy, however often it is evaluated', () => {
    const { about } = compiled({
      Version: '2012-10-17',
      Statement: [OWN, { ...OWN, Action: 's3:*' }, { ...OWN }, { ...OWN }],
    })
    const asked: string[] = []
    const on = (type: PolicyType, resource: string) =>
      about('iam:passrole').on(type, resource, index => {
        asked.push(`${type} ${resource} ${index}`)
        return index !== 2
      })
    for (const type of ['identity', 'boundary', 'identity'] as const)
      for (const resource of ['a', 'b', 'a']) expect(on(type, resource)).toEqual([0, 3])
    expect(asked).toHaveLength(2 * 2 * 3)
    // Resources are outside text, so their cache is bounded.
    for (let at = 0; at < 200; at++) on('identity', `c${at}`)
    asked.length = 0
    on('identity', 'a')
    expect(asked).toHaveLength(3)
  })
})
