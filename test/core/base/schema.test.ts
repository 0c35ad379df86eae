import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { orElse, orNull } from '../../../core/base/schema.ts'

describe('a value in place of what cannot be read', () => {
  const shape = z.object({ name: orNull(z.string()), tags: orElse(z.array(z.string()), []) })

  it('is taken where the member is missing or malformed', () => {
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
})
