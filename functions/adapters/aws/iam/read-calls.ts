/** One counted read of AWS, and its failure classified. Absent is evidence, refused is an unknown, anything else is a fault. */
import { ABSENT, found, type Read, RolemedicError, unreadable } from '../../../../core/base/index.ts'

export type ReadStats = {
  /** Requests sent, without the SDK's own retries. */
  readonly calls: number
  /** The longest chain of requests that had to wait for one another. */
  readonly depth: number
}

/** `depth` is 1 for a request that waits for no other. */
export type Ask = <T>(depth: number, operation: string, send: () => Promise<T>) => Promise<Read<T>>

export type Meter = {
  readonly ask: Ask
  /** What was read since the last call. */
  take(): ReadStats
}

export function meter(onCall: (stats: ReadStats) => void = () => {}): Meter {
  let calls = 0
  let deepest = 0
  let inFlight = 0
  /** Depth of everything that ended before the current reads began, and the depth at which these begin. */
  let before = 0
  let first = Number.POSITIVE_INFINITY
  return {
    take() {
      const taken = { calls, depth: deepest }
      calls = 0
      deepest = 0
      before = 0
      first = Number.POSITIVE_INFINITY
      return taken
    },
    async ask(depth, operation, send) {
      // Reads that begin after all others have ended waited for them, such as a role that a drafted change names.
      if (inFlight === 0 && depth <= first) before = deepest
      first = Math.min(first, depth)
      inFlight += 1
      calls += 1
      deepest = Math.max(deepest, before + depth)
      onCall({ calls, depth: deepest })
      try {
        return found(await send())
      } catch (error) {
        return outcome(operation, error)
      } finally {
        inFlight -= 1
      }
    },
  }
}

const REFUSED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorized|AuthorizationError)$/
const MISSING = /^(NoSuchEntity|NoSuchEntityException)$/

function outcome(operation: string, error: unknown): Read<never> {
  const name = error instanceof Error ? error.name : ''
  if (MISSING.test(name)) return ABSENT
  const message = error instanceof Error ? error.message : String(error)
  if (REFUSED.test(name)) return unreadable(`${operation} was refused: ${message}`)
  if (error instanceof RolemedicError) throw error
  throw new RolemedicError('aws-read', `${operation} failed: ${name}: ${message}`, { cause: error })
}
