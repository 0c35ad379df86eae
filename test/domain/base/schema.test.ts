import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z as classic } from 'zod'
import * as z from '../../../functions/domain/base/schema.ts'
import { bundleEntry } from '../../../infra/bundle.ts'

describe('a value in place of what cannot be read', () => {
  const shape = z.object({ name: z.orNull(z.string()), tags: z.orElse(z.array(z.string()), []) })

  it('stands where the member is missing or has another form', () => {
    expect(shape.parse({})).toEqual({ name: null, tags: [] })
    expect(shape.parse({ name: 3, tags: 'one' })).toEqual({ name: null, tags: [] })
    expect(shape.parse({ name: null, tags: [1] })).toEqual({ name: null, tags: [] })
  })

  it('leaves what can be read', () => {
    expect(shape.parse({ name: '', tags: ['one'] })).toEqual({ name: '', tags: ['one'] })
  })

  it('does not make up for the object that has the member', () => {
    expect(shape.safeParse('text').success).toBe(false)
  })

  it('may be undefined, where the caller says what that means', () => {
    expect(z.object({ one: z.catch(z.optional(z.string()), undefined) }).parse({ one: 1 })).toEqual({ one: undefined })
  })
})

describe('what is wrong with a value', () => {
  const messagesOf = (schema: z.core.$ZodType, value: unknown) =>
    z.safeParse(schema, value).error?.issues.map(({ message }) => message)

  it.each([
    [z.string(), 3, 'Invalid input: expected string, received number'],
    [z.int(), 1.5, 'Invalid input: expected int, received number'],
    [z.enum(['a', 'b']), 'c', 'Invalid option: expected one of "a"|"b"'],
    [z.array(z.string()).check(z.minLength(1)), [], 'Too small: expected array to have >=1 items'],
    [z.strictObject({}), { a: 1 }, 'Unrecognized key: "a"'],
    [z.string().check(z.regex(/^a$/, 'one letter')), 'b', 'one letter'],
  ])('is said in English (%#)', (schema, value, message) => {
    expect(messagesOf(schema, value)).toEqual([message])
  })

  it('is said inside a schema of the larger build, too', () => {
    const outer = classic.object({ inner: z.object({ name: z.string() }) })
    expect(outer.safeParse({ inner: { name: 1 } }).error?.issues).toMatchObject([
      { path: ['inner', 'name'], message: 'Invalid input: expected string, received number' },
    ])
  })
})

describe('the bundle of a file that reads', () => {
  it('has neither the larger build nor another language nor parts that nobody calls', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolemedic-schema-'))
    try {
      const entry = resolve(import.meta.dirname, '../../../functions/domain/denial/cloudtrail/cloudtrail-record.ts')
      const { metafile } = await bundleEntry(entry, join(folder, 'index.mjs'))
      const parts = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
      const bytesOf = (part: RegExp) =>
        parts.reduce((sum, [path, { bytesInOutput }]) => sum + (part.test(path) ? bytesInOutput : 0), 0)
      expect(bytesOf(/zod\/v4\/classic\//)).toBe(0)
      expect(bytesOf(/zod\/v4\/locales\/(?!en\.js)/)).toBe(0)
      expect(bytesOf(/zod\/v4\/locales\/en\.js/)).toBeGreaterThan(0)
      // As a whole it has 13 KB.
      expect(bytesOf(/zod\/v4\/core\/util\.js/)).toBeLessThan(8_000)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
