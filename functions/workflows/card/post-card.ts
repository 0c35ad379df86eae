/** Posts the card of a drafted proposal and opens the proposal. After a crash or an outage, `sweep` calls this. */

import { fail, ok, type Result } from '../../../core/base/index.ts'
import { NOT_POSTED, type PostedCard } from '../../domain/messages/index.ts'
import {
  type Closed,
  type Drafted,
  type Expired,
  type Open,
  opened,
  type Proposal,
  requeued,
} from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer, SideRenderer } from '../../ports/renderer.ts'
import { refreshAlertsOf, standingDeploys } from '../deploy/refresh-alert.ts'
import { CONTENTION, updateProposal } from '../optimistic-update.ts'
import { type PlacementDeps, placementOf } from './card-placement.ts'
import { takeOver } from './first-look.ts'
import { type PostEvidenceDeps, postEvidence } from './post-evidence.ts'
import { refreshCard } from './refresh-card.ts'
import { addToList } from './storm-list-message.ts'

export type PostCardDeps = PlacementDeps &
  PostEvidenceDeps & {
    readonly store: ProposalStore
    readonly chat: Pick<Chat, 'post' | 'update' | 'reply' | 'permalink' | 'userByEmail'>
    readonly renderer: Pick<Renderer, 'card' | 'notice' | 'text' | 'alert' | 'evidence'> & SideRenderer
    readonly clock: Clock
    readonly sleep?: (ms: number) => Promise<unknown>
  }

/**
 * The caller has postponed `dueAtMs`, so that no other worker posts at the same time. Null: another worker is posting its storm
 * list, and `sweep` tries again.
 */
export async function postCard(proposal: Drafted, deps: PostCardDeps): Promise<Proposal | null> {
  const placement = await placementOf(proposal, deps)
  if (placement === null) return null
  const { channel, list } = placement
  // Rendered as open, with its buttons.
  const open = opened(proposal, NOT_POSTED, deps.config, deps.clock())
  const early = await takeOver(proposal.id, deps)
  const isFirst = { first: placement.first && !early.isBegun }
  const message = await deps.renderer.card(open, deps.clock(), await standingDeploys(open, deps))
  const post = (key: string) =>
    list === null
      ? deps.chat.post(channel, message, key, isFirst)
      : deps.chat.reply(list.posted, message, { key, ...isFirst })
  const found = early.card ?? (await post(proposal.id))
  // The first look had posted it, or may have. Nobody may hide the denial by deleting that.
  const isShown = !early.isBegun || (await deps.chat.update(found, message))
  const card = isShown ? found : await post(`${proposal.id}/again`)
  // Before it is opened: a crash in between posts neither twice.
  const isWhole = await postEvidence(open, card, deps, isFirst)
  const stored = await storeOpened(proposal, card, isWhole, deps)
  if (list !== null) await addToList(stored, list, deps)
  await alertOfDeploy(stored, deps)
  return stored
}

/** If the alert is missing, the next refresh of the card posts it. The card is due for that. */
async function alertOfDeploy(proposal: Proposal, deps: PostCardDeps): Promise<void> {
  try {
    await refreshAlertsOf(proposal, deps)
  } catch (error) {
    deps.observer.log('warn', 'deploy_alert_not_posted', { proposalId: proposal.id, error: String(error) })
    if (proposal.status === 'open' || proposal.status === 'closed')
      await deps.store.replace(proposal, requeued(proposal, deps.clock()))
  }
}

/** If another worker wrote a state meanwhile, that state is kept: the card is added to it and updated. */
async function storeOpened(
  proposal: Drafted,
  card: PostedCard,
  isWhole: boolean,
  deps: PostCardDeps,
): Promise<Proposal> {
  const stored = await updateProposal(proposal, current => withCard(current, card, isWhole, deps), deps.store)
  if (!stored.ok) return stored.error === CONTENTION ? proposal : stored.error
  if (stored.value.contended) await refreshCard(proposal.id, deps)
  return stored.value.proposal
}

/** The error is a proposal whose card another worker has posted. `isWhole`: every part of the card was posted. */
function withCard(
  proposal: Proposal,
  card: PostedCard,
  isWhole: boolean,
  { config, clock }: PostCardDeps,
): Result<Open | Closed | Expired, Proposal> {
  switch (proposal.status) {
    case 'drafted': {
      const open = opened(proposal, card, config, clock())
      return ok(isWhole ? open : requeued(open, clock()))
    }
    case 'closed':
    case 'expired':
      return proposal.card === null ? ok({ ...proposal, card }) : fail(proposal)
    default:
      return fail(proposal)
  }
}
