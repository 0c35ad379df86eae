import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../core/base/fact.ts'
import { memoize, perObject, perPair, perText } from '../../../core/base/memoize.ts'
import { shortened, withoutTrailing } from '../../../core/base/neutral-text.ts'
import { fail, ok } from '../../../core/base/result.ts'

describe('a text without an end', () => {
  it.each([
    ['arn:x.).', '.)', 'arn:x'],
    ['arn:x', '.)', 'arn:x'],
    ['a.b.', '.', 'a.b'],
    ['...', '.', ''],
    ['', '.', ''],
  ])('%j without %j is %j', (text, of, expected) => {
    expect(withoutTrailing(text, of)).toBe(expected)
  })
})

describe('a memoized question', () => {
  it('is asked once for each key, even where the answer is nothing', () => {
    const asked: string[] = []
    const ask = memoize((key: string) => {
      asked.push(key)
      return key === 'none' ? undefined : key.length
    })
    expect([ask('abc'), ask('abc'), ask('none'), ask('none'), ask('de')]).toEqual([3, 3, undefined, undefined, 2])
    expect(asked).toEqual(['abc', 'none', 'de'])
  })
})

describe('a question about a text', () => {
  const counted = () => {
    const asked: string[] = []
    const ask = perText((text: string) => {
      asked.push(text)
      return text.startsWith('no') ? null : text.length
    })
    return { ask, asked }
  }

  it('is asked once, also where there is no answer', () => {
    const { ask, asked } = counted()
    expect([ask('abc'), ask('abc'), ask('none'), ask('none')]).toEqual([3, 3, null, null])
    expect(asked).toEqual(['abc', 'none'])
  })

  it('keeps no long text, and not more than ten thousand', () => {
    const { ask, asked } = counted()
    expect([ask('a'.repeat(2_049)), ask('a'.repeat(2_049))]).toEqual([2_049, 2_049])
    expect(asked).toHaveLength(2)
    for (let at = 0; at < 10_001; at++) ask(`text ${at}`)
    expect([ask('text 10000'), ask('text 0')]).toEqual([10, 6])
    expect(asked).toHaveLength(2 + 10_001 + 1)
  })
})

describe('a question about an object', () => {
  const counted = () => {
    const asked: string[] = []
    const ask = perObject((object: { readonly name: string }) => {
      asked.push(object.name)
      return object.name.length
    })
    return { ask, asked }
  }

  it('is asked once for each object, and again for its copies', () => {
    const { ask, asked } = counted()
    const one = { name: 'one' }
    expect([ask(one), ask(one), ask({ ...one }), ask({ ...one, name: 'another' })]).toEqual([3, 3, 3, 7])
    expect(asked).toEqual(['one', 'one', 'another'])
    expect(ask(structuredClone(one))).toBe(3)
    expect(asked).toHaveLength(4)
  })

  it('does not mix with another question, and does not show on the object', () => {
    const one = { name: 'one' }
    expect([counted().ask(one), perObject(() => 'other')(one)]).toEqual([3, 'other'])
    expect([JSON.stringify(one), Object.keys(one), { ...one }]).toEqual(['{"name":"one"}', ['name'], { name: 'one' }])
    expect(one).toStrictEqual({ name: 'one' })
  })

  it('is answered for an object that takes no answer', () => {
    const { ask } = counted()
    const frozen = Object.freeze({ name: 'frozen' })
    expect([ask(frozen), ask(frozen)]).toEqual([6, 6])
  })
})

describe('a question about an object and a second value', () => {
  it('is asked again where the second value is another', () => {
    const asked: string[] = []
    const ask = perPair((object: { readonly name: string }, other: string) => {
      asked.push(other)
      return `${object.name} ${other}`
    })
    const one = { name: 'one' }
    expect([ask(one, 'a'), ask(one, 'a'), ask(one, 'b'), ask({ name: 'two' }, 'b')]).toEqual([
      'one a',
      'one a',
      'one b',
      'two b',
    ])
    expect(asked).toEqual(['a', 'b', 'b'])
  })
})

describe('a fact and a result', () => {
  it('tell whether there is a value', () => {
    expect(known(1)).toEqual({ known: true, value: 1 })
    expect(unknown('not read')).toEqual({ known: false, why: 'not read' })
    expect(ok(1)).toEqual({ ok: true, value: 1 })
    expect(fail('no')).toEqual({ ok: false, error: 'no' })
  })
})

describe('a shortened text', () => {
  it('has at most the characters of the limit, and no half character', () => {
    expect(shortened('abcd', 4)).toBe('abcd')
    expect(shortened('abcde', 4)).toBe('abc…')
    expect(shortened('ab🙂cd', 4)).toBe('ab…')
    expect(shortened('ab🙂cd', 5)).toBe('ab🙂…')
  })
})
