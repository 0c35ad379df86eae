/**
 * `npm run mutation`: changes the domain in one place at a time and checks whether a test fails. Results are stored by the
 * content of each file, so that a run continues where another stopped. Survivors are tried again each time.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectOf } from '../projects.ts'
import { instrument, type Mutant } from './instrument.ts'
import { isChosen, type Reasons, type Result, report, results } from './report.ts'
import type { Answer, Job } from './worker.ts'

const HELP = `npm run mutation [-- FOLDER_OR_FILE…]   below core, iac or functions/domain; all of them without a name.
  functions/decide, publish, propose, alert, enroll and workflows only by name

  --sample N     every Nth mutant only, by its own hash: the same ones in each run
  --offset K     with --sample N: another sample, for K from 1 to N - 1. Its result is printed, and not stored
  --workers N    processes at once (${availableParallelism()})
  --budget MS    processor time of the tests of one mutant (2000)
  --without F    leaves out a room, as the result says; several times for several
  --near         only with the tests of the same folder of the domain, which takes minutes
  --far          only with all tests: for what survived those near it
  --report       only write the report of what is known: each survivor with its reason, and the share by folder
  --help

Writes bench/results/mutation.json. A survivor needs a reason in test/mutation/survivors.json, by file and change;
one that begins with "open" says that no test near it notices.
Exit code 1 when less than 90 % are killed, or a reason is missing or stale; 2 for wrong arguments.
`
const root = join(import.meta.dirname, '../..')
const cache = join(root, '.mutation')
const RESULTS = join(cache, 'results.jsonl')
/** For a mutant that waits endlessly. The worker itself ends endless loops. */
const LONGEST_MS = 300_000
/** Tests of the domain and of what is built on it. */
const TESTS =
  /^test\/(?:(?:adapters|alert|any-text|attacks|cli|core|decide|deploys|domain|enroll|golden|iac|intake|propose|property|publish|sweep|verify|workflows|write)\/.*|card-words|cases|posts)\.test\.ts$/
/** Other tests of a folder besides those with its own name. */
const ALSO_NEAR: { readonly [folder: string]: RegExp } = {
  actions: /^test\/(?:cases|core\/denial\/(?:event-patterns|parse-denial|record-facts))\.test\.ts$/,
  alert: /^test\/(?:deploys|workflows\/deploy)\//,
  audit: /^test\/cli\/audit/,
  authority: /^test\/(?:attacks|write)\//,
  decide: /^test\/domain\/proposal\//,
  denial: /^test\/domain\/(?:grants\/granted-calls|stored\/whole-items)\.test\.ts$/,
  diagnosis: /^test\/(?:cases|posts)\.test\.ts$/,
  grants: /^test\/propose\/(?:review-grant|suggest-set)/,
  home: /^test\/(?:adapters\/slack-home|workflows\/home\/.*)\.test\.ts$/,
  iam: /^test\/core\/patch\/verification\/used-parts\.test\.ts$/,
  patch: /^test\/(?:cases\.test|property\/proof\/.*)/,
  stored: /^test\/golden\//,
  proposal: /^test\/(?:decide|sweep|domain\/stored)\//,
  publish: /^test\/(?:attacks\/pull-requests|domain\/pull-request\/.*)\.test\.ts$/,
  'pull-request': /^test\/publish\//,
  card: /^test\/(?:card-words|adapters\/slack-blocks|propose\/(?:review-grant|suggest-set)|workflows\/card\/.*)\.test\.ts$/,
  workflows: /^test\/(?:alert|decide|propose|sweep|verify)\//,
}
/** Tests that need vitest itself, or start programs. */
const LEFT_OUT = /\bvi\b[^\n]*from 'vitest'|node:child_process|esbuild/

const SOURCES = ['core/**/*.ts', 'iac/**/*.ts', 'functions/domain/**/*.ts']

/** Not part of the stored result: a use case calls ports in an order, and most of its mutants meet few tests. */
const BY_NAME = ['functions/{decide,publish,propose,alert,enroll,workflows}/**/*.ts']

const roomOf = (file: string): string => file.replace(/^(?:core|iac|functions(?:\/domain)?)\//, '').split('/')[0] ?? ''

const files = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: root })
    .map(file => file.replaceAll('\\', '/'))
    .sort()

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        sample: { type: 'string', default: '1' },
        offset: { type: 'string', default: '0' },
        workers: { type: 'string', default: `${availableParallelism()}` },
        budget: { type: 'string', default: '2000' },
        without: { type: 'string', multiple: true, default: [] },
        near: { type: 'boolean', default: false },
        far: { type: 'boolean', default: false },
        report: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return null
  }
}

/** One test of these takes longer than the time for a mutant. */
const isQuick = (file: string): boolean => !file.endsWith('.slow.test.ts') && projectOf(file) !== 'e2e'

async function main(): Promise<number> {
  const given = parsed()
  if (given === null) return 2
  const { values, positionals } = given
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const all = [...SOURCES, ...(positionals.length === 0 ? [] : BY_NAME)]
    .flatMap(files)
    .filter(
      file =>
        !file.includes('/passed-service/table/') &&
        !/\/(?:index|handler)\.ts$/.test(file) &&
        !values.without.some(folder => roomOf(file) === folder),
    )
  const wanted = all.filter(
    file => positionals.length === 0 || positionals.some(name => file.startsWith(name.replace(/\/$/, ''))),
  )
  if (wanted.length === 0) {
    process.stderr.write(`nothing that is mutated is below ${positionals.join(', ')}\n`)
    return 2
  }
  const tests = files('test/**/*.test.ts').filter(
    file => TESTS.test(file) && isQuick(file) && !LEFT_OUT.test(readFileSync(join(root, file), 'utf8')),
  )
  const { mutants, code } = await instrument(root, wanted)
  const chosen = mutants.filter(({ lot }) => isChosen(lot, Number(values.sample), Number(values.offset)))
  mkdirSync(cache, { recursive: true })
  const known = existsSync(RESULTS) ? results(readFileSync(RESULTS, 'utf8')) : new Map<string, Result>()
  if (!values.report) {
    const isLeft = ({ key }: Mutant): boolean => !['killed', 'timeout'].includes(known.get(key)?.outcome ?? '')
    const left = chosen.filter(isLeft)
    process.stdout.write(
      `${chosen.length} mutants of ${wanted.length} files, ${left.length} to run, ${tests.length} test files\n`,
    )
    const runWith = async (some: readonly Mutant[], testFiles: readonly string[], name: string): Promise<void> => {
      const jobFile = join(cache, `job-${process.pid}-${name}.json`)
      writeFileSync(jobFile, JSON.stringify({ root, tests: testFiles, mutants, code } satisfies Job))
      await run(some, [jobFile, values.budget], Number(values.workers), result => {
        known.set(result.key, result)
        appendFileSync(RESULTS, `${JSON.stringify(result)}\n`)
      })
    }
    // A folder's own tests are quick and kill most of its mutants. Only survivors meet all tests.
    for (const [folder, some] of Map.groupBy(values.far ? [] : left, ({ file }) => roomOf(file))) {
      const near = tests.filter(
        test =>
          (/^test\/(?:core|iac|domain)\//.test(test) && test.split('/')[2] === folder) ||
          test.startsWith(`test/${folder}/`) ||
          ALSO_NEAR[folder]?.test(test) === true,
      )
      if (near.length > 0) await runWith(some, near, folder)
    }
    if (!values.near) await runWith(left.filter(isLeft), tests, 'all')
  }
  const reasons: Reasons = JSON.parse(readFileSync(join(import.meta.dirname, 'survivors.json'), 'utf8'))
  const { text, json, share, complaints } = report(mutants, chosen, known, reasons)
  if (!chosen.some(({ key }) => known.has(key))) {
    process.stderr.write('nothing was run here yet: bench/results/mutation.json has the last result\n')
    return 1
  }
  process.stdout.write(text)
  const whole = positionals.length === 0 && values.offset === '0'
  if (whole)
    writeFileSync(
      join(root, 'bench/results/mutation.json'),
      `${JSON.stringify({ sample: Number(values.sample), without: values.without, ...json }, null, 2)}\n`,
    )
  return share >= 0.9 && complaints.length === 0 ? 0 : 1
}

async function run(
  left: readonly Mutant[],
  job: readonly string[],
  workers: number,
  keep: (result: Result) => void,
): Promise<void> {
  const waiting = [...left].reverse()
  const startedMs = Date.now()
  let done = 0
  const keepAndTell = (result: Result): void => {
    keep(result)
    done += 1
    if (done % 200 === 0) {
      const perMinute = Math.round((done / (Date.now() - startedMs)) * 60_000)
      process.stdout.write(`${done} of ${left.length}, ${perMinute} a minute\n`)
    }
  }
  // The first process measures the tests without a mutant; the others read its results.
  const measured = Promise.withResolvers<void>()
  const worker = async (): Promise<void> => {
    while (waiting.length > 0) await runProcess(waiting, job, keepAndTell, measured.resolve)
  }
  const first = worker()
  await Promise.race([measured.promise, first])
  await Promise.all([first, ...Array.from({ length: Math.min(workers, left.length) - 1 }, worker)])
}

/** Runs one process until it ends: at its time limit, after an endless loop, or when no work is left. */
async function runProcess(
  waiting: Mutant[],
  job: readonly string[],
  keep: (result: Result) => void,
  onReady: () => void,
): Promise<void> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'worker.ts'), [...job], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, FC_RUNS: '10' },
    execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=3000'],
  })
  let present: Mutant | null = null
  let isReady = false
  let watchdog: NodeJS.Timeout | undefined
  const next = (): void => {
    present = waiting.pop() ?? null
    if (present === null) child.disconnect()
    else child.send(present.id)
  }
  await new Promise<void>((resolve, reject) => {
    child.on('message', (answer: Answer) => {
      clearTimeout(watchdog)
      if (answer.kind === 'ready') {
        for (const test of answer.failing) process.stderr.write(`left out, fails without a mutant: ${test}\n`)
        isReady = true
        onReady()
        next()
      } else if (answer.kind === 'began') {
        watchdog = setTimeout(() => {
          if (present !== null) keep({ key: present.key, outcome: 'timeout', by: null })
          present = null
          child.kill('SIGKILL')
        }, LONGEST_MS)
      } else {
        if (present !== null) keep({ key: present.key, outcome: answer.outcome, by: answer.by })
        present = null
        next()
      }
    })
    child.on('exit', code => {
      clearTimeout(watchdog)
      if (!isReady) return reject(new Error('the tests could not be loaded: did a file change during the run?'))
      // A worker ends by itself only between two mutants. Otherwise a mutant has broken it.
      if (present !== null && code === 0) waiting.push(present)
      else if (present !== null) keep({ key: present.key, outcome: 'timeout', by: null })
      resolve()
    })
  })
}

process.exitCode = await main()
