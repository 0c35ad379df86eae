/** The table says who decided, but only a signature of `decide` proves it. Records and announcements use only proved decisions. */
import { approvalsOf, type Proposal, ratificationOf, withSignedDecisions } from '../../domain/proposal/index.ts'
import type { Observer } from '../../ports/observer.ts'
import type { Keys } from '../../ports/signer.ts'

export type SignedOnlyDeps = {
  /** The public keys that verify decisions before the log names who made them. */
  readonly keys: Keys
  readonly observer: Observer
}

/** Omits and logs decisions without a valid signature. `decide` and `verify` determine whether it is a forgery. */
export async function signedOnly<P extends Proposal>(proposal: P, { keys, observer }: SignedOnlyDeps): Promise<P> {
  if (!hasDecisions(proposal)) return proposal
  const { proposal: believed, forged } = withSignedDecisions(proposal, await keys.ring())
  for (const why of forged) {
    const fields = { proposalId: proposal.id, status: proposal.status, why }
    observer.log('error', 'decision_not_recorded', fields)
  }
  return believed
}

/** Loads the keys only if there is something to verify. */
const hasDecisions = (proposal: Proposal): boolean =>
  approvalsOf(proposal).length > 0 ||
  proposal.status === 'rejected' ||
  ratificationOf(proposal) !== null ||
  ('use' in proposal && proposal.use !== undefined && proposal.use.kept !== null)
