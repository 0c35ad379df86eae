import { asPlainText, DAY_MS, MINUTE_MS } from '../../core/base/index.ts'
import { denialTitle } from '../../core/denial/index.ts'
import { type Open, type Proposal, tooFewInWords } from '../domain/proposal/index.ts'
import { ChatError } from '../ports/chat.ts'
import { decidingMode, withoutFaults } from '../workflows/approval/account-mode.ts'
import { approvalSummaryOf, approversFor } from '../workflows/approval/approval-summary.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import type { SweepDeps } from './deps.ts'

/** After its last event, a card that the chat refuses is tried for this long. */
const REFRESH_FOR_MS = DAY_MS

/**
 * An archived channel rejects every update, so retries stop at some point. Everything on the card is in the table too. No fault
 * that may pass stops them, however long: the card would show an old state for good.
 */
export const refreshOrAbandon = (proposal: Proposal, deps: SweepDeps): Promise<void> =>
  showOrAbandon(proposal, () => refreshCard(proposal.id, deps), deps)

export async function showOrAbandon(proposal: Proposal, show: () => Promise<void>, deps: SweepDeps): Promise<void> {
  try {
    await show()
  } catch (error) {
    const lastEventMs = Math.max(proposal.expiresAtMs, proposal.status === 'reverted' ? proposal.reverted.atMs : 0)
    const isRefused = error instanceof ChatError && !error.isOutage
    if (!isRefused || deps.clock() < lastEventMs + REFRESH_FOR_MS) throw error
    deps.observer.log('warn', 'card_redraw_abandoned', { proposalId: proposal.id, error: String(error) })
  }
}

/** Into the card's thread, mentioning the people who can decide. */
export async function remind(
  proposal: Open,
  { chat, config, units, renderer, clock, store }: SweepDeps,
): Promise<void> {
  const { mode } = await decidingMode(proposal, { config, units: withoutFaults(units) })
  // Nobody can decide: there is nothing to remind of.
  if (mode !== 'approve') return
  const summary = await approvalSummaryOf(proposal, config, chat, clock())
  const { needed, had, requester } = summary
  const tooFew = tooFewInWords(summary)
  const minutes = Math.max(1, Math.ceil((proposal.expiresAtMs - clock()) / MINUTE_MS))
  const left = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
  const waiting = needed === 1 ? 'This still waits for an approval' : `This has ${had.length} of ${needed} approvals`
  const count = Math.max((await store.occurrence(proposal.fingerprint))?.count ?? 1, proposal.repeats.count)
  const text = `${waiting}, and ends in ${left}. Denied ${count === 1 ? 'once' : `${count} times`} so far.${tooFew === null ? '' : ` ${tooFew}`}`
  const about = asPlainText(denialTitle(proposal.denial))
  await chat.reply(proposal.card, renderer.text(text, approversFor(proposal, config, requester), about))
}
