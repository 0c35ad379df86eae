/** Removes one control at a time from a copy of the source, and runs the test of the attack that the control stops, which must fail. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { type AttackControl, CONTROLS } from '../../tools/threat-model/controls.ts'
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
async function passes(copy: string, attack: string): Promise<boolean> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', tests.get(attack)?.[0] ?? '', '-t', `\\b${attack}:`]
  const child = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'ignore'] })
  const [printed, [status]] = await Promise.all([text(child.stdout), once(child, 'close')])
  // A file that does not load fails too, but proves nothing.
  if (!/Tests .*\b1 (passed|failed)/.test(printed.replaceAll('\u001b', '').replaceAll(/\[\d+m/g, '')))
    throw new Error(`${attack} was not run: ${printed.slice(-2_000)}`)
  return status === 0
}

function copyOfSource(): string {
  const copy = mkdtempSync(join(tmpdir(), 'rolemedic-controls-'))
  for (const name of [...SOURCES, 'vitest.config.ts', 'rolemedic.config.json', 'rolemedic.deploy.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** True when the test of the attack fails without the control. */
async function isSeen(copy: string, control: AttackControl): Promise<boolean> {
  const file = join(copy, control.file)
  const source = readFileSync(file, 'utf8')
  if (source.split(control.from).length !== 2) throw new Error(`${control.file} does not have once: ${control.from}`)
  writeFileSync(
    file,
    source.replace(control.from, () => control.to),
  )
  const isBlind = await passes(copy, control.attack)
  writeFileSync(file, source)
  console.info(`| ${control.attack} | ${control.what} | ${isBlind ? 'PASSES: it does not see it' : 'fails'} |`)
  return !isBlind
}

/** One of several that take the next control until none is left. */
async function work(left: AttackControl[]): Promise<void> {
  const copy = copyOfSource()
  try {
    for (let control = left.shift(); control !== undefined; control = left.shift())
      if (!(await isSeen(copy, control))) process.exitCode = 1
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

console.info('| attack | control taken out | its test |\n| --- | --- | --- |')
await Promise.all(Array.from({ length: availableParallelism() }, () => work(controls)))
