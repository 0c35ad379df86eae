/** The time to use as now. */
import { parseTime, UsageError } from '../core/base/index.ts'
import type { Option } from './command.ts'

export const AT = {
  type: 'string',
  value: 'TIME',
  about: 'the time to use as now, for time conditions and ages: 2026-11-24T03:00:00Z; UTC without a zone',
} as const satisfies Option

/** Null without the option. */
export function givenTime(text: string | undefined, hint: string): number | null {
  if (text === undefined) return null
  const ms = parseTime(text)
  if (ms === null) throw new UsageError(`--at takes a time like 2026-11-24T03:00:00Z, not "${text}" ${hint}`)
  return ms
}
