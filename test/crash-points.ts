/**
 * Where a process may die: before or after each call that it makes. After a call and before the next one is the same where calls come
 * one by one, so a run takes one of the two everywhere, by the seed of the tree, and `npm run laws -- --search` takes both.
 */
import { readConfigureGlobal } from 'fast-check'

export type CrashPoint = { readonly n: number; readonly when: 'before' | 'after' }

/** `n` counts from 1. */
export const crashPoints = (calls: number): readonly CrashPoint[] =>
  everySecond(
    Array.from({ length: 2 * calls }, (_, at) => ({ n: 1 + (at >> 1), when: at % 2 === 0 ? 'before' : 'after' })),
  )

/** Of moments before and after calls, in turn. */
export function everySecond<T>(moments: readonly T[]): readonly T[] {
  if (process.env['WHOLE'] !== undefined) return moments
  const { seed = 0 } = readConfigureGlobal()
  return moments.filter((_, at) => at % 2 === seed % 2)
}
