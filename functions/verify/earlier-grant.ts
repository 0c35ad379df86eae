/** A grant that a version before wrote: its signed decisions, and the record of the write under the key of that time. */
import type { EarlierGrantInput } from '../domain/authority/index.ts'
import type { Reverting } from '../domain/proposal/index.ts'
import type { VerifyDeps } from './deps.ts'

/** Null: the log has no such record, and `write` will refuse. The search goes back no further than the first approval. */
export async function earlierGrant(
  { id, approvals, patch }: Reverting,
  { audit }: Pick<VerifyDeps, 'audit'>,
): Promise<EarlierGrantInput | null> {
  const decisions = approvals.flatMap(({ signed }) => (signed === null ? [] : [signed]))
  const changes = patch.changes
    .filter(change => change.required)
    .map(({ target, before, after }) => ({ target, before, after }))
  for await (const { signature, hash: _, ...body } of audit.latest()) {
    const { entry } = body
    if (signature !== undefined && entry.proposalId === id && WRITTEN.includes(entry.kind))
      return { decisions, changes, applied: { body, signature } }
  }
  return null
}

const WRITTEN = ['applied', 'apply-failed']
