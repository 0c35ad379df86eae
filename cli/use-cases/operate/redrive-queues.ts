/** Moves dead letters back to the queues that they came from, where somebody else than the bot may send to these. */

import { UsageError } from '../../../core/base/index.ts'
import { CONSUMED_QUEUES, type ConsumedQueue } from '../../../infra/capacity.ts'
import { deadLettersName, SENDERS } from '../../../infra/names.ts'
import type { RedriveOutput } from '../../outputs/redrive.ts'
import { docsPage } from '../../version.ts'

/** `arn`: of the queue. `messages`: about how many, as SQS counts. */
export type WaitingLetters = { readonly arn: string; readonly messages: number }

/** Both throw what AWS answers. */
export type DeadLetterQueues = {
  readonly region: string
  /** Null: there is no such queue. */
  waiting(queue: string): Promise<WaitingLetters | null>
  /** Begins to move them. SQS goes on by itself, and sends each message before it deletes it. */
  moveBack(arn: string): Promise<void>
}

type Queue = RedriveOutput['queues'][number]

const SOURCES = [...CONSUMED_QUEUES, 'rules'] as const
type Source = (typeof SOURCES)[number]

export const DEAD_LETTER_QUEUES: readonly string[] = SOURCES.map(deadLettersName)

/** `only`: the name of one queue, or of what sends its messages there (`intake`). Null: all. Throws UsageError. */
export async function redriveQueues(only: string | null, queues: DeadLetterQueues): Promise<RedriveOutput> {
  const asked = only === null ? SOURCES : [sourceOf(only)]
  const answers = await Promise.all(asked.map(source => redriven(source, queues)))
  if (answers.every(answer => answer === null))
    throw new UsageError(
      `no dead-letter queue of rolemedic in ${queues.region}: use the credentials and the Region of the hub`,
    )
  return {
    schema: 'rolemedic.redrive/1',
    region: queues.region,
    queues: answers.map(
      (answer, at) =>
        answer ?? {
          ...{ queue: deadLettersName(asked[at] ?? ''), messages: null, outcome: 'unread' },
          why: 'there is no such queue: deploy rolemedic-state',
        },
    ),
  }
}

export const isQueueDone = ({ outcome }: Queue): boolean => outcome === 'empty' || outcome === 'moving'

function sourceOf(given: string): Source {
  const found = SOURCES.find(source => source === given || deadLettersName(source) === given)
  if (found === undefined) throw new UsageError(`"${given}" is no dead-letter queue: ${DEAD_LETTER_QUEUES.join(', ')}`)
  return found
}

async function redriven(source: Source, queues: DeadLetterQueues): Promise<Queue | null> {
  const queue = deadLettersName(source)
  const read = await tried(() => queues.waiting(queue))
  if (!read.done) return { queue, messages: null, outcome: 'unread', why: read.why }
  if (read.value === null) return null
  const { arn, messages } = read.value
  if (messages === 0) return { queue, messages, outcome: 'empty', why: null }
  const left = whyLeft(source)
  if (left !== null) return { queue, messages, outcome: 'left', why: left }
  const moved = await tried(() => queues.moveBack(arn))
  return moved.done
    ? { queue, messages, outcome: 'moving', why: null }
    : { queue, messages, outcome: 'refused', why: moved.why }
}

type Tried<T> = { readonly done: true; readonly value: T } | { readonly done: false; readonly why: string }

async function tried<T>(send: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { done: true, value: await send() }
  } catch (error) {
    return { done: false, why: error instanceof Error ? error.message : String(error) }
  }
}

const FROM_EVENTS = `EventBridge could not deliver these events, and SQS moves back only what came from a queue: send each again by hand, as ${docsPage('runbooks.md#dead-letters')} says, then purge the queue`

function whyLeft(source: Source): string | null {
  if (source === 'rules') return FROM_EVENTS
  if (!isOfBotAlone(source)) return null
  return `only the bot may send to the queue of ${source}, and the work is not lost: ${ASKED_AGAIN[source]}. Once the cause is fixed, purge the queue, which clears the alarm`
}

type OwnQueue = keyof typeof SENDERS
const isOfBotAlone = (source: ConsumedQueue): source is OwnQueue & ConsumedQueue => source in SENDERS

const ASKED_AGAIN: { readonly [queue in OwnQueue]: string } = {
  verify: 'sweep asks for it again within minutes',
  write: 'sweep has verify ask for it again within minutes',
  outcome: 'verify finds outcomes in what write keeps',
}
