/** Removes one control at a time from a copy of the source, and runs the test of the attack that the control stops, which must fail. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createVitest, type Vitest } from 'vitest/node'
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

/** True when the test of the attack passes. Each run loads the sources again, in a worker of its own. */
async function passes(vitest: Vitest, attack: string): Promise<boolean> {
  const file = tests.get(attack)?.[0] ?? ''
  vitest.setGlobalTestNamePattern(`\\b${attack}:`)
  const { testModules } = await vitest.runTestSpecifications(await vitest.globTestSpecifications([file]))
  const own = testModules.filter(({ relativeModuleId }) => relativeModuleId === file)
  const states = own.flatMap(({ children }) => Array.from(children.allTests(), test => test.result().state))
  const [state, ...more] = states.filter(one => one !== 'skipped')
  // A file that does not load fails too, but proves nothing.
  if (state === undefined || state === 'pending' || more.length > 0)
    throw new Error(`${attack} was not run: ${JSON.stringify(own.flatMap(one => one.errors()))}`)
  return state === 'passed'
}

function copyOfSource(): string {
  const copy = mkdtempSync(join(tmpdir(), 'rolemedic-controls-'))
  for (const name of [...SOURCES, 'vitest.config.ts', 'rolemedic.config.json', 'rolemedic.deploy.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** True when the test of the attack fails without the control. */
async function isSeen(vitest: Vitest, control: AttackControl): Promise<boolean> {
  const file = join(vitest.config.root, control.file)
  const source = readFileSync(file, 'utf8')
  if (source.split(control.from).length !== 2) throw new Error(`${control.file} does not have once: ${control.from}`)
  writeFileSync(
    file,
    source.replace(control.from, () => control.to),
  )
  const isBlind = await passes(vitest, control.attack)
  writeFileSync(file, source)
  console.info(`| ${control.attack} | ${control.what} | ${isBlind ? 'PASSES: it does not see it' : 'fails'} |`)
  return !isBlind
}

/** One of several that take the next control until none is left. */
async function work(left: AttackControl[]): Promise<void> {
  const copy = copyOfSource()
  // A reporter that prints nothing.
  const vitest = await createVitest('test', { root: copy, watch: false, reporters: [{}] })
  try {
    for (let control = left.shift(); control !== undefined; control = left.shift())
      if (!(await isSeen(vitest, control))) unseen += 1
  } finally {
    await vitest.close()
    rmSync(copy, { recursive: true, force: true })
  }
}

console.info('| attack | control taken out | its test |\n| --- | --- | --- |')
let unseen = 0
await Promise.all(Array.from({ length: availableParallelism() }, () => work(controls)))
// vitest has set it to 1, as tests failed.
process.exitCode = unseen === 0 ? 0 : 1
