import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { readPlan } from '../../cli/use-cases/preflight/plan-stream.ts'

const folder = mkdtempSync(join(tmpdir(), 'plan-stream-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function read(name: string, packed: Uint8Array) {
  const file = join(folder, name)
  writeFileSync(file, packed)
  const pieces: object[] = []
  let bytes = 0
  const reader = { take: (piece: object) => void pieces.push(piece), finish: () => expect.unreachable() }
  const failure = await readPlan(file, reader, read => {
    bytes = read
  }).then(
    () => null,
    (fault: Error) => fault.message,
  )
  return { failure, pieces, bytes }
}

it('reads a compressed plan', async () => {
  const { failure, pieces } = await read('plan.json.gz', gzipSync('{"format_version":"1.2"}\n'))
  expect(failure).toBeNull()
  expect(pieces).toEqual([{ kind: 'format-version', value: '1.2' }])
})

it('stops a small file that unpacks to far more than a plan', async () => {
  const { failure, bytes } = await read('bomb.json.gz', gzipSync(Buffer.alloc(60_000_000, '\n')))
  expect(failure).toBe('too large gzip')
  expect(bytes).toBeLessThanOrEqual(10_000_000)
})

it.each([
  ['is damaged', Buffer.concat([gzipSync('{"format_version":"1.2"}').subarray(0, 12), Buffer.from('damaged damaged')])],
  ['ends too early', gzipSync('{"format_version":"1.2"}').subarray(0, 20)],
])('refuses a compressed plan that %s in one line', async (_, packed) => {
  expect((await read('broken.json.gz', packed)).failure).toBe('damaged gzip')
})
