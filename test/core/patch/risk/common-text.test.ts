import { describe, expect, it } from 'vitest'
import { commonText } from '../../../../core/patch/risk/common-text.ts'
import { cpuMs } from '../../../cpu-time.ts'

const common = (one: string, other: string) => commonText(one, other, 'ANY')

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

  it('is not looked for in more than fits into an ARN, and soon found out to be missing', () => {
    const many = '*a'.repeat(100)
    const started = cpuMs()
    expect(common(many, `${'*b'.repeat(99)}c`)).toBe(null)
    expect(cpuMs() - started).toBeLessThan(2000)
    expect(common('*a'.repeat(200), '*a'.repeat(200))).toBe(null)
  })
})
