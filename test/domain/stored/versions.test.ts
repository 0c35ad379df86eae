import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { BEFORE_VERSIONS, codec, FIRST_VERSION } from '../../../functions/domain/stored/versions.ts'

describe('a stored form', () => {
  const numbers = codec(
    z.object({ a: z.object({ b: z.number() }) }),
    value => value,
    [stored => ({ a: { b: Number(stored) } }), stored => stored],
    FIRST_VERSION + 2,
  )

  it('is brought up from the version it was written in', () => {
    expect(numbers.read('7', FIRST_VERSION)).toEqual({ ok: true, value: { a: { b: 7 } } })
    expect(numbers.read({ a: { b: 7 } }, FIRST_VERSION + 1)).toEqual({ ok: true, value: { a: { b: 7 } } })
    expect(numbers.read({ a: { b: 7 } }, FIRST_VERSION + 2)).toEqual({ ok: true, value: { a: { b: 7 } } })
  })

  it.each([0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY])('of version %s is not read', version => {
    expect(numbers.read('7', version)).toEqual({ ok: false, error: `version ${version} is not known` })
  })

  it.each([5, 99])('of version %s, which is newer, is refused with what to do', version => {
    expect(numbers.read({ a: { b: 7 } }, version)).toEqual({
      ok: false,
      error: `version ${version} is newer than 4, the newest that this release reads: deploy the release that wrote it`,
    })
  })

  it('from before versions is refused', () => {
    expect(numbers.read('7', BEFORE_VERSIONS)).toMatchObject({
      ok: false,
      error: 'it has the form from before versions, which was in no release',
    })
  })

  it('that does not parse says where', () => {
    expect(numbers.read({ a: { b: 'x' } }, 4)).toMatchObject({ ok: false, error: expect.stringMatching(/^a\.b: /) })
    expect(numbers.read('x', 4)).toMatchObject({ ok: false, error: expect.stringMatching(/^the whole: /) })
  })
})
