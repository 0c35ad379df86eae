/** What a text of a deploy reported, once CloudTrail's own record is there: the record has the facts, and proves that it happened. */
import { fail, ok, type Result } from '../domain/base/result.ts'
import type { Denial } from '../domain/denial/denial.ts'
import { fingerprintOf } from '../domain/denial/fingerprint.ts'
import type { DeployState } from '../domain/deploy/deploy.ts'
import { isHearsay } from '../domain/diagnosis/hearsay.ts'
import type { Occurrence, Open, Proposal, Stale } from '../domain/proposal/proposal.ts'
import { confirmedByRecord, stale } from '../domain/proposal/transitions.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import type { AskWitness } from '../workflows/denial/witness-denial.ts'
import type { AnalyzeAgain } from '../workflows/deploy/analyze-bundle.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import { announceStale, type SupersededDeps } from './superseded.ts'
import { analyzeWithTemplate } from './template-findings.ts'

export type WitnessedDeps = {
  readonly witness: AskWitness
  readonly clock: Clock
  readonly observer: Observer
}

/** The denial as CloudTrail has it; while it has none, as the text has it. */
export async function bestDenial({ denial }: Occurrence, deps: WitnessedDeps): Promise<Denial> {
  if (!isHearsay(denial)) return denial
  try {
    const witness = await deps.witness(denial, deps.clock())
    if (witness.kind === 'confirmed') return witness.denial
    if (witness.kind === 'unreadable') deps.observer.log('warn', 'event_history_unreadable', { why: witness.why })
  } catch (error) {
    deps.observer.log('warn', 'event_history_unreadable', { why: String(error) })
  }
  return denial
}

type Deps = SupersededDeps &
  WitnessedDeps & {
    readonly store: Pick<ProposalStore, 'get' | 'replace'>
    readonly chat: Pick<Chat, 'reply'>
    readonly renderer: Pick<Renderer, 'text'>
    readonly analyze: AnalyzeAgain
  }

/** True: the record asks for another change, the card is stale now, and a new one is due. With the same change, the card says that it is proved. */
export async function isReplacedByRecord(
  current: Proposal,
  occurrence: Occurrence,
  broken: readonly DeployState[],
  deps: Deps,
): Promise<boolean> {
  if (current.status !== 'open' || !isHearsay(current.denial)) return false
  const denial = await bestDenial(occurrence, deps)
  if (isHearsay(denial)) return false
  const question = { denial, earlierGrants: await grantsBefore(current, deps.store), nowMs: deps.clock() }
  const { analysis } = await analyzeWithTemplate(question, broken, deps.analyze)
  const stored = await updateProposal(
    current,
    (now): Result<Open | Stale, 'moved'> => {
      if (now.status !== 'open' || !isHearsay(now.denial)) return fail('moved')
      const { verified, followUps } = analysis
      const isSame = verified?.patch.digest === now.patch.digest && keepsApprovals(now, analysis.denial)
      if (verified === null || !isSame) return ok(stale(now, OTHER_CHANGE, deps.clock()))
      const { diagnosis, requester } = analysis
      const known = { denial: analysis.denial, diagnosis, requester, verification: verified.verification, followUps }
      return ok(confirmedByRecord(now, known, deps.clock()))
    },
    deps.store,
  )
  if (!stored.ok) return false
  const { proposal } = stored.value
  if (proposal.status === 'stale') {
    await announceStale(proposal, deps)
    return true
  }
  if (proposal.status === 'open') await announceRecord(proposal, deps)
  return false
}

const OTHER_CHANGE = {
  code: 'renewed',
  message: 'the record of CloudTrail itself has come, and says more than the text of the deploy did',
  owner: null,
}

/** Approvals are signed for the denial as it was. */
const keepsApprovals = ({ approvals, denial }: Open, recorded: Denial): boolean =>
  approvals.length === 0 || fingerprintOf(denial) === fingerprintOf(recorded)

async function announceRecord(proposal: Open, deps: Deps): Promise<void> {
  deps.observer.log('info', 'hearsay_confirmed', { proposalId: proposal.id, eventId: proposal.denial.id })
  try {
    await refreshCard(proposal.id, deps)
    const text = "CloudTrail's own record of this denial has come: the card says what it proves."
    await deps.chat.reply(proposal.card, deps.renderer.text(text))
  } catch (error) {
    deps.observer.log('warn', 'confirmed_card_not_updated', { proposalId: proposal.id, error: String(error) })
  }
}
