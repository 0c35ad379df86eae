/** `diagnose --account` on large accounts as a whole process: time and memory. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diagnosis } from '../../cli/outputs/diagnosis.ts'
import { bundleEntries } from '../../packaging/bundle.ts'
import { deniedRegistration, NOW_MS } from '../engine/generated-account.ts'
import { round } from '../figures.ts'
import { type MeasuredProcess, measuredProcess } from '../measured-process.ts'
import { atMost, exactly, type Report } from '../report.ts'
import { writeAccount } from './generated-file.ts'

const FEW = 100
const MANY = 20_000
const MOST = 100_000
/** Takes the minimum of several runs, because other load can delay some of them. */
const MIN_TRIES = 3
const MAX_TRIES = 20
const MAX_SECONDS = 1
const MAX_MEGABYTES = 1_000

/** The correct results: a change for the existing role, and the nearest name for the other. */
const DENIALS = [
  { target: 'orders-task', summary: 'No identity policy of role deployer allows iam:PassRole', patches: 1 },
  { target: 'orders-tsk', summary: 'the nearest name is orders-task', patches: 0 },
] as const

type Run = Pick<MeasuredProcess, 'cpuSeconds' | 'peakMegabytes'> & {
  readonly roles: number
  readonly target: string
  readonly megabytes: number
  readonly seconds: number
  readonly isRight: boolean
}

export async function snapshot(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-snapshot-'))
  try {
    await bundleEntries({ rolemedic: 'cli/main.ts' }, join(folder, 'dist'))
    return report([FEW, MANY, MOST].flatMap(roles => measured(roles, folder)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function measured(roles: number, folder: string): readonly Run[] {
  const account = join(folder, 'account.json')
  writeAccount(account, roles)
  const megabytes = Math.round(statSync(account).size / 1e6)
  const runs = DENIALS.map(denial => {
    const event = join(folder, 'event.json')
    writeFileSync(event, JSON.stringify(deniedRegistration({ id: 'snapshot', target: denial.target })))
    const tries = [once(event, account, denial, folder)]
    const isQuick = () => tries.length >= MIN_TRIES && tries.some(one => one.cpuSeconds <= MAX_SECONDS * 0.8)
    while (roles === MANY && tries.length < MAX_TRIES && !isQuick()) tries.push(once(event, account, denial, folder))
    const least = (of: (one: (typeof tries)[number]) => number) => Math.min(...tries.map(of))
    return {
      ...{ roles, target: denial.target, megabytes },
      seconds: least(one => one.seconds),
      cpuSeconds: least(one => one.cpuSeconds),
      peakMegabytes: Math.max(...tries.map(one => one.peakMegabytes)),
      isRight: tries.every(one => one.isRight),
    }
  })
  rmSync(account)
  return runs
}

function once(event: string, account: string, { summary, patches }: (typeof DENIALS)[number], folder: string) {
  const at = new Date(NOW_MS).toISOString()
  const command = [join(folder, 'dist/rolemedic.js'), 'diagnose', event, '--account', account, '--at', at, '--json']
  const { stdout, cpuSeconds, peakMegabytes, seconds } = measuredProcess(command)
  const output = diagnosis.parse(JSON.parse(stdout))
  const isRight = output.diagnosis.verdict === 'proved' && output.diagnosis.summary.includes(summary)
  return {
    ...{ cpuSeconds, peakMegabytes, seconds },
    isRight: isRight && output.patches.length === patches,
  }
}

function report(runs: readonly Run[]): Report {
  const many = runs.filter(({ roles }) => roles === MANY)
  const shown = MANY.toLocaleString('en')
  return {
    tables: [
      {
        title: 'rolemedic diagnose --account, the whole process as it is published',
        columns: ['roles', 'MB', 'the denied role', 'seconds', 'processor s', 'peak MB'],
        rows: runs.map(({ roles, megabytes, target, seconds, cpuSeconds, peakMegabytes }) => [
          ...[roles, megabytes],
          target,
          ...[round(seconds), round(cpuSeconds), Math.round(peakMegabytes)],
        ]),
      },
    ],
    ratios: {},
    notes: [
      `With ${shown} roles, the least of ${MIN_TRIES} to ${MAX_TRIES} runs. The file is indented as the AWS command line prints it.`,
      'No role has the name orders-tsk, so near names are looked for.',
    ],
    gates: [
      exactly('wrong answers', runs.filter(({ isRight }) => !isRight).length, 0),
      atMost(`processor seconds for ${shown} roles`, Math.max(...many.map(one => one.cpuSeconds)), MAX_SECONDS),
      atMost(
        `peak megabytes with ${MOST.toLocaleString('en')} roles`,
        Math.max(...runs.map(one => one.peakMegabytes)),
        MAX_MEGABYTES,
      ),
    ],
  }
}
