import type { PolicyDocument } from './policy-document.ts'
import type { SourcedPolicy } from './sourced-policy.ts'

/** Policies of an account besides those that apply to one entity now: earlier versions, detached policies, other groups. */
export type PolicyArchive = {
  /** Null: the policy does not exist, or was not read. */
  policy(arn: string): ArchivedPolicy | null
  /** The policies of a group. Null: it does not exist, or was not read. */
  group(accountId: string, name: string): readonly SourcedPolicy[] | null
}

export type ArchivedPolicy = {
  readonly defaultVersionId: string | null
  /** The versions that exist, by id. */
  readonly versions: ReadonlyMap<string, PolicyDocument>
}
