/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals */
import { badPolicyValue, type Compare, NO_COMPARISON } from './operator.ts'

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export const binaryEquals: Compare = (wanted, got, scope) => {
  if (!BASE64.test(wanted)) return badPolicyValue(wanted, 'base64', scope)
  if (!BASE64.test(got)) return NO_COMPARISON
  return Buffer.from(wanted, 'base64').equals(Buffer.from(got, 'base64')) ? 'yes' : 'no'
}
