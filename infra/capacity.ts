/** How much each function and each queue handles in parallel. `docs/capacity.md` explains each number. */
import type { FunctionName } from './functions.ts'

type Size = {
  readonly description: string
  readonly seconds: number
  readonly memoryMb: number
  readonly atOnce: number
}

/** `atOnce`: reserved concurrency, which also limits calls to IAM and Slack. */
export const SIZES: { readonly [name in FunctionName]: Size } = {
  intake: { description: 'is this denial ours, and have we seen it?', seconds: 60, memoryMb: 512, atOnce: 10 },
  propose: { description: 'why was it denied, what is the smallest change?', seconds: 180, memoryMb: 1024, atOnce: 28 },
  decide: { description: 'may this person approve this, now?', seconds: 10, memoryMb: 1769, atOnce: 20 },
  verify: { description: 'is what was approved still right?', seconds: 150, memoryMb: 1024, atOnce: 8 },
  write: { description: 'do two signatures cover exactly this?', seconds: 150, memoryMb: 1024, atOnce: 4 },
  sweep: { description: 'what has run out of time or got stuck?', seconds: 60, memoryMb: 512, atOnce: 1 },
  alert: { description: 'which denial broke this deploy?', seconds: 60, memoryMb: 512, atOnce: 4 },
  publish: { description: 'which pull request has the code of this change?', seconds: 120, memoryMb: 1024, atOnce: 2 },
  enroll: { description: 'whose device is this?', seconds: 20, memoryMb: 512, atOnce: 5 },
}

/** Lambda's minimum. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
export const MIN_CONCURRENCY = 2

/**
 * The queues, and who takes from them. `batch`: messages per invocation; each may fail alone. `atOnce`: invocations; all queues
 * of a function together stay below its reserved concurrency.
 */
export const CONSUMERS = {
  intake: { by: 'intake', batch: 10, atOnce: 5 },
  // They run at once, and those of one account one after another, because IAM is throttled for each account.
  propose: { by: 'propose', batch: 10, atOnce: 24 },
  // Waits behind no other work: a card is there in seconds.
  look: { by: 'propose', batch: 1, atOnce: 4 },
  verify: { by: 'verify', batch: 1, atOnce: 4 },
  write: { by: 'write', batch: 1, atOnce: 4 },
  outcome: { by: 'verify', batch: 1, atOnce: 3 },
  alert: { by: 'alert', batch: 1, atOnce: 3 },
  publish: { by: 'publish', batch: 1, atOnce: MIN_CONCURRENCY },
} as const satisfies {
  readonly [queue: string]: { readonly by: FunctionName; readonly batch: number; readonly atOnce: number }
}

export type ConsumedQueue = keyof typeof CONSUMERS
export const CONSUMED_QUEUES = Object.keys(CONSUMERS) as readonly ConsumedQueue[]

export const MAX_RECEIVES = 5

/**
 * The visibility timeout as a multiple of the function timeout. A failed message is invisible until then, and in a FIFO queue
 * blocks its group. Lambda recommends six for functions that are throttled, but the limit of each consumer keeps its function
 * below the concurrency limit.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const VISIBILITY_FACTOR = 2
export const visibilitySeconds = (name: ConsumedQueue): number => VISIBILITY_FACTOR * SIZES[CONSUMERS[name].by].seconds
