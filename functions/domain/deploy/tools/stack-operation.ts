/**
 * One operation on a stack, from CloudFormation's calls `describe-stack-events`, `describe-stacks` and
 * `describe-stack-resources`.
 */

import * as z from 'zod'
import { orNull } from '../../../../core/base/index.ts'
import type { FailureReason, StackCourse, StackOperation } from '../deploy.ts'

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

/** The events of the operation that also came after `untilMs`. `events`: newest first. */
export function wholeOperation(events: readonly StackEvent[], untilMs: number): readonly StackEvent[] {
  const ended = operationUntil(events, untilMs)
  const later = events.filter(event => event.Timestamp.getTime() > untilMs + ROUNDING_MS)
  return [...later.slice(later.findLastIndex(isBeginning) + 1), ...ended]
}

const SUCCEEDED = /^(?:(?:CREATE|UPDATE|IMPORT|DELETE)_COMPLETE|UPDATE_COMPLETE_CLEANUP_IN_PROGRESS)$/
const ROLLED_BACK = /ROLLBACK_IN_PROGRESS$/

/** Undefined: it goes on, it failed without a rollback, or its events do not say. `operation`: newest first. */
export function courseOf(operation: readonly StackEvent[]): StackCourse | undefined {
  const own = operation.filter(isOfStack)
  if (SUCCEEDED.test(own[0]?.ResourceStatus ?? '')) return { kind: 'succeeded' }
  const rollback = own.findLast(({ ResourceStatus }) => ROLLED_BACK.test(ResourceStatus ?? ''))
  if (rollback !== undefined) return { kind: 'rolled-back', sinceMs: rollback.Timestamp.getTime() }
  return own.some(({ ResourceStatus }) => ResourceStatus?.startsWith('DELETE_')) ? { kind: 'deleting' } : undefined
}

/**
 * The reasons of what failed by itself, first failure first. What failed in an operation that succeeded was tried again, or is
 * left over from the cleanup.
 */
export function reasonsOf(operation: readonly StackEvent[]): readonly FailureReason[] {
  const course = courseOf(operation)
  if (course?.kind === 'succeeded') return []
  return operation
    .toReversed()
    .flatMap(event => reasonIn(event))
    .map(reason => inCourse(reason, course))
    .slice(0, MAX_REASONS)
}

export const inCourse = (reason: FailureReason, course: StackCourse | undefined): FailureReason =>
  course?.kind === 'rolled-back' && reason.resource !== null && reason.atMs > course.sinceMs
    ? { ...reason, during: 'rollback' }
    : reason

const STACK_FAILED = /(?:_FAILED|ROLLBACK_IN_PROGRESS)$/

function reasonIn(event: StackEvent): readonly FailureReason[] {
  const atMs = event.Timestamp.getTime()
  if (isOfStack(event)) {
    if (ownReasonOfStack(event.ResourceStatusReason) === null) return []
    return wordsOfStack(event)
  }
  if (!RESOURCE_FAILURES.some(status => status === event.ResourceStatus)) return []
  const { LogicalResourceId: resource, ResourceType: resourceType } = event
  return [{ text: event.ResourceStatusReason ?? '', resource, resourceType, atMs }]
}

function wordsOfStack({ ResourceStatus, ResourceStatusReason, Timestamp }: StackEvent): readonly FailureReason[] {
  const text = STACK_FAILED.test(ResourceStatus ?? '') ? (ResourceStatusReason ?? '') : ''
  return text === '' ? [] : [{ text, resource: null, resourceType: null, atMs: Timestamp.getTime() }]
}

/** All that a stack says itself, first failure first, for one whose resources say nothing. `operation`: newest first. */
export const allWordsOfStack = (operation: readonly StackEvent[]): readonly FailureReason[] =>
  operation.toReversed().filter(isOfStack).flatMap(wordsOfStack)

/** What a stack says of its resources, which say it themselves, and of who asked for it. */
const LISTED =
  /The following (?:resource|hook)\(s\) failed(?: to \w{1,20})?(?:: {0,3}\[[^\]]{0,4000}\]?)?|(?:Rollback|Delete|Deletion|Update|Cancel\w{0,8}) (?:requested|initiated) by (?:the )?user|User Initiated/gi

/** A reason of the stack itself, such as a macro that was denied or a role that it cannot assume. Null: it has none. */
export function ownReasonOfStack(text: string | null): string | null {
  const rest = (text ?? '').replace(LISTED, '')
  return /[A-Za-z]{2}/.test(rest) ? (text ?? '') : null
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

/** By name: when. */
export const deletedRolesIn = (operation: readonly StackEvent[]): ReadonlyMap<string, number> =>
  new Map(
    operation.flatMap(({ ResourceType, ResourceStatus, PhysicalResourceId: name, Timestamp }) =>
      ResourceType === 'AWS::IAM::Role' && ResourceStatus === 'DELETE_COMPLETE' && name !== null
        ? [[name, Timestamp.getTime()] as const]
        : [],
    ),
  )

const stack = z.object({ RoleARN: text, RootId: text })

export function operationOf(
  stackId: string,
  described: unknown,
  operation: readonly StackEvent[],
  roles: readonly string[],
  whole: readonly StackEvent[] = operation,
): StackOperation {
  const read = stack.safeParse(described)
  const course = courseOf(whole)
  const status = whole.find(isOfStack)?.ResourceStatus ?? null
  return {
    rootId: (read.success ? read.data.RootId : null) ?? stackId,
    roleArn: read.success ? read.data.RoleARN : null,
    startedAtMs: startOf(operation),
    reasons: course?.kind === 'succeeded' ? [] : reasonsOf(operation),
    roles,
    ...(course === undefined ? {} : { course }),
    ...(status === null ? {} : { status }),
    deletedRoles: deletedRolesIn(whole),
  }
}
