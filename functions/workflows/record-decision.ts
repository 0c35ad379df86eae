/** The audit records of decisions. */
import { type AuditStep, entryFor, noteInWords } from '../domain/audit/index.ts'
import {
  type Applied,
  type Approval,
  approvalsOf,
  type Confirmed,
  noteOf,
  type Proposal,
  type Reverted,
  ratificationOf,
  youthOf,
} from '../domain/proposal/index.ts'
import type { AuditLog } from '../ports/audit-log.ts'

export type RecordingDeps = { readonly audit: Pick<AuditLog, 'append'>; readonly botVersion: string }

/** For a grant that exists, only the last decision is new. */
export async function recordKept(proposal: Applied | Confirmed, { audit, botVersion }: RecordingDeps): Promise<void> {
  for (const step of [...keptSteps(proposal), ...ratificationSteps(proposal)])
    await audit.append(entryFor(proposal, step, botVersion))
}

/** What was said of a break-glass, by those who signed it. */
function ratificationSteps(proposal: Proposal): readonly AuditStep[] {
  const { by = [], declined = null } = ratificationOf(proposal) ?? {}
  const steps = by.map(one => ({ ...one, kind: 'ratified' as const, why: 'ratified' }))
  const all =
    declined === null ? steps : [...steps, { ...declined, kind: 'not-ratified' as const, why: declined.reason }]
  return all.flatMap(({ by: person, atMs, signed, kind, why }) =>
    signed === null
      ? []
      : [
          {
            kind: 'confirmed' as const,
            n: atMs,
            of: `${kind}-${person.id}`,
            atMs,
            by: person,
            why,
            life: { kind, decision: signed },
          },
        ],
  )
}

/** Without a signature, because nobody made these decisions. */
function keptSteps({ use }: Applied | Confirmed | Reverted): readonly AuditStep[] {
  const kept = use?.kept ?? null
  if (kept === null || kept.signed === null) return []
  const { by, atMs, signed: decision } = kept
  const life = { kind: 'kept', decision } as const
  return [{ kind: 'confirmed', n: atMs, of: 'kept', atMs, by, why: 'still needed', life }]
}

export async function recordDecision(proposal: Proposal, { audit, botVersion }: RecordingDeps): Promise<void> {
  for (const step of decisionSteps(proposal)) await audit.append(entryFor(proposal, step, botVersion))
}

/** The audit entries that must exist in this state of the proposal. */
export function decisionSteps(proposal: Proposal): readonly AuditStep[] {
  const approvals = approvalsOf(proposal).map((approval, n) => approvalStep(approval, n, proposal.changed?.times))
  switch (proposal.status) {
    case 'rejected': {
      const { by, atMs, reason, signed: decision } = proposal.rejection
      // Without a signature, because nobody decided it.
      return decision === null
        ? approvals
        : [...approvals, { kind: 'rejected', atMs, by, why: reason || 'rejected', decision }]
    }
    case 'expired':
      return [...approvals, { kind: 'expired', atMs: proposal.expiresAtMs, why: 'nobody decided in time' }]
    // Somebody may have decided to keep it before.
    case 'applied':
    case 'confirmed':
    case 'reverted':
      return [...approvals, ...keptSteps(proposal), ...ratificationSteps(proposal)]
    // If `verify` found it, the record already exists under the same key.
    case 'stale':
      return [...approvals, { kind: 'stale', atMs: proposal.updatedAtMs, why: proposal.failure.message }]
    default:
      return approvals
  }
}

/** Approvals count from the last change of the content. `times`: how often the content has changed. */
function approvalStep(approval: Approval, n: number, times: number | undefined): AuditStep {
  const { atMs, by, reason, signed: decision } = approval
  const content = times === undefined ? {} : { of: contentName(times) }
  const limit = approval.limitHours === null ? '' : ` for ${approval.limitHours} h`
  const seen = decision?.decision.risk ?? 'high'
  const young = youthOf(approval, seen) === null ? '' : '; not counted, as a new member of the approver group'
  return reason === null
    ? {
        kind: 'approved',
        n,
        ...content,
        atMs,
        by,
        why: `approved${limit}${young}${noteInWords(noteOf(approval))}`,
        decision,
      }
    : { kind: 'break-glass', n, ...content, atMs, by, why: reason, decision }
}

/** Part of the keys of audit records, for content that is not the first. */
export const contentName = (times: number): string => `content-${times}`
