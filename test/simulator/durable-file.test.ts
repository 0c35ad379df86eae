import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { boundedText } from '../../simulator/durable-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'durable-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('reads one file whole while others replace it', async () => {
  const path = join(folder, 'replaced')
  const texts = ['short', 'a longer text']
  writeFileSync(path, texts[0] ?? '')
  for (let n = 0; n < 500; n += 1) {
    const reading = boundedText(path, 100)
    // Lets the read begin, at another point of it each time.
    for (let turn = 0; turn < n % 4; turn += 1) await new Promise(setImmediate)
    const next = join(folder, 'next')
    writeFileSync(next, texts[(n + 1) % 2] ?? '')
    renameSync(next, path)
    expect(texts.map(text => ({ ok: true, value: text }))).toContainEqual(await reading)
  }
})

it('reads no folder, no pipe and nothing that is missing, and of a file the first bytes', async () => {
  mkdirSync(join(folder, 'folder'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  writeFileSync(join(folder, 'file'), 'first bytes')
  expect(await boundedText(join(folder, 'folder'), 100)).toEqual({ ok: false, error: 'it is not a file' })
  expect(await boundedText(join(folder, 'pipe'), 100)).toEqual({ ok: false, error: 'it is not a file' })
  expect(await boundedText(join(folder, 'missing'), 100)).toEqual({ ok: false, error: 'it cannot be read: ENOENT' })
  expect(await boundedText(join(folder, 'file'), 5)).toEqual({ ok: true, value: 'first' })
})
