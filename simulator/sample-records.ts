/** The sample CloudTrail records for the local bot. */

import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseTime, UsageError } from '../core/base/index.ts'
import { recordsInText } from '../core/denial/index.ts'
import { asNewAttempt, deployEventFrom, type InputDeploy } from './deploy-event-files.ts'

/** One folder up, both in the sources and in the bundle. So only files at this depth can locate the package from their own folder. */
const root = resolve(import.meta.dirname, '..')
const DAY_MS = 24 * 60 * 60_000

export const SAMPLE_EVENTS = join(root, 'events')
/** An ECS deploy that may not pass the task role: low risk, so one approver is enough. */
export const DEFAULT_EVENT = join(SAMPLE_EVENTS, 'ecs-register-task-definition.json')
export const SAMPLE_ACCOUNTS = ['orders-dev.json', 'shared-tools.json'].map(name =>
  join(SAMPLE_EVENTS, 'accounts', name),
)
export const SAMPLE_CONFIG = join(root, 'rolemedic.config.json')
export const SAMPLE_ORGANIZATION = join(SAMPLE_EVENTS, 'organization/o-abc123.json')

export type InputRecord = {
  readonly record: unknown
  /** The time of a record older than a day, which is processed as if it had just happened; otherwise null. */
  readonly originalTime: string | null
}

/** All events of a file of the package. */
export const readEvents = (file: string, nowMs: number): readonly (InputRecord | InputDeploy)[] =>
  eventsOfText(file, readText(file), nowMs)

/** As if it were run again now: of a failed deploy, another attempt. */
export function readEventsAnew(file: string, nowMs: number): readonly (InputRecord | InputDeploy)[] {
  const text = readText(file)
  const deploy = deployEventFrom(file, text, nowMs, asNewAttempt(text))
  return deploy === null ? recordsOfText(file, text, nowMs) : [deploy]
}

/** All events of a text: failed deploys or CloudTrail records. `file`: where it came from. */
export function eventsOfText(file: string, text: string, nowMs: number): readonly (InputRecord | InputDeploy)[] {
  const deploy = deployEventFrom(file, text, nowMs)
  return deploy === null ? recordsOfText(file, text, nowMs) : [deploy]
}

/** All records of a file of the package. */
export const readRecords = (file: string, nowMs: number): readonly InputRecord[] =>
  recordsOfText(file, readText(file), nowMs)

/**
 * All records of a text, in any form. The bot refuses denials older than a day, but here a person asked, so old records get the
 * current time.
 */
function recordsOfText(file: string, text: string, nowMs: number): readonly InputRecord[] {
  const { records, broken } = recordsInText(text)
  const [first] = broken
  if (first !== undefined) throw new UsageError(`${file}: line ${first.line}: ${first.why}`)
  if (records.length === 0)
    throw new UsageError(
      `${file}: the input holds no CloudTrail record, which the bot needs: an error text is for rolemedic diagnose`,
    )
  const youngerMs = dirname(resolve(file)) === SAMPLE_EVENTS ? 0 : DAY_MS
  return records.map(({ record }) => withCurrentTime(record, nowMs, youngerMs))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`cannot read ${file}: give a CloudTrail record as JSON`, { cause })
  }
}

/** Records younger than `youngerMs` keep their time. */
function withCurrentTime(record: unknown, nowMs: number, youngerMs: number): InputRecord {
  if (typeof record !== 'object' || record === null || !('eventTime' in record)) return { record, originalTime: null }
  const time = parseTime(String(record.eventTime))
  if (time === null || nowMs - time < youngerMs) return { record, originalTime: null }
  const eventTime = `${new Date(nowMs).toISOString().slice(0, 19)}Z`
  return { record: { ...record, eventTime }, originalTime: String(record.eventTime) }
}
