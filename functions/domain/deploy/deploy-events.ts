/** EventBridge's events of failed deploys. Fields: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event.html and the pages named at each. */

import * as z from 'zod'
import { neutralText } from '../base/neutral-text.ts'
import { orElse, orNull } from '../base/schema.ts'
import type { FailedDeploy, FailureReason } from './deploy.ts'

export type DeployEvent =
  | { readonly kind: 'failed'; readonly deploy: FailedDeploy }
  | { readonly kind: 'not-ours'; readonly why: string }

const text = orNull(z.string().check(z.maxLength(16_384)))
const words = (most: number) => z.string().check(z.minLength(1), z.maxLength(most))
const envelope = z.object({
  source: z.string(),
  'detail-type': z.string(),
  account: z.string().check(z.regex(/^\d{12}$/)),
  region: z.string().check(z.regex(/^[a-z0-9-]{4,32}$/)),
  time: z.string(),
  resources: orElse(z.array(z.string()), []),
  detail: z.record(z.string(), z.unknown()),
})
type Envelope = z.infer<typeof envelope>
type Reader = (event: Envelope, atMs: number) => DeployEvent

const notOurs = (why: string): DeployEvent => ({ kind: 'not-ours', why })

/** Never throws. */
export function parseDeployEvent(value: unknown): DeployEvent {
  const read = envelope.safeParse(value)
  if (!read.success) return notOurs('not an EventBridge event')
  const atMs = Date.parse(read.data.time)
  const reader = READERS.find(({ source, type }) => source === read.data.source && type === read.data['detail-type'])
  if (reader === undefined || Number.isNaN(atMs)) return notOurs('not an event of a deploy')
  return reader.read(read.data, atMs)
}

const stackDetail = z.object({
  'stack-id': words(1_024),
  'status-details': z.object({ status: z.string().check(z.maxLength(64)), 'status-reason': text }),
  'client-request-token': text,
  'logical-resource-id': text,
  'resource-type': text,
})

export const STACK_FAILURES = [
  'CREATE_FAILED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
  'DELETE_FAILED',
  'IMPORT_ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_COMPLETE',
  'IMPORT_ROLLBACK_FAILED',
] as const
export const RESOURCE_FAILURES = ['CREATE_FAILED', 'UPDATE_FAILED', 'DELETE_FAILED', 'IMPORT_FAILED'] as const

/** `arn:…:stack/<name>/<unique id>` */
const stackName = (stackId: string): string => stackId.split('/')[1] ?? stackId

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-resource-status-change.html
 */
const stackEvent =
  (failures: readonly string[]): Reader =>
  (event, atMs) => {
    const read = stackDetail.safeParse(event.detail)
    if (!read.success) return notOurs('a stack event without a stack')
    const { 'stack-id': stackId, 'status-details': details, 'logical-resource-id': resource } = read.data
    if (!failures.includes(details.status)) return notOurs(`the stack is in ${neutralText(details.status, 64)}`)
    const reason: FailureReason = {
      text: details['status-reason'] ?? '',
      resource,
      resourceType: read.data['resource-type'],
      atMs,
    }
    return failed(event, atMs, {
      kind: 'cloudformation',
      target: stackId,
      name: stackName(stackId),
      attempt: read.data['client-request-token'] || null,
      status: details.status,
      // A stack's own reason only lists what failed.
      reasons: resource === null ? [] : [reason],
    })
  }

const pipelineDetail = z.object({
  pipeline: words(100),
  'execution-id': words(64),
  state: z.string(),
  'pipeline-execution-attempt': orNull(z.number()),
})

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html */
const pipelineEvent: Reader = (event, atMs) => {
  const read = pipelineDetail.safeParse(event.detail)
  if (!read.success) return notOurs('a pipeline event without an execution')
  const { pipeline, 'execution-id': attempt, state, 'pipeline-execution-attempt': tries } = read.data
  if (state !== 'FAILED') return notOurs(`the pipeline is in ${neutralText(state, 64)}`)
  return failed(event, atMs, {
    kind: 'codepipeline',
    target: pipeline,
    name: pipeline,
    attempt,
    status: state,
    ...(tries !== null && tries > 1 ? { retried: tries } : {}),
  })
}

const buildDetail = z.object({
  'build-status': z.string(),
  'project-name': words(255),
  'build-id': words(512),
  'additional-information': z.catch(
    z.object({
      logs: orNull(z.object({ 'group-name': text, 'stream-name': text })),
      phases: orElse(z.array(z.object({ 'phase-status': text, 'phase-context': orElse(z.array(z.string()), []) })), []),
    }),
    { logs: null, phases: [] },
  ),
})

/** https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html */
const buildEvent: Reader = (event, atMs) => {
  const read = buildDetail.safeParse(event.detail)
  if (!read.success) return notOurs('a build event without a build')
  const { 'build-status': status, 'project-name': project, 'build-id': buildId } = read.data
  if (status !== 'FAILED') return notOurs(`the build is in ${neutralText(status, 64)}`)
  const { logs, phases } = read.data['additional-information']
  const group = logs?.['group-name'] ?? null
  const stream = logs?.['stream-name'] ?? null
  const contexts = phases.flatMap(phase => phase['phase-context']).filter(words => words.replace(/[:\s]/g, '') !== '')
  return failed(event, atMs, {
    kind: 'codebuild',
    target: project,
    name: project,
    // `arn:…:build/<project>:<id>`
    attempt: buildId.split(':').at(-1) ?? buildId,
    status,
    reasons: contexts.slice(0, 20).map(words => ({ text: words, resource: null, resourceType: null, atMs })),
    log: group === null || stream === null ? null : { group, stream },
  })
}

const deploymentDetail = z.object({
  application: words(255),
  deploymentGroup: words(255),
  deploymentId: words(255),
  state: z.string(),
})

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html */
const deploymentEvent: Reader = (event, atMs) => {
  const read = deploymentDetail.safeParse(event.detail)
  if (!read.success) return notOurs('a deployment event without a deployment')
  const { application, deploymentGroup, deploymentId, state } = read.data
  if (state !== 'FAILURE') return notOurs(`the deployment is in ${neutralText(state, 64)}`)
  const target = `${application}/${deploymentGroup}`
  return failed(event, atMs, { kind: 'codedeploy', target, name: target, attempt: deploymentId, status: state })
}

const serviceDetail = z.object({ eventName: z.string(), deploymentId: words(255), reason: text })

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
const serviceEvent: Reader = (event, atMs) => {
  const read = serviceDetail.safeParse(event.detail)
  const service = event.resources.find(arn => /^arn:[^:]+:ecs:[^:]*:\d{12}:service\//.test(arn))
  if (!read.success || service === undefined) return notOurs('a deployment event without a service')
  const { eventName, deploymentId, reason } = read.data
  if (eventName !== 'SERVICE_DEPLOYMENT_FAILED') return notOurs(`the deployment is in ${neutralText(eventName, 64)}`)
  return failed(event, atMs, {
    kind: 'ecs',
    target: service,
    name: service.split(':service/')[1] ?? service,
    attempt: deploymentId,
    status: eventName,
    reasons: reason === null ? [] : [{ text: reason, resource: null, resourceType: null, atMs }],
  })
}

type What = Pick<FailedDeploy, 'kind' | 'target' | 'name' | 'attempt' | 'status'> &
  Partial<Pick<FailedDeploy, 'reasons' | 'log' | 'retried'>>

function failed({ account, region }: Envelope, failedAtMs: number, what: What): DeployEvent {
  const deploy = { accountId: account, region, failedAtMs, reasons: [], log: null, ...what }
  return { kind: 'failed', deploy: { ...deploy, name: neutralText(deploy.name, 256) } }
}

const READERS: readonly { readonly source: string; readonly type: string; readonly read: Reader }[] = [
  { source: 'aws.cloudformation', type: 'CloudFormation Stack Status Change', read: stackEvent(STACK_FAILURES) },
  { source: 'aws.cloudformation', type: 'CloudFormation Resource Status Change', read: stackEvent(RESOURCE_FAILURES) },
  { source: 'aws.codepipeline', type: 'CodePipeline Pipeline Execution State Change', read: pipelineEvent },
  { source: 'aws.codebuild', type: 'CodeBuild Build State Change', read: buildEvent },
  { source: 'aws.codedeploy', type: 'CodeDeploy Deployment State-change Notification', read: deploymentEvent },
  { source: 'aws.ecs', type: 'ECS Deployment State Change', read: serviceEvent },
]
