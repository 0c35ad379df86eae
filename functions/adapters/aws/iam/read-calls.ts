/** One counted read of AWS with a classified failure: absent is evidence, refused is unknown, anything else is a fault. */
import { ABSENT, found, type Read, RolemedicError, unreadable } from '../../../../core/base/index.ts'

export type ReadStats = {
  /** Requests, without the SDK's own retries. */
  readonly calls: number
  /** The longest chain of sequential requests. */
  readonly depth: number
}

/** `depth` is 1 for a request that waits for no other. */
export type Ask = <T>(depth: number, operation: string, send: () => Promise<T>) => Promise<Read<T>>

export type Meter = {
  readonly ask: Ask
  /** The counts since the last call. */
  take(): ReadStats
}

export function meter(onCall: (stats: ReadStats) => void = () => {}): Meter {
  let calls = 0
  let deepest = 0
  let inFlight = 0
  /** `before`: the depth of all reads that ended before the current group of reads. `first`: the smallest depth in that group. */
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
      // A read that starts after all others have ended has waited for them, such as one of a role that a drafted change names.
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
