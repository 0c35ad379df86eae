import { setTimeout as wait } from 'node:timers/promises'
import { RolemedicError } from '../../core/base/index.ts'

/** SIGHUP: the terminal was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

type Signals = { on(signal: (typeof SIGNALS)[number], stop: () => void): unknown }

/** A sleep that rejects at once when a signal stops the process, also on every later call, so that the caller can clean up. */
export function sleepUntilStopped(signals: Signals, print: (line: string) => void): (ms: number) => Promise<void> {
  const stopped = new AbortController()
  // The signal can arrive twice: npm forwards a signal that the terminal has already sent.
  for (const signal of SIGNALS)
    signals.on(signal, () => {
      if (stopped.signal.aborted) return
      print('stopping: deleting the roles')
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
