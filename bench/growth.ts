/** Ten times the input, as whole processes: the time beyond that of a start, and memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleEntries } from '../packaging/bundle.ts'
import { auditedLog } from './audit/audit.ts'
import { writeHistory } from './backtest/history-file.ts'
import { patchedCode } from './code/code.ts'
import { exponent } from './engine/processor-time.ts'
import { round } from './figures.ts'
import { ORDINARY_LOG, textOf } from './logs/generated-logs.ts'
import { measuredProcess } from './measured-process.ts'
import { DEPLOYER, writePlan } from './preflight/generated-plan.ts'
import { atMost, type Report } from './report.ts'
import { writeAccount } from './snapshot/generated-file.ts'

type Taken = { readonly cpuSeconds: number; readonly peakMegabytes: number }
type Subject = {
  readonly name: string
  /** What grows with the input; null: nothing does. */
  readonly held: string | null
  readonly sizes: readonly [least: number, one: number, ten: number]
  readonly run: (size: number) => Taken
}

const MAX_EXPONENT = 1.1
const TRIES = 3
const QUICK_SECONDS = 4
/** For ten times the input, where nothing is held. */
const MAX_MORE_MEGABYTES = 60

export async function growth(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-growth-'))
  try {
    await bundleEntries({ rolemedic: 'cli/main.ts' }, join(folder, 'dist'))
    return report(
      subjectsIn(folder).map(({ name, held, sizes, run }) => {
        const [start, one, ten] = sizes.map(size => ({ size, ...leastTaken(() => run(size)) }))
        if (start === undefined || one === undefined || ten === undefined) throw new Error('three sizes')
        const points = [one, ten].map(({ size, cpuSeconds }) => ({
          size,
          ms: Math.max(1e-3, cpuSeconds - start.cpuSeconds),
        }))
        return { name, held, one, ten, grows: exponent(points) }
      }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A quick run differs from the next one by as much as it takes beyond a start. */
function leastTaken(run: () => Taken): Taken {
  const taken = [run()]
  while (taken.length < TRIES && (taken[0]?.cpuSeconds ?? 0) < QUICK_SECONDS) taken.push(run())
  return {
    cpuSeconds: Math.min(...taken.map(one => one.cpuSeconds)),
    peakMegabytes: Math.max(...taken.map(one => one.peakMegabytes)),
  }
}

function subjectsIn(folder: string): readonly Subject[] {
  const main = join(folder, 'dist/rolemedic.js')
  const denied = join(import.meta.dirname, '../events/ecs-register-task-definition.json')
  return [
    {
      name: 'diagnose --log, characters of an ordinary log',
      held: 'the text',
      sizes: [30_000, 3_000_000, 30_000_000],
      run: chars => {
        const file = join(folder, 'log.txt')
        writeFileSync(file, textOf(ORDINARY_LOG, chars))
        return measuredProcess([main, 'diagnose', '--log', file, '--json'], { cwd: folder })
      },
    },
    {
      name: 'diagnose --account, roles',
      held: 'each role as text',
      sizes: [100, 10_000, 100_000],
      run: roles => {
        const file = join(folder, 'account.json')
        writeAccount(file, roles)
        return measuredProcess([main, 'diagnose', denied, '--account', file, '--json'], { cwd: folder })
      },
    },
    ...(['terraform', 'cloudformation', 'cdk'] as const).map(name => ({
      name: `patch-code, files of ${name}`,
      held: 'the files as texts',
      sizes: [100, 2_000, 20_000] as const,
      run: (files: number) => patchedCode(name, files, folder),
    })),
    {
      name: 'preflight, functions of a plan',
      held: 'the account and the answers',
      sizes: [10, 100, 1_000],
      run: functions => {
        const [plan, account] = [join(folder, 'plan.json'), join(folder, 'account.json')]
        writePlan(plan, account, functions)
        const command = [main, 'preflight', plan, '--as', DEPLOYER, '--account', account, '--json']
        return measuredProcess(command, { cwd: folder, expected: 1 })
      },
    },
    {
      name: 'backtest, records',
      held: 'a hash of each event id, in a table that doubles',
      sizes: [2_000, 500_000, 5_000_000],
      run: records => {
        const { path, account } = writeHistory(folder, records)
        const taken = measuredProcess([main, 'backtest', path, '--account', account, '--json'], { cwd: folder })
        rmSync(path)
        return taken
      },
    },
    {
      name: 'a storm, events, a tenth of them distinct',
      held: 'table, Slack and accounts, which are in the same process',
      sizes: [20, 200, 2_000],
      run: events => measuredProcess([join(import.meta.dirname, 'grown-storm.ts'), String(events)]),
    },
    {
      name: 'audit verify, records',
      held: null,
      sizes: [100, 10_000, 100_000],
      run: records => auditedLog(records, folder)[0] as Taken,
    },
  ]
}

type Grown = Pick<Subject, 'name' | 'held'> & { readonly one: Taken; readonly ten: Taken; readonly grows: number }

function report(all: readonly Grown[]): Report {
  return {
    tables: [
      {
        title:
          'Ten times the input: processor seconds, peak megabytes, and the exponent of the time beyond that of a start',
        columns: ['what', 's', 's of ten times', 'exponent', 'MB', 'MB of ten times', 'memory holds'],
        rows: all.map(({ name, held, one, ten, grows }) => [
          ...[name, round(one.cpuSeconds), round(ten.cpuSeconds), round(grows)],
          ...[Math.round(one.peakMegabytes), Math.round(ten.peakMegabytes), held ?? 'nothing that grows'],
        ]),
      },
    ],
    ratios: {},
    notes: [
      `Sizes: ${subjectsIn('')
        .map(({ name, sizes: [, one, ten] }) => `${name}, ${one} and ${ten}`)
        .join('; ')}.`,
      'The audit log keeps 8 bytes a record for its key, and 8 for its number; backtest 16 to 32 for each event id.',
    ],
    gates: [
      ...all.map(({ name, grows }) => atMost(`exponent, ${name}`, round(grows), MAX_EXPONENT)),
      ...all
        .filter(({ held }) => held === null)
        .map(({ name, one, ten }) =>
          atMost(`megabytes more, ${name}`, Math.round(ten.peakMegabytes - one.peakMegabytes), MAX_MORE_MEGABYTES),
        ),
    ],
  }
}
