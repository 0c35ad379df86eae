/** Replaces Node's timers and clocks by a discrete-event clock, so that the product's own waits and back-offs use it. */
import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'
import type { EventQueue } from './event-queue.ts'

/** Returns a function that restores the real ones. */
export function installVirtualTime(events: EventQueue): () => void {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    dateNow: Date.now,
    delay: timersPromises.setTimeout,
  }
  const startedMs = events.now()
  const cancels = new Map<number, () => void>()
  let timers = 0

  const plan = (run: () => void, ms: number | undefined): number => {
    timers += 1
    const id = timers
    const cancel = events.at(events.now() + (ms ?? 0), () => {
      cancels.delete(id)
      run()
    })
    cancels.set(id, cancel)
    return id
  }
  const set = (run: (...args: readonly unknown[]) => void, ms?: number, ...args: readonly unknown[]) =>
    plan(() => run(...args), ms)
  const clear = (id: unknown) => {
    if (typeof id !== 'number') return real.clearTimeout(id as NodeJS.Timeout | undefined)
    cancels.get(id)?.()
    cancels.delete(id)
  }
  const delay = async <T>(ms?: number, value?: T): Promise<T | undefined> => {
    await events.sleep(ms ?? 0)
    return value
  }

  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear })
  Object.assign(timersPromises, { setTimeout: delay })
  // Modules that import a timer by name get the replacement too.
  // https://nodejs.org/api/module.html#modulesyncbuiltinesmexports
  syncBuiltinESMExports()
  Date.now = () => events.now()
  Object.defineProperty(performance, 'now', { configurable: true, value: () => events.now() - startedMs })

  return () => {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout })
    Object.assign(timersPromises, { setTimeout: real.delay })
    syncBuiltinESMExports()
    Date.now = real.dateNow
    Reflect.deleteProperty(performance, 'now')
  }
}
