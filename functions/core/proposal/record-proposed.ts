import { entryFor, type Step } from '../audit/audit-entry.ts'
import type { AuditLog } from '../ports.ts'
import type { Proposal } from './proposal.ts'

/** The first records of a proposal: before its card stands, so that nothing is decided that the log does not know. */
export async function recordProposed(
  proposal: Proposal,
  eventIds: readonly string[],
  { audit, botVersion }: { readonly audit: Pick<AuditLog, 'append'>; readonly botVersion: string },
): Promise<void> {
  const { diagnosis, refusal, createdAtMs, patch } = proposal
  const outcome: Step =
    patch === null
      ? { kind: 'refused', atMs: createdAtMs, why: refusal?.message ?? diagnosis.summary }
      : { kind: 'proposed', atMs: createdAtMs, why: diagnosis.summary }
  const steps: readonly Step[] = [{ kind: 'denial-seen', atMs: createdAtMs, why: diagnosis.summary }, outcome]
  for (const step of steps) await audit.append({ ...entryFor(proposal, step, botVersion), eventIds })
}
