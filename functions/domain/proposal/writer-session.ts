/** In whose name a change is written. */
import { sessionFor, type WriterSession } from '../authority/index.ts'
import type { Grant, RevertAuthority } from './grant.ts'

/** Whose change it is: the last approver, who completed it; of a revert, the person who asked for it. */
export function answersFor({ approvals }: Pick<Grant, 'approvals'>, revert: RevertAuthority | null = null): string {
  if (revert?.kind === 'person') return revert.userId
  return approvals.at(-1)?.by.id ?? ''
}

/** `email`: as the chat has verified it; null: it has not, or could not be read. */
export const writerSession = (
  { proposalId, patch, approvals }: Pick<Grant, 'proposalId' | 'patch' | 'approvals'>,
  person: { readonly userId: string; readonly email: string | null },
): WriterSession =>
  sessionFor({ proposalId, digest: patch.digest, approvers: approvals.map(({ by }) => by.id) }, person)
