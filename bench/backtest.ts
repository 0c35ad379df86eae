/** A week with a million records: are exactly the planted denials found, how long does it take, and does memory stay constant? */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { backtest as output } from '../cli/outputs/backtest.ts'
import { disagreementsIn } from '../cli/use-cases/backtest/calibration.ts'
import type { Planted } from './backtest/generated-history.ts'
import { writeHistory } from './backtest/history-file.ts'
import { round } from './figures.ts'
import { atMost, exactly, type Report } from './report.ts'

const FEW = 100_000
const MANY = 1_000_000
const MAX_SECONDS = 60
const MAX_GROWTH_MEGABYTES = 150

const taken = z.object({ cpuSeconds: z.number(), peakMegabytes: z.number() })

type Run = z.infer<typeof taken> & {
  readonly records: number
  readonly form: string
  readonly megabytes: number
  readonly seconds: number
  /** Names of the counts that differ from the planted ones. */
  readonly wrong: readonly string[]
}

export async function backtest(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-backtest-'))
  try {
    return report([
      measure(FEW, 'one line', folder),
      measure(MANY, 'one line', folder),
      measure(MANY, 'pretty-printed', folder),
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function measure(records: number, form: Run['form'], folder: string): Run {
  const { path, account, planted } = writeHistory(folder, records, { isPretty: form === 'pretty-printed' })
  const startedMs = performance.now()
  const command = join(import.meta.dirname, 'backtest/measured.ts')
  const args = [command, 'backtest', path, '--account', account, '--json']
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  const seconds = round((performance.now() - startedMs) / 1000)
  if (status !== 0) throw new Error(`rolemedic backtest ended with ${status}: ${stderr}`)
  const megabytes = Math.round(statSync(path).size / 1e6)
  rmSync(path)
  const { cpuSeconds, peakMegabytes } = taken.parse(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''))
  return {
    ...{ records, form, megabytes, seconds },
    cpuSeconds: round(cpuSeconds),
    peakMegabytes: Math.round(peakMegabytes),
    wrong: differences(output.parse(JSON.parse(stdout)), planted),
  }
}

function differences(found: z.infer<typeof output>, planted: Planted): readonly string[] {
  const { calibration, ...counts } = found
  const disagreements = calibration === null ? 0 : disagreementsIn(calibration)
  const all: { readonly [name: string]: unknown } = { ...counts, ...calibration, disagreements }
  return Object.entries(planted).flatMap(([name, wanted]) =>
    JSON.stringify(all[name]) === JSON.stringify(wanted) ? [] : [name],
  )
}

function report(runs: readonly Run[]): Report {
  const [few, many] = runs
  const growth = (many?.peakMegabytes ?? 0) - (few?.peakMegabytes ?? 0)
  return {
    tables: [
      {
        title: 'A week of CloudTrail in one file, against the policies of its account',
        columns: ['records', 'form', 'MB', 'seconds', 'processor s', 'peak MB', 'wrong counts'],
        rows: runs.map(({ records, form, megabytes, seconds, cpuSeconds, peakMegabytes, wrong }) => [
          ...[records, form, megabytes, seconds, cpuSeconds, peakMegabytes],
          wrong.join(', ') || 'none',
        ]),
      },
    ],
    ratios: {},
    notes: [
      'Both times include everything, from the start of Node to the last number. Seconds on the clock include what else the machine does; where it does nothing else, they are fewer than the processor seconds of all threads.',
    ],
    gates: [
      exactly(
        'counts that differ from what was planted',
        runs.reduce((sum, { wrong }) => sum + wrong.length, 0),
        0,
      ),
      ...runs
        .filter(({ records }) => records === MANY)
        .map(({ form, cpuSeconds }) =>
          atMost(`processor seconds for a million records, ${form}`, cpuSeconds, MAX_SECONDS),
        ),
      atMost('megabytes more for ten times the records', growth, MAX_GROWTH_MEGABYTES),
    ],
  }
}
