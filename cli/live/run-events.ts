/**
 * What the services' own calls answer about a run, as the events that they would have sent to EventBridge. From there the code of the
 * alert goes on. Null: the run did not fail.
 */
import * as z from 'zod'
import { type AccountRegion, orElse, orNull } from '../../core/base/index.ts'

const text = orNull(z.string())
/** The JSON protocol sends seconds, with a fraction. */
const seconds = orNull(z.number())

const eventOf = ({ accountId, region }: AccountRegion, atMs: number, what: object): object => ({
  ...what,
  ...{ account: accountId, region, time: new Date(atMs).toISOString() },
})

const phase = z.object({
  phaseStatus: text,
  contexts: orElse(z.array(z.object({ statusCode: text, message: text })), []),
})
const builds = z.object({
  builds: orElse(
    z.array(
      z.object({
        arn: z.string(),
        projectName: z.string(),
        buildStatus: z.string(),
        endTime: seconds,
        logs: orNull(z.object({ groupName: text, streamName: text })),
        phases: orElse(z.array(phase), []),
      }),
    ),
    [],
  ),
})

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html. `undefined`: CodeBuild does not know it. */
export function eventOfBuild(answer: unknown, place: AccountRegion, nowMs: number): object | null | undefined {
  const read = builds.safeParse(answer)
  const [build] = read.success ? read.data.builds : []
  if (build === undefined) return undefined
  if (build.buildStatus !== 'FAILED') return null
  const { arn, projectName, buildStatus, endTime, logs, phases } = build
  const detail = {
    'build-status': buildStatus,
    'project-name': projectName,
    'build-id': arn,
    'additional-information': {
      logs: { 'group-name': logs?.groupName ?? null, 'stream-name': logs?.streamName ?? null },
      phases: phases.map(({ phaseStatus, contexts }) => ({
        'phase-status': phaseStatus,
        'phase-context': contexts.map(({ statusCode, message }) => `${statusCode ?? ''}: ${message ?? ''}`),
      })),
    },
  }
  const what = { source: 'aws.codebuild', 'detail-type': 'CodeBuild Build State Change', detail }
  return eventOf(place, atOf(endTime, nowMs), what)
}

const atOf = (at: number | null, nowMs: number): number => (at === null ? nowMs : Math.round(at * 1_000))

export type Execution = { readonly id: string; readonly status: string; readonly atMs: number }

export function eventOfPipeline(
  pipeline: string,
  { id, status, atMs }: Execution,
  place: AccountRegion,
): object | null {
  if (status !== 'Failed') return null
  const detail = { pipeline, 'execution-id': id, state: 'FAILED' }
  const type = 'CodePipeline Pipeline Execution State Change'
  return eventOf(place, atMs, { source: 'aws.codepipeline', 'detail-type': type, detail })
}

const deployment = z.object({
  deploymentInfo: z.object({
    applicationName: z.string(),
    deploymentGroupName: z.string(),
    deploymentId: z.string(),
    status: z.string(),
    completeTime: seconds,
  }),
})

/** https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html */
export function eventOfDeployment(answer: unknown, place: AccountRegion, nowMs: number): object | null | undefined {
  const read = deployment.safeParse(answer)
  if (!read.success) return undefined
  const { applicationName, deploymentGroupName, deploymentId, status, completeTime } = read.data.deploymentInfo
  if (status !== 'Failed') return null
  const atMs = atOf(completeTime, nowMs)
  const detail = { application: applicationName, deploymentGroup: deploymentGroupName, deploymentId, state: 'FAILURE' }
  const type = 'CodeDeploy Deployment State-change Notification'
  return eventOf(place, atMs, { source: 'aws.codedeploy', 'detail-type': type, detail })
}

const services = z.object({
  services: orElse(
    z.array(
      z.object({
        serviceArn: z.string(),
        deployments: orElse(
          z.array(z.object({ id: z.string(), rolloutState: text, rolloutStateReason: text, updatedAt: seconds })),
          [],
        ),
        events: orElse(z.array(z.object({ message: text, createdAt: seconds })), []),
      }),
    ),
    [],
  ),
})

/** ECS writes it into the events of the service. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html */
const FAILED_DEPLOYMENT = /\(deployment (ecs-svc\/\d{1,30})\) deployment failed: /
const COMPLETED = /\(deployment (ecs-svc\/\d{1,30})\) deployment completed/
const ROLLED_BACK = /rolling back to deployment (ecs-svc\/\d{1,30})/

/**
 * The newest deployment of the service. After a rollback only the events of the service name the one that failed.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
 */
export function eventOfService(answer: unknown, place: AccountRegion, nowMs: number): object | null | undefined {
  const read = services.safeParse(answer)
  const [service] = read.success ? read.data.services : []
  if (service === undefined) return undefined
  const { deployments, events } = service
  const messages = events.flatMap(({ message, createdAt }) =>
    message === null ? [] : [{ message, atMs: atOf(createdAt, nowMs) }],
  )
  const failed = deployments.find(({ rolloutState }) => rolloutState === 'FAILED')
  const failure = messages.find(({ message }) => FAILED_DEPLOYMENT.test(message))
  if (failed === undefined && isOver(messages.map(({ message }) => message))) return null
  const id = failed?.id ?? FAILED_DEPLOYMENT.exec(failure?.message ?? '')?.[1]
  if (id === undefined) return null
  const atMs = failed === undefined ? (failure?.atMs ?? nowMs) : atOf(failed.updatedAt, nowMs)
  const words = failed?.rolloutStateReason ?? failure?.message ?? ''
  const detail = { eventName: 'SERVICE_DEPLOYMENT_FAILED', deploymentId: id, reason: words }
  const what = {
    source: 'aws.ecs',
    'detail-type': 'ECS Deployment State Change',
    resources: [service.serviceArn],
    detail,
  }
  return eventOf(place, atMs, what)
}

/** True where another deployment has succeeded since the failed one. The one that it was rolled back to is none. `messages`: newest first. */
function isOver(messages: readonly string[]): boolean {
  const since = messages.slice(
    0,
    messages.findIndex(message => FAILED_DEPLOYMENT.test(message)),
  )
  const back = messages.flatMap(message => ROLLED_BACK.exec(message)?.[1] ?? [])[0]
  const completed = since.flatMap(message => COMPLETED.exec(message)?.[1] ?? [])
  return completed.some(id => id !== back)
}
