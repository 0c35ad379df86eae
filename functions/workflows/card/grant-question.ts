/** The card that asks whether a grant is still needed, with its current state. */

import { grantQuestion } from '../../domain/card/index.ts'
import { type ChatMessage, NOT_POSTED } from '../../domain/messages/index.ts'
import type { Applied, Confirmed, GrantUse, Proposal, Question } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Renderer } from '../../ports/renderer.ts'

type Deps = {
  readonly chat: Pick<Chat, 'update'>
  readonly renderer: Pick<Renderer, 'notice'>
}

/** The message before it is posted. */
export async function questionMessage(
  proposal: (Applied | Confirmed) & { readonly use: GrantUse },
  question: Omit<Question, 'card'>,
  { renderer }: Pick<Deps, 'renderer'>,
): Promise<ChatMessage> {
  return renderer.notice(grantQuestion(proposal, { ...question, card: NOT_POSTED }))
}

/** Nothing to do for a proposal that nobody was asked about. `posted`: a question that is not stored. */
export async function refreshQuestion(
  proposal: Proposal,
  { chat, renderer }: Deps,
  posted: Question | null = null,
): Promise<void> {
  if (!('use' in proposal) || proposal.use === undefined) return
  const { use } = proposal
  const question = posted ?? use.question
  if (question === null) return
  await chat.update(question.card, await renderer.notice(grantQuestion({ ...proposal, use }, question)))
}
