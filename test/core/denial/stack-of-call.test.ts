import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { facts } from '../../../functions/domain/card/facts.ts'
import { DEFAULT_CONFIG } from '../../../functions/domain/config/config.ts'
import { sampleProposal } from '../../fakes/sample-proposal.ts'
import { denied, type Json, record } from '../../fixtures/events.ts'

const FUNCTION = record('cloudformation-create-function')
const asking = (parameters: Json) => denied({ ...FUNCTION, requestParameters: parameters }).stack

const tagged = (value: string) => ({ key: 'aws:cloudformation:stack-name', value })

describe('the stack of a denied call', () => {
  it.each([
    ['a tag of an object', { tags: { 'aws:cloudformation:stack-name': 'orders' } }],
    ['a tag of a list', { tags: [{ key: 'aws:cloudformation:stack-name', value: 'orders' }] }],
    [
      'a later tag',
      {
        tags: [
          { key: 'team', value: 'a' },
          { Key: 'aws:cloudformation:stack-name', Value: 'orders' },
        ],
      },
    ],
    ['a tag of KMS', { tags: [null, { tagKey: 'aws:cloudformation:stack-name', tagValue: 'orders' }] }],
    ['the first tag of two', { tags: [tagged('orders'), tagged('billing')] }],
    [
      'a tag that stands deep, as EC2 writes it',
      { tagSpecificationSet: { items: [{ tags: [{ key: 'aws:cloudformation:stack-name', value: 'orders' }] }] } },
    ],
  ])('is named by %s', (_, parameters) => {
    expect(asking(parameters)).toBe('orders')
  })

  it('is the one that a call of CloudFormation is about', () => {
    expect(denied(record('cloudformation-create-change-set')).stack).toBe('orders')
  })

  it.each([
    ['nothing', {}],
    ['a tag of one’s own', { tags: { 'stack-name': 'orders' } }],
    ['no name at all', { tags: { 'aws:cloudformation:stack-name': '<!here> orders' } }],
  ])('is not known from %s', (_, parameters) => {
    expect(asking(parameters)).toBe(undefined)
  })

  it('is looked for in so many values, and no more', () => {
    const stackAfter = (others: number) => asking({ tags: [...Array<string>(others).fill('x'), tagged('orders')] })
    // The parameters and the list are the first two.
    expect([stackAfter(497), stackAfter(498)]).toEqual(['orders', undefined])
  })

  it('stands on the card', () => {
    const denial = denied({ ...FUNCTION, requestParameters: { tags: { 'aws:cloudformation:stack-name': 'orders' } } })
    const call = facts({ ...sampleProposal(), denial }, DEFAULT_CONFIG).find(({ label }) => label === 'Call')
    expect(asPlainText(call?.value ?? [])).toBe(
      'CreateFunction20150331 of lambda.amazonaws.com, through cloudformation.amazonaws.com (stack orders)',
    )
  })
})
