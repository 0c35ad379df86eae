/** What a text of a deploy reported, once CloudTrail's own record is there: the record has the facts, and proves that it happened. */
import { callerInLog } from '../domain/audit/audit-entry.ts'
import { fail, ok, type Result } from '../domain/base/result.ts'
import type { Denial } from '../domain/denial/denial.ts'
import { fingerprintOf } from '../domain/denial/fingerprint.ts'
import type { DeployState } from '../domain/deploy/deploy.ts'
import { isHearsay } from '../domain/diagnosis/hearsay.ts'
import type { Occurrence, Open, Proposal } from '../domain/proposal/proposal.ts'
import { confirmedByRecord } from '../domain/proposal/transitions.ts'
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
import { replaceContent, replacementBy, type SupersededDeps } from './superseded.ts'
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

/** The record asks for the same change: the card says that it is certain. For another: the card shows that one instead. */
export async function replacedByRecord(
  current: Proposal,
  occurrence: Occurrence,
  broken: readonly DeployState[],
  deps: Deps,
): Promise<void> {
  if (current.status !== 'open' || !isHearsay(current.denial)) return
  const denial = await bestDenial(occurrence, deps)
  if (isHearsay(denial)) return
  const question = { denial, earlierGrants: await grantsBefore(current, deps.store), nowMs: deps.clock() }
  const { analysis, template } = await analyzeWithTemplate(question, broken, deps.analyze)
  const { verified, followUps, diagnosis, requester } = analysis
  if (verified?.patch.digest !== current.patch.digest || !keepsApprovals(current, analysis.denial)) {
    await replaceContent(current, replacementBy(analysis, template, 'record', deps.config), deps)
    return
  }
  const stored = await updateProposal(
    current,
    (now): Result<Open, 'moved'> => {
      if (now.status !== 'open' || !isHearsay(now.denial) || now.patch.digest !== current.patch.digest)
        return fail('moved')
      if (!keepsApprovals(now, analysis.denial)) return fail('moved')
      const known = { denial: analysis.denial, diagnosis, requester, verification: verified.verification, followUps }
      return ok(confirmedByRecord(now, known, deps.clock()))
    },
    deps.store,
  )
  if (stored.ok) await announceRecord(stored.value.proposal, deps)
}

/** Approvals are signed for the denial as it was, and are in the log with its caller: nothing else can be under their keys. */
const keepsApprovals = ({ approvals, denial }: Open, recorded: Denial): boolean =>
  approvals.length === 0 ||
  (fingerprintOf(denial) === fingerprintOf(recorded) && callerInLog(denial) === callerInLog(recorded))

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
