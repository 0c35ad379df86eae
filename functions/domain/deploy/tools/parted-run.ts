/** The reasons of the failed parts of one run, from what the calls of its service answer. */

import * as z from 'zod'
import { orElse, orNull } from '../../../../core/base/index.ts'
import type { FailureReason } from '../deploy.ts'

export type PartedRun =
  | { readonly kind: 'stack-set'; readonly stackSet: string; readonly operationId: string }
  | { readonly kind: 'amplify-job'; readonly app: string; readonly branch: string; readonly job: string }
  | { readonly kind: 'deployment'; readonly id: string }
  /** `deployment`: its id, with which its tasks were started. */
  | { readonly kind: 'ecs-service'; readonly cluster: string; readonly service: string; readonly deployment: string }

const MAX_PARTS = 50
const text = orNull(z.string())

const results = z.object({
  Summaries: orElse(z.array(z.object({ Account: text, Region: text, Status: text, StatusReason: text })), []),
})
const job = z.object({
  job: z.object({ steps: orElse(z.array(z.object({ stepName: text, status: text, statusReason: text })), []) }),
})

/** Each with its account and Region. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationResultSummary.html */
export function stackSetReasonsIn(value: unknown, atMs: number): readonly FailureReason[] {
  const read = results.safeParse(value)
  if (!read.success) return []
  return read.data.Summaries.filter(({ Status }) => Status === 'FAILED')
    .slice(0, MAX_PARTS)
    .flatMap(({ Account, Region, StatusReason }) => {
      const resource = [Account, Region].filter(part => part !== null).join(', ')
      return StatusReason === null ? [] : [{ text: StatusReason, resource, resourceType: null, atMs }]
    })
}

/** Each with its step. https://docs.aws.amazon.com/amplify/latest/APIReference/API_Step.html */
export function amplifyReasonsIn(value: unknown, atMs: number): readonly FailureReason[] {
  const read = job.safeParse(value)
  if (!read.success) return []
  return read.data.job.steps
    .filter(({ status }) => status === 'FAILED')
    .slice(0, MAX_PARTS)
    .flatMap(({ stepName, statusReason }) =>
      statusReason === null ? [] : [{ text: statusReason, resource: stepName, resourceType: null, atMs }],
    )
}

const reason = (words: string, atMs: number, resource: string | null): FailureReason => ({
  ...{ text: words, resource, resourceType: null, atMs },
})
/** More than anybody reads. */
const MAX_REASONS = 20
/** The JSON protocol sends seconds, with a fraction. */
const seconds = orNull(z.number())
const atOf = (at: number | null, atMs: number): number => (at === null ? atMs : Math.round(at * 1_000))

const deployment = z.object({
  deploymentInfo: z.object({ errorInformation: orNull(z.object({ message: text })) }),
})

/** CodeDeploy's own words. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html */
export function deploymentErrorIn(answer: unknown, atMs: number): readonly FailureReason[] {
  const read = deployment.safeParse(answer)
  const message = read.success ? (read.data.deploymentInfo.errorInformation?.message ?? null) : null
  return message === null ? [] : [reason(message, atMs, null)]
}

const lifecycle = orNull(
  z.object({
    lifecycleEvents: orElse(
      z.array(
        z.object({
          lifecycleEventName: text,
          status: text,
          diagnostics: orNull(z.object({ message: text, logTail: text })),
        }),
      ),
      [],
    ),
  }),
)
const targets = z.object({
  deploymentTargets: orElse(
    z.array(
      z.object({
        instanceTarget: lifecycle,
        lambdaTarget: lifecycle,
        ecsTarget: lifecycle,
        cloudFormationTarget: lifecycle,
      }),
    ),
    [],
  ),
})

/** The words of each step that failed. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeploymentTargets.html */
export function deploymentReasonsIn(answer: unknown, atMs: number): readonly FailureReason[] {
  const read = targets.safeParse(answer)
  if (!read.success) return []
  return read.data.deploymentTargets
    .flatMap(({ instanceTarget, lambdaTarget, ecsTarget, cloudFormationTarget }) =>
      [instanceTarget, lambdaTarget, ecsTarget, cloudFormationTarget].flatMap(one => one?.lifecycleEvents ?? []),
    )
    .filter(({ status }) => status === 'Failed')
    .flatMap(({ lifecycleEventName, diagnostics }) => {
      const words = [diagnostics?.message ?? null, diagnostics?.logTail ?? null].filter(
        one => one !== null && one !== '',
      )
      return words.length === 0 ? [] : [reason(words.join('\n'), atMs, lifecycleEventName ?? 'a step')]
    })
    .slice(0, MAX_REASONS)
}

const services = z.object({
  services: orElse(
    z.array(z.object({ events: orElse(z.array(z.object({ message: text, createdAt: seconds })), []) })),
    [],
  ),
})

/** ECS writes it into the events of the service. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html */
const STEADY = / has reached a steady state\./

/** What a service says since it was steady, newest first. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html */
export function serviceReasonsIn(answer: unknown, atMs: number): readonly FailureReason[] {
  const read = services.safeParse(answer)
  const [service] = read.success ? read.data.services : []
  const events = (service?.events ?? []).flatMap(({ message, createdAt }) =>
    message === null ? [] : [reason(message, atOf(createdAt, atMs), null)],
  )
  const steadyAt = events.findIndex(event => STEADY.test(event.text))
  const recent = events.slice(0, steadyAt === -1 ? undefined : steadyAt)
  return (recent.length === 0 ? events : recent).slice(0, MAX_REASONS)
}

const stopped = z.object({
  tasks: orElse(
    z.array(
      z.object({
        startedBy: text,
        stoppedReason: text,
        stoppedAt: seconds,
        containers: orElse(z.array(z.object({ name: text, reason: text })), []),
      }),
    ),
    [],
  ),
})

/** Why the tasks of a deployment stopped, each sentence once. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
export function taskReasonsIn(answer: unknown, deployment: string, atMs: number): readonly FailureReason[] {
  const read = stopped.safeParse(answer)
  if (!read.success) return []
  const own = read.data.tasks.filter(({ startedBy }) => startedBy === null || startedBy === deployment)
  const all = own.flatMap(({ stoppedReason, stoppedAt, containers }) => {
    const taskMs = atOf(stoppedAt, atMs)
    return [
      ...(stoppedReason === null ? [] : [reason(stoppedReason, taskMs, null)]),
      ...containers.flatMap(({ name, reason: why }) => (why === null ? [] : [reason(why, taskMs, name)])),
    ]
  })
  return [...new Map(all.map(one => [`${one.resource} ${one.text}`, one])).values()].slice(0, MAX_REASONS)
}
