import type { Match, Scope } from '../../policy/policy-variables.ts'

/** Compares one value of the policy with one value of the request. */
export type Compare = (wanted: string, got: string, scope: Scope) => Match

export type Operator = {
  readonly compare: Compare
  /** True for the `Not…` operators, which match when no policy value matches, and when the key is absent. */
  readonly negated: boolean
}

/** A policy value of the wrong type: AWS's behavior is not documented. */
export function badPolicyValue(wanted: string, type: string, scope: Scope): Match {
  scope.note({ fact: `"${wanted.slice(0, 100)}"`, why: `the policy's value is not ${type}` })
  return 'unknown'
}

/** A request value of the wrong type matches nothing. */
export const NO_COMPARISON: Match = 'unresolvable'
