/** The engine, and the one before policies were compiled: from the repository's history, so that both run in one process. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MODULES = {
  evaluate: 'core/actions/evaluate.ts',
  config: 'functions/domain/config/config.ts',
  parse: 'core/denial/parse-denial.ts',
  analyze: 'functions/workflows/denial/analyze-denial.ts',
  snapshots: 'functions/adapters/files/account-snapshot.ts',
} as const

export type Engine = Pick<typeof import('../../core/actions/evaluate.ts'), 'evaluate'> &
  Pick<typeof import('../../functions/domain/config/config.ts'), 'configSchema'> &
  Pick<typeof import('../../core/denial/parse-denial.ts'), 'parseRecord'> &
  Pick<typeof import('../../functions/workflows/denial/analyze-denial.ts'), 'analyze'> &
  Pick<typeof import('../../functions/adapters/files/account-snapshot.ts'), 'snapshotReader'>

/** Its parent is the last commit with the former evaluator. A subject survives a rewritten history, an id does not. */
const COMPILED_BY = 'perf(iam): policies are compiled once, reasons worked out on demand'
const root = join(import.meta.dirname, '../..')

export const currentEngine = (): Promise<Engine> => engineIn(root)

/** Null where the history is not there, as in a shallow clone or a release. */
export async function formerEngine(): Promise<{ readonly commit: string; readonly engine: Engine } | null> {
  const commit = formerCommit()
  if (commit === null) return null
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-former-'))
  try {
    const archive = git('archive', commit, 'functions', 'simulator', 'package.json')
    execFileSync('tar', ['-x', '-C', folder], { input: archive })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    return { commit: commit.slice(0, 12), engine: await engineIn(folder) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function engineIn(folder: string): Promise<Engine> {
  const load = (file: string) => import(join(folder, file))
  const [evaluate, config, parse, analyze, snapshots] = await Promise.all(Object.values(MODULES).map(load))
  return {
    evaluate: evaluate.evaluate,
    configSchema: config.configSchema,
    parseRecord: parse.parseRecord,
    analyze: analyze.analyze,
    snapshotReader: snapshots.snapshotReader,
  }
}

function formerCommit(): string | null {
  try {
    const found = git('log', '--max-count=1', '--format=%H', '--fixed-strings', `--grep=${COMPILED_BY}`).toString()
    return found === '' ? null : git('rev-parse', '--verify', '--quiet', `${found.trim()}^`).toString().trim()
  } catch {
    return null
  }
}

const git = (...args: string[]): Buffer =>
  execFileSync('git', args, { cwd: root, maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'ignore'] })
