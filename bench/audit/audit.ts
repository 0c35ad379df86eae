/** `audit verify`, `grants` and `report` on a folder of many records: processor time and memory of a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleEntries } from '../../packaging/bundle.ts'
import { exponent } from '../engine/processor-time.ts'
import { round } from '../figures.ts'
import { measuredProcess } from '../measured-process.ts'
import { atMost, type Report } from '../report.ts'
import { writeLog } from './generated-log.ts'

const FEW = 100_000
const MANY = 1_000_000
const MAX_CPU_SECONDS = 20
const MAX_MEGABYTES = 200
const MAX_EXPONENT = 1.1

const COMMANDS = [
  { name: 'verify', args: ['verify'] },
  { name: 'grants', args: ['grants', '--json'] },
  { name: 'report of a day', args: ['report', '--since', '2026-03-01', '--until', '2026-03-01', '--out'] },
] as const

type Run = {
  readonly name: string
  readonly records: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

export async function audit(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-audit-'))
  try {
    await bundleEntries({ rolemedic: 'cli/main.ts' }, join(folder, 'dist'))
    return report([FEW, MANY].flatMap(records => auditedLog(records, folder)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** `folder` holds the bundle. */
export function auditedLog(records: number, folder: string): readonly Run[] {
  const log = join(folder, 'log')
  writeLog(log, records)
  const runs = COMMANDS.map(({ name, args }) => {
    const out = args[0] === 'report' ? [join(folder, 'report.csv')] : []
    const command = [join(folder, 'dist/rolemedic.js'), 'audit', ...args, ...out, '--from', log]
    const { cpuSeconds, peakMegabytes } = measuredProcess(command)
    return { name, records, cpuSeconds, peakMegabytes }
  })
  rmSync(log, { recursive: true })
  return runs
}

function report(runs: readonly Run[]): Report {
  const many = runs.filter(({ records }) => records === MANY)
  const growth = COMMANDS.map(({ name }) =>
    exponent(
      runs.filter(run => run.name === name).map(({ records, cpuSeconds }) => ({ size: records, ms: cpuSeconds })),
    ),
  )
  return {
    tables: [
      {
        title: 'rolemedic audit, the whole process as it is published',
        columns: ['command', 'records', 'processor s', 'peak MB'],
        rows: runs.map(({ name, records, cpuSeconds, peakMegabytes }) => [
          ...[name, records, round(cpuSeconds), Math.round(peakMegabytes)],
        ]),
      },
    ],
    ratios: {},
    notes: ['Unsigned records in one folder, which is read once, file by file.'],
    gates: [
      atMost('processor seconds for a million records', Math.max(...many.map(one => one.cpuSeconds)), MAX_CPU_SECONDS),
      atMost('peak megabytes with a million records', Math.max(...many.map(one => one.peakMegabytes)), MAX_MEGABYTES),
      atMost('exponent of the time', Math.max(...growth), MAX_EXPONENT),
    ],
  }
}
