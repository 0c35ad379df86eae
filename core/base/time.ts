import { plural } from './rich-text.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** `2026-11-24 03:00:05 UTC`: CloudTrail records whole seconds. */
export const utcSecond = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** `8 s`, `7 minutes`, `3 hours`, `2 days`. */
export function spanText(ms: number): string {
  if (ms >= 2 * DAY_MS) return plural(Math.round(ms / DAY_MS), 'day')
  if (ms >= 2 * HOUR_MS) return plural(Math.round(ms / HOUR_MS), 'hour')
  if (ms >= 2 * MINUTE_MS) return plural(Math.round(ms / MINUTE_MS), 'minute')
  return `${Math.round(ms / 1_000)} s`
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/

/**
 * Milliseconds of a day or a time in ISO 8601, the form of all options and files: `2026-11-24`, `2026-11-24T03:00:00Z`, with a space as
 * CloudTrail Lake prints it, or with an offset. UTC if it names no zone. Null for anything else and for a day that does not exist.
 */
export function parseTime(text: string | null | undefined): number | null {
  const [, day, minutes = '00:00', seconds = ':00', zone = 'Z'] = TIME.exec(text ?? '') ?? []
  if (day === undefined) return null
  // Date.parse rolls a day such as 30 February over into the next month.
  if (day.slice(8) > '28' && !isDay(day)) return null
  const offset = zone === 'Z' ? zone : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  const ms = Date.parse(`${day}T${minutes}${seconds}${offset}`)
  return Number.isNaN(ms) ? null : ms
}

function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}
