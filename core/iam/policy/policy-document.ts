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

export const POLICY_TYPES = ['identity', 'trust', 'boundary', 'session', 'scp', 'rcp', 'vpce'] as const
export type PolicyType = (typeof POLICY_TYPES)[number]

/** A policy with its origin. */
export type SourcedPolicy = {
  readonly type: PolicyType
  /** Inline policy name, managed policy name, or SCP name. */
  readonly name: string
  /** Null for inline and trust policies. */
  readonly arn: string | null
  /** The ARN of the role, user or group that has it; for SCPs and RCPs, the id of the OU or account. */
  readonly attachedTo: string
  /** For managed policies: the number of users, groups and roles that have it. Absent: not read. */
  readonly attachments?: number
  /** For managed policies: it is the permissions boundary of an entity. Absent: not seen as one. */
  readonly bounds?: true
  readonly document: PolicyDocument
}

/** Each principal of a statement with its type (`AWS`, `Service`, `Federated`). For everybody, type and name are `*`. */
export function principalsOf({ Principal }: Statement): readonly { readonly type: string; readonly name: string }[] {
  if (Principal === undefined) return []
  return Object.entries(Principal === '*' ? { '*': '*' } : Principal).flatMap(([type, names]) =>
    list(names).map(name => ({ type, name })),
  )
}

export function principalsOfType({ Principal }: Statement, type: string): readonly string[] {
  if (Principal === undefined) return []
  if (Principal === '*') return type === '*' ? ['*'] : []
  return Object.hasOwn(Principal, type) ? list(Principal[type]) : []
}

export const list = <T>(value: OneOrMore<T> | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]
