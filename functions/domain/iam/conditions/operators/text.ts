import { compilePattern, matchPattern } from '../../policy/policy-variables.ts'
import { badPolicyValue, type Compare, NO_COMPARISON } from './operator.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String */
export const stringEquals: Compare = (wanted, got, scope) =>
  matchPattern(compilePattern(wanted, scope, { wild: false, fold: false }), got)

export const stringEqualsIgnoreCase: Compare = (wanted, got, scope) =>
  matchPattern(compilePattern(wanted, scope, { wild: false, fold: true }), got.toLowerCase())

export const stringLike: Compare = (wanted, got, scope) =>
  matchPattern(compilePattern(wanted, scope, { wild: true, fold: false }), got)

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean */
export const bool: Compare = (wanted, got, scope) => {
  const value = parseBool(wanted)
  if (value === null) return badPolicyValue(wanted, 'true or false', scope)
  const actual = parseBool(got)
  if (actual === null) return NO_COMPARISON
  return value === actual ? 'yes' : 'no'
}

export function parseBool(text: string): boolean | null {
  const lower = text.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : null
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export const binaryEquals: Compare = (wanted, got, scope) => {
  if (!BASE64.test(wanted)) return badPolicyValue(wanted, 'base64', scope)
  if (!BASE64.test(got)) return NO_COMPARISON
  return Buffer.from(wanted, 'base64').equals(Buffer.from(got, 'base64')) ? 'yes' : 'no'
}
