import type { AuditEntry, AuditKind } from './audit.ts'
import type { Person, Proposal } from './proposal.ts'

/** What a step adds to what the proposal already says. */
export type Step = {
  readonly kind: AuditKind
  /** Counts steps of this kind on this proposal, from 0: part of the key that makes a repeat append nothing. */
  readonly n?: number
  readonly atMs: number
  readonly by?: Person
  readonly why: string
}

export function entryFor(proposal: Proposal, step: Step, botVersion: string): AuditEntry {
  const { denial, patch } = proposal
  return {
    kind: step.kind,
    atMs: step.atMs,
    proposalId: proposal.id,
    key: `${proposal.id}/${step.kind}/${step.n ?? 0}`,
    by: step.by ?? null,
    principal: denial.principal.arn,
    resource: denial.resource,
    action: denial.action,
    accountId: denial.accountId,
    eventIds: [denial.id],
    requestIds: [],
    digest: patch?.digest ?? null,
    changes: (patch?.changes ?? [])
      .filter(change => change.required)
      .map(({ target, before, after }) => ({ target, before, after })),
    why: step.why,
    botVersion,
  }
}
