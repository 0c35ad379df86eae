/** The event with which a failed job asks the bot to name what was denied. */

import { denialsIn, otherDenialsIn } from '../../core/denial/index.ts'
import { JOB_SCHEMA, type JobEventDetail, MAX_JOB_LOG_CHARS } from '../../functions/domain/deploy/index.ts'

/** The job, as its CI system names it. */
export type CiJob = {
  readonly tool: string
  readonly name: string
  readonly run: string | null
}

/** Null: the log names no denial. */
export function jobEventOf(log: string, { tool, name, run }: CiJob, runUrl: string | null): JobEventDetail | null {
  const words = refusalsIn(log)
  if (words === '') return null
  return {
    ...{ schema: JOB_SCHEMA, status: 'failed', tool, name: plainName(name), log: words },
    ...(run === null ? {} : { run: plainName(run) }),
    ...(runUrl === null ? {} : { runUrl }),
  }
}

/** Only the words of each refusal leave the job: a log can contain secrets. */
function refusalsIn(log: string): string {
  const words = [...denialsIn(log).map(({ message }) => message), ...otherDenialsIn(log).map(({ text }) => text)]
  return [...new Set(words)].join('\n\n').slice(0, MAX_JOB_LOG_CHARS)
}

/** The names that the bot reads have no spaces. */
const plainName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9._/@:#+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128)
