/**
 * One operation on a stack, from CloudFormation's calls `describe-stack-events`, `describe-stacks` and
 * `describe-stack-resources`.
 */

import * as z from 'zod'
import { orNull } from '../../../../core/base/index.ts'
import type { FailureReason, StackOperation } from '../deploy.ts'

export const RESOURCE_FAILURES = ['CREATE_FAILED', 'UPDATE_FAILED', 'DELETE_FAILED', 'IMPORT_FAILED'] as const

const text = orNull(z.string())
const stackEvent = z.object({
  StackId: z.string(),
  LogicalResourceId: text,
  PhysicalResourceId: text,
  ResourceType: text,
  Timestamp: z.coerce.date(),
  ResourceStatus: text,
  ResourceStatusReason: text,
})
export type StackEvent = z.infer<typeof stackEvent>

/** Omits events of an unexpected form. */
export function stackEventsIn(list: readonly unknown[]): readonly StackEvent[] {
  return list.flatMap(item => {
    const read = stackEvent.safeParse(item)
    return read.success ? [read.data] : []
  })
}

const BEGINNINGS = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'DELETE_IN_PROGRESS', 'IMPORT_IN_PROGRESS']
/** EventBridge rounds times to seconds, the stack's events to milliseconds. */
const ROUNDING_MS = 60_000
const MAX_REASONS = 50

export const isBeginning = (event: StackEvent): boolean =>
  isOfStack(event) && BEGINNINGS.includes(event.ResourceStatus ?? '')

const isOfStack = ({ PhysicalResourceId, StackId }: StackEvent): boolean => PhysicalResourceId === StackId

/** The last operation that began before `untilMs`. `events`: in the order of the API, newest first. */
export function operationUntil(events: readonly StackEvent[], untilMs: number): readonly StackEvent[] {
  const until = events.filter(event => event.Timestamp.getTime() <= untilMs + ROUNDING_MS)
  const begins = until.findIndex(isBeginning)
  return begins === -1 ? until : until.slice(0, begins + 1)
}

function startOf(operation: readonly StackEvent[]): number | null {
  const last = operation.at(-1)
  return last !== undefined && isBeginning(last) ? last.Timestamp.getTime() : null
}

/** The reasons of resources that failed by themselves, first failure first. */
export function reasonsOf(operation: readonly StackEvent[]): readonly FailureReason[] {
  return operation
    .filter(event => !isOfStack(event) && RESOURCE_FAILURES.some(status => status === event.ResourceStatus))
    .map(event => ({
      text: event.ResourceStatusReason ?? '',
      resource: event.LogicalResourceId,
      resourceType: event.ResourceType,
      atMs: event.Timestamp.getTime(),
    }))
    .toReversed()
    .slice(0, MAX_REASONS)
}

/** Nested stacks that failed, whose own events have the reasons. */
export function failedStacksIn(operation: readonly StackEvent[]): readonly string[] {
  const failed = operation.filter(
    event =>
      event.ResourceType === 'AWS::CloudFormation::Stack' &&
      !isOfStack(event) &&
      RESOURCE_FAILURES.some(status => status === event.ResourceStatus),
  )
  return [...new Set(failed.flatMap(({ PhysicalResourceId: id }) => (id?.startsWith('arn:') ? [id] : [])))]
}

/** Names of the IAM roles in a list. The API's lists of events and of resources have the same members for this. */
export function roleNamesIn(list: readonly unknown[]): readonly string[] {
  const resource = z.object({
    ResourceType: z.literal('AWS::IAM::Role'),
    PhysicalResourceId: z.string().check(z.minLength(1)),
  })
  const names = list.flatMap(item => {
    const read = resource.safeParse(item)
    return read.success ? [read.data.PhysicalResourceId] : []
  })
  return [...new Set(names)]
}

const stack = z.object({ RoleARN: text, RootId: text })

export function operationOf(
  stackId: string,
  described: unknown,
  operation: readonly StackEvent[],
  roles: readonly string[],
): StackOperation {
  const read = stack.safeParse(described)
  return {
    rootId: (read.success ? read.data.RootId : null) ?? stackId,
    roleArn: read.success ? read.data.RoleARN : null,
    startedAtMs: startOf(operation),
    reasons: reasonsOf(operation),
    roles,
  }
}
