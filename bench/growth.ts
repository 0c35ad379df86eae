/** Ten times the input, as whole processes: the time beyond that of a start, and memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleEntries } from '../packaging/bundle.ts'
import { auditedLog } from './audit/audit.ts'
import { patchedCode } from './code/code.ts'
import { exponent } from './engine/processor-time.ts'
import { round } from './figures.ts'
import { ORDINARY_LOG, textOf } from './logs/generated-logs.ts'
import { measuredProcess } from './measured-process.ts'
import { atMost, type Report } from './report.ts'
import { writeAccount } from './snapshot/generated-file.ts'

type Taken = { readonly cpuSeconds: number; readonly peakMegabytes: number }
type Subject = {
  readonly name: string
  readonly sizes: readonly [least: number, one: number, ten: number]
  readonly run: (size: number) => Taken
}

const MAX_EXPONENT = 1.1

export async function growth(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-growth-'))
  try {
    await bundleEntries({ rolemedic: 'cli/main.ts' }, join(folder, 'dist'))
    return report(
      subjectsIn(folder).map(({ name, sizes, run }) => {
        const [start, one, ten] = sizes.map(size => ({ size, ...run(size) }))
        if (start === undefined || one === undefined || ten === undefined) throw new Error('three sizes')
        const points = [one, ten].map(({ size, cpuSeconds }) => ({
          size,
          ms: Math.max(1e-3, cpuSeconds - start.cpuSeconds),
        }))
        return { name, one, ten, grows: exponent(points) }
      }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function subjectsIn(folder: string): readonly Subject[] {
  const main = join(folder, 'dist/rolemedic.js')
  const denied = join(import.meta.dirname, '../events/ecs-register-task-definition.json')
  return [
    {
      name: 'diagnose --log, characters of an ordinary log',
      sizes: [30_000, 3_000_000, 30_000_000],
      run: chars => {
        const file = join(folder, 'log.txt')
        writeFileSync(file, textOf(ORDINARY_LOG, chars))
        return measuredProcess([main, 'diagnose', '--log', file, '--json'], { cwd: folder })
      },
    },
    {
      name: 'diagnose --account, roles',
      sizes: [100, 10_000, 100_000],
      run: roles => {
        const file = join(folder, 'account.json')
        writeAccount(file, roles)
        return measuredProcess([main, 'diagnose', denied, '--account', file, '--json'], { cwd: folder })
      },
    },
    ...(['terraform', 'cloudformation', 'cdk'] as const).map(name => ({
      name: `patch-code, files of ${name}`,
      sizes: [100, 2_000, 20_000] as const,
      run: (files: number) => patchedCode(name, files, folder),
    })),
    {
      name: 'audit verify, records',
      sizes: [100, 10_000, 100_000],
      run: records => auditedLog(records, folder)[0] as Taken,
    },
  ]
}

function report(
  grown: readonly { readonly name: string; readonly one: Taken; readonly ten: Taken; readonly grows: number }[],
): Report {
  return {
    tables: [
      {
        title:
          'Ten times the input: processor seconds, peak megabytes, and the exponent of the time beyond that of a start',
        columns: ['what', 's', 's of ten times', 'exponent', 'MB', 'MB of ten times'],
        rows: grown.map(({ name, one, ten, grows }) => [
          ...[name, round(one.cpuSeconds), round(ten.cpuSeconds), round(grows)],
          ...[Math.round(one.peakMegabytes), Math.round(ten.peakMegabytes)],
        ]),
      },
    ],
    ratios: {},
    notes: [
      'Code and an account file are held as texts, so their memory grows with them; the log of CI is held as one text.',
    ],
    gates: grown.map(({ name, grows }) => atMost(`exponent, ${name}`, round(grows), MAX_EXPONENT)),
  }
}
