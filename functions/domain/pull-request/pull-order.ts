/** The order to `publish` for a proposal in its current state. */
import { asPlainText } from '../../../core/base/index.ts'
import { callerName } from '../../../core/denial/index.ts'
import { checks } from '../card/index.ts'
import { approvalsOf, type Proposal, type PullFacts, type PullOrder } from '../proposal/index.ts'

const MAX_CHARS = 1_500
const cut = (text: string): string => text.slice(0, MAX_CHARS)

/** The end of the grant that is in IAM until the code has it. Null: there is no such end. */
export function bridgeEndOf(proposal: Proposal): number | null {
  if (proposal.status !== 'applied' && proposal.status !== 'confirmed') return null
  return proposal.pull === undefined ? null : proposal.applied.endsAtMs
}

/**
 * `closed` if the change itself is withdrawn. If only the bridge has ended, the pull request stays open, because the code still
 * needs it.
 */
export function wantedOf(proposal: Proposal): 'open' | 'closed' {
  switch (proposal.status) {
    case 'reverted':
      return proposal.reverted.by.id === 'rolemedic' ? 'open' : 'closed'
    case 'rejected':
      return proposal.rejection.pullRequest === true ? 'open' : 'closed'
    case 'stale':
    case 'expired':
    case 'closed':
      return 'closed'
    default:
      return 'open'
  }
}

/** Null: nobody requested a pull request, or there is no change. */
export function orderOf(
  proposal: Proposal,
  wanted: PullOrder['wanted'],
  beside: { readonly cardUrl: string | null; readonly remark: PullOrder['remark'] },
): PullOrder | null {
  const { id: proposalId, code: place, patch } = proposal
  if (place === undefined || patch === null) return null
  const changes = patch.changes.filter(({ required }) => required)
  const decisions = signedBy(proposal)
  return {
    proposalId,
    wanted,
    place,
    changes,
    decisions,
    facts: factsOf(proposal, beside.cardUrl),
    remark: beside.remark,
  }
}

/** The approvals, and the rejection of who asked for the code alone. */
function signedBy(proposal: Proposal): PullOrder['decisions'] {
  const rejection = proposal.status === 'rejected' ? [proposal.rejection] : []
  return [...approvalsOf(proposal), ...rejection].flatMap(({ signed }) => (signed === null ? [] : [signed]))
}

function factsOf(proposal: Proposal, cardUrl: string | null): PullFacts {
  const { denial, diagnosis, verification } = proposal
  const { arn, roleArn } = denial.principal
  return {
    action: denial.action,
    principal: cut(roleArn ?? arn ?? callerName(denial)),
    resource: cut(denial.resource ?? 'a role that the event does not name'),
    deniedAtMs: denial.timeMs,
    cause: cut(diagnosis.summary),
    verdict: diagnosis.verdict,
    risk: verification?.risk ?? 'unknown',
    checks: verification === null ? [] : checks(verification).map(({ text }) => cut(asPlainText(text))),
    bridgeEndsAtMs: bridgeEndOf(proposal),
    cardUrl,
  }
}
