import { describe, expect, it } from 'vitest'
import { analyzeRisk, approversOf, ordinaryCases } from '../../../fixtures/risk/risk-cases.ts'

const cases = ordinaryCases()

/** A rule that always requires two people is useless. */
describe.each(['pass', 'assume'] as const)('an ordinary role that is opened by %s', mode => {
  it.each(cases.map(one => [one.name, one] as const))('takes one approver: %s', async (_, { setup, approvers }) => {
    const analysis = await analyzeRisk(setup, mode)
    const warnings = analysis.verification?.guardrails.filter(({ outcome }) => outcome !== 'pass')
    expect([approversOf(analysis), analysis.verification?.risk], JSON.stringify(warnings)).toEqual([approvers, 'low'])
  })

  it('comes from a public page', () => {
    expect(cases.filter(({ source }) => !source.startsWith('https://'))).toEqual([])
    expect(cases.length).toBeGreaterThanOrEqual(40)
  })
})
