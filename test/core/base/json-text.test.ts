import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { UsageError } from '../../../core/base/errors.ts'
import { firstIssue, parseJsonText } from '../../../core/base/json-text.ts'

describe('the JSON of a file', () => {
  it('is read, with or without a byte order mark', () => {
    expect(parseJsonText('a.json', '{"a":1}')).toEqual({ a: 1 })
    expect(parseJsonText('a.json', '\uFEFF[]')).toEqual([])
  })

  it.each([
    ['', 'org.json: is empty'],
    [' \n', 'org.json: is empty'],
    ['{"a":', 'org.json: is not JSON'],
  ])('is refused by the name of the file: %j', (text, message) => {
    const read = () => parseJsonText('org.json', text)
    expect(read).toThrow(UsageError)
    expect(read).toThrow(message)
  })
})

describe('the first issue of a schema', () => {
  const schema = z.object({ roles: z.array(z.object({ arn: z.string() })) })
  it.each([
    [{ roles: [{ arn: 'x' }, { arn: 7 }] }, /^roles\[1\]\.arn: .*expected string/],
    [{}, /^roles: .*expected array/],
    ['text', /^Invalid input: expected object/],
  ])('names its place in %j', (value, expected) => {
    const { error } = schema.safeParse(value)
    expect(error === undefined ? '' : firstIssue(error)).toMatch(expected)
  })

  it('is named when there is none', () => {
    expect(firstIssue(new z.core.$ZodError([]))).toBe('unexpected shape')
  })
})
