import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'

type Wait = typeof timers.setTimeout
const { setTimeout: wait } = timers

/** From here on, how long each module of this process waits, bundles too. A test file has a process of its own. */
export function changeWaits(msOf: (ms: number, options: Parameters<Wait>[2]) => number): void {
  timers.setTimeout = (ms = 1, value, options) => wait(msOf(ms, options), value, options)
  syncBuiltinESMExports()
}
