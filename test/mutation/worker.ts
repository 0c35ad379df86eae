/**
 * Runs mutants one after another in one process. The parent sends the ids; a missing answer means an endless loop. Reads the
 * instrumented code from the file in its argument.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import type { Instrumented } from './instrument.ts'
import { type CollectedTest, collect, runTest } from './vitest-shim.ts'

export type Job = Instrumented & { readonly root: string; readonly tests: readonly string[] }
export type Outcome = 'killed' | 'survived' | 'not covered'
export type Answer =
  | { readonly kind: 'ready'; readonly failing: readonly string[] }
  | { readonly kind: 'began'; readonly id: string }
  | { readonly kind: 'done'; readonly id: string; readonly outcome: Outcome; readonly by: string | null }

type Hits = { [id: string]: number }
type Namespace = {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage: { static: Hits; perTest: { [test: string]: Hits } }
}

const job: Job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const switches: Namespace = { mutantCoverage: { static: {}, perTest: {} } }
Object.assign(globalThis, { __stryker__: switches })
// Instrumented code is slower, so tests with a time limit measure a twentieth of the time.
const now = performance.now.bind(performance)
performance.now = () => now() / 20
const used = process.threadCpuUsage.bind(process)
process.threadCpuUsage = before => {
  const { user, system } = used(before)
  return { user: user / 20, system: system / 20 }
}

const shim = new URL('vitest-shim.ts', import.meta.url).href
/** A second module graph has this in its URLs. */
const GENERATION = /[?&]generation=(\d+)/
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'vitest' && context.parentURL !== shim) return { url: shim, shortCircuit: true }
    const found = next(specifier, context)
    const [generation] = GENERATION.exec(context.parentURL ?? '') ?? []
    return generation !== undefined && isOurs(found.url) ? { ...found, url: `${found.url}${generation}` } : found
  },
  load(url, context, next) {
    const code = job.code[pathOf(url)]
    return code === undefined ? next(url, context) : { format: 'module', source: code, shortCircuit: true }
  },
})

const isOurs = (url: string): boolean =>
  url.startsWith('file:') && /^(core|functions|iac|test)\/.*\.ts$/.test(pathOf(url)) && url !== shim
const pathOf = (url: string): string => {
  if (!url.startsWith('file:')) return ''
  return relative(job.root, fileURLToPath(url.replace(/\?.*$/, ''))).replaceAll('\\', '/')
}

/** More hits than this many times the usual number mean an endless loop. */
const HIT_FACTOR = 100
const HITS_AT_LEAST = 10_000
/** The processor time of the tests for one mutant: those of its own folder first, then the quick ones. */
const BUDGET_MS = Number(process.argv[3])
const GENERATIONS_PER_PROCESS = 120

type Timed = { readonly test: CollectedTest; readonly id: string; readonly ms: number; readonly hits: Hits }

const cpuMs = (): number => process.cpuUsage().user / 1_000

// The same few examples each time.
fc.configureGlobal({ seed: 1, numRuns: 10 })

let generation = 0
const baseline = await collected(0, job.tests)
const BASELINE = `${process.argv[2]}.baseline`
type Baseline = {
  readonly atImport: Hits
  readonly tests: readonly Omit<Timed, 'test'>[]
  readonly failing: readonly string[]
}
const { atImport, tests, failing } = existsSync(BASELINE)
  ? (JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline)
  : await measured()
const byId = new Map(baseline.map(test => [idOf(test), test]))
const timed: readonly Timed[] = tests
  .flatMap(one => {
    const test = byId.get(one.id)
    return test === undefined ? [] : [{ ...one, test }]
  })
  .sort((a, b) => a.ms - b.ms)
// Coverage is known now, and recording it costs time.
switches.mutantCoverage = { static: {}, perTest: {} }

/** Runs every test once without a mutant, to measure its time and the mutants that it reaches. The next process reads the result. */
async function measured(): Promise<Baseline> {
  const passed: Omit<Timed, 'test'>[] = []
  const failed: string[] = []
  for (const test of baseline) {
    const id = idOf(test)
    switches.currentTestId = id
    const startMs = cpuMs()
    try {
      await runTest(test)
      passed.push({ id, ms: cpuMs() - startMs, hits: switches.mutantCoverage.perTest[id] ?? {} })
    } catch (error) {
      failed.push(`${id}: ${String(error).split('\n')[0]}`)
    }
    switches.currentTestId = undefined
  }
  const found = { atImport: switches.mutantCoverage.static, tests: passed, failing: failed }
  writeFileSync(BASELINE, JSON.stringify(found))
  return found
}

function idOf({ file, name }: CollectedTest): string {
  return `${file} > ${name}`
}

const fileOf = new Map(job.mutants.map(({ id, file }) => [id, file]))

async function collected(inGeneration: number, files: readonly string[]): Promise<readonly CollectedTest[]> {
  const query = inGeneration === 0 ? '' : `?generation=${inGeneration}`
  const tests: CollectedTest[] = []
  for (const file of files)
    tests.push(...(await collect(file, () => import(`${pathToFileURL(join(job.root, file)).href}${query}`))))
  return tests
}

async function outcomeOf(id: string): Promise<{ readonly outcome: Outcome; readonly by: string | null }> {
  const covering = nearestFirst(
    id,
    timed.filter(({ hits }) => hits[id] !== undefined),
  )
  if (covering.length > 0) {
    const by = await killer(id, covering)
    // If the test also fails without the mutant, it found what the mutant left in the memory of a module.
    if (by !== null && (await passes(by.test))) return { outcome: 'killed', by: by.id }
    if (by === null && atImport[id] === undefined) return { outcome: 'survived', by: null }
  } else if (atImport[id] === undefined) return { outcome: 'not covered', by: null }
  return inNewGeneration(id, covering)
}

/** Creates the module's constants again with the mutant in place, and everything that modules cache. */
async function inNewGeneration(
  id: string,
  covering: readonly Timed[],
): Promise<{ outcome: Outcome; by: string | null }> {
  const file = fileOf.get(id)
  // A test that only reads the constant reaches no mutant of the module. It is found by its folder, or by similar folders.
  const own = testFolderOf(file ?? '')
  const testFiles = new Set(
    timed.filter(({ hits }) => Object.keys(hits).some(hit => fileOf.get(hit) === file)).map(({ test }) => test.file),
  )
  const near = timed.filter(
    one => covering.includes(one) || testFiles.has(one.test.file) || one.test.file.startsWith(own),
  )
  const wanted = new Map(nearestFirst(id, near.length > 0 ? near : timed).map(one => [one.id, one]))
  generation += 1
  switches.activeMutant = id
  switches.hitCount = undefined
  try {
    const files = new Set([...wanted.values()].map(({ test }) => test.file))
    const again = new Map((await collected(generation, [...files])).map(test => [idOf(test), test]))
    let leftMs = BUDGET_MS
    for (const { id: name, ms } of wanted.values()) {
      const test = again.get(name)
      if (test === undefined) return { outcome: 'killed', by: `${name}: gone` }
      if (leftMs < 0) break
      leftMs -= ms
      try {
        await runTest(test)
      } catch {
        return { outcome: 'killed', by: name }
      }
    }
    return { outcome: 'survived', by: null }
  } catch (error) {
    return { outcome: 'killed', by: `import: ${String(error).split('\n')[0]}` }
  } finally {
    switches.activeMutant = undefined
  }
}

/** `functions/domain/audit/a.ts` has its tests in `test/domain/audit/`, `core/iam/a.ts` in `test/core/iam/`. */
function testFolderOf(file: string): string {
  return `test/${file.replace(/^functions\//, '').replace(/[^/]*$/, '')}`
}

/** `test/core/iam/…` first for `core/iam/…`. `timed`: ordered by time. */
function nearestFirst(id: string, tests: readonly Timed[]): readonly Timed[] {
  const folders = testFolderOf(fileOf.get(id) ?? '')
    .split('/')
    .slice(2, -1)
  const sharedWith = ({ test }: Timed): number => {
    const other = test.file.split('/').slice(2, -1)
    const differs = folders.findIndex((folder, depth) => folder !== other[depth])
    return differs === -1 ? folders.length : differs
  }
  return tests.toSorted((a, b) => sharedWith(b) - sharedWith(a))
}

async function killer(id: string, covering: readonly Timed[]): Promise<Timed | null> {
  switches.activeMutant = id
  try {
    let leftMs = BUDGET_MS
    for (const one of covering) {
      if (leftMs < 0) return null
      leftMs -= one.ms
      switches.hitCount = 0
      switches.hitLimit = Math.max(HITS_AT_LEAST, (one.hits[id] ?? 0) * HIT_FACTOR)
      try {
        await runTest(one.test)
      } catch {
        return one
      }
    }
    return null
  } finally {
    switches.activeMutant = undefined
    switches.hitCount = undefined
  }
}

async function passes(test: CollectedTest): Promise<boolean> {
  try {
    await runTest(test)
    return true
  } catch {
    return false
  }
}

/**
 * Ends this process if one mutant takes more processor time than any that ends. A thread, because an endless loop answers
 * nothing. Wall time would end others on a busy machine.
 */
const LONGEST_CPU_MS = 20_000
const began = new Float64Array(new SharedArrayBuffer(8))
new Worker(
  `const { workerData: { began, longestMs } } = require('node:worker_threads')
  setInterval(() => {
    if (began[0] > 0 && process.cpuUsage().user / 1_000 - began[0] > longestMs) process.kill(process.pid, 'SIGKILL')
  }, 500)`,
  { eval: true, workerData: { began, longestMs: LONGEST_CPU_MS } },
).unref()

const answer = (message: Answer): void => void process.send?.(message)
process.on('message', async (id: string) => {
  answer({ kind: 'began', id })
  began[0] = cpuMs()
  const found = await outcomeOf(id)
  began[0] = 0
  answer({ kind: 'done', id, ...found })
  // Old generations of modules are never freed.
  if (generation >= GENERATIONS_PER_PROCESS) process.exit(0)
})
process.on('disconnect', () => process.exit(0))
answer({ kind: 'ready', failing })
