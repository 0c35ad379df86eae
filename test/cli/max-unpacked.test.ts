import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { maxUnpacked } from '../../cli/files/plain-bytes.ts'

it.each([
  ['a small file', 1_000, 10_000_000],
  ['a file of CloudTrail', 1_000_000, 100_000_000],
  ['a large file', 50_000_000, 500_000_000],
])('bounds what %s unpacks to', (_, packed, bytes) => {
  expect(maxUnpacked(packed)).toBe(bytes)
})

it('is less than what a file of zeros would unpack to', () => {
  const zeros = Buffer.alloc(30_000_000)
  expect(maxUnpacked(gzipSync(zeros).length)).toBeLessThan(zeros.length)
})
