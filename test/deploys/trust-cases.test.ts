import { describe, expect, it } from 'vitest'
import { judge } from './judged-trust.ts'
import { LABELLED, TRUST_CASES } from './trust-cases.ts'

describe('deploys with planted trust faults', () => {
  const count = (wanted: string) => TRUST_CASES.filter(({ answer }) => answer === wanted).length

  it('are over 120 wrong ones, as many right ones, and some that nobody can know; each label has a source', () => {
    expect(count('denied')).toBeGreaterThan(120)
    expect(count('allowed')).toBeGreaterThan(120)
    expect(count('unknown')).toBeGreaterThan(50)
    for (const { source } of LABELLED) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/\S+\.html$/)
  })

  it.each(LABELLED.map(({ type }) => type))('%s is judged as labelled, in a template and in a plan', async type => {
    const cases = TRUST_CASES.filter(({ label }) => label.type === type)
    const judged: unknown[] = []
    for (const one of cases) {
      const { answer, fixes } = await judge(one)
      judged.push([one.name, answer, ...fixes])
    }
    expect(judged).toEqual(cases.map(({ name, answer, fix }) => [name, answer, fix]))
  })
})
