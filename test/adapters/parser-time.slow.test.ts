import { expect, it } from 'vitest'
import { loadParsers, newParsers } from '../../functions/adapters/syntax/parsers.ts'
import { cpuMs } from '../cpu-time.ts'

const { parse } = await newParsers(1_000)

it('a long text that is no HCL is given up, and the next one is read', () => {
  const startMs = performance.now()
  // Without a limit it would take minutes.
  expect(parse('hcl', 'name = \n'.repeat(60_000))).toBeNull()
  expect(performance.now() - startMs).toBeLessThan(30_000)
  expect(parse('hcl', 'x = 1\n')).not.toBeNull()
})

it('a megabyte is read in seconds', async () => {
  const text = 'resource "aws_iam_role" "task" {\n  name = "orders-task"\n}\n'.repeat(18_000)
  const { parse: parseAll } = await loadParsers()
  const startMs = cpuMs()
  expect(parseAll('hcl', text)).not.toBeNull()
  expect(cpuMs() - startMs).toBeLessThan(20_000)
})
