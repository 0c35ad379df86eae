import { describe, expect, it } from 'vitest'
import { commonText, fullBudget } from '../../../../core/patch/risk/common-text.ts'
import { cpuMs } from '../../../cpu-time.ts'

const common = (one: string, other: string) => commonText(one, other, 'ANY', fullBudget())

describe('a text that two patterns match', () => {
  it.each<[string, string, string | null]>([
    ['a', 'a', 'a'],
    ['a', 'b', null],
    ['', '', ''],
    ['a*', '*b', 'aANYb'],
    ['*', 'abc', 'abc'],
    ['abc', '*', 'abc'],
    ['*', '*', 'ANY'],
    ['a?c', 'abc', 'abc'],
    ['a?c', 'a?c', 'axc'],
    ['?', '', null],
    ['cdk-*-assets-1-*/*', 'cdk-hnb-*', 'cdk-hnb-ANY-assets-1-ANY/ANY'],
    ['cdk-*-assets-1-*', 'cdk-hnb-assets-2-*', 'cdk-hnb-assets-2-ANY-assets-1-ANY'],
    ['cdk-*-assets-1-x', 'cdk-hnb-assets-2-x', null],
    ['*a*', '*b*', 'ANYaANYbANY'],
  ])('%s and %s', (one, other, wanted) => {
    expect(common(one, other)).toBe(wanted)
  })

  it('is looked for in long patterns', () => {
    const long = 'x'.repeat(300)
    expect(common(`${long}*`, `*${long}`)).toBe(`${long}ANY${long}`)
  })

  it('is soon found out to be missing', () => {
    const [started, budget] = [cpuMs(), fullBudget()]
    expect(commonText(`${'*a'.repeat(100)}z`, `${'*b'.repeat(99)}y?`, 'ANY', budget)).toBe(null)
    expect(cpuMs() - started).toBeLessThan(2000)
    expect(budget.left).toBeGreaterThan(0)
  })

  it('is looked for within the budget, which says when it is spent', () => {
    const [one, other] = [`${'*a'.repeat(400)}z`, `${'*b'.repeat(400)}y?`]
    const budget = { left: 5_000 }
    expect(commonText(one, other, 'ANY', budget)).toBe(null)
    expect(budget.left).toBeLessThan(0)
    expect(commonText('a', 'a', 'ANY', budget)).toBe(null)
    const enough = { left: 2 }
    expect(commonText('a', 'b', 'ANY', enough)).toBe(null)
    expect(commonText('', '', 'ANY', enough)).toBe('')
    expect(enough.left).toBe(0)
  })

  it.each<[string, string, string | null]>([
    ['ab*', 'ac*', null],
    ['*ab', '*cb', null],
    ['ab', 'abc', null],
    ['abc', 'bc', null],
    ['ab', 'ab*', 'ab'],
    ['a?*', 'ab', 'ab'],
    ['?b', 'ab', 'ab'],
    ['a*c', 'a?', 'ac'],
    ['a*c', 'a?c', 'axc'],
  ])('differs before or after their wildcards: %s and %s', (one, other, wanted) => {
    expect(common(one, other)).toBe(wanted)
    expect(common(other, one)).toBe(wanted)
  })
})
