/** How long the published command takes to start, beside Node with nothing to do. */
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from '../figures.ts'
import { measuredProcess } from '../measured-process.ts'
import type { Table } from '../report.ts'

const root = join(import.meta.dirname, '../..')
const BUNDLE = join(root, 'dist/rolemedic.js')
const MESSAGE =
  'User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-task'
const STARTED = {
  'Node with nothing to do': ['--eval', '0'],
  'rolemedic version': [BUNDLE, 'version'],
  'rolemedic diagnose --message': [BUNDLE, 'diagnose', '--message', MESSAGE],
}

/** Builds the package first. The commands run in rotation. */
export function commandStart(runs: number): Table {
  execFileSync(process.execPath, ['packaging/build.ts'], { cwd: root, stdio: 'ignore' })
  const measured = Array.from({ length: runs }, () =>
    Object.values(STARTED).map(args => measuredProcess(args, { cwd: tmpdir() })),
  )
  const middle = (of: 'cpuSeconds' | 'seconds', at: number) =>
    Math.round(median(measured.map(run => (run[at]?.[of] ?? Number.NaN) * 1_000)))
  return {
    title: `Medians of ${runs} starts of the published command, in ms`,
    columns: ['', 'processor time', 'on the clock'],
    rows: Object.keys(STARTED).map((name, at) => [name, middle('cpuSeconds', at), middle('seconds', at)]),
  }
}
