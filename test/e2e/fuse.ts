/** Servers behind proxies that all die at once, as they do for a process that is killed: at a chosen request that changes something. */
import { type Relay, relay } from './relay.ts'

export type Fuse = Relay & {
  /** Lets so many changes through, and nothing after the last of them, not even its answer. */
  blowAfter(changes: number): void
  /** False: fewer changes were made. */
  repair(): boolean
  /** The changes since it was set, in order. */
  readonly changes: readonly string[]
}

const READS =
  /^(?:Get|List|Describe|Query|Scan|Batch(?:Get|Check)|Lookup|Receive|Verify|Sign$|Assume|Decode|auth|users|usergroups|conversations)/

export function fuse(): Fuse {
  const changes: string[] = []
  let last = Number.POSITIVE_INFINITY
  let isBlown = false
  const proxy = relay(async ({ operation }, forward) => {
    if (isBlown) return null
    if (!READS.test(operation)) {
      changes.push(operation)
      if (changes.length >= last) isBlown = true
    }
    const answer = await forward()
    // The change was made, and nobody lives to hear of it.
    return isBlown ? null : answer
  })
  return {
    ...proxy,
    changes,
    blowAfter(count) {
      changes.length = 0
      last = count
      isBlown = count === 0
    },
    repair() {
      const wasBlown = isBlown
      isBlown = false
      last = Number.POSITIVE_INFINITY
      return wasBlown
    },
  }
}
