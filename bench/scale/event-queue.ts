/** A discrete-event clock: jumps from one planned event to the next, so that a day takes minutes. */

export type EventQueue = {
  now(): number
  /** Returns a function that cancels it. */
  at(ms: number, run: () => void): () => void
  sleep(ms: number): Promise<void>
  /** Runs the planned events up to this time, or until there are none. Events of one time run in the order in which they were planned. */
  runUntil(endMs: number): Promise<void>
}

type Planned = { readonly atMs: number; readonly order: number; run: (() => void) | null }

/** Saved before anything replaces it. Settled promises continue before its callback. */
const realImmediate = setImmediate
const nextTurn = (): Promise<void> => new Promise(resolve => void realImmediate(resolve))

export function eventQueue(startMs: number): EventQueue {
  const heap: Planned[] = []
  let nowMs = startMs
  let planned = 0

  const isBefore = (one: Planned, other: Planned): boolean =>
    one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)

  function push(event: Planned): void {
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Planned
      if (!isBefore(event, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  function pop(): Planned | undefined {
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= heap.length) break
      const right = left + 1
      const child = right < heap.length && isBefore(heap[right] as Planned, heap[left] as Planned) ? right : left
      if (!isBefore(heap[child] as Planned, last)) break
      heap[at] = heap[child] as Planned
      at = child
    }
    heap[at] = last
    return first
  }

  const queue: EventQueue = {
    now: () => nowMs,
    at(ms, run) {
      // Clocks give whole milliseconds.
      const event: Planned = { atMs: Math.max(Math.ceil(ms), nowMs), order: planned++, run }
      push(event)
      return () => {
        event.run = null
      }
    },
    sleep: ms => new Promise(resolve => void queue.at(nowMs + ms, resolve)),
    async runUntil(endMs) {
      for (;;) {
        await nextTurn()
        const next = heap[0]
        if (next === undefined || next.atMs > endMs) break
        pop()
        if (next.run === null) continue
        nowMs = next.atMs
        next.run()
      }
      nowMs = Math.max(nowMs, endMs)
    },
  }
  return queue
}
