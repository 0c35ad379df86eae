/** The clock of the local bot: the time of the machine plus skipped time. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import { UsageError } from '../core/base/index.ts'
import type { Clock } from '../functions/ports/index.ts'

export type SkippingClock = {
  readonly now: Clock
  skip(ms: number): void
}

const skipped = z.object({ skippedMs: z.int().check(z.gte(0)) })

/** Skipped time remains after a restart, because a log must not go back in time. `machine`: the time of the machine. */
export function skippingClock(path: string, machine: Clock = Date.now): SkippingClock {
  let skippedMs = existsSync(path) ? read(path) : 0
  return {
    now: () => machine() + skippedMs,
    skip(ms) {
      skippedMs += ms
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, JSON.stringify({ skippedMs }))
    },
  }
}

function read(path: string): number {
  try {
    return skipped.parse(JSON.parse(readFileSync(path, 'utf8'))).skippedMs
  } catch (cause) {
    throw new UsageError(`${path} does not say how much time was skipped: delete the state folder to start again`, {
      cause,
    })
  }
}
