/**
 * Reads a stack's last operation from its events. Bounded: an operation on a large stack has thousands of events, and the
 * failures are among the newest.
 */

import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'
import type { Fact } from '../../../../core/base/index.ts'
import {
  deletedRolesIn,
  failedStacksIn,
  isBeginning,
  operationOf,
  operationUntil,
  reasonsOf,
  roleNamesIn,
  type StackEvent,
  type StackOperation,
  stackEventsIn,
  wholeOperation,
} from '../../../domain/deploy/index.ts'
import { readOrUnknown } from './read-or-unreadable.ts'

type Client = Pick<CloudFormationClient, 'send'>

export const stackClient = (settings: CloudFormationClientConfig) => new CloudFormationClient(settings)

/** Of 100 events each. */
const MAX_PAGES = 10
const MAX_NESTED = 5

export async function readStack(client: Client, stackId: string, untilMs: number): Promise<Fact<StackOperation>> {
  return readOrUnknown(async () => {
    const all = await eventsOf(client, stackId, untilMs)
    const events = operationUntil(all, untilMs)
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackId }))
    const nested = await nestedOperations(client, events, untilMs)
    const made = [...events, ...nested, ...(await resourcesOf(client, stackId))]
    const whole = wholeOperation(all, untilMs)
    const operation = operationOf(stackId, Stacks[0], events, roleNamesIn(made), whole)
    const parts = [...new Set(nested.map(({ StackId }) => StackId))]
    const ofNested = parts.flatMap(id => reasonsOf(nested.filter(({ StackId }) => StackId === id)))
    const reasons = operation.course?.kind === 'succeeded' ? [] : [...operation.reasons, ...ofNested]
    return { ...operation, reasons, deletedRoles: deletedRolesIn([...whole, ...nested]) }
  }, 'the events of the stack')
}

async function eventsOf(client: Client, stackId: string, untilMs: number): Promise<readonly StackEvent[]> {
  const events: StackEvent[] = []
  let NextToken: string | undefined
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await client.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }))
    const read = stackEventsIn(page.StackEvents ?? [])
    events.push(...read)
    NextToken = page.NextToken
    const begun = read.some(event => isBeginning(event) && event.Timestamp.getTime() <= untilMs)
    if (NextToken === undefined || begun) break
  }
  return events
}

/** The events of nested stacks, at any depth, during the same operation. */
async function nestedOperations(
  client: Client,
  events: readonly StackEvent[],
  untilMs: number,
): Promise<readonly StackEvent[]> {
  const found: StackEvent[] = []
  const waiting = [...failedStacksIn(events)]
  const seen = new Set<string>()
  for (let id = waiting.shift(); id !== undefined && seen.size < MAX_NESTED; id = waiting.shift()) {
    if (seen.has(id)) continue
    seen.add(id)
    const nested = operationUntil(await eventsOf(client, id, untilMs), untilMs)
    found.push(...nested)
    waiting.push(...failedStacksIn(nested))
  }
  return found
}

/** The first hundred resources. */
async function resourcesOf(client: Client, stackId: string): Promise<readonly unknown[]> {
  const read = await readOrUnknown(
    async () => (await client.send(new DescribeStackResourcesCommand({ StackName: stackId }))).StackResources ?? [],
    'the resources of the stack',
  )
  return read.known ? read.value : []
}
