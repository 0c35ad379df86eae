/** Whatever the job throws is told before anybody handles it. */
export async function told<T>(job: () => Promise<T>, onFault: (error: unknown) => void): Promise<T> {
  try {
    return await job()
  } catch (error) {
    onFault(error)
    throw error
  }
}

/** What still runs when the bot is closed is waited for, as the store must not close under it; nothing new begins. */
export function underWay(onFault: (error: unknown) => void) {
  const running = new Set<Promise<unknown>>()
  let closed = false
  return {
    /** Null when the bot is closing. */
    async run<T>(job: () => Promise<T>): Promise<T | null> {
      if (closed) return null
      const started = told(job, onFault)
      running.add(started)
      try {
        return await started
      } finally {
        running.delete(started)
      }
    },
    async close(): Promise<void> {
      closed = true
      await Promise.allSettled(running)
    },
  }
}
