/** Whether the hub's queues are there, empty where they have to be, and open to their senders alone. */
import { plural } from '../../../../core/base/index.ts'
import { list, matchesGlob, type PolicyDocument, parsePolicy, principalsOf } from '../../../../core/iam/index.ts'
import { CONSUMED_QUEUES } from '../../../../infra/capacity.ts'
import { deadLettersName, nameOf, PREFIX, queueName, SENDERS } from '../../../../infra/names.ts'
import type { ReadQueue } from '../../../live/operator-queues.ts'
import { docsPage } from '../../../version.ts'
import { type Check, failedCheck, okCheck } from '../check.ts'

export type SeenQueue = Pick<ReadQueue, 'name' | 'messages' | 'policy'>

/** The queues that rules deliver to, with one rule each that shows it. */
const BY_RULE: { readonly [queue: string]: string } = {
  [queueName('intake')]: 'assume-role',
  [queueName('alert')]: 'stack-failed',
  [deadLettersName('rules')]: 'heartbeat',
}

const WORK = CONSUMED_QUEUES.map(queueName)
const DEAD = [...CONSUMED_QUEUES.map(deadLettersName), deadLettersName('rules')]
export const HUB_QUEUES = [...WORK, ...DEAD]

export type QueueOwner = {
  readonly partition: string
  readonly region: string
  readonly accountId: string
  readonly rolePath: string
}

export function queueChecks(seen: readonly (SeenQueue | null)[], owner: QueueOwner): readonly Check[] {
  const wrong = HUB_QUEUES.flatMap(name => {
    const queue = seen.find(one => one?.name === name)
    const isDead = DEAD.includes(name)
    if (queue === undefined || queue === null)
      return [failedCheck('queue', `${name} is missing: deploy rolemedic-${isDead ? 'state' : 'bot'}`)]
    const fault = policyFault(queue, owner)
    return [
      ...(isDead && queue.messages > 0
        ? [
            failedCheck(
              'dead letters',
              `${plural(queue.messages, 'message')} in ${name}: rolemedic redrive, after ${docsPage('runbooks.md#dead-letters')}`,
            ),
          ]
        : []),
      ...(fault === null
        ? []
        : [failedCheck('queue', `the policy of ${name} ${fault}: deploy rolemedic-${isDead ? 'state' : 'bot'}`)]),
    ]
  })
  return wrong.length > 0
    ? wrong
    : [okCheck('queue', `${HUB_QUEUES.length} queues, no dead letters, each with its senders`)]
}

function policyFault({ name, policy }: SeenQueue, owner: QueueOwner): string | null {
  const rule = BY_RULE[name]
  const senders = Object.entries(SENDERS).find(([queue]) => queueName(queue) === name)?.[1]
  if (rule === undefined && senders === undefined) return null
  const read = policy === null ? null : parsePolicy(policy)
  if (read === null || !read.ok) return read === null ? 'is missing' : 'cannot be parsed'
  const { partition, region, accountId, rolePath } = owner
  if (
    rule !== undefined &&
    !letsRuleSend(read.value, `arn:${partition}:events:${region}:${accountId}:rule/${PREFIX}-${rule}`)
  )
    return 'does not let the rules of EventBridge deliver'
  const roles = senders?.map(sender => `arn:${partition}:iam::${accountId}:role${rolePath}${nameOf(sender)}`)
  return roles === undefined || deniesAllBut(read.value, roles)
    ? null
    : `does not keep out others than ${roles.join(', ')}`
}

const sends = (actions: unknown): boolean =>
  list((actions ?? []) as string | readonly string[]).some(one =>
    matchesGlob(String(one).toLowerCase(), 'sqs:sendmessage'),
  )

function letsRuleSend({ Statement }: PolicyDocument, rule: string): boolean {
  return Statement.some(statement => {
    if (statement.Effect !== 'Allow' || !sends(statement.Action)) return false
    if (!principalsOf(statement).some(({ name }) => name === 'events.amazonaws.com' || name === '*')) return false
    const sources = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      /^Arn(Equals|Like)$/.test(operator)
        ? Object.entries(keys).flatMap(([key, value]) => (key.toLowerCase() === 'aws:sourcearn' ? list(value) : []))
        : [],
    )
    return sources.length === 0 || sources.some(source => matchesGlob(String(source), rule))
  })
}

function deniesAllBut({ Statement }: PolicyDocument, roles: readonly string[]): boolean {
  return Statement.some(({ Effect, Action, Condition = {} }) => {
    const named = Condition['ArnNotEquals']?.['aws:PrincipalArn']
    return (
      Effect === 'Deny' &&
      sends(Action) &&
      named !== undefined &&
      list(named).toSorted().join() === roles.toSorted().join()
    )
  })
}
