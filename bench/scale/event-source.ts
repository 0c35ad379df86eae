/** An SQS queue and the Lambda function that reads it: batches, concurrency, visibility timeout, dead letters. */
import type { EventQueue } from './event-queue.ts'

export type Consumed = {
  /** Messages per invocation. */
  readonly batch: number
  readonly atOnce: number
  readonly visibilityMs: number
  readonly maxReceives: number
  /** Starts a process of the function. It handles batches and returns failed messages. */
  readonly start: () => (bodies: readonly string[]) => Promise<readonly string[]>
  /** The added time of the first batch of a process. */
  readonly coldStartMs: number
}

export type EventSource = {
  send(body: string, options?: { readonly delayMs?: number; readonly group?: string }): void
  readonly use: SourceUse
  /** The number of messages that are not done. */
  left(): number
  /** Ends the processes, which must be idle, and all that they hold. */
  end(): void
}

export type SourceUse = {
  sent: number
  received: number
  invocations: number
  /** The sum over all invocations. */
  busyMs: number
  /** For each message, the time from when it could be received until it was. */
  readonly ages: number[]
  dead: number
}

type Message = { readonly body: string; readonly group: string | undefined; visibleAtMs: number; receives: number }
type Process = { handle: ReturnType<Consumed['start']> | null; busy: boolean }

/** The time from the queue to the function. */
const RECEIVE_MS = 20

export function eventSource(events: EventQueue, consumed: Consumed): EventSource {
  const waiting = new Set<Message>()
  const groups = new Set<string>()
  const processes: Process[] = Array.from({ length: consumed.atOnce }, () => ({ handle: null, busy: false }))
  const use: SourceUse = { sent: 0, received: 0, invocations: 0, busyMs: 0, ages: [], dead: 0 }
  let inFlight = 0

  function becomesVisible(message: Message, atMs: number): void {
    message.visibleAtMs = Math.max(atMs, events.now())
    events.at(atMs, () => {
      waiting.add(message)
      dispatch()
    })
  }

  /** A set keeps the order in which messages came. */
  function next(): Message | null {
    for (const message of waiting) {
      if (message.group !== undefined && groups.has(message.group)) continue
      waiting.delete(message)
      if (message.group !== undefined) groups.add(message.group)
      return message
    }
    return null
  }

  function dispatch(): void {
    for (;;) {
      const free = processes.find(({ busy }) => !busy)
      if (free === undefined) return
      const batch: Message[] = []
      for (let message = next(); message !== null; message = batch.length < consumed.batch ? next() : null)
        batch.push(message)
      if (batch.length === 0) return
      free.busy = true
      void invoke(free, batch)
    }
  }

  async function invoke(process: Process, batch: readonly Message[]): Promise<void> {
    const receivedMs = events.now()
    inFlight += batch.length
    for (const message of batch) {
      message.receives += 1
      use.ages.push(receivedMs - message.visibleAtMs)
    }
    use.received += batch.length
    use.invocations += 1
    await events.sleep(RECEIVE_MS)
    const startedMs = events.now()
    if (process.handle === null) {
      process.handle = consumed.start()
      await events.sleep(consumed.coldStartMs)
    }
    const failed = new Set(await process.handle(batch.map(({ body }) => body)))
    use.busyMs += events.now() - startedMs
    process.busy = false
    inFlight -= batch.length
    for (const message of batch) {
      if (message.group !== undefined) groups.delete(message.group)
      if (!failed.has(message.body)) continue
      if (message.receives >= consumed.maxReceives) use.dead += 1
      else becomesVisible(message, receivedMs + consumed.visibilityMs)
    }
    dispatch()
  }

  let delayed = 0
  return {
    use,
    send(body, { delayMs = 0, group } = {}) {
      use.sent += 1
      delayed += 1
      const message: Message = { body, group, visibleAtMs: events.now() + delayMs, receives: 0 }
      events.at(message.visibleAtMs, () => {
        delayed -= 1
        waiting.add(message)
        dispatch()
      })
    },
    left: () => waiting.size + inFlight + delayed,
    end() {
      for (const process of processes) process.handle = null
    },
  }
}
