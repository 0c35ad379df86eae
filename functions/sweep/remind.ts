import { asPlainText } from '../domain/base/rich-text.ts'
import { denialTitle } from '../domain/denial/denial-title.ts'
import { tooFewInWords } from '../domain/proposal/approval-summary.ts'
import type { Proposal } from '../domain/proposal/proposal.ts'
import { approversFor, decidersOf } from '../workflows/approval/approval-summary.ts'
import type { SweepDeps } from './sweep-deps.ts'

/** Into the card's thread, naming those who can decide. */
export async function remind(proposal: Proposal, { chat, config, drawing, clock, store }: SweepDeps): Promise<void> {
  if (proposal.card === null) return
  const deciders = await decidersOf(proposal, config, chat, clock())
  const { needed, had, human } = deciders
  const tooFew = tooFewInWords(deciders)
  const minutes = Math.max(1, Math.ceil((proposal.expiresAtMs - clock()) / 60_000))
  const left = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
  const waiting = needed === 1 ? 'This still waits for an approval' : `This has ${had.length} of ${needed} approvals`
  const count = Math.max((await store.occurrence(proposal.fingerprint))?.count ?? 1, proposal.repeats.count)
  const text = `${waiting}, and ends in ${left}. Denied ${count === 1 ? 'once' : `${count} times`} so far.${tooFew === null ? '' : ` ${tooFew}`}`
  const about = asPlainText(denialTitle(proposal.denial))
  await chat.reply(proposal.card, drawing.text(text, approversFor(proposal, config, human), about))
}
