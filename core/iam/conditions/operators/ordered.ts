/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric */
import { badPolicyValue, type CompileValue, NO_COMPARISON } from './operator.ts'

export type Order = (got: number, wanted: number) => boolean

export const ORDERS: { readonly [name: string]: Order } = {
  equals: (got, wanted) => got === wanted,
  lessthan: (got, wanted) => got < wanted,
  lessthanequals: (got, wanted) => got <= wanted,
  greaterthan: (got, wanted) => got > wanted,
  greaterthanequals: (got, wanted) => got >= wanted,
}

export const numeric = (order: Order): CompileValue => ordered(order, parseNumber, 'a number')

function ordered(order: Order, parse: (text: string) => number | null, type: string): CompileValue {
  return wanted => {
    const limit = parse(wanted)
    if (limit === null) return badPolicyValue(wanted, type)
    return got => {
      const value = parse(got)
      if (value === null) return NO_COMPARISON
      return order(value, limit) ? 'yes' : 'no'
    }
  }
}

function parseNumber(text: string): number | null {
  return /^[+-]?\d{1,30}(\.\d{1,30})?$/.test(text.trim()) ? Number(text) : null
}

const W3C = /^(\d{4})-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/i

export const date = (order: Order): CompileValue => ordered(order, parseDateMs, 'a date')

function parseDateMs(text: string): number | null {
  if (/^\d{1,13}(\.\d{1,9})?$/.test(text)) return Number(text) * 1000
  const match = W3C.exec(text)
  if (match === null) return null
  const [, year, month, day = '01', hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] = match
  if (Number(month) < 1 || Number(month) > 12 || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60)
    return null
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  // 30 February would silently become 1 March.
  if (midnight.getUTCDate() !== Number(day)) return null
  const clockMs = (Number(hour) * 3600 + Number(minute) * 60 + Number(second) + Number(`0.${fraction}`)) * 1000
  return midnight.getTime() + Math.round(clockMs) - zoneMs(zone)
}

function zoneMs(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
