/**
 * Facts about one service's calls that pass roles: one file per event source in `passed-service/`, written by
 * `npm run facts`. Paths have the format of `request-parameters.ts`.
 */
export type ServiceFacts = {
  /** The event source: `rds.amazonaws.com`. */
  readonly service: string
  /** For each kind of evidence in this file, its source and the day it was read. */
  readonly sources: { readonly [evidence in ServiceEvidence]?: { readonly from: string; readonly on: string } }
  /** Operations whose CloudTrail event has another name. */
  readonly eventNames?: { readonly [operation: string]: string }
  readonly calls: readonly CallFacts[]
}

/**
 * Kinds of evidence, best first: AWS's table of operations; an AWS managed policy that names call and value; the service that
 * such a role usually trusts.
 */
export type ServiceEvidence = 'published' | 'managed-policy' | 'trust'

/** Operations that send the same values. */
export type CallFacts = {
  readonly sends: SentValues
  readonly operations: { readonly [operation: string]: readonly RoleParameter[] }
}

/** Values of `iam:PassedToService` by kind of evidence. */
export type SentValues = {
  /** Empty: AWS publishes that the call authorizes `iam:PassRole` without a fixed value, so the key may be absent. */
  readonly published?: readonly string[]
  /** Published too, but only for AWS's preview and test environments. */
  readonly preview?: readonly string[]
  readonly 'managed-policy'?: { readonly [value: string]: string }
  readonly trust?: readonly string[]
  /** People who tried every value report that the call does not send the key. */
  readonly reportedAbsent?: boolean
}

/** A parameter with a role. Empty path: a role that the event does not show. */
export type RoleParameter =
  | string
  | {
      readonly role: string
      /** The values of the call that it sends for this role. Absent: all of them. */
      readonly sends?: readonly string[]
      /** Services that may assume the role, if they differ from those that the call names. Empty: unknown or none. */
      readonly assumedBy?: readonly string[]
    }
