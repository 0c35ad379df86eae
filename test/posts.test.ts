import { describe, expect, it } from 'vitest'
import { parseMessage } from '../functions/domain/denial/parse-denial.ts'
import { denialsOf, POST_FILES, postsIn, readingOf, textOf } from './post-file.ts'

describe.each(POST_FILES)('posts/%s', file => {
  it.each(postsIn(file).map(one => [one.name, one] as const))('%s', (_, one) => {
    const denials = denialsOf(one)
    const expected = one.denials.map(({ verdict: _, cause: __, next: ___, silent: ____, ...reading }) => reading)
    expect(denials.map(readingOf)).toEqual(expected)
    const first = parseMessage(textOf(one))
    expect(first.kind === 'denial' ? readingOf(first.denial) : null).toEqual(expected[0] ?? null)
  })
})

describe('the posts', () => {
  const all = POST_FILES.flatMap(postsIn)

  it('are many, and many of them are none of ours', () => {
    expect(all.length).toBeGreaterThanOrEqual(200)
    expect(all.filter(one => one.denials.length === 0).length).toBeGreaterThanOrEqual(40)
  })

  it('have names of their own, and no account of anybody', () => {
    const names = all.map(one => one.name)
    expect(names.filter((one, index) => names.indexOf(one) !== index)).toEqual([])
    const documented = /^(\d)\1{11}$|^111122223333$|^444455556666$|^123456789(?:012|000)$/
    const ids = all.flatMap(one => textOf(one).match(/(?<=[:_-])\d{12}(?=[:_-])/g) ?? [])
    expect(ids.filter(id => !documented.test(id))).toEqual([])
  })
})
