/**
 * The cost of determining what the opened role could become, in an account with many roles. Uses processor time, because wall
 * time on a shared machine cannot distinguish tens of milliseconds.
 */

import { parseRecord } from '../core/denial/parse-denial.ts'
import type { Statement } from '../core/iam/policy/policy-document.ts'
import { snapshotReader } from '../functions/adapters/files/account-snapshot.ts'
import { configSchema } from '../functions/domain/config/config.ts'
import type { AccessReader } from '../functions/ports/access-reader.ts'
import { analyze } from '../functions/workflows/denial/analyze-denial.ts'
import { deniedRegistration, NOW_MS, surroundingRoles } from './engine/generated-account.ts'
import { median, percentile, round } from './figures.ts'
import { atMost, type Report } from './report.ts'

const FEW = 10
const MANY = 5_000
const ROUNDS = 25
const CONFIG = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1'] } })
const RECORD = JSON.stringify(deniedRegistration({ id: 'risk' }))
const ACCOUNT = '111122223333'

const allow = (Action: string | readonly string[], Resource: string): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
})
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/app/${name}`

/** Permissions of the opened role, from none that lead further to those that lead to most of the account. */
const RIGHTS: { readonly [does: string]: readonly Statement[] } = {
  'sends to a queue': [allow('sqs:SendMessage', `arn:aws:sqs:eu-west-1:${ACCOUNT}:orders`)],
  'assumes any role whose name starts with service-1': [allow('sts:AssumeRole', role('service-1*'))],
  'updates one function': [allow('lambda:UpdateFunctionCode', `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:orders`)],
  'runs tasks with any role whose name starts with service-2': [
    allow(['ecs:RegisterTaskDefinition', 'ecs:RunTask'], '*'),
    allow('iam:PassRole', role('service-2*')),
  ],
  'anything except IAM': [{ Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' }],
  anything: [allow('*', '*')],
}

type Series = { readonly reader: AccessReader; readonly times: number[] }

export async function risk(): Promise<Report> {
  const all = Object.entries(RIGHTS).map(([does, permissions]) => ({
    does,
    few: series(FEW, permissions),
    many: series(MANY, permissions),
  }))
  for (let at = 0; at < ROUNDS; at += 1)
    for (const { few, many } of all) for (const { reader, times } of [few, many]) times.push(await once(reader))

  const more = (one: (typeof all)[number]) => median(one.many.times) - median(one.few.times)
  return {
    tables: [
      {
        title: `The opened role, in an account of ${MANY.toLocaleString('en')} roles`,
        columns: ['what it may do', `p50 ms, ${FEW} roles`, 'p50 ms', 'p99 ms', 'more ms'],
        rows: all.map(one => [
          one.does,
          round(median(one.few.times)),
          round(median(one.many.times)),
          round(percentile(one.many.times, 99)),
          round(more(one)),
        ]),
      },
    ],
    gates: all.map(one => atMost(`${one.does}: ms beside the diagnosis`, round(more(one)), 50)),
    ratios: {},
    notes: [
      'Milliseconds of processor time, with reading the roles around from the snapshot in memory.',
      'The list of roles is indexed with the first denial, which p99 shows; the deployed bot keeps it for minutes.',
    ],
  }
}

function series(roles: number, permissions: readonly Statement[]): Series {
  return {
    reader: snapshotReader({ files: [{ name: 'account', text: surroundingRoles(roles, permissions) }] }),
    times: [],
  }
}

async function once(reader: AccessReader): Promise<number> {
  const before = process.cpuUsage()
  const parsed = parseRecord(JSON.parse(RECORD))
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  const { verified, refusal } = await analyze(parsed.denial, { reader, config: CONFIG, nowMs: NOW_MS })
  const { user, system } = process.cpuUsage(before)
  if (verified === null) throw new Error(`no patch: ${refusal?.message}`)
  return (user + system) / 1000
}
