/** Reports any error of the job before rethrowing it. */
export async function reportingFaults<T>(job: () => Promise<T>, onFault: (error: unknown) => void): Promise<T> {
  try {
    return await job()
  } catch (error) {
    onFault(error)
    throw error
  }
}

/** Tracks running jobs. Closing waits for them, because they need the store, and prevents new ones. */
export function inFlight(onFault: (error: unknown) => void) {
  const running = new Set<Promise<unknown>>()
  let closed = false
  /** For what runs on after the job that began it has ended. */
  async function follow<T>(started: Promise<T>): Promise<T> {
    running.add(started)
    try {
      return await started
    } finally {
      running.delete(started)
    }
  }
  return {
    follow,
    /** Null if the bot is closing. */
    async run<T>(job: () => Promise<T>): Promise<T | null> {
      if (closed) return null
      return follow(reportingFaults(job, onFault))
    },
    async idle(): Promise<void> {
      while (running.size > 0) await Promise.allSettled(running)
    },
    isClosed: (): boolean => closed,
    async close(): Promise<void> {
      closed = true
      await Promise.allSettled(running)
    },
  }
}
