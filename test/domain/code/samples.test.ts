import { describe, expect, it } from 'vitest'
import { codeCases, hunksOf, runCase } from './code-case.ts'

const cases = codeCases()

describe('sample repositories', () => {
  it.each(cases.map(one => [one.name, one] as const))('%s', (_, one) => {
    const outcome = runCase(one)
    const draft = outcome.outcome === 'draft' ? outcome.reason : undefined
    expect({ draft, exact: hunksOf(outcome) }).toEqual({ draft: one.draft, exact: one.exact ?? {} })
    if (outcome.outcome === 'exact' && one.address !== undefined) expect(outcome.edits[0]?.address).toBe(one.address)
  })
})
