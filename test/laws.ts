/**
 * `npm run laws`: the laws with more runs than on every save, from the seed of the tree or, with --search, from fresh seeds.
 */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const HELP = `npm run laws [-- FILE…]   the laws of test/property, or of these files, with the seed of test/seed.ts

  --search       with a fresh seed each time and a crash at every point, until one fails or the time is over
  --minutes N    with --search: for how long (10)
  --help

FC_RUNS is how often each law is tried (${runs()}); FC_SEED is another seed.
`

/** Of each crash test a share runs in CI: `test/crash-points.ts`. */
const CRASHES = ['crash', 'test/verify/fault']

function runs(): string {
  return process.env['FC_RUNS'] ?? '1000'
}

/** True when every law holds. */
function hold(files: readonly string[], seed: string | undefined): boolean {
  const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
  const env = { ...process.env, FC_RUNS: runs(), ...(seed === undefined ? {} : { FC_SEED: seed, WHOLE: 'yes' }) }
  const args = [vitest, 'run', '--project', 'pure', '--project', 'wired', '--project', 'slow', ...files]
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status === 0
}

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      search: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '10' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const minutes = Number(values.minutes)
  if (!(minutes > 0)) {
    process.stderr.write(`--minutes ${values.minutes} is no number above 0\n`)
    return 2
  }
  const laws = values.search ? ['test/property', ...CRASHES] : ['test/property']
  const files = positionals.length === 0 ? laws : positionals
  if (!values.search) return hold(files, undefined) ? 0 : 1
  const endMs = Date.now() + minutes * 60_000
  for (let tried = 1; Date.now() < endMs; tried += 1) {
    const seed = `${randomInt(1, 2 ** 31)}`
    process.stdout.write(`search ${tried}: FC_SEED=${seed} FC_RUNS=${runs()}\n`)
    if (hold(files, seed)) continue
    process.stderr.write(
      `A law fails with FC_SEED=${seed} FC_RUNS=${runs()}; its seed and path are above. Make it a case.\n`,
    )
    return 1
  }
  return 0
}

process.exitCode = main()
