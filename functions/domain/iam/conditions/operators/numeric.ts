/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric */
import { badPolicyValue, type Compare, NO_COMPARISON } from './operator.ts'

export type Order = (got: number, wanted: number) => boolean

export const ORDERS: { readonly [name: string]: Order } = {
  equals: (got, wanted) => got === wanted,
  lessthan: (got, wanted) => got < wanted,
  lessthanequals: (got, wanted) => got <= wanted,
  greaterthan: (got, wanted) => got > wanted,
  greaterthanequals: (got, wanted) => got >= wanted,
}

export function numeric(order: Order): Compare {
  return (wanted, got, scope) => {
    const limit = parseNumber(wanted)
    if (limit === null) return badPolicyValue(wanted, 'a number', scope)
    const value = parseNumber(got)
    if (value === null) return NO_COMPARISON
    return order(value, limit) ? 'yes' : 'no'
  }
}

function parseNumber(text: string): number | null {
  return /^[+-]?\d{1,30}(\.\d{1,30})?$/.test(text.trim()) ? Number(text) : null
}
