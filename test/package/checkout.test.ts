import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodes, root, run } from './installed.ts'

/** A clone with one small source, after `npm ci`. */
function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-checkout-'))
  for (const part of ['cli', 'node_modules/.bin']) mkdirSync(join(folder, part), { recursive: true })
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(folder, 'cli/main.ts'),
    'const words: readonly string[] = process.argv.slice(2)\nconsole.log(words.join(" "))\nprocess.exitCode = 3\n',
  )
  symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'))
  return folder
}

describe.each(nodes())('a checkout, started with %s', node => {
  // The tests may keep compiled code elsewhere.
  const env = { ...process.env, NODE_COMPILE_CACHE: undefined }
  const start = (folder: string) => run(node, [join(folder, 'bin/rolemedic.js'), 'two', 'words'], { cwd: folder, env })

  it('runs its sources, and keeps them compiled among its dependencies', () => {
    const folder = checkout()
    expect(start(folder)).toEqual({ code: 3, out: 'two words\n', err: '' })
    const kept = join(folder, 'node_modules/.cache/rolemedic')
    expect(existsSync(kept)).toBe(true)
    expect(readdirSync(kept, { recursive: true }).length).toBeGreaterThan(1)
    expect(start(folder)).toEqual({ code: 3, out: 'two words\n', err: '' })
  })

  it('runs what its sources say now', () => {
    const folder = checkout()
    start(folder)
    writeFileSync(join(folder, 'cli/main.ts'), 'console.log("changed" as string)\n')
    expect(start(folder)).toEqual({ code: 0, out: 'changed\n', err: '' })
  })

  it('runs them where nothing can be kept', () => {
    const folder = checkout()
    writeFileSync(join(folder, 'node_modules/.cache'), '')
    expect(start(folder)).toEqual({ code: 3, out: 'two words\n', err: '' })
  })
})
