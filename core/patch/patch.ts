import { digestOf } from '../base/index.ts'
import type { DocumentChange } from './target.ts'

export {
  changeDigest,
  changesTrust,
  type DocumentChange,
  TARGET_KINDS,
  type Target,
  type TargetKind,
  trustLast,
} from './target.ts'

export type PolicyChange = DocumentChange & {
  /** `changeDigest` of this change. */
  readonly digest: string
  /** False for a follow-up, which is not part of the approval. */
  readonly required: boolean
}

/** A draft that is not verified yet. Changes of trust policies are last in the list and are written last. */
export type Patch = {
  readonly changes: readonly PolicyChange[]
  /** The hash of the digests of the required changes. The Approve button contains it. */
  readonly digest: string
}

/** Binds an approval to the content of a change. */
export function patchDigest(changes: readonly PolicyChange[]): string {
  return digestOf(changes.filter(change => change.required).map(change => change.digest))
}
