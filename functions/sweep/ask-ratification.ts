/** The morning after a break-glass: asks the ordinary approvers whether it was right, once. */

import { mayRatify, ratificationQuestion } from '../domain/card/index.ts'
import { NOT_POSTED } from '../domain/messages/index.ts'
import {
  approvalsNeeded,
  type Proposal,
  type Ratifiable,
  ratificationAsked,
  ratificationDueMs,
  requeued,
  settled,
} from '../domain/proposal/index.ts'
import { approversFor } from '../workflows/approval/approval-summary.ts'
import { requesterOf } from '../workflows/approval/requester-identity.ts'
import { signedOnly } from '../workflows/approval/signed-only.ts'
import { channelOf } from '../workflows/card/card-placement.ts'
import type { SweepDeps } from './deps.ts'
import { type Show, show } from './show.ts'

/** Null: nobody is to be asked now. */
export async function askRatification(proposal: Proposal, deps: SweepDeps): Promise<Show | null> {
  const dueMs = ratificationDueMs(proposal, deps.config)
  if (dueMs === null || deps.clock() < dueMs) return null
  const believed = await signedOnly(proposal, deps)
  // Without a signature, nobody broke any glass.
  const isAsked = ratificationDueMs(believed, deps.config) !== null && isRatifiable(believed)
  return isAsked ? show('reminder', () => post(believed, deps)) : null
}

const isRatifiable = (proposal: Proposal): proposal is Ratifiable =>
  proposal.status === 'applied' || proposal.status === 'confirmed' || proposal.status === 'reverted'

/**
 * Of two sweeps at once, the one that sets the next due time asks: a second question would have buttons that answer nothing. A repeat
 * after a crash finds the message by its key.
 */
async function post(seen: Ratifiable, { store, chat, renderer, config, clock }: SweepDeps): Promise<void> {
  const leased = await store.replace(seen, requeued(seen, clock()))
  if (!leased.ok) return
  const proposal = leased.value
  const requester = await requesterOf(proposal.requester, chat)
  const needed = approvalsNeeded(proposal, requester)
  const asked = { askedAtMs: clock(), card: NOT_POSTED, needed, by: [], declined: null }
  const message = await renderer.notice(ratificationQuestion(proposal, asked, config))
  const card = await chat.post(channelOf(proposal.denial, config), message, `${proposal.id}/ratification`)
  const stored = await store.replace(proposal, settled(ratificationAsked(proposal, card, needed, clock()), config))
  if (!stored.ok) return
  const who = mayRatify(approversFor(proposal, config, requester), proposal, requester)
  const answers = needed === 1 ? 'one of you ratifies it or does not' : `${needed} of you ratify it, or one does not`
  await chat.reply(card, renderer.text(`Was it right to approve this alone? It waits until ${answers}.`, who))
}
