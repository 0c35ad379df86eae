/** Why a deployment of CodeDeploy or of an ECS service failed. Only the first call of each has to be answered. */

import * as z from 'zod'
import { type Fact, orElse } from '../../../../core/base/index.ts'
import {
  deploymentErrorIn,
  deploymentReasonsIn,
  type FailureReason,
  type PartedRun,
  serviceReasonsIn,
  taskReasonsIn,
} from '../../../domain/deploy/index.ts'
import type { JsonCall } from './json-call.ts'
import { readOrUnknown } from './read-or-unreadable.ts'

type Ask = (call: JsonCall) => Promise<unknown>
type RunOf<Kind extends PartedRun['kind']> = Extract<PartedRun, { kind: Kind }>

/** The limits of one call. */
const MAX_TARGETS = 25
const MAX_TASKS = 100

export function readDeployment(
  { id: deploymentId }: RunOf<'deployment'>,
  ask: Ask,
  atMs: number,
): Promise<Fact<readonly FailureReason[]>> {
  const call = (operation: string, body: object) =>
    ask({ service: 'codedeploy', target: `CodeDeploy_20141006.${operation}`, body })
  return readOrUnknown(async () => {
    const error = deploymentErrorIn(await call('GetDeployment', { deploymentId }), atMs)
    const targetIds = await listed(() => call('ListDeploymentTargets', { deploymentId }), 'targetIds', MAX_TARGETS)
    if (targetIds.length === 0) return error
    const details = await call('BatchGetDeploymentTargets', { deploymentId, targetIds }).catch(() => null)
    return [...error, ...deploymentReasonsIn(details, atMs)]
  }, 'the deployment')
}

export function readService(
  { cluster, service, deployment }: RunOf<'ecs-service'>,
  ask: Ask,
  atMs: number,
): Promise<Fact<readonly FailureReason[]>> {
  const call = (operation: string, body: object) =>
    ask({ service: 'ecs', target: `AmazonEC2ContainerServiceV20141113.${operation}`, body })
  return readOrUnknown(async () => {
    const events = serviceReasonsIn(await call('DescribeServices', { cluster, services: [service] }), atMs)
    const stopped = { cluster, serviceName: service, desiredStatus: 'STOPPED' }
    const tasks = await listed(() => call('ListTasks', stopped), 'taskArns', MAX_TASKS)
    if (tasks.length === 0) return events
    const details = await call('DescribeTasks', { cluster, tasks }).catch(() => null)
    return [...events, ...taskReasonsIn(details, deployment, atMs)]
  }, 'the ECS service')
}

async function listed(ask: () => Promise<unknown>, member: string, most: number): Promise<readonly string[]> {
  const answer = await ask().catch(() => null)
  const read = z.object({ [member]: orElse(z.array(z.string()), []) }).safeParse(answer)
  return read.success ? (read.data[member] ?? []).slice(0, most) : []
}
