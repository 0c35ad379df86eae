/** How soon an Approve that starts a process of `decide` is answered, with the latencies that `docs/capacity.md` assumes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../infra/bundle.ts'
import { coldApproves, MEMBERS, NAMED, type Pressed } from '../test/e2e/cold-approve.ts'
import { FAULTS } from '../test/e2e/fault-table.ts'
import type { RelayedRequest } from '../test/e2e/relay.ts'
import { median } from './figures.ts'
import { atMost, type Report } from './report.ts'
import { LATENCY } from './scale/services/latency.ts'

/** Of each person and each slowness. */
const PRESSES = 3
const MAX_IN_SEQUENCE = 8
/** https://docs.slack.dev/interactivity/handling-user-interaction */
const SLACK_WAITS_MS = 3_000
const THROTTLED = FAULTS.filter(row => row.step === 'press' && row.fault === 'throttled' && row.lasts === 'once')

type Row = { readonly name: string; readonly presses: readonly Pressed[] }

export async function approve(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'rolemedic-approve-'))
  const { file } = await bundle('decide', folder)
  const approves = await coldApproves(file, { isLimited: true })
  try {
    const rows: Row[] = []
    for (const slowness of [1, 2]) {
      const latencyOf = (asked: RelayedRequest) => msOf(asked) * slowness
      const added: string[] = []
      // First the person whose press reads the group for the first time.
      for (const who of [...MEMBERS, NAMED, 'one never seen before']) {
        const presses: Pressed[] = []
        for (let at = 0; at < PRESSES; at += 1) {
          const by = who.startsWith('U0') ? who : `U0NEW${slowness}${at}`
          if (by !== who) approves.setMembers([...MEMBERS, ...added, by])
          if (by !== who) added.push(by)
          presses.push(await approves.approved({ by, latencyOf, slowness }))
        }
        rows.push({ name: `${who}, latencies times ${slowness}`, presses })
      }
    }
    for (const { call } of THROTTLED)
      rows.push({
        name: `${call} throttled once`,
        presses: [await approves.approved({ by: NAMED, latencyOf: msOf, throttled: call })],
      })
    return report(rows)
  } finally {
    await approves.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function msOf({ service, operation }: RelayedRequest): number {
  switch (service) {
    case 's3':
      return operation === 'PutObject' ? LATENCY.put : operation === 'GetObject' ? LATENCY.get : LATENCY.list
    case 'dynamodb':
      return LATENCY.table
    case 'secretsmanager':
      return LATENCY.secret
    case 'kms':
      return LATENCY.kms
    case 'sqs':
      return LATENCY.sqs
    case 'slack':
      return LATENCY.slack
    // As every read of an account's place.
    case 'organizations':
      return LATENCY.iam
    default:
      throw new Error(`no latency is assumed for ${service}`)
  }
}

function report(rows: readonly Row[]): Report {
  const all = rows.flatMap(({ presses }) => presses)
  return {
    tables: [
      {
        title: `An Approve that starts a process; Slack waits ${SLACK_WAITS_MS} ms`,
        columns: ['who', 'presses', 'median ms', 'longest ms', 'requests in sequence'],
        rows: rows.map(({ name, presses }) => [
          name,
          presses.length,
          Math.round(median(presses.map(({ ms }) => ms))),
          Math.round(Math.max(...presses.map(({ ms }) => ms))),
          Math.max(...presses.map(({ inSequence }) => inSequence)),
        ]),
      },
    ],
    gates: [atMost('requests in sequence', Math.max(...all.map(({ inSequence }) => inSequence)), MAX_IN_SEQUENCE)],
    ratios: {},
    notes: ['On the clock, of this machine: the start of a process in Lambda is not in these times.'],
  }
}
