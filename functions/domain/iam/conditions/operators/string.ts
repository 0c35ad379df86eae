/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String */
import { compilePattern, matchPattern } from '../../policy/policy-variables.ts'
import type { Compare } from './operator.ts'

export const stringEquals: Compare = (wanted, got, scope) =>
  matchPattern(compilePattern(wanted, scope, { wild: false, fold: false }), got)

export const stringEqualsIgnoreCase: Compare = (wanted, got, scope) =>
  matchPattern(compilePattern(wanted, scope, { wild: false, fold: true }), got.toLowerCase())

export const stringLike: Compare = (wanted, got, scope) =>
  matchPattern(compilePattern(wanted, scope, { wild: true, fold: false }), got)
