import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'

type Wait = typeof timers.setTimeout

/** From here on, how long each module of this process waits, bundles too. A test file has a process of its own. */
export function changeWaits(msOf: (ms: number, options: Parameters<Wait>[2]) => number): void {
  const { setTimeout: wait } = timers
  timers.setTimeout = (ms = 1, value, options) => wait(msOf(ms, options), value, options)
  syncBuiltinESMExports()
}

const LONG_MS = 600_000

/** No limit passes on a busy machine: that of a function's work is a wait that ends with the work, that of a call of Slack a signal. */
export function withoutLimits(): void {
  changeWaits((ms, options) => (options?.signal === undefined ? ms : LONG_MS))
  const { timeout } = AbortSignal
  AbortSignal.timeout = () => timeout.call(AbortSignal, LONG_MS)
}
