/** In-process work queues: delay, retry with backoff, FIFO groups. `sweep` sends again what a crash loses. */

import { setMaxListeners } from 'node:events'
import { never } from '../core/base/index.ts'
import type { Work } from '../functions/domain/proposal/index.ts'
import type { Observer, WorkQueue } from '../functions/ports/index.ts'

export type InProcessQueueOptions = {
  readonly observer?: Observer
  /** Deliveries of one message before it goes to `onDead`. */
  readonly maxAttempts?: number
  /** Delay before the second delivery; doubles each time. */
  readonly backoffMs?: number
  /** Multiplies every delay; 0 delivers at once. */
  readonly pace?: number
  readonly onDead?: (work: Work, error: unknown) => void
}

export type InProcessQueue = WorkQueue & {
  /** Starts delivery; earlier messages wait until then. */
  listen(handle: (work: Work) => Promise<void>): void
  /** Resolves when no message is waiting, running or due for a retry. */
  drain(): Promise<void>
  /** Drops waiting messages and resolves when running ones have ended. */
  close(): Promise<void>
}

/** The FIFO deduplication interval of SQS. */
const DEDUPLICATION_MS = 5 * 60_000

export function inProcessQueue(options: InProcessQueueOptions = {}): InProcessQueue {
  const { observer, maxAttempts = 5, backoffMs = 200, pace = 1, onDead } = options
  let handler: ((work: Work) => Promise<void>) | null = null
  let start: (() => void) | null = null
  const listening = new Promise<void>(resolve => {
    start = resolve
  })
  const groups = new Map<string, Promise<void>>()
  const running = new Set<Promise<void>>()
  const seen = new Map<string, number>()
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)

  async function deliver(work: Work): Promise<void> {
    await listening
    for (let attempt = 1; attempt <= maxAttempts && !stop.signal.aborted; attempt += 1) {
      try {
        await handler?.(work)
        return
      } catch (error) {
        const id = idOf(work)
        const last = attempt === maxAttempts
        observer?.log(last ? 'error' : 'warn', last ? 'work given up' : 'work failed, will be tried again', {
          kind: work.kind,
          attempt,
          error: error instanceof Error ? error.message : String(error),
          id,
        })
        if (last) onDead?.(work, error)
        else await wait(backoffMs * 2 ** (attempt - 1) * pace, stop.signal)
      }
    }
  }

  /** One message of a group at a time, in order. A failed one is retried before the next starts. */
  function inTurn(group: string, work: Work): Promise<void> {
    const turn = (groups.get(group) ?? Promise.resolve()).then(() => deliver(work))
    groups.set(group, turn)
    return turn.finally(() => {
      if (groups.get(group) === turn) groups.delete(group)
    })
  }

  function track(job: Promise<void>): void {
    running.add(job)
    job.finally(() => running.delete(job))
  }

  function isRepeat(deduplicationId: string | undefined): boolean {
    if (deduplicationId === undefined) return false
    const nowMs = performance.now()
    for (const [id, atMs] of seen) if (nowMs - atMs > DEDUPLICATION_MS) seen.delete(id)
    if (seen.has(deduplicationId)) return true
    seen.set(deduplicationId, nowMs)
    return false
  }

  return {
    async send(work, { delaySeconds = 0, group, deduplicationId } = {}) {
      if (stop.signal.aborted) throw new Error('the queue is closed')
      const fifo = work.kind === 'apply' || work.kind === 'revert' || work.kind === 'bridge' ? work : null
      if (fifo !== null && isRepeat(deduplicationId)) return
      const due = wait(delaySeconds * 1000 * pace, stop.signal)
      track(due.then(() => (fifo === null ? deliver(work) : inTurn(group ?? fifo.proposalId, fifo))))
    },
    listen(handle) {
      handler = handle
      start?.()
    },
    async drain() {
      while (running.size > 0) await Promise.all(running)
    },
    async close() {
      stop.abort()
      start?.()
      await Promise.all(running)
    },
  }
}

function idOf(work: Work): string {
  switch (work.kind) {
    case 'propose':
      return work.fingerprint
    case 'announce':
      return work.deploy
    case 'review':
    case 'suggest':
    case 'apply':
    case 'revert':
    case 'bridge':
      return work.proposalId
    case 'publish':
      return work.order.proposalId
    default:
      return never(work)
  }
}

/** Ends early if the queue is closed. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve()
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
