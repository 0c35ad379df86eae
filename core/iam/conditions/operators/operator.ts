import type { Match, VariableScope } from '../../policy/policy-variables.ts'

/** Compares one value of the request with one value of the policy. */
export type Compare = (got: string, scope: VariableScope) => Match

/** Compiles one value of the policy. `variables` as in `PatternOptions`. */
export type CompileValue = (wanted: string, variables: boolean) => Compare

export type Operator = {
  readonly compile: CompileValue
  /** True for the `Not…` operators: they match when no value of the policy matches, and when the key is absent. */
  readonly negated: boolean
}

/** For a policy value of the wrong type, which AWS does not document. */
export function badPolicyValue(wanted: string, type: string): Compare {
  return (_got, scope) => {
    scope.note({ fact: `"${wanted.slice(0, 100)}"`, why: `the policy's value is not ${type}` })
    return 'unknown'
  }
}

/** A request value of the wrong type matches nothing. */
export const NO_COMPARISON: Match = 'incomparable'
