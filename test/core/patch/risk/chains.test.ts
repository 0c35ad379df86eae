import { describe, expect, it } from 'vitest'
import { analyzeRisk, approversOf, chainCases } from '../../../fixtures/risk/risk-cases.ts'

const cases = chainCases().flatMap(one => one.modes.map(mode => [mode, one.name, one] as const))

describe('where a role leads', () => {
  it.each(cases)('when it is opened by %s: %s', async (mode, _, { setup, approvers, risk, wording }) => {
    const analysis = await analyzeRisk(setup, mode)
    const details = (analysis.verification?.guardrails ?? []).flatMap(({ detail }) => detail ?? []).join('\n')
    expect([approversOf(analysis), analysis.verification?.risk], details).toEqual([approvers, risk])
    expect(
      wording.filter(text => !details.includes(text)),
      details,
    ).toEqual([])
  })
})
