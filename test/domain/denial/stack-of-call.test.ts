import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../functions/domain/base/rich-text.ts'
import { facts } from '../../../functions/domain/card/facts.ts'
import { DEFAULT_CONFIG } from '../../../functions/domain/config/config.ts'
import { sampleProposal } from '../../fakes/sample-proposal.ts'
import { denied, type Json, record } from '../../fixtures/events.ts'

const FUNCTION = record('cloudformation-create-function')
const asking = (parameters: Json) => denied({ ...FUNCTION, requestParameters: parameters }).stack

describe('the stack of a denied call', () => {
  it.each([
    ['a tag of an object', { tags: { 'aws:cloudformation:stack-name': 'orders' } }],
    ['a tag of a list', { tags: [{ key: 'aws:cloudformation:stack-name', value: 'orders' }] }],
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

  it('stands on the card', () => {
    const denial = denied({ ...FUNCTION, requestParameters: { tags: { 'aws:cloudformation:stack-name': 'orders' } } })
    const call = facts({ ...sampleProposal(), denial }, DEFAULT_CONFIG).find(({ label }) => label === 'Call')
    expect(asPlainText(call?.value ?? [])).toBe(
      'CreateFunction20150331 of lambda.amazonaws.com, through cloudformation.amazonaws.com (stack orders)',
    )
  })
})
