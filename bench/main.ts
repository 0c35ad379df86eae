/** `npm run bench` runs every bench, `npm run bench -- <name>` one. Exit code 1 if a gate fails, 2 for an unknown name. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { type Bench, printed } from './report.ts'

/** In the order of running, quick ones first. */
const BENCHES: { readonly [name: string]: () => Promise<Bench> } = {
  accuracy: async () => (await import('./accuracy.ts')).accuracy,
  'passed-service': async () => (await import('./passed-service.ts')).passedService,
  approvers: async () => (await import('./approvers.ts')).approvers,
  logs: async () => (await import('./logs/logs.ts')).logs,
  engine: async () => (await import('./engine.ts')).engine,
  risk: async () => (await import('./risk.ts')).risk,
  code: async () => (await import('./code/code.ts')).code,
  audit: async () => (await import('./audit/audit.ts')).audit,
  snapshot: async () => (await import('./snapshot/snapshot.ts')).snapshot,
  growth: async () => (await import('./growth.ts')).growth,
  'cold-start': async () => (await import('./cold-start.ts')).coldStart,
  calls: async () => (await import('./calls.ts')).calls,
  approve: async () => (await import('./approve.ts')).approve,
  'end-to-end': async () => (await import('./end-to-end.ts')).endToEnd,
  deploys: async () => (await import('./deploys.ts')).deploys,
  storm: async () => (await import('./storm.ts')).storm,
  trail: async () => (await import('./trail.ts')).trail,
  backtest: async () => (await import('./backtest.ts')).backtest,
  scale: async () => (await import('./scale/scale.ts')).scale,
  flood: async () => (await import('./scale/flood.ts')).flood,
}
/** Takes half an hour. */
const BY_NAME_ALONE = ['flood']
const root = join(import.meta.dirname, '..')

async function runOne(name: string, load: () => Promise<Bench>): Promise<number> {
  const startedMs = performance.now()
  const before = loadNow()
  const report = await (await load())()
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10
  /** Of the machine, as means of a minute: the bench itself counts for one. */
  const machineLoad = { before, after: loadNow(), cores: cpus().length }
  const beside = `load ${machineLoad.before} to ${machineLoad.after} on ${machineLoad.cores} cores`
  process.stdout.write(`\n# ${name} (${seconds} s, ${beside})\n${printed(report)}\n`)
  const folder = join(root, 'bench/results')
  mkdirSync(folder, { recursive: true })
  const result = { bench: name, ...circumstances(), seconds, machineLoad, ...report }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
  return report.gates.every(gate => gate.passed) ? 0 : 1
}

const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10

function circumstances(): object {
  const processors = cpus()
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  return {
    date: new Date().toISOString(),
    commit: git('rev-parse', '--short=12', 'HEAD'),
    uncommittedChanges:
      git('status', '--porcelain', '--', 'functions', 'cli', 'simulator', 'bench/*.ts', 'test/cases') !== '',
    machine: {
      processor: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
    },
    node: process.version,
  }
}

/** Runs each in a process of its own, so that none inherits memory or compiled code of another. */
function runAll(): number {
  const names = Object.keys(BENCHES).filter(name => !BY_NAME_ALONE.includes(name))
  const failed = names.filter(name => {
    const { status } = spawnSync(process.execPath, [import.meta.filename, name], { stdio: 'inherit' })
    return status !== 0
  })
  process.stdout.write(failed.length === 0 ? '\nAll gates pass.\n' : `\nFailed gates in: ${failed.join(', ')}\n`)
  return failed.length === 0 ? 0 : 1
}

const HELP = `npm run bench              every bench but ${BY_NAME_ALONE.join(', ')}, the quick ones first
npm run bench -- NAME      one of ${Object.keys(BENCHES).join(', ')}

Prints the results and writes them to bench/results/NAME.json. Exit code 1 when a gate fails, 2 for an unknown name.
`

async function main([name, ...more]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h') {
    process.stdout.write(HELP)
    return 0
  }
  if (more.length > 0) {
    process.stderr.write('bench takes one name, or none for all\n')
    return 2
  }
  if (name === undefined) return runAll()
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
  if (load !== undefined) return runOne(name, load)
  process.stderr.write(`no bench is called ${name}; there are ${Object.keys(BENCHES).join(', ')}\n`)
  return 2
}

process.exitCode = await main(process.argv.slice(2))
