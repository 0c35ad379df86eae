/** The documents that one patch touches, each with its state before. Two edits of the same document become one change. */
import { canonicalJson } from '../../base/canonical-json.ts'
import type { PolicyDocument } from '../../iam/policy/policy-document.ts'
import { changeDigest, type PolicyChange, type Target, trustLast } from '../patch.ts'

export type Bench = readonly {
  readonly target: Target
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument
}[]

const same = (a: Target, b: Target): boolean => a.kind === b.kind && a.arn === b.arn && a.policyName === b.policyName

/** The document as edited so far; `before` where this is the first edit. */
export function current(bench: Bench, target: Target, before: PolicyDocument | null): PolicyDocument | null {
  return bench.find(entry => same(entry.target, target))?.after ?? before
}

export function put(bench: Bench, target: Target, before: PolicyDocument | null, after: PolicyDocument): Bench {
  return bench.some(entry => same(entry.target, target))
    ? bench.map(entry => (same(entry.target, target) ? { ...entry, after } : entry))
    : [...bench, { target, before, after }]
}

/** Documents that differ, trust policies last. */
export function changesOf(bench: Bench, required: boolean): readonly PolicyChange[] {
  const changed = bench.filter(entry => canonicalJson(entry.before) !== canonicalJson(entry.after))
  return trustLast(changed.map(entry => ({ ...entry, required, digest: changeDigest(entry) })))
}
