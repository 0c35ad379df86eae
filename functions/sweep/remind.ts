import { asPlainText } from '../domain/base/rich-text.ts'
import { MINUTE_MS } from '../domain/base/time.ts'
import { denialTitle } from '../domain/denial/denial-title.ts'
import { tooFewInWords } from '../domain/proposal/approval-policy.ts'
import type { Open } from '../domain/proposal/proposal.ts'
import { approvalSummaryOf, approversFor } from '../workflows/approval/approval-summary.ts'
import type { SweepDeps } from './sweep-deps.ts'

/** Into the card's thread, naming those who can decide. */
export async function remind(proposal: Open, { chat, config, drawing, clock, store }: SweepDeps): Promise<void> {
  const summary = await approvalSummaryOf(proposal, config, chat, clock())
  const { needed, had, requester } = summary
  const tooFew = tooFewInWords(summary)
  const minutes = Math.max(1, Math.ceil((proposal.expiresAtMs - clock()) / MINUTE_MS))
  const left = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
  const waiting = needed === 1 ? 'This still waits for an approval' : `This has ${had.length} of ${needed} approvals`
  const count = Math.max((await store.occurrence(proposal.fingerprint))?.count ?? 1, proposal.repeats.count)
  const text = `${waiting}, and ends in ${left}. Denied ${count === 1 ? 'once' : `${count} times`} so far.${tooFew === null ? '' : ` ${tooFew}`}`
  const about = asPlainText(denialTitle(proposal.denial))
  await chat.reply(proposal.card, drawing.text(text, approversFor(proposal, config, requester), about))
}
