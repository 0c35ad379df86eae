/** What the deploy tools say of a failed deploy beyond its event, and what of that ties a denial to it. */

import type { Fact } from '../domain/base/fact.ts'
import { never } from '../domain/base/result.ts'
import type { Config } from '../domain/config/config.ts'
import { requestKeyOf } from '../domain/denial/fingerprint.ts'
import { failedAsTold } from '../domain/deploy/correlation.ts'
import type { DeployTraces, FailedAction, FailedDeploy, FailureReason } from '../domain/deploy/deploy.ts'
import { type Actors, denialsSaid, type SaidDenial } from '../domain/deploy/deploy-denials.ts'
import type { DeployReader } from '../ports/deploy-reader.ts'
import type { Observer } from '../ports/observer.ts'

export type ReadDeployDeps = {
  readonly reader: DeployReader
  readonly config: Pick<Config, 'deployWindowMinutes'>
  readonly observer: Observer
}

export type ReadDeploy = {
  readonly deploy: FailedDeploy
  readonly said: readonly SaidDenial[]
  readonly actors: Actors
  readonly traces: DeployTraces
}

const MINUTE_MS = 60_000

/** What the tools add to the event. */
type Found = Pick<DeployTraces, 'roles' | 'sessions' | 'via' | 'ownRoles' | 'otherwise'> & {
  readonly deploy: FailedDeploy
  readonly caller: boolean
  readonly startedAtMs: number | null
  readonly reasons: readonly FailureReason[]
}

export async function readDeploy(event: FailedDeploy, deps: ReadDeployDeps): Promise<ReadDeploy> {
  const found = await findingsOf(event, deps)
  const { deploy, roles, sessions, via, ownRoles, otherwise, caller, startedAtMs } = found
  const said = denialsSaid(deploy, [...event.reasons, ...found.reasons])
  const windowMs = deps.config.deployWindowMinutes * MINUTE_MS
  return {
    deploy,
    said,
    actors: { roles, sessions, caller },
    traces: {
      said: [...new Set(said.map(({ denial }) => requestKeyOf(denial)))],
      roles,
      sessions,
      via,
      ownRoles,
      fromMs: Math.max(deploy.failedAtMs - windowMs, startedAtMs ?? 0),
      untilMs: deploy.failedAtMs,
      otherwise,
    },
  }
}

function findingsOf(event: FailedDeploy, deps: ReadDeployDeps): Promise<Found> {
  switch (event.kind) {
    case 'cloudformation':
      return stackFindings(event, deps)
    case 'codepipeline':
      return pipelineFindings(event, deps)
    case 'codebuild':
      return buildFindings(event, deps)
    case 'codedeploy':
      return Promise.resolve({ ...nothing(event), via: 'codedeploy.amazonaws.com' })
    case 'ecs':
      return Promise.resolve({ ...nothing(event), via: 'ecs-tasks.amazonaws.com' })
    default:
      return never(event.kind)
  }
}

const nothing = (deploy: FailedDeploy): Found => ({
  deploy,
  caller: false,
  startedAtMs: null,
  reasons: [],
  roles: [],
  sessions: [],
  via: null,
  ownRoles: [],
  otherwise: false,
})

const ACTS_FOR_A_PERSON = 'cloudformation.amazonaws.com'

async function stackFindings(event: FailedDeploy, { reader, observer }: ReadDeployDeps): Promise<Found> {
  const read = await reader.stack(event, event.target, event.failedAtMs)
  if (!read.known) {
    const otherwise = event.reasons.length > 0 && failedAsTold(event.reasons)
    return { ...nothing(unread(event, read, observer)), via: ACTS_FOR_A_PERSON, otherwise }
  }
  const { rootId, roleArn, startedAtMs, reasons, roles: ownRoles } = read.value
  const root = rootId === event.target ? event : { ...event, target: rootId, name: rootId.split('/')[1] ?? rootId }
  return {
    ...nothing(root),
    reasons,
    startedAtMs,
    ownRoles,
    roles: roleArn === null ? [] : [roleArn],
    via: roleArn === null ? ACTS_FOR_A_PERSON : null,
    caller: roleArn === null,
    otherwise: failedAsTold([...event.reasons, ...reasons]),
  }
}

async function pipelineFindings(event: FailedDeploy, { reader, observer }: ReadDeployDeps): Promise<Found> {
  const read = await reader.failedActions(event, event.target, event.attempt ?? '')
  if (!read.known) return nothing(unread(event, read, observer))
  const builds = read.value.filter(action => action.provider === 'CodeBuild')
  const reasons = [...read.value.flatMap(action => action.reasons), ...(await logsOf(builds, event, reader))]
  // A build acts as itself; what its log does not say, its session's denials do.
  const sessions = builds.flatMap(({ externalId }) => (externalId === null ? [] : [sessionOfBuild(externalId)]))
  const roles = read.value.flatMap(action =>
    action.provider === 'CodeBuild' ? [] : [action.roleArn, action.stackRoleArn].filter(arn => arn !== null),
  )
  return {
    ...nothing(event),
    reasons,
    roles,
    sessions,
    otherwise: builds.length === 0 && failedAsTold(reasons),
  }
}

const MAX_LOGS = 3

/** Where CodeBuild writes unless a project says otherwise: then the log stays unread. */
async function logsOf(
  builds: readonly FailedAction[],
  event: FailedDeploy,
  reader: DeployReader,
): Promise<readonly FailureReason[]> {
  const logs: FailureReason[] = []
  for (const { externalId, action } of builds.slice(0, MAX_LOGS)) {
    const [project = '', id = ''] = externalId?.split(':') ?? []
    if (project === '' || id === '') continue
    const tail = await reader.logTail(event, `/aws/codebuild/${project}`, id)
    if (tail.known) logs.push({ text: tail.value, resource: action, resourceType: null, atMs: event.failedAtMs })
  }
  return logs
}

async function buildFindings(event: FailedDeploy, { reader, observer }: ReadDeployDeps): Promise<Found> {
  const found = { ...nothing(event), sessions: event.attempt === null ? [] : [sessionOfBuild(event.attempt)] }
  if (event.log === null) return found
  const tail = await reader.logTail(event, event.log.group, event.log.stream)
  if (!tail.known) return { ...found, deploy: unread(event, tail, observer) }
  return {
    ...found,
    reasons: [{ text: tail.value, resource: null, resourceType: null, atMs: event.failedAtMs }],
  }
}

/** CodeBuild names the session after the build: the id behind the project. */
const sessionOfBuild = (id: string): string => `AWSCodeBuild-${id.split(':').at(-1) ?? id}`

function unread(event: FailedDeploy, read: Extract<Fact<unknown>, { known: false }>, observer: Observer): FailedDeploy {
  observer.count('DeploysUnread')
  observer.log('warn', 'a failed deploy could not be read', { kind: event.kind, why: read.why.slice(0, 300) })
  return event
}
