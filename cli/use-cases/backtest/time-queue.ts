/** A priority queue by time, earliest first. Values of the same time keep their order. */
export type TimeQueue<T> = {
  push(atMs: number, value: T): void
  first(): Entry<T> | null
  pop(): Entry<T> | null
}
type Entry<T> = { readonly atMs: number; readonly value: T; readonly turn: number }

/** A binary heap. */
export function timeQueue<T>(): TimeQueue<T> {
  const heap: Entry<T>[] = []
  let turns = 0

  const isBefore = (one: number, other: number): boolean => {
    const [a, b] = [heap[one], heap[other]]
    if (a === undefined || b === undefined) return a !== undefined
    return a.atMs === b.atMs ? a.turn < b.turn : a.atMs < b.atMs
  }
  const swap = (one: number, other: number): void => {
    const [a, b] = [heap[one], heap[other]]
    if (a === undefined || b === undefined) return
    heap[one] = b
    heap[other] = a
  }

  return {
    push(atMs, value) {
      turns += 1
      heap.push({ atMs, value, turn: turns })
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!isBefore(at, parent)) break
        swap(at, parent)
        at = parent
      }
    },
    first: () => heap[0] ?? null,
    pop() {
      const head = heap[0] ?? null
      const last = heap.pop()
      if (heap.length === 0 || last === undefined) return head
      heap[0] = last
      for (let at = 0; ; ) {
        const least = [2 * at + 1, 2 * at + 2].reduce((best, child) => (isBefore(child, best) ? child : best), at)
        if (least === at) break
        swap(at, least)
        at = least
      }
      return head
    },
  }
}
