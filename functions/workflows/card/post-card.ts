/** Posts the card of a drafted proposal and opens the proposal. Used by `propose` and, after a crash or an outage, by `sweep`. */
import type { Result } from '../../domain/base/result.ts'
import { codeForOwner } from '../../domain/card/change-as-code.ts'
import {
  type Closed,
  type Drafted,
  type Expired,
  type Open,
  type PostedCard,
  type Proposal,
  postedCardOf,
} from '../../domain/proposal/proposal.ts'
import { opened } from '../../domain/proposal/transitions.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Drawing, SideDrawing } from '../../ports/drawing.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { refreshAlertsOf } from '../deploy/refresh-alert.ts'
import { addToList, type PlacementDeps, placementOf } from './card-placement.ts'
import { refreshCard } from './refresh-card.ts'

export type PostCardDeps = PlacementDeps & {
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
  proposal: Drafted,
  deps: PostCardDeps,
  { first = false }: { readonly first?: boolean } = {},
): Promise<Proposal | null> {
  const placement = await placementOf(proposal, deps)
  if (placement === null) return null
  const { channel, list } = placement
  // As it will be once it is stored: with its buttons.
  const open = opened(proposal, { channel: '', ts: '' }, deps.config, deps.clock())
  const card = await deps.chat.post(channel, await deps.drawing.card(open, deps.clock()), proposal.id, {
    first: first && placement.first,
    ...(list === null ? {} : { threadTs: list.ts }),
  })
  const stored = await storeOpened(proposal, card, deps)
  if (list !== null) await addToList(proposal, list, deps)
  await replyAsCode(stored, deps)
  await alertOfDeploy(stored, deps)
  return stored
}

/** The owner of the code finds the change in the thread, in the language of that code. The card is complete without it. */
async function replyAsCode(proposal: Proposal, { chat, drawing, observer }: PostCardDeps): Promise<void> {
  const forms = codeForOwner(proposal)
  const card = postedCardOf(proposal)
  if (forms.length === 0 || card === null) return
  try {
    await chat.reply(card, drawing.code(forms))
  } catch (error) {
    observer.log('warn', 'change_as_code_not_posted', { proposalId: proposal.id, error: String(error) })
  }
}

/** Without it the card is there; the next refresh of the card brings the alert. */
async function alertOfDeploy(proposal: Proposal, deps: PostCardDeps): Promise<void> {
  try {
    await refreshAlertsOf(proposal, deps)
  } catch (error) {
    deps.observer.log('warn', 'deploy_alert_not_posted', { proposalId: proposal.id, error: String(error) })
  }
}

/** A state that was written in between stays; the card is added to it, and drawn again. */
async function storeOpened(proposal: Drafted, card: PostedCard, deps: PostCardDeps): Promise<Proposal> {
  let current: Proposal = proposal
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const next = withCard(current, card, deps)
    if (next === null) return current
    const written: Result<Proposal, Proposal> = await deps.store.replace(current, next)
    if (written.ok) {
      if (tries > 0) await refreshCard(proposal.id, deps)
      return written.value
    }
    current = written.error
  }
  return current
}

/** Null: another worker has posted it. */
function withCard(
  proposal: Proposal,
  card: PostedCard,
  { config, clock }: PostCardDeps,
): Open | Closed | Expired | null {
  switch (proposal.status) {
    case 'drafted':
      return opened(proposal, card, config, clock())
    case 'closed':
    case 'expired':
      return proposal.card === null ? { ...proposal, card } : null
    default:
      return null
  }
}
