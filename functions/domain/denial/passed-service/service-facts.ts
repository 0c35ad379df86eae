/**
 * What is known of one service's calls that pass roles: one file per event source in `passed-service/`, written by
 * `npm run facts`. A path is read as in `request-parameters.ts`.
 */
export type ServiceFacts = {
  /** The event source: `rds.amazonaws.com`. */
  readonly service: string
  /** Where each kind of evidence in this file comes from, and the day it was read. */
  readonly sources: { readonly [evidence in Evidence]?: { readonly from: string; readonly on: string } }
  /** Operations whose CloudTrail event carries another name. */
  readonly eventNames?: { readonly [operation: string]: string }
  readonly calls: readonly CallFacts[]
}

/** Best first. AWS's own table of operations; an AWS managed policy that names call and value; whom such a role usually trusts. */
export type Evidence = 'published' | 'managed-policy' | 'trust'

/** Operations that send the same values. */
export type CallFacts = {
  readonly sends: SentValues
  readonly operations: { readonly [operation: string]: readonly RoleParameter[] }
}

/** Values of `iam:PassedToService`, by how they are known. */
export type SentValues = {
  /** Empty: AWS publishes that the call authorizes `iam:PassRole` and no fixed value, so that the key may be absent. */
  readonly published?: readonly string[]
  /** Published as well, for AWS's preview and test environments alone. */
  readonly preview?: readonly string[]
  /** Each value with the policy that names it. */
  readonly 'managed-policy'?: { readonly [value: string]: string }
  readonly trust?: readonly string[]
  /** People who tried every value found that the key was not sent. */
  readonly reportedAbsent?: boolean
}

/** A parameter that holds a role; an empty path is a role that the event does not show. */
export type RoleParameter =
  | string
  | {
      readonly role: string
      /** Those of the call's values that it sends for this role. All of them where this is left out. */
      readonly sends?: readonly string[]
      /** Services of which one assumes the role, where they are not those that the call names; empty: not known, or no service does. */
      readonly assumedBy?: readonly string[]
    }
