/**
 * Runs work with limited concurrency within a time budget. Starts nothing after the time is up, and returns the items that were
 * not started.
 */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  timeUp: () => boolean,
  run: (item: T) => Promise<void>,
): Promise<readonly T[]> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length && !timeUp()) {
      const item = items[next]
      next += 1
      if (item !== undefined) await run(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  return items.slice(next)
}
