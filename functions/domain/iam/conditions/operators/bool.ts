/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean */
import { badPolicyValue, type Compare, NO_COMPARISON } from './operator.ts'

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
