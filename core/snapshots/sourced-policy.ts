import { found, type Read, type Unknown, unreadable } from '../base/index.ts'
import { parsePolicy, type SourcedPolicy } from '../iam/index.ts'

export type PolicyLabel = Omit<SourcedPolicy, 'document'>

/** Which other entities a managed policy affects: attachments and boundaries. */
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

/** A policy as some source gives it: an object, JSON, or URL-encoded JSON. A document that cannot be parsed is unseen, not absent. */
export function sourcedPolicy(label: PolicyLabel, document: unknown): Read<SourcedPolicy> {
  const parsed = parsePolicy(document)
  return parsed.ok ? found({ ...label, document: parsed.value }) : unreadable(parsed.error)
}

export type PolicyReads = readonly { readonly label: PolicyLabel; readonly read: Read<SourcedPolicy> }[]

/** Splits reads into what was seen and what was not. `absent` means detached between the listing and the read. */
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
