/** Posts the card of a drafted proposal and opens the proposal. `sweep` does it after a crash or an outage. */

import { fail, ok, type Result } from '../../domain/base/result.ts'
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
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer, SideRenderer } from '../../ports/renderer.ts'
import { decidingMode, withoutFaults } from '../approval/account-mode.ts'
import { refreshAlertsOf } from '../deploy/refresh-alert.ts'
import { CONTENTION, updateProposal } from '../optimistic-update.ts'
import { addToList, type PlacementDeps, placementOf } from './card-placement.ts'
import { refreshCard } from './refresh-card.ts'

export type PostCardDeps = PlacementDeps & {
  readonly store: ProposalStore
  readonly chat: Pick<Chat, 'post' | 'update' | 'reply'>
  readonly renderer: Pick<Renderer, 'card' | 'text' | 'alert'> & SideRenderer
  readonly clock: Clock
}

/**
 * The caller has moved `dueAtMs` ahead, so that no other worker posts meanwhile. `first`: no attempt before this one. Null:
 * another worker is posting its storm list; `sweep` tries again.
 */
export async function postCard(
  proposal: Drafted,
  deps: PostCardDeps,
  { first = false }: { readonly first?: boolean } = {},
): Promise<Proposal | null> {
  const placement = await placementOf(proposal, deps)
  if (placement === null) return null
  const { channel, list } = placement
  // Rendered as open, with its buttons.
  const open = opened(proposal, { channel: '', ts: '' }, deps.config, deps.clock())
  const card = await deps.chat.post(channel, await deps.renderer.card(open, deps.clock()), proposal.id, {
    first: first && placement.first,
    ...(list === null ? {} : { threadTs: list.ts }),
  })
  const stored = await storeOpened(proposal, card, deps)
  if (list !== null) await addToList(proposal, list, deps)
  await replyAsCode(stored, deps)
  await alertOfDeploy(stored, deps)
  return stored
}

/** For who makes the change: in the language of the code that manages it, in the thread. The card is complete without it. */
async function replyAsCode(proposal: Proposal, deps: PostCardDeps): Promise<void> {
  const { chat, renderer, observer, config, units } = deps
  const card = postedCardOf(proposal)
  if (proposal.patch === null || card === null) return
  try {
    const { mode } = await decidingMode(proposal, { config, units: withoutFaults(units) })
    const forms = codeForOwner(proposal, mode)
    if (forms.length === 0) return
    await chat.reply(card, renderer.code(forms))
  } catch (error) {
    observer.log('warn', 'change_as_code_not_posted', { proposalId: proposal.id, error: String(error) })
  }
}

/** The next refresh of the card posts a missing alert. */
async function alertOfDeploy(proposal: Proposal, deps: PostCardDeps): Promise<void> {
  try {
    await refreshAlertsOf(proposal, deps)
  } catch (error) {
    deps.observer.log('warn', 'deploy_alert_not_posted', { proposalId: proposal.id, error: String(error) })
  }
}

/** A state that another worker wrote meanwhile stays; the card is added to it, and updated. */
async function storeOpened(proposal: Drafted, card: PostedCard, deps: PostCardDeps): Promise<Proposal> {
  const stored = await updateProposal(proposal, current => withCard(current, card, deps), deps.store)
  if (!stored.ok) return stored.error === CONTENTION ? proposal : stored.error
  if (stored.value.contended) await refreshCard(proposal.id, deps)
  return stored.value.proposal
}

/** The error is a proposal whose card another worker has posted. */
function withCard(
  proposal: Proposal,
  card: PostedCard,
  { config, clock }: PostCardDeps,
): Result<Open | Closed | Expired, Proposal> {
  switch (proposal.status) {
    case 'drafted':
      return ok(opened(proposal, card, config, clock()))
    case 'closed':
    case 'expired':
      return proposal.card === null ? ok({ ...proposal, card }) : fail(proposal)
    default:
      return fail(proposal)
  }
}
