/** The CloudTrail records that the bot on this machine is fed with. */
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../functions/domain/base/errors.ts'
import { recordsIn } from '../functions/domain/denial/cloudtrail/records.ts'
import { type FedDeploy, readDeploy } from './deploy-files.ts'

const root = resolve(import.meta.dirname, '..')
const DAY_MS = 24 * 60 * 60_000

/** An ECS deploy that may not pass the task role: low risk, so one approver is enough. */
export const DEFAULT_EVENT = join(root, 'events/ecs-register-task-definition.json')
export const SAMPLE_ACCOUNTS = ['orders-dev.json', 'shared-tools.json'].map(name => join(root, 'events/accounts', name))
export const SAMPLE_ORGANIZATION = join(root, 'events/organization/o-abc123.json')

/** One of each kind of card; the last one stands on top. */
export const SAMPLE_EVENTS = [
  'assume-role-root.json',
  'rds-create-db-instance.json',
  'assume-role-cross-account.json',
  'web-identity-github.json',
  'assume-role-identity-center.json',
  'cloudformation-create-change-set.json',
  'lambda-create-function.json',
  'deploys/stack-rollback.json',
  'ecs-register-task-definition.json',
].map(name => join(root, 'events', name))

export type FedRecord = {
  readonly record: unknown
  /** Set when the record was older than a day and is taken as if it had just happened. */
  readonly originalTime: string | null
}

/** Every event of a file: a failed deploy, or CloudTrail records. */
export function readEvents(file: string, nowMs: number): readonly (FedRecord | FedDeploy)[] {
  const deploy = readDeploy(file, readText(file), nowMs)
  return deploy === null ? readRecords(file, nowMs) : [deploy]
}

/** Every record of a file. The bot refuses to act on a denial older than a day; here a person asked, so it is taken as of now. */
export function readRecords(file: string, nowMs: number): readonly FedRecord[] {
  const records = recordsIn(readText(file))
  if (!records.ok) throw new UsageError(`${file}: ${records.error}`)
  const youngerMs = dirname(resolve(file)) === join(root, 'events') ? 0 : DAY_MS
  return records.value.map(record => fresh(record, nowMs, youngerMs))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`cannot read ${file}: give a CloudTrail record as JSON`, { cause })
  }
}

/** Records younger than `youngerMs` keep their time. */
function fresh(record: unknown, nowMs: number, youngerMs: number): FedRecord {
  if (typeof record !== 'object' || record === null || !('eventTime' in record)) return { record, originalTime: null }
  const time = Date.parse(String(record.eventTime))
  if (Number.isNaN(time) || nowMs - time < youngerMs) return { record, originalTime: null }
  const eventTime = `${new Date(nowMs).toISOString().slice(0, 19)}Z`
  return { record: { ...record, eventTime }, originalTime: String(record.eventTime) }
}
