import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Runs a command of package.json like npm does. */
async function command(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [join(root, file), ...args], { cwd: root, env: { ...process.env, ...env } })
  let out = ''
  let err = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  child.stderr.on('data', chunk => {
    err += chunk
  })
  const code = await new Promise(done => child.once('close', done))
  return { code, out, err }
}

/** Without files, environment variables or instance metadata that provide credentials. */
const NOBODY = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: join(tmpdir(), 'no-such-file'),
  AWS_SHARED_CREDENTIALS_FILE: join(tmpdir(), 'no-such-file'),
  AWS_PROFILE: '',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
}

describe('the commands of the repository', () => {
  it.each([
    ['infra/synth.ts', 'npm run synth'],
    ['bench/main.ts', 'npm run bench'],
    ['tools/facts/main.ts', 'npm run facts'],
  ])('%s --help explains itself and ends with 0', async (file, start) => {
    const { code, out, err } = await command(file, ['--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.startsWith(start)).toBe(true)
  })

  it.each([
    ['bench/main.ts', ['nope'], /no bench is called nope; there are accuracy/],
    ['test/conformance/main.ts', ['--help'], /^usage: npm run conformance -- FOLDER/],
  ])('%s %j ends with one line and 2', async (file, args, line) => {
    const { code, out, err } = await command(file, args, NOBODY)
    expect({ code, out, lines: err.trimEnd().split('\n').length }).toEqual({ code: 2, out: '', lines: 1 })
    expect(err).toMatch(line)
  })

  it('untracked files of a developer do not affect the checks', () => {
    const clone = mkdtempSync(join(tmpdir(), 'clone-'))
    for (const name of ['biome.json', '.gitignore']) cpSync(join(root, name), join(clone, name))
    mkdirSync(join(clone, 'cli'))
    const unformatted = '{"a":1,  "b":2}'
    for (const name of ['my-event.json', 'page.html', 'cli/ours.json']) writeFileSync(join(clone, name), unformatted)
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '--colors=off', '.'],
      { cwd: clone, encoding: 'utf8' },
    )
    rmSync(clone, { recursive: true })
    expect(status).toBe(1)
    expect(stdout + stderr).toContain('cli/ours.json')
    expect(stdout + stderr).not.toMatch(/my-event|page\.html/)
  })
})
