/** The table says who decided; only a signature of `decide` proves it. What is recorded and announced later is not on the word of the table. */
import { approvalsOf, type Proposal, withSignedDecisions } from '../../domain/proposal/index.ts'
import type { Observer } from '../../ports/observer.ts'
import type { Keys } from '../../ports/signer.ts'

export type SignedOnlyDeps = {
  /** The public keys that decisions are verified with, before the log names who made them. */
  readonly keys: Keys
  readonly observer: Observer
}

/** What is not signed is left out, and logged. Whether it is a forgery, `decide` and `apply` say, once somebody asks for more. */
export async function signedOnly<P extends Proposal>(proposal: P, { keys, observer }: SignedOnlyDeps): Promise<P> {
  if (!hasDecisions(proposal)) return proposal
  const { proposal: believed, forged } = withSignedDecisions(proposal, await keys.ring())
  for (const why of forged) {
    const fields = { proposalId: proposal.id, status: proposal.status, why }
    observer.log('error', 'decision_not_recorded', fields)
  }
  return believed
}

/** The keys are asked for only where there is something to verify. */
const hasDecisions = (proposal: Proposal): boolean =>
  approvalsOf(proposal).length > 0 ||
  proposal.status === 'rejected' ||
  ('use' in proposal && proposal.use !== undefined && proposal.use.kept !== null)
