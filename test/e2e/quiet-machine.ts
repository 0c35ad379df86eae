/** For tests that measure what people wait for: other work on the machine would be measured too. */
import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

const LOOK_MS = 250
const QUIET_SHARE = 0.7
/** How long the tests of a file wait together, as a machine may never be quiet. */
let leftMs = 60_000

/** Resolves when the processors have little else to do. */
export async function quietMachine(): Promise<void> {
  while (leftMs > 0) {
    const before = processorMs()
    await delay(LOOK_MS)
    const now = processorMs()
    if (now.idle - before.idle > QUIET_SHARE * (now.all - before.all)) return
    leftMs -= LOOK_MS
  }
}

function processorMs(): { readonly idle: number; readonly all: number } {
  const times = cpus().map(one => one.times)
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0)
  return { idle: sum(times.map(one => one.idle)), all: sum(times.flatMap(one => Object.values(one))) }
}
