/**
 * What follows a decision, in this order: record it, announce it, begin the work. Every step is idempotent: `decide` asks `verify` for
 * them, as Slack waits for `decide`, and `sweep` repeats them after a crash.
 */
import { breakGlassNotice } from '../../domain/card/index.ts'
import type { Config } from '../../domain/config/index.ts'
import { brokenGlassOf, type Proposal, postedCardOf, ratificationOf } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Renderer } from '../../ports/renderer.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { type RefreshCardDeps, refreshCard } from '../card/refresh-card.ts'
import { type OwnApprovalsDeps, rememberApprovals } from '../home/own-approvals.ts'
import { type RecordingDeps, recordDecision, recordKept } from '../record-decision.ts'
import { sendWork } from '../send-work.ts'
import { type SignedOnlyDeps, signedOnly } from './signed-only.ts'

export type MakeKnownDeps = OwnApprovalsDeps &
  RecordingDeps & {
    readonly chat: Pick<Chat, 'post' | 'permalink'>
    readonly renderer: Pick<Renderer, 'notice'>
    readonly config: Config
  }

export type CarryOutDeps = MakeKnownDeps & { readonly queue: WorkQueue }

export async function carryOutDecision(proposal: Proposal, deps: CarryOutDeps): Promise<void> {
  await makeKnown(proposal, deps)
  await sendWork(proposal, deps.queue)
}

async function makeKnown(proposal: Proposal, deps: MakeKnownDeps): Promise<void> {
  // It was announced long before.
  if (ratificationOf(proposal) !== null) return recordDecision(proposal, deps)
  if (proposal.status === 'applied' || proposal.status === 'confirmed') return recordKept(proposal, deps)
  // A revert is decided long after the approvals were recorded. Its own entries are written with the revert.
  if (proposal.status === 'reverting') return
  await Promise.all([recordDecision(proposal, deps), rememberApprovals(proposal, deps)])
  await announceBreakGlass(proposal, deps)
}

export type PressedDeps = MakeKnownDeps &
  SignedOnlyDeps &
  RefreshCardDeps & {
    readonly verify: (proposalId: string) => Promise<string>
    readonly revert: (proposalId: string) => Promise<string>
  }

/** What Slack does not wait for: `verify` does it after each press. */
export function makePressed(deps: PressedDeps): (proposalId: string) => Promise<string> {
  const { store, observer } = deps
  return async proposalId => {
    const proposal = await store.get(proposalId)
    if (proposal === null) return 'nothing-to-do'
    await makeKnown(await signedOnly(proposal, deps), deps)
    // What was decided does not wait for a card; `sweep` shows it again.
    const showing = refreshCard(proposalId, deps).catch(error =>
      observer.log('warn', 'card_not_refreshed', { proposalId, error: String(error) }),
    )
    try {
      if (proposal.status === 'approved') return await deps.verify(proposalId)
      return proposal.status === 'reverting' ? await deps.revert(proposalId) : 'shown'
    } finally {
      await showing
    }
  }
}

/** Before the work begins: a break-glass approval is never carried out without an announcement. */
async function announceBreakGlass(proposal: Proposal, deps: MakeKnownDeps): Promise<void> {
  const { chat, renderer, config } = deps
  const approval = brokenGlassOf(proposal)
  if (approval === null || config.breakGlass === null) return
  const notice = breakGlassNotice(proposal, approval, config, await pageOf(proposal, chat))
  const message = await renderer.notice(notice)
  await chat.post(config.breakGlass.announceChannel, message, `${proposal.id}/break-glass`)
}

/** If the address cannot be read, the announcement goes out without it. */
async function pageOf(proposal: Proposal, chat: Pick<Chat, 'permalink'>): Promise<string | null> {
  const card = postedCardOf(proposal)
  if (card === null) return null
  try {
    const page = await chat.permalink(card)
    return page.known ? page.value : null
  } catch {
    return null
  }
}
