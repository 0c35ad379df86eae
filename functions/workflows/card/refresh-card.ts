import { isUndecided } from '../../domain/card/index.ts'
import type { Config } from '../../domain/config/index.ts'
import { type Proposal, postedCardOf } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer, SideRenderer } from '../../ports/renderer.ts'
import { cardsSharing, type RefreshAlertDeps, refreshAlertsOf, standingDeploys } from '../deploy/refresh-alert.ts'
import { refreshQuestion } from './grant-question.ts'
import { type PostChangedDeps, postChanged } from './post-changed.ts'
import { type PostEvidenceDeps, postEvidence } from './post-evidence.ts'
import { type PostOutcomeDeps, postOutcome } from './post-outcome.ts'
import { refreshRatification } from './ratification-message.ts'
import { updateListEntry } from './storm-list-message.ts'

export type RefreshCardDeps = PostOutcomeDeps &
  PostEvidenceDeps &
  PostChangedDeps &
  RefreshAlertDeps & {
    readonly store: Pick<ProposalStore, 'get'>
    readonly chat: Pick<Chat, 'update' | 'reply' | 'permalink'>
    readonly renderer: Pick<Renderer, 'card' | 'notice'> & Partial<SideRenderer>
    readonly clock: Clock
    readonly config: Config
  }

const MAX_RENDERS = 5

/**
 * Renders the card from the stored proposal, and again if that changed meanwhile: of two concurrent updates, the last one to
 * finish notices the change. Also posts the outcome and refreshes the alerts of the deploys that it blocks. False: another worker posts
 * the outcome, and may end before it has.
 */
export async function refreshCard(proposalId: string, deps: RefreshCardDeps): Promise<boolean> {
  const proposal = await deps.store.get(proposalId)
  const shown = proposal === null ? null : await showNewest(proposal, deps)
  return shown === null || refreshOthers(shown, deps)
}

/** The proposal that the card shows at the end. Null: it has no card, or changes faster than it can be shown. */
async function showNewest(found: Proposal, deps: RefreshCardDeps): Promise<Proposal | null> {
  const { store, chat, renderer, clock } = deps
  let proposal: Proposal | null = found
  for (let renders = 0; renders < MAX_RENDERS; renders += 1) {
    const card = proposal === null ? null : postedCardOf(proposal)
    if (proposal === null || card === null) return null
    await chat.update(card, await renderer.card(proposal, clock(), await standingDeploys(proposal, deps)))
    const now: Proposal | null = await store.get(proposal.id)
    if (now?.version === proposal.version) return proposal
    proposal = now
  }
  return null
}

async function refreshOthers(proposal: Proposal, deps: RefreshCardDeps): Promise<boolean> {
  const card = postedCardOf(proposal)
  if (card !== null && isUndecided(proposal)) await postEvidence(proposal, card, deps)
  await postChanged(proposal, deps)
  await updateListEntry(proposal, deps)
  await refreshQuestion(proposal, deps)
  await refreshRatification(proposal, deps)
  const isPosted = await postOutcome(proposal, deps)
  await refreshAlertsOf(proposal, deps)
  await refreshSharing(proposal, deps)
  return isPosted
}

const MAX_SHARING = 10

/** The other cards that say what one of these deploys still lacks. */
async function refreshSharing(proposal: Proposal, deps: RefreshCardDeps): Promise<void> {
  for (const other of (await cardsSharing(proposal, deps)).slice(0, MAX_SHARING)) await showNewest(other, deps)
}
