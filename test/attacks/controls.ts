/** Removes one control at a time from a copy of the source, and runs the test of the attack that the control stops, which must fail. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CONTROLS } from '../../tools/threat-model/controls.ts'
import { attackTestsOfTree } from '../../tools/threat-model/threat-model.ts'

const tests = attackTestsOfTree().files

/** The controls in the arguments, or all of them. */
const wanted = process.argv.slice(2)
const controls = CONTROLS.filter(({ attack }) => wanted.length === 0 || wanted.includes(attack))

const root = resolve(import.meta.dirname, '../..')
const SOURCES = [
  ...['core', 'iac', 'functions', 'infra', 'cli', 'simulator', 'tools', 'packaging', 'test', 'events', 'docs'],
  ...['schemas', 'package.json', 'tsconfig.json'],
]

/** True when the test of the attack passes. */
function passes(copy: string, attack: string): boolean {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', tests.get(attack)?.[0] ?? '', '-t', `\\b${attack}:`]
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
  // A file that does not load fails too, but proves nothing.
  if (!/Tests .*\b1 (passed|failed)/.test(stdout.replaceAll('\u001b', '').replaceAll(/\[\d+m/g, '')))
    throw new Error(`${attack} was not run: ${stdout.slice(-2_000)}`)
  return status === 0
}

const copy = mkdtempSync(join(tmpdir(), 'rolemedic-controls-'))
let failed = 0
try {
  for (const name of [...SOURCES, 'vitest.config.ts', 'rolemedic.config.json', 'rolemedic.deploy.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  console.info('| attack | control taken out | its test |\n| --- | --- | --- |')
  for (const control of controls) {
    const file = join(copy, control.file)
    const source = readFileSync(file, 'utf8')
    if (source.split(control.from).length !== 2) throw new Error(`${control.file} does not have once: ${control.from}`)
    writeFileSync(
      file,
      source.replace(control.from, () => control.to),
    )
    const isBlind = passes(copy, control.attack)
    writeFileSync(file, source)
    if (isBlind) failed += 1
    console.info(`| ${control.attack} | ${control.what} | ${isBlind ? 'PASSES: it does not see it' : 'fails'} |`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
if (failed > 0) process.exitCode = 1
