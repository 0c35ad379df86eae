/** The documents that one patch edits, with their original versions. Two edits of one document become one change. */
import { canonicalForm } from '../../base/index.ts'
import type { PolicyDocument } from '../../iam/index.ts'
import { changeDigest, type PolicyChange, type Target, trustLast } from '../patch.ts'

export type DocumentEdits = readonly {
  readonly target: Target
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument
}[]

const isSame = (a: Target, b: Target): boolean => a.kind === b.kind && a.arn === b.arn && a.policyName === b.policyName

/** The document with the edits so far; `before` if there are none. */
export function currentDocument<Before extends PolicyDocument | null>(
  edits: DocumentEdits,
  target: Target,
  before: Before,
): PolicyDocument | Before {
  return edits.find(entry => isSame(entry.target, target))?.after ?? before
}

export function withEdit(
  edits: DocumentEdits,
  target: Target,
  before: PolicyDocument | null,
  after: PolicyDocument,
): DocumentEdits {
  return edits.some(entry => isSame(entry.target, target))
    ? edits.map(entry => (isSame(entry.target, target) ? { ...entry, after } : entry))
    : [...edits, { target, before, after }]
}

/** One change for each document that differs, trust policies last. */
export function editedChanges(edits: DocumentEdits, required: boolean): readonly PolicyChange[] {
  const changed = edits.filter(({ before, after }) => before === null || canonicalForm(before) !== canonicalForm(after))
  return trustLast(changed.map(entry => ({ ...entry, required, digest: changeDigest(entry) })))
}
