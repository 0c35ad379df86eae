import { describe, expect, it } from 'vitest'
import {
  asPlainText,
  code,
  joined,
  link,
  outside,
  own,
  person,
  plural,
  richText,
  strong,
  time,
  utc,
} from '../../../core/base/rich-text.ts'

const AT_MS = Date.UTC(2026, 10, 24, 23, 31, 59)

describe('a rich text', () => {
  it('keeps its own words and outside text apart', () => {
    expect(richText`${'*jane*'} may pass ${2} roles of ${code('app')}${strong('!')}`).toEqual([
      { kind: 'outside', text: '*jane*' },
      { kind: 'own', text: ' may pass ' },
      { kind: 'own', text: '2' },
      { kind: 'own', text: ' roles of ' },
      { kind: 'code', text: 'app' },
      { kind: 'strong', text: '!' },
    ])
  })

  it('takes in other rich texts, and leaves out empty pieces', () => {
    expect(richText`a${richText`b${'c'}`}${''}${[]}`).toEqual([
      { kind: 'own', text: 'a' },
      { kind: 'own', text: 'b' },
      { kind: 'outside', text: 'c' },
    ])
    expect(richText``).toEqual([])
  })

  it('is joined by a separator between, not around', () => {
    expect(asPlainText(joined([richText`a`, richText`b`, richText`c`], ', '))).toBe('a, b, c')
    expect(joined([], ', ')).toEqual([])
  })

  it('shows at most 600 characters of an outside text, without control characters', () => {
    expect(outside('x'.repeat(600))).toEqual({ kind: 'outside', text: 'x'.repeat(600) })
    expect(code('x'.repeat(601))).toEqual({ kind: 'code', text: `${'x'.repeat(599)}…` })
    expect(outside('a\u001b[31mb\u202e\nc')).toEqual({ kind: 'outside', text: 'ab c' })
  })
})

describe('a person', () => {
  it('is kept by id and name, and the adapter of the chat decides what becomes a mention', () => {
    expect(person({ id: 'U0ANN', name: 'Ann' })).toEqual({ kind: 'person', id: 'U0ANN', name: 'Ann' })
    expect(person({ id: '!channel', name: '' })).toEqual({ kind: 'person', id: '!channel', name: '' })
  })
})

describe('a link', () => {
  it('is one for a plain address of https', () => {
    const url = 'https://console.aws.amazon.com/iam/home?region=eu-west-1#/roles'
    expect(link('role', url)).toEqual({ kind: 'link', text: 'role', url })
  })

  it.each(['http://example.com/', 'javascript:alert(1)', 'https://example.com/<x>', 'https://a@example.com/'])(
    'is only its text for %s',
    url => {
      expect(link('role', url)).toEqual({ kind: 'own', text: 'role' })
    },
  )
})

describe('a rich text without markup', () => {
  it('shows every kind of span', () => {
    const text = [
      own('a '),
      strong('b '),
      outside('c'),
      own(' '),
      code('d'),
      own(' '),
      link('e', 'https://example.com/f'),
      own(' '),
      time(AT_MS),
      own(' '),
      person({ id: 'U0ANN', name: 'Ann' }),
      own(' '),
      person({ id: 'U0BEN', name: '' }),
      own(' '),
      { kind: 'person', id: 'U0CAT', name: null },
      own(' '),
      { kind: 'group', id: 'S0OPS' },
    ] as const
    expect(asPlainText(text)).toBe('a b c d e (https://example.com/f) 2026-11-24 23:31 UTC Ann U0BEN U0CAT S0OPS')
  })

  it('shows no time that does not exist', () => {
    expect(utc(Number.NaN)).toBe('an unknown time')
  })

  it('counts in the singular and in the plural', () => {
    expect([plural(0, 'role'), plural(1, 'role'), plural(2, 'policy', 'policies')]).toEqual([
      '0 roles',
      '1 role',
      '2 policies',
    ])
  })
})
