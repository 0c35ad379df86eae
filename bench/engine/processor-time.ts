/** Measures processor time, which other processes affect less than wall time. */
import { median } from '../figures.ts'

export type Measured<T> = T & {
  /** The mean processor time of one run, per sample. */
  readonly ms: readonly number[]
}

type Subject = { readonly run: () => unknown }

/** A sample takes at least this long, so that the resolution of the clock does not matter. */
const SAMPLE_MS = 0.1

/** Interleaves the subjects, so that other load affects all of them equally. */
export async function measured<T extends Subject>(
  subjects: readonly T[],
  { warmMs, rounds, roundMs }: { readonly warmMs: number; readonly rounds: number; readonly roundMs: number },
): Promise<readonly Measured<T>[]> {
  const planned: { readonly subject: T; readonly runs: number; readonly samples: number; readonly ms: number[] }[] = []
  for (const subject of subjects) {
    const runMs = await warmRunMs(subject, warmMs)
    const runs = Math.max(1, Math.round(SAMPLE_MS / runMs))
    planned.push({ subject, runs, samples: Math.max(1, Math.round(roundMs / (runMs * runs))), ms: [] })
  }
  for (let round = 0; round < rounds; round++)
    for (const { subject, runs, samples, ms } of planned)
      for (let sample = 0; sample < samples; sample++) ms.push((await processorMs(subject, runs)) / runs)
  return planned.map(({ subject, ms }) => ({ ...subject, ms }))
}

export const medianMs = ({ ms }: { readonly ms: readonly number[] }): number => median(ms)

/** The time of one run after a warm-up of `warmMs`. */
async function warmRunMs(subject: Subject, warmMs: number): Promise<number> {
  let spentMs = 0
  for (let runs = 1; ; runs *= 2) {
    const ms = await processorMs(subject, runs)
    spentMs += ms
    if (spentMs >= warmMs) return ms / runs
  }
}

async function processorMs({ run }: Subject, runs: number): Promise<number> {
  const before = process.cpuUsage()
  for (let at = 0; at < runs; at++) {
    const running = run()
    if (running instanceof Promise) await running
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The slope of the line through the logarithms: 0 is constant, 1 is linear growth. */
export function exponent(points: readonly { readonly size: number; readonly ms: number }[]): number {
  const logs = points.map(({ size, ms }) => [Math.log(size), Math.log(ms)] as const)
  const mean = (at: 0 | 1) => logs.reduce((sum, log) => sum + log[at], 0) / logs.length
  const [x, y] = [mean(0), mean(1)]
  const covariance = logs.reduce((sum, log) => sum + (log[0] - x) * (log[1] - y), 0)
  return covariance / logs.reduce((sum, log) => sum + (log[0] - x) ** 2, 0)
}
