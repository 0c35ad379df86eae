import { compilePattern, matchPattern, type PatternOptions } from '../../policy/policy-variables.ts'
import { badPolicyValue, type CompileValue, NO_COMPARISON } from './operator.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String */
const compared =
  (options: Omit<PatternOptions, 'variables'>): CompileValue =>
  (wanted, variables) => {
    const pattern = compilePattern(wanted, { ...options, variables })
    return (got, scope) => matchPattern(pattern(scope), options.fold ? got.toLowerCase() : got)
  }

export const stringEquals = compared({ wild: false, fold: false })
export const stringEqualsIgnoreCase = compared({ wild: false, fold: true })
export const stringLike = compared({ wild: true, fold: false })

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean */
export const bool: CompileValue = wanted => {
  const value = parseBool(wanted)
  if (value === null) return badPolicyValue(wanted, 'true or false')
  return got => {
    const actual = parseBool(got)
    if (actual === null) return NO_COMPARISON
    return value === actual ? 'yes' : 'no'
  }
}

export function parseBool(text: string): boolean | null {
  const lower = text.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : null
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export const binaryEquals: CompileValue = wanted => {
  if (!BASE64.test(wanted)) return badPolicyValue(wanted, 'base64')
  const bytes = Buffer.from(wanted, 'base64')
  return got => {
    if (!BASE64.test(got)) return NO_COMPARISON
    return bytes.equals(Buffer.from(got, 'base64')) ? 'yes' : 'no'
  }
}
