/**
 * Policy documents as IAM stores them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export type OneOrMore<T> = T | readonly T[]
export type ConditionValue = OneOrMore<string | number | boolean>
export type ConditionBlock = { readonly [operator: string]: { readonly [key: string]: ConditionValue } }
export type PrincipalBlock = '*' | { readonly [type: string]: OneOrMore<string> }

export type Statement = {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: PrincipalBlock
  readonly NotPrincipal?: PrincipalBlock
  readonly Action?: OneOrMore<string>
  readonly NotAction?: OneOrMore<string>
  readonly Resource?: OneOrMore<string>
  readonly NotResource?: OneOrMore<string>
  readonly Condition?: ConditionBlock
}

/** `Statement` is always a list: `parsePolicy` wraps a single statement, and refuses elements that the grammar does not know. */
export type PolicyDocument = {
  readonly Version?: string
  readonly Id?: string
  readonly Statement: readonly Statement[]
}

export const list = <T>(value: OneOrMore<T> | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]

const OWN_SID = /^Rolemedic[0-9a-f]{8}[a-z]*$/

/** True for a Sid of rolemedic. Proves nothing alone: use it only for statements that this change adds. */
export const hasOwnSid = ({ Sid = '' }: Statement): boolean => OWN_SID.test(Sid)
