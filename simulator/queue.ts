/** In-process work queues: delay, retry with backoff, FIFO groups. `sweep` sends again what a crash loses. */

import { setMaxListeners } from 'node:events'
import { never } from '../core/base/index.ts'
import type { WriteAsk } from '../functions/domain/authority/index.ts'
import type { Work } from '../functions/domain/proposal/index.ts'
import type { Observer, WorkQueue } from '../functions/ports/index.ts'

export type InProcessQueueOptions<T = Work> = {
  readonly observer?: Observer
  /** Deliveries of one message before it goes to `onDead`. */
  readonly maxAttempts?: number
  /** Delay before the second delivery; doubles each time. */
  readonly backoffMs?: number
  /** Multiplies every delay; 0 delivers at once. */
  readonly pace?: number
  readonly onDead?: (work: T, error: unknown) => void
}

type SendOptions = NonNullable<Parameters<WorkQueue['send']>[1]>

export type InProcessQueue<T = Work> = {
  send(work: T, options?: SendOptions): Promise<void>
  /** Starts delivery; earlier messages wait until then. */
  listen(handle: (work: T) => Promise<void>): void
  /** Resolves when no message is waiting, running or due for a retry. */
  drain(): Promise<void>
  isIdle(): boolean
  /** Drops waiting messages and resolves when running ones have ended. */
  close(): Promise<void>
}

/** The FIFO deduplication interval of SQS. */
const DEDUPLICATION_MS = 5 * 60_000

/** What the queue has to know of a message. `group`: null in a standard queue. */
type About = { readonly kind: string; readonly id: string; readonly group: string | null }

export const inProcessQueue = (options: InProcessQueueOptions = {}): InProcessQueue => queueOf(aboutWork, options)

/** The queue of `write`. */
export const inProcessWriterQueue = (options: InProcessQueueOptions<WriteAsk> = {}): InProcessQueue<WriteAsk> =>
  queueOf(({ ask, proposalId }) => ({ kind: ask, id: proposalId, group: proposalId }), options)

function queueOf<T>(about: (work: T) => About, options: InProcessQueueOptions<T>): InProcessQueue<T> {
  const { observer, maxAttempts = 5, backoffMs = 200, pace = 1, onDead } = options
  let handler: ((work: T) => Promise<void>) | null = null
  let start: (() => void) | null = null
  const listening = new Promise<void>(resolve => {
    start = resolve
  })
  const groups = new Map<string, Promise<void>>()
  const running = new Set<Promise<void>>()
  const seen = new Map<string, number>()
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)

  async function deliver(work: T): Promise<void> {
    await listening
    for (let attempt = 1; attempt <= maxAttempts && !stop.signal.aborted; attempt += 1) {
      try {
        await handler?.(work)
        return
      } catch (error) {
        const { id, kind } = about(work)
        const last = attempt === maxAttempts
        observer?.log(last ? 'error' : 'warn', last ? 'work given up' : 'work failed, will be tried again', {
          kind,
          attempt,
          error: error instanceof Error ? error.message : String(error),
          id,
        })
        if (last) onDead?.(work, error)
        else await wait(backoffMs * 2 ** (attempt - 1) * pace, stop.signal)
      }
    }
  }

  /** One message of a group at a time, in order; a failed one is retried before the next starts. */
  function inTurn(group: string, work: T): Promise<void> {
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
      const own = about(work).group
      if (own !== null && isRepeat(deduplicationId)) return
      const due = wait(delaySeconds * 1000 * pace, stop.signal)
      track(due.then(() => (own === null ? deliver(work) : inTurn(group ?? own, work))))
    },
    listen(handle) {
      handler = handle
      start?.()
    },
    async drain() {
      while (running.size > 0) await Promise.all(running)
    },
    isIdle: () => running.size === 0,
    async close() {
      stop.abort()
      start?.()
      await Promise.all(running)
    },
  }
}

function aboutWork(work: Work): About {
  const { kind } = work
  switch (kind) {
    case 'propose':
    case 'first-look':
      return { kind, id: work.fingerprint, group: null }
    case 'announce':
      return { kind, id: work.deploy, group: null }
    case 'review':
    case 'suggest':
    case 'renew':
    case 'solved':
      return { kind, id: work.proposalId, group: null }
    case 'pressed':
    case 'verify':
    case 'outcome':
    case 'witness':
    case 'revert':
    case 'bridge':
      return { kind, id: work.proposalId, group: work.proposalId }
    case 'publish':
      return { kind, id: work.order.proposalId, group: null }
    default:
      return never(kind)
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
