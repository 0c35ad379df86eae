/** Puts the card of a drafted proposal into its channel and moves the proposal on. Used by `propose` and, after a crash or an outage, by `sweep`. */
import { codeForOwner } from '../../domain/card/change-as-code.ts'
import type { PostedCard, Proposal } from '../../domain/proposal/proposal.ts'
import { opened } from '../../domain/proposal/transitions.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Drawing, SideDrawing } from '../../ports/drawing.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { refreshAlertsOf } from '../deploy/refresh-alert.ts'
import { type CardPlaceDeps, listed, placeOf } from './card-placement.ts'
import { refreshCard } from './refresh-card.ts'

export type PostCardDeps = CardPlaceDeps & {
  readonly store: ProposalStore
  readonly chat: Pick<Chat, 'post' | 'update' | 'reply'>
  readonly drawing: Pick<Drawing, 'card' | 'text' | 'alert'> & SideDrawing
  readonly clock: Clock
}

const MAX_ATTEMPTS = 5

/**
 * The caller has claimed the proposal by a write that moved `dueAtMs` ahead, so that nobody else posts meanwhile.
 * `first`: nobody has tried before. Null: its list is being made at this moment; `sweep` comes again.
 */
export async function postCard(
  proposal: Proposal,
  deps: PostCardDeps,
  { first = false }: { readonly first?: boolean } = {},
): Promise<Proposal | null> {
  if (proposal.card !== null) return proposal
  const place = await placeOf(proposal, deps)
  if (place === null) return null
  const { channel, list } = place
  const card = await deps.chat.post(
    channel,
    await deps.drawing.card(asOpened(proposal, deps), deps.clock()),
    proposal.id,
    {
      first: first && place.first,
      ...(list === null ? {} : { threadTs: list.ts }),
    },
  )
  const stored = await store(proposal, card, deps)
  if (list !== null) await listed(proposal, list, deps)
  await replyAsCode(stored, deps)
  await alertOfDeploy(stored, deps)
  return stored
}

/** The owner of the code finds the change in the thread, in the language of that code. The card says all that matters without it. */
async function replyAsCode(proposal: Proposal, { chat, drawing, observer }: PostCardDeps): Promise<void> {
  const forms = codeForOwner(proposal)
  if (forms.length === 0 || proposal.card === null) return
  try {
    await chat.reply(proposal.card, drawing.code(forms))
  } catch (error) {
    observer.log('warn', 'the change as code could not be told', { proposalId: proposal.id, error: String(error) })
  }
}

/** The card stands all the same; whoever draws it again brings the alert. */
async function alertOfDeploy(proposal: Proposal, deps: PostCardDeps): Promise<void> {
  try {
    await refreshAlertsOf(proposal, deps)
  } catch (error) {
    deps.observer.log('warn', 'the alert of a deploy could not be told', {
      proposalId: proposal.id,
      error: String(error),
    })
  }
}

/** Drawn as it will stand once it is stored: with its buttons. */
function asOpened(proposal: Proposal, { config, clock }: PostCardDeps): Proposal {
  const moved = opened(proposal, { channel: '', ts: '' }, config, clock())
  return moved.ok ? moved.value : proposal
}

/** Whoever wrote in between keeps what they wrote; the card's place is added to it, and the card drawn again. */
async function store(proposal: Proposal, card: PostedCard, deps: PostCardDeps): Promise<Proposal> {
  let current = proposal
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const moved = opened(current, card, deps.config, deps.clock())
    const written = await deps.store.replace(current, moved.ok ? moved.value : { ...current, card })
    if (written.ok) {
      if (tries > 0) await refreshCard(proposal.id, deps)
      return written.value
    }
    current = written.error
    if (current.card !== null) return current
  }
  return current
}
