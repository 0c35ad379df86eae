import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { type Project, projectOf, testFiles } from './test/projects.ts'

/** Runs of a law on every save; `npm run laws` runs more. */
const FEW_RUNS = '40'

/** Of what a law with many runs takes, or a test to which others leave a tenth of a processor. */
const LONGEST_SLOW_MS = 30 * 60_000
/** Generous, for a machine that does other things. */
const LONGEST_MS = process.env['FC_RUNS'] === undefined ? 180_000 : LONGEST_SLOW_MS

/** `expect.poll` gives up after a second by default: less than a busy machine takes for what a test waits for. */
const patient = { poll: { timeout: 120_000 } }

const files = testFiles()
const of = (project: Project): string[] => files.filter(file => projectOf(file) === project)

// vitest leaves one core alone, which on two cores is half of them.
const maxWorkers = availableParallelism()
/** A file of e2e waits for other processes or for a clock: one more keeps two cores busy to the end, and with two more a browser waits for them. */
const waitingWorkers = maxWorkers + 1

/** Every law draws from the seed of the tree. */
const setupFiles = ['test/seed.ts']
const globalSetup = ['test/e2e/bundles-folder.ts']
/** One graph of modules for all files of a thread: loading it takes longer than the tests. */
const shared = {
  experimental: { viteModuleRunner: false },
  setupFiles,
  expect: patient,
  pool: 'threads' as const,
  isolate: false,
  testTimeout: LONGEST_MS,
  hookTimeout: LONGEST_MS,
  maxWorkers,
  env: { FC_RUNS: process.env['FC_RUNS'] ?? FEW_RUNS },
}

/**
 * `pure` and `wired` are for every save: the rules, and the use cases over fakes. `slow` starts processes, binds ports or
 * waits; `package` builds, packs and installs; `e2e` starts moto or Chromium.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'pure', include: of('pure'), ...shared, sequence: { groupOrder: 0 } } },
      { test: { name: 'wired', include: of('wired'), ...shared, sequence: { groupOrder: 1 } } },
      {
        test: {
          name: 'slow',
          include: of('slow'),
          setupFiles,
          experimental: { viteModuleRunner: false },
          expect: patient,
          maxWorkers,
          testTimeout: LONGEST_SLOW_MS,
          hookTimeout: LONGEST_SLOW_MS,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'package',
          include: of('package'),
          setupFiles,
          expect: patient,
          sequence: { groupOrder: 3 },
          testTimeout: LONGEST_SLOW_MS,
          hookTimeout: LONGEST_SLOW_MS,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: of('e2e'),
          setupFiles,
          globalSetup,
          experimental: { viteModuleRunner: false },
          expect: patient,
          sequence: { groupOrder: 4 },
          maxWorkers: waitingWorkers,
          testTimeout: LONGEST_SLOW_MS,
          hookTimeout: LONGEST_SLOW_MS,
        },
      },
    ],
  },
})
