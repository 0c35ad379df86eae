/**
 * Failed deploys from files. The answers of the AWS calls about a deploy are next to its event, in the format of those calls:
 * `stack-events/<stack>.json`, `action-executions/<pipeline>.json`, `builds/<project>.json`, `build-logs/<project>.txt`,
 * `stack-set-results/<StackSet>.json`, `amplify-jobs/<app>-<job>.json`, `deployments/<id>.json`, `ecs-services/<service>.json` and
 * `cloudtrail/<deploy>.json`.
 */

import { randomInt, randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import * as z from 'zod'
import { type Fact, known, never, orElse, orNull, parseTime, UsageError, unknown } from '../core/base/index.ts'
import { recordsIn } from '../core/denial/index.ts'
import {
  amplifyReasonsIn,
  buildRolesIn,
  DEPLOY_TOOLS,
  deploymentErrorIn,
  deploymentReasonsIn,
  type FailureReason,
  failedActionsIn,
  operationOf,
  operationUntil,
  type PartedRun,
  parseDeployEvent,
  roleNamesIn,
  serviceReasonsIn,
  stackEventsIn,
  stackSetReasonsIn,
  taskReasonsIn,
  wholeOperation,
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

/** Null: the file is not the event of a deploy. `rename`: changes every text that is read of it. */
export function deployEventFrom(file: string, text: string, nowMs: number, rename: Rename = SAME): InputDeploy | null {
  const event = parseDeployEventText(rename(text))
  if (event === null) return null
  const shiftMs = nowMs - (parseTime(event.time) ?? nowMs)
  const folder = dirname(resolve(file))
  return {
    event: { ...event, time: new Date(nowMs).toISOString() },
    reader: deployFileReader(folder, shiftMs, rename),
    recorded: recordedIn(folder, event, shiftMs, rename),
    originalTime: event.time,
  }
}

export type Rename = (text: string) => string
const SAME: Rename = text => text

/** Ids of shorter attempts could be parts of other words. */
const LEAST_ID_CHARS = 8

/** Makes the event another attempt of the same deploy, as it gets another id when it is run again. */
export function asNewAttempt(text: string): Rename {
  const parsed = parseDeployEvent(parseDeployEventText(text))
  const id = parsed.kind === 'failed' ? parsed.deploy.attempt : null
  if (id === null || id.length < LEAST_ID_CHARS) return SAME
  const next = /^\d+$/.test(id) ? String(randomInt(10 ** 10, 10 ** 11)) : randomUUID()
  return one => one.replaceAll(id, next)
}

const DEPLOY_SOURCES = DEPLOY_TOOLS.flatMap(({ events }) => events.flatMap(({ pattern }) => pattern.source))

const deployEvent = z.looseObject({ source: z.string(), 'detail-type': z.string(), time: z.string() })

export function parseDeployEventText(
  text: string,
): { readonly [member: string]: unknown; readonly time: string } | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const read = deployEvent.safeParse(value)
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
export function deployFileReader(folder: string, shiftMs: number, rename: Rename = SAME): DeployReader {
  const readText = (path: string): Fact<string> => textOf(path, rename)
  const readJson = (path: string): Fact<unknown> => jsonOf(path, rename)
  const shifted = (reason: FailureReason): FailureReason => ({ ...reason, atMs: reason.atMs + shiftMs })
  return {
    async stack(_place, stackId, untilMs) {
      const name = stackId.split('/')[1] ?? ''
      const file = readJson(join(folder, 'stack-events', `${name}.json`))
      if (!file.known) return file
      const { StackEvents, Stacks } = stackFile.parse(file.value)
      const all = stackEventsIn(StackEvents)
      const events = operationUntil(all, untilMs - shiftMs)
      const whole = wholeOperation(all, untilMs - shiftMs)
      const operation = operationOf(stackId, Stacks[0], events, roleNamesIn(events), whole)
      const { startedAtMs, course, deletedRoles = new Map() } = operation
      return known({
        ...operation,
        startedAtMs: startedAtMs === null ? null : startedAtMs + shiftMs,
        reasons: operation.reasons.map(shifted),
        deletedRoles: new Map([...deletedRoles].map(([name, atMs]) => [name, atMs + shiftMs])),
        ...(course?.kind === 'rolled-back' ? { course: { ...course, sinceMs: course.sinceMs + shiftMs } } : {}),
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
      const file = readJson(join(folder, `${partFile(run)}.json`))
      return file.known ? known(partReasons(run, file.value, atMs)) : file
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

function partFile(run: PartedRun): string {
  switch (run.kind) {
    case 'stack-set':
      return join('stack-set-results', run.stackSet.split(':')[0] ?? '')
    case 'amplify-job':
      return join('amplify-jobs', `${run.app}-${run.job}`)
    case 'deployment':
      return join('deployments', run.id)
    case 'ecs-service':
      return join('ecs-services', run.service)
    default:
      return never(run)
  }
}

/** A file can hold the answers of several calls: their members differ. */
function partReasons(run: PartedRun, answers: unknown, atMs: number): readonly FailureReason[] {
  switch (run.kind) {
    case 'stack-set':
      return stackSetReasonsIn(answers, atMs)
    case 'amplify-job':
      return amplifyReasonsIn(answers, atMs)
    case 'deployment':
      return [...deploymentErrorIn(answers, atMs), ...deploymentReasonsIn(answers, atMs)]
    case 'ecs-service':
      return [...serviceReasonsIn(answers, atMs), ...taskReasonsIn(answers, run.deployment, atMs)]
    default:
      return never(run)
  }
}

function recordedIn(folder: string, event: unknown, shiftMs: number, rename: Rename): readonly unknown[] {
  const parsed = parseDeployEvent(event)
  const file = parsed.kind === 'failed' ? join(folder, 'cloudtrail', `${parsed.deploy.name}.json`) : null
  if (file === null || !existsSync(file)) return []
  const records = recordsIn(rename(readFileSync(file, 'utf8')))
  if (!records.ok) throw new UsageError(`${file}: ${records.error}`)
  return records.value.map(record => {
    const { eventTime } = z.looseObject({ eventTime: z.string() }).parse(record)
    const another = rename === SAME ? {} : { eventID: randomUUID() }
    return {
      ...Object(record),
      ...another,
      eventTime: `${new Date(Date.parse(eventTime) + shiftMs).toISOString().slice(0, 19)}Z`,
    }
  })
}

function textOf(path: string, rename: Rename): Fact<string> {
  return existsSync(path) ? known(rename(readFileSync(path, 'utf8'))) : unknown(`there is no file ${path}`)
}

function jsonOf(path: string, rename: Rename): Fact<unknown> {
  const text = textOf(path, rename)
  return text.known ? known(JSON.parse(text.value)) : text
}
