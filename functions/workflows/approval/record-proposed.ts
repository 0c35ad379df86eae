import { asPlainText, digestOf, neutralText, type Refusal } from '../../../core/base/index.ts'
import { runLine } from '../../../core/runs/index.ts'
import { type AuditStep, entryFor } from '../../domain/audit/index.ts'
import { contentChangeInWords, statement } from '../../domain/card/index.ts'
import { type Closed, type Open, type Proposal, refusalOf } from '../../domain/proposal/index.ts'
import type { AuditLog } from '../../ports/audit-log.ts'
import { contentName } from '../record-decision.ts'

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
  const steps: readonly AuditStep[] = [{ kind: 'denial-seen', atMs: createdAtMs, why: groundsOf(proposal) }, outcome]
  await audit.appendAll(steps.map(step => ({ ...entryFor(proposal, step, botVersion), eventIds })))
}

/** The run behind the call, and the cause with its statements and unknown facts at that time. */
function groundsOf({ diagnosis: { summary, evidence, unknowns }, run }: Proposal): string {
  const line = run === undefined ? null : runLine(run)
  const behind = line === null ? [] : [`Run: ${line}`]
  const chain = run === undefined || run.chain.length === 0 ? [] : [`Keys issued by: ${run.chain.join(', ')}`]
  const seen = evidence.map(one => `Evidence: ${asPlainText(statement(one))}`)
  const unseen = unknowns.map(({ fact, why }) => `Not seen: ${fact}, ${why}`)
  // One line for each: a text of a policy with a line break would read as another fact.
  const lines = [summary, ...behind, ...chain, ...seen, ...unseen].map(one => neutralText(one, MAX_CHARS))
  return lines.join('\n').slice(0, MAX_CHARS)
}

/** The audit entry for new content. The same content has the same key, even if an earlier attempt was not stored. */
export function proposedAgain({
  changed,
  diagnosis,
  denial,
  refusal,
  patch,
  updatedAtMs,
}: (Open | Closed) & { refusal?: Refusal }): AuditStep {
  const words = changed === undefined ? '' : `${contentChangeInWords(changed)} `
  const of = `${contentName(changed?.times ?? 0)}-${digestOf({ digest: patch?.digest ?? null, words, denial: denial.id, summary: diagnosis.summary }).slice(7, 19)}`
  return patch === null
    ? { kind: 'refused', of, atMs: updatedAtMs, why: `${words}${refusal?.message ?? diagnosis.summary}` }
    : { kind: 'proposed', of, atMs: updatedAtMs, why: `${words}${diagnosis.summary}` }
}
