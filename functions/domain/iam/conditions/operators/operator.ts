import type { Match, Scope } from '../../policy/policy-variables.ts'

/** One comparison of a condition operator: a value of the policy against a value of the request. */
export type Compare = (wanted: string, got: string, scope: Scope) => Match

export type Operator = {
  readonly compare: Compare
  /** True for the `Not…` operators: they match when no value of the policy does, and when the key is absent. */
  readonly negated: boolean
}

/** A value of the policy that is not of the operator's type: what AWS makes of it is not known. */
export function badPolicyValue(wanted: string, type: string, scope: Scope): Match {
  scope.note({ fact: `"${wanted.slice(0, 100)}"`, why: `the policy's value is not ${type}` })
  return 'unknown'
}

/** A value of the request that is not of the operator's type matches nothing. */
export const NO_COMPARISON: Match = 'unresolvable'
