/** Parse, gather, diagnose, draft and verify in one thread: the speed, and what reduces it. */

import { parseRecord } from '../core/denial/parse-denial.ts'
import { snapshotReader } from '../functions/adapters/files/account-snapshot.ts'
import { configSchema } from '../functions/domain/config/config.ts'
import type { AccessReader } from '../functions/ports/access-reader.ts'
import { analyze } from '../functions/workflows/denial/analyze-denial.ts'
import { firstLook } from './engine/first-look.ts'
import { deniedRegistration, generatedAccount, NOW_MS, type Shape } from './engine/generated-account.ts'
import { growth } from './engine/growth.ts'
import { speed } from './engine/speed.ts'
import { median, percentile, round } from './figures.ts'
import { atMost, type Report, type Table } from './report.ts'

const ACCOUNTS = [10, 100, 1_000, 5_000]
const POLICIES = [10, 50, 100, 250, 500]
const ROUNDS = 40
const PER_ROUND = 5
const CONFIG = configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1'] } })
const RECORD = JSON.stringify(deniedRegistration({ id: 'engine' }))

type Series = { readonly size: number; readonly reader: AccessReader; readonly times: number[] }

export async function engine(): Promise<Report> {
  const parts = [await firstLook(), await speed(), await growth(), await inSizes()]
  return {
    tables: parts.flatMap(part => part.tables),
    gates: parts.flatMap(part => part.gates),
    ratios: Object.assign({}, ...parts.map(part => part.ratios)),
    notes: parts.flatMap(part => part.notes),
  }
}

async function inSizes(): Promise<Report> {
  const accounts = ACCOUNTS.map(roles => seriesOf(roles, { roles, statements: 10, about: 'other-actions' }))
  const unrelated = POLICIES.map(size => seriesOf(size, { roles: 10, statements: size, about: 'other-actions' }))
  const related = POLICIES.map(size => seriesOf(size, { roles: 10, statements: size, about: 'other-roles' }))
  await measure([...accounts.map(one => one.series), ...unrelated.map(one => one.series)])
  await measure(related.map(one => one.series))

  const byAccount = accounts.map(one => one.series)
  const byRoles = p50(byAccount.at(-1)) / p50(byAccount[0])
  const perStatement = (all: readonly { series: Series }[]) =>
    (median(all.at(-1)?.series.times ?? []) - median(all[2]?.series.times ?? [])) /
    ((POLICIES.at(-1) ?? 0) - (POLICIES[2] ?? 0)) /
    (median(all[2]?.series.times ?? []) / (POLICIES[2] ?? 1))
  return {
    tables: [
      {
        ...timesOf('Roles in the account', byAccount),
        columns: [...COLUMNS, 'reading the snapshot ms'],
        rows: accounts.map(({ series, readMs }) => [...row(series), round(readMs)]),
      },
      timesOf(
        'Statements of the caller about other actions',
        unrelated.map(one => one.series),
      ),
      timesOf(
        'Statements of the caller about passing other roles',
        related.map(one => one.series),
      ),
    ],
    gates: [
      atMost('p50 with 5,000 roles / with 10', round(byRoles), 1.5),
      atMost('500 statements about other actions / 100', round(times(unrelated, 4, 2)), 5 * 1.6),
      atMost('500 statements about passing other roles / 100', round(times(related, 4, 2)), 5 * 1.6),
    ],
    ratios: {
      'p50, 5,000 roles / 10': round(byRoles),
      'p50, 500 statements about other actions / 100': round(times(unrelated, 4, 2)),
      'p50, 500 statements about passing other roles / 100': round(times(related, 4, 2)),
      'a further statement about other actions / an average one of 100': round(perStatement(unrelated)),
    },
    notes: ['The snapshot is read and indexed once, outside the measured times; only that grows with the account.'],
  }
}

function seriesOf(size: number, shape: Shape): { readonly series: Series; readonly readMs: number } {
  const text = generatedAccount(shape)
  const startedMs = performance.now()
  const reader = snapshotReader({ files: [{ name: 'account', text }] })
  return { series: { size, reader, times: [] }, readMs: performance.now() - startedMs }
}

/** Interleaves the series, so that other load affects all of them equally. */
async function measure(all: readonly Series[]): Promise<void> {
  for (let warm = 0; warm < 5; warm += 1) for (const { reader } of all) await once(reader)
  for (let at = 0; at < ROUNDS; at += 1) {
    for (const { reader, times: measured } of all) {
      for (let run = 0; run < PER_ROUND; run += 1) measured.push(await once(reader))
    }
  }
}

/** Processor time from the text of a record to the verified patch. */
async function once(reader: AccessReader): Promise<number> {
  const before = process.cpuUsage()
  const parsed = parseRecord(JSON.parse(RECORD))
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  const { verified, refusal } = await analyze(parsed.denial, { reader, config: CONFIG, nowMs: NOW_MS })
  const { user, system } = process.cpuUsage(before)
  if (verified === null) throw new Error(`no patch: ${refusal?.message}`)
  return (user + system) / 1000
}

const COLUMNS = ['size', 'per second', 'p50 ms', 'p99 ms']
const p50 = (series: Series | undefined): number => median(series?.times ?? [])
const times = (all: readonly { readonly series: Series }[], one: number, other: number): number =>
  p50(all[one]?.series) / p50(all[other]?.series)

function row({ size, times: measured }: Series) {
  const mean = measured.reduce((sum, ms) => sum + ms, 0) / measured.length
  return [size, Math.round(1000 / mean), round(median(measured)), round(percentile(measured, 99))]
}

function timesOf(title: string, all: readonly Series[]): Table {
  return { title, columns: COLUMNS, rows: all.map(row) }
}
