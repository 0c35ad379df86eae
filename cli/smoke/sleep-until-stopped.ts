import { setTimeout as wait } from 'node:timers/promises'
import { RolemedicError } from '../../functions/domain/base/errors.ts'

/** A hung-up terminal stops it, too. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

type Signals = { on(signal: (typeof SIGNALS)[number], stop: () => void): unknown }

/** Sleeps until somebody stops the process: then this and every later sleep fails at once, and whoever waits cleans up. */
export function sleepUntilStopped(signals: Signals, say: (line: string) => void): (ms: number) => Promise<void> {
  const stopped = new AbortController()
  // More than once: npm sends on what the terminal has sent already.
  for (const signal of SIGNALS)
    signals.on(signal, () => {
      if (stopped.signal.aborted) return
      say('stopping: the roles are removed')
      stopped.abort()
    })
  return async ms => {
    try {
      await wait(ms, undefined, { signal: stopped.signal })
    } catch (cause) {
      throw new RolemedicError('smoke', 'stopped before the end', { cause })
    }
  }
}
