/** The card that asks whether a break-glass was right, with its current state. */

import { ratificationQuestion } from '../../domain/card/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Renderer } from '../../ports/renderer.ts'

type Deps = {
  readonly chat: Pick<Chat, 'update'>
  readonly renderer: Pick<Renderer, 'notice'>
  readonly config: Config
}

/** Nothing to do for a proposal that nobody was asked about. */
export async function refreshRatification(proposal: Proposal, { chat, renderer, config }: Deps): Promise<void> {
  if (!('ratification' in proposal) || proposal.ratification === undefined || proposal.status === 'reverting') return
  const { ratification } = proposal
  await chat.update(ratification.card, await renderer.notice(ratificationQuestion(proposal, ratification, config)))
}
