import { describe, expect, it } from 'vitest'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import { addedStatements, diffDocuments, takesIn } from '../../../core/patch/document-diff.ts'
import { change } from '../../fixtures/guardrails.ts'
import { allow, DEPLOYER, document, TASK_ROLE } from '../../fixtures/patches.ts'

const [one, two] = [allow('s3:GetObject', 'a'), allow('s3:GetObject', 'b')]
const under = (...values: string[]): Statement => ({
  ...one,
  Condition: { StringEquals: { 'aws:SourceAccount': values } },
})

describe('the difference between two documents', () => {
  it('is what was added and removed, whatever the order of members', () => {
    expect(diffDocuments(document(one), document(one, two))).toEqual({ added: [two], extended: [], removed: [] })
    expect(diffDocuments(document(one, two), document(two))).toEqual({ added: [], extended: [], removed: [one] })
    const turned = { Resource: 'a', Action: 's3:GetObject', Effect: 'Allow' } as const
    expect(diffDocuments(document(one), document(turned))).toEqual({ added: [], extended: [], removed: [] })
    expect(diffDocuments(null, document(one))).toEqual({ added: [one], extended: [], removed: [] })
  })

  it('is the values that a condition gains, where nothing else differs', () => {
    const after = under('1', '2')
    const gained = { operator: 'StringEquals', key: 'aws:SourceAccount', values: ['2'], statement: after }
    expect(diffDocuments(document(two, under('1')), document(two, after))).toEqual({
      added: [],
      extended: [gained],
      removed: [],
    })
    expect(diffDocuments(document(under('1')), document({ ...after, Resource: 'c' }))).toEqual({
      added: [{ ...after, Resource: 'c' }],
      extended: [],
      removed: [under('1')],
    })
    expect(diffDocuments(document(under('1', '2')), document(under('1')))).toEqual({
      added: [under('1')],
      extended: [],
      removed: [under('1', '2')],
    })
  })

  it('of several changes is each added statement with its change', () => {
    const changes = [
      change('role-inline-policy', DEPLOYER, document(one), document(one, two)),
      change('role-inline-policy', TASK_ROLE, null, document(one)),
    ]
    expect(addedStatements(changes)).toEqual([
      { change: changes[0], statement: two },
      { change: changes[1], statement: one },
    ])
  })
})

describe('a statement takes in another', () => {
  it.each<[string, Statement, Statement, boolean]>([
    ['the same', one, one, true],
    ['for more resources', allow('s3:GetObject', ['a', 'b']), one, true],
    ['for other resources', allow('s3:GetObject', ['b', 'c']), one, false],
    ['for fewer resources', one, allow('s3:GetObject', ['a', 'b']), false],
    ['with another action', allow('s3:PutObject', ['a', 'b']), one, false],
    ['with another Sid', { Sid: 'x', ...allow('s3:GetObject', ['a', 'b']) }, one, false],
    ['under another condition', { ...under('1'), Resource: ['a', 'b'] }, one, false],
  ])('%s', (_, wider, statement, wanted) => {
    expect(takesIn(wider, statement)).toBe(wanted)
  })
})
