import { found, type Read, type Unknown, unreadable } from '../base/index.ts'
import { parsePolicy, type SourcedPolicy } from '../iam/index.ts'

export type PolicyLabel = Omit<SourcedPolicy, 'document'>

/** How many other entities a managed policy affects, by attachment and as a boundary. */
export function reachOf(
  carriers: number | null | undefined,
  bounded: number | null | undefined,
): Pick<PolicyLabel, 'attachments' | 'bounds'> {
  const others = bounded ?? 0
  return {
    ...(typeof carriers === 'number' ? { attachments: carriers + others } : {}),
    ...(others > 0 ? { bounds: true } : {}),
  }
}

/** A policy from any source: an object, JSON text, or URL-encoded JSON text. A document that cannot be parsed is unseen, not absent. */
export function sourcedPolicy(label: PolicyLabel, document: unknown): Read<SourcedPolicy> {
  const parsed = parsePolicy(document)
  return parsed.ok ? found({ ...label, document: parsed.value }) : unreadable(parsed.error)
}

export type PolicyReads = readonly { readonly label: PolicyLabel; readonly read: Read<SourcedPolicy> }[]

/** Separates policies that were read from those that were not. `absent`: the policy was detached between listing and reading. */
export function seenAndUnseen(reads: PolicyReads): {
  readonly policies: readonly SourcedPolicy[]
  readonly unseen: readonly Unknown[]
} {
  return {
    policies: reads.flatMap(({ read }) => (read.kind === 'found' ? [read.value] : [])),
    unseen: reads.flatMap(({ label, read }) =>
      read.kind === 'unreadable' ? [{ fact: policyFact(label), why: read.why }] : [],
    ),
  }
}

export function policyFact(label: PolicyLabel): string {
  return `policy ${label.arn ?? label.name} of ${label.attachedTo}`
}
