import { expect, it } from 'vitest'
import { newParsers } from '../../functions/adapters/syntax/parsers.ts'

/** How often the parser asks for the time: once at the beginning, and with each report of a hundred steps. A millisecond passes with each. */
function reportsOf(work: () => void): number {
  const { now } = performance
  let nowMs = 0
  performance.now = () => nowMs++
  try {
    work()
  } finally {
    performance.now = now
  }
  return nowMs - 1
}

it('a long text that is no HCL is given up when its time is over, and the next one is read', async () => {
  const { parse } = await newParsers(100)
  // Without a limit it would take minutes.
  expect(reportsOf(() => expect(parse('hcl', 'name = \n'.repeat(60_000))).toBeNull())).toBe(101)
  expect(parse('hcl', 'x = 1\n')).not.toBeNull()
})

it('a megabyte takes four times the steps of a quarter of it', async () => {
  const { parse } = await newParsers(Number.POSITIVE_INFINITY)
  const reports = (blocks: number) => {
    const text = 'resource "aws_iam_role" "task" {\n  name = "orders-task"\n}\n'.repeat(blocks)
    return reportsOf(() => expect(parse('hcl', text)).not.toBeNull())
  }
  expect(reports(18_000) / reports(4_500)).toBeLessThan(4.5)
})
