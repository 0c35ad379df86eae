import { asPlainText } from '../../../core/base/index.ts'
import type { Diagnosis } from '../../../core/diagnosis/index.ts'
import { type AuditStep, entryFor } from '../../domain/audit/index.ts'
import { statement } from '../../domain/card/index.ts'
import { type Proposal, refusalOf } from '../../domain/proposal/index.ts'
import type { AuditLog } from '../../ports/audit-log.ts'

const MAX_CHARS = 4_000

/** The first records of a proposal. Written before its card is posted, so that nobody can decide on anything that is not in the log. */
export async function recordProposed(
  proposal: Proposal,
  eventIds: readonly string[],
  { audit, botVersion }: { readonly audit: Pick<AuditLog, 'appendAll'>; readonly botVersion: string },
): Promise<void> {
  const { diagnosis, createdAtMs } = proposal
  const refusal = refusalOf(proposal)
  const outcome: AuditStep =
    refusal === null
      ? { kind: 'proposed', atMs: createdAtMs, why: diagnosis.summary }
      : { kind: 'refused', atMs: createdAtMs, why: refusal.message }
  const steps: readonly AuditStep[] = [{ kind: 'denial-seen', atMs: createdAtMs, why: groundsOf(diagnosis) }, outcome]
  await audit.appendAll(steps.map(step => ({ ...entryFor(proposal, step, botVersion), eventIds })))
}

/** The cause with its statements and unknown facts at that time. */
function groundsOf({ summary, evidence, unknowns }: Diagnosis): string {
  const seen = evidence.map(one => `Evidence: ${asPlainText(statement(one))}`)
  const unseen = unknowns.map(({ fact, why }) => `Not seen: ${fact}, ${why}`)
  return [summary, ...seen, ...unseen].join('\n').slice(0, MAX_CHARS)
}
