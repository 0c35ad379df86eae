import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'

type Wait = typeof timers.setTimeout

/** From here on, how long each module of this process waits, bundles too. A test file has a process of its own. */
export function changeWaits(msOf: (ms: number, options: Parameters<Wait>[2]) => number): void {
  const { setTimeout: wait } = timers
  timers.setTimeout = (ms = 1, value, options) => wait(msOf(ms, options), value, options)
  syncBuiltinESMExports()
}

/** The functions limit their work by a wait that ends with it: no limit passes, however busy the machine is. */
export const withoutLimits = (): void =>
  changeWaits((ms, options) => (options?.signal === undefined ? ms : 24 * 3_600_000))
