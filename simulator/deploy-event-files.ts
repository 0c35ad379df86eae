/**
 * Failed deploys from files. The answers of the AWS calls about a deploy are next to its event, in the format of those calls:
 * `stack-events/<stack>.json`, `action-executions/<pipeline>.json`, `builds/<project>.json`, `build-logs/<project>.txt`,
 * `stack-set-results/<StackSet>.json`, `amplify-jobs/<app>-<job>.json` and `cloudtrail/<deploy>.json`.
 */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import * as z from 'zod'
import { type Fact, known, orElse, orNull, parseTime, UsageError, unknown } from '../core/base/index.ts'
import { recordsIn } from '../core/denial/index.ts'
import {
  amplifyReasonsIn,
  buildRolesIn,
  DEPLOY_TOOLS,
  type FailureReason,
  failedActionsIn,
  operationOf,
  operationUntil,
  parseDeployEvent,
  roleNamesIn,
  stackEventsIn,
  stackSetReasonsIn,
} from '../functions/domain/deploy/index.ts'
import type { DeployReader } from '../functions/ports/index.ts'

export type InputDeploy = {
  readonly event: unknown
  readonly reader: DeployReader
  /** What CloudTrail recorded of it. Empty without a file. */
  readonly recorded: readonly unknown[]
  /** The time of the failure; the event is processed as if it had just happened. */
  readonly originalTime: string
}

/** Null: the file is not the event of a deploy. */
export function deployEventFrom(file: string, text: string, nowMs: number): InputDeploy | null {
  const event = parseDeployEventText(text)
  if (event === null) return null
  const shiftMs = nowMs - (parseTime(event.time) ?? nowMs)
  return {
    event: { ...event, time: new Date(nowMs).toISOString() },
    reader: deployFileReader(dirname(resolve(file)), shiftMs),
    recorded: recordedIn(dirname(resolve(file)), event, shiftMs),
    originalTime: event.time,
  }
}

const DEPLOY_SOURCES = DEPLOY_TOOLS.flatMap(({ events }) => events.flatMap(({ pattern }) => pattern.source))

export function parseDeployEventText(
  text: string,
): { readonly [member: string]: unknown; readonly time: string } | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const read = z.looseObject({ source: z.string(), 'detail-type': z.string(), time: z.string() }).safeParse(value)
  if (!read.success || !DEPLOY_SOURCES.includes(read.data.source)) return null
  const isCall = read.data['detail-type'].endsWith('via CloudTrail')
  return isCall || parseTime(read.data.time) === null ? null : read.data
}

/** Why the event is not a failed deploy. Null: it is one. */
export function notFailedReason(event: unknown): string | null {
  const parsed = parseDeployEvent(event)
  return parsed.kind === 'failed' ? null : parsed.why
}

const stackFile = z.object({ StackEvents: orElse(z.array(z.unknown()), []), Stacks: orElse(z.array(z.unknown()), []) })
const pipelineFile = z.object({
  actionExecutionDetails: orElse(z.array(z.looseObject({ pipelineExecutionId: orNull(z.string()) })), []),
  pipeline: orElse(z.object({ roleArn: orNull(z.string()) }), { roleArn: null }),
})

/** Shifts all times in the files by `shiftMs`, like the time of the event. */
export function deployFileReader(folder: string, shiftMs: number): DeployReader {
  const shifted = (reason: FailureReason): FailureReason => ({ ...reason, atMs: reason.atMs + shiftMs })
  return {
    async stack(_place, stackId, untilMs) {
      const name = stackId.split('/')[1] ?? ''
      const file = readJson(join(folder, 'stack-events', `${name}.json`))
      if (!file.known) return file
      const { StackEvents, Stacks } = stackFile.parse(file.value)
      const events = operationUntil(stackEventsIn(StackEvents), untilMs - shiftMs)
      const operation = operationOf(stackId, Stacks[0], events, roleNamesIn(events))
      const { startedAtMs } = operation
      return known({
        ...operation,
        startedAtMs: startedAtMs === null ? null : startedAtMs + shiftMs,
        reasons: operation.reasons.map(shifted),
      })
    },
    async template(_place, stackId) {
      const name = stackId.split('/')[1] ?? ''
      const file = ['yaml', 'json'].map(kind => join(folder, 'templates', `${name}.${kind}`)).find(existsSync)
      if (file === undefined)
        return unknown(`there is no template of ${name} in ${relative('.', join(folder, 'templates'))}`)
      const events = readJson(join(folder, 'stack-events', `${name}.json`))
      const [stack] = events.known ? stackFile.parse(events.value).Stacks : []
      const { roleArn } = operationOf(stackId, stack, [], [])
      return known({ body: readFileSync(file, 'utf8'), parameters: {}, roleArn })
    },
    async failedActions(_place, pipeline, executionId) {
      const file = readJson(join(folder, 'action-executions', `${pipeline}.json`))
      if (!file.known) return file
      const { actionExecutionDetails, pipeline: declared } = pipelineFile.parse(file.value)
      const mine = actionExecutionDetails.filter(each => each.pipelineExecutionId === executionId)
      const actions = failedActionsIn(mine, declared.roleArn)
      return known(actions.map(action => ({ ...action, reasons: action.reasons.map(shifted) })))
    },
    async failedParts(_place, run, atMs) {
      const name = run.kind === 'stack-set' ? (run.stackSet.split(':')[0] ?? '') : `${run.app}-${run.job}`
      const file = readJson(
        join(folder, run.kind === 'stack-set' ? 'stack-set-results' : 'amplify-jobs', `${name}.json`),
      )
      if (!file.known) return file
      return known((run.kind === 'stack-set' ? stackSetReasonsIn : amplifyReasonsIn)(file.value, atMs))
    },
    async buildRoles(place, ids) {
      const projects = [...new Set(ids.map(id => id.split(':')[0] ?? ''))]
      const files = projects.map(project => readJson(join(folder, 'builds', `${project}.json`)))
      const unread = files.find(file => !file.known)
      if (unread !== undefined && !unread.known) return unread
      const builds = files.flatMap(file => (file.known ? buildRolesIn(file.value, place) : []))
      return known(builds.filter(({ id }) => ids.includes(id)))
    },
    async logTail(_place, group) {
      const project = group.split('/').at(-1) ?? group
      return readText(join(folder, 'build-logs', `${project}.txt`))
    },
  }
}

function recordedIn(folder: string, event: unknown, shiftMs: number): readonly unknown[] {
  const parsed = parseDeployEvent(event)
  const file = parsed.kind === 'failed' ? join(folder, 'cloudtrail', `${parsed.deploy.name}.json`) : null
  if (file === null || !existsSync(file)) return []
  const records = recordsIn(readFileSync(file, 'utf8'))
  if (!records.ok) throw new UsageError(`${file}: ${records.error}`)
  return records.value.map(record => {
    const { eventTime } = z.looseObject({ eventTime: z.string() }).parse(record)
    return { ...Object(record), eventTime: `${new Date(Date.parse(eventTime) + shiftMs).toISOString().slice(0, 19)}Z` }
  })
}

function readText(path: string): Fact<string> {
  return existsSync(path) ? known(readFileSync(path, 'utf8')) : unknown(`there is no file ${path}`)
}

function readJson(path: string): Fact<unknown> {
  const text = readText(path)
  return text.known ? known(JSON.parse(text.value)) : text
}
