import { asPlainText, DAY_MS, MINUTE_MS } from '../../core/base/index.ts'
import { denialTitle } from '../../core/denial/index.ts'
import { freezeRefusal, type Open, type Proposal, tooFewInWords } from '../domain/proposal/index.ts'
import { ChatError } from '../ports/chat.ts'
import { decidingMode, withoutFaults } from '../workflows/approval/account-mode.ts'
import { approvalSummaryOf, mentionedFor } from '../workflows/approval/approval-summary.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import type { SweepDeps } from './deps.ts'

/** How long after its last event a card is refreshed although the chat refuses. */
const REFRESH_FOR_MS = DAY_MS

/**
 * An archived channel refuses every update, so retries must end; the table has everything that the card shows. Temporary faults
 * never end the retries, because the card would show an old state forever.
 */
export const refreshOrAbandon = (proposal: Proposal, deps: SweepDeps): Promise<boolean> =>
  showOrAbandon(proposal, () => refreshCard(proposal.id, deps), deps)

/** False: another worker shows it. It stays due, as that one may crash. */
export async function showOrAbandon(
  proposal: Proposal,
  show: () => Promise<unknown>,
  deps: SweepDeps,
): Promise<boolean> {
  try {
    return (await show()) !== false
  } catch (error) {
    const lastEventMs = Math.max(proposal.expiresAtMs, proposal.status === 'reverted' ? proposal.reverted.atMs : 0)
    const isRefused = error instanceof ChatError && !error.isOutage
    if (!isRefused || deps.clock() < lastEventMs + REFRESH_FOR_MS) throw error
    deps.observer.log('warn', 'card_redraw_abandoned', { proposalId: proposal.id, error: String(error) })
    return true
  }
}

/** Posts into the card's thread and mentions the people who can decide. */
export async function remind(proposal: Open, deps: SweepDeps): Promise<void> {
  const { chat, config, units, renderer, clock, store } = deps
  const mode = await decidingMode(proposal, { config, units: withoutFaults(units) })
  // Nobody can decide, so there is nobody to remind.
  if (mode.mode !== 'approve' || freezeRefusal(mode, clock()) !== null) return
  // A freeze may have ended since the card was rendered.
  if (mode.freezes !== undefined) await refreshCard(proposal.id, deps)
  const summary = await approvalSummaryOf(proposal, config, chat, clock())
  const { needed, had, requester } = summary
  const tooFew = tooFewInWords(summary)
  const minutes = Math.max(1, Math.ceil((proposal.expiresAtMs - clock()) / MINUTE_MS))
  const left = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
  const waiting = needed === 1 ? 'This still waits for an approval' : `This has ${had.length} of ${needed} approvals`
  const count = Math.max((await store.occurrence(proposal.fingerprint))?.count ?? 1, proposal.repeats.count)
  const text = `${waiting}, and ends in ${left}. Denied ${count === 1 ? 'once' : `${count} times`} so far.${tooFew === null ? '' : ` ${tooFew}`}`
  const about = asPlainText(denialTitle(proposal.denial))
  const mentioned = await mentionedFor(proposal, config, requester, chat)
  await chat.reply(proposal.card, renderer.text(text, mentioned, about))
}
