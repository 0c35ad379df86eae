import { expect, it } from 'vitest'
import { newParsers } from '../../functions/adapters/syntax/parsers.ts'

const { parse } = await newParsers(1_000)

it('a long text that is no HCL is given up, and the next one is read', () => {
  const startMs = performance.now()
  // Without a limit it would take minutes.
  expect(parse('hcl', 'name = \n'.repeat(60_000))).toBeNull()
  expect(performance.now() - startMs).toBeLessThan(30_000)
  expect(parse('hcl', 'x = 1\n')).not.toBeNull()
})
