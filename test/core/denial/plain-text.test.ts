import { describe, expect, it } from 'vitest'
import {
  hasUrlCodes,
  plainText,
  withoutUrlCodes,
  withoutUrlCodesAround,
} from '../../../core/denial/message/plain-text.ts'

describe('the plain text of markup', () => {
  it.each([
    ['a\\nb\\tc', 'a\nb c'],
    ['say \\"a\\"', 'say "a"'],
    ['a\\u003ab', 'a:b'],
    // Only characters of ASCII are in a denial, without those that no eye sees.
    ['a\\u00e9b\\u0020c\\u007fd\\u000ae', 'a b c d\ne'],
    ['\\u0021\\u007e', '!~'],
    ['a\\_b', 'a_b'],
    ['a&lt;x&gt;&amp;&#58;&#x2f;&nbsp;c', 'a<x>&:/ c'],
    ['a&orders;b', 'a&orders;b'],
    ['a<b>b</b><wbr>c<br>d', 'abc d'],
    ['a<name>b', 'a<name>b'],
    ['“a” ‘b’', '"a" \'b\''],
    ['**arn:aws:iam::1:role/a** b', 'arn:aws:iam::1:role/a b'],
    ['[arn:aws:iam::1:role/a](https://example.com) b', 'arn:aws:iam::1:role/a b'],
    ['{{arn:aws:iam::1:role/a}}', 'arn:aws:iam::1:role/a'],
    ['role/a\u2011b', 'role/a-b'],
    ['│ a │ b', ' a b'],
    ['a  b\t c', 'a b c'],
    ['a \n b\n\n\n\nc', 'a\nb\n\nc'],
    // Folded by YAML, and continued by Node.
    ['a\\\n    \\ b', 'a b'],
    ["'a ' +\n     'b'", "'a b'"],
    ["'a ' +\n     b", "'a ' +\nb"],
  ])('is what its author saw: %j', (raw, text) => {
    expect(plainText(raw)).toBe(text)
  })
})

describe('a URL-encoded text', () => {
  it.each([
    ['not%20authorized', true],
    ['not%2520authorized', true],
    ['iam%3APassRole', true],
    ['is+not+authorized', true],
    ['a+b', false],
    ['100%', false],
  ])('is recognized by a blank or a colon: %s', (text, isEncoded) => {
    expect(hasUrlCodes(text)).toBe(isEncoded)
  })

  it.each([
    ['x=is%20not%20authorized&y=1%2F2 50%25', 'x=is not authorized&y=1/2 50%25'],
    ['e=is+not+authorized a+b', 'e=is not authorized a+b'],
    ['a%20b%0Ac', 'a b\nc'.replace('\n', ' ')],
    ['a+b %41', 'a+b %41'],
  ])('is decoded part by part: %s', (text, decoded) => {
    expect(withoutUrlCodes(text)).toBe(decoded)
  })

  it.each([
    ['a+b x%20', 'y%20z c+d', 'a+b x ', 'y z c+d'],
    // The part that is on both sides is decoded as one.
    ['a+b x+is', '+not+authorized+z c+d', 'a+b x is', ' not authorized z c+d'],
    ['a+b ', 'c+d', 'a+b ', 'c+d'],
    ['', '', '', ''],
  ])('is decoded around a place by what is on both sides: %j %j', (before, behind, head, tail) => {
    expect(withoutUrlCodesAround(before, behind)).toEqual([head, tail])
  })
})
