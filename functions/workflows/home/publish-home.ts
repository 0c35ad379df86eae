/** Reads the current data for one person and publishes it as their Home tab. */
import type { Config } from '../../domain/config/index.ts'
import {
  approvedItem,
  closedHome,
  type Home,
  type HomeItem,
  homeOf,
  type Listed,
  standingItem,
} from '../../domain/home/index.ts'
import type { ChatUserId } from '../../domain/messages/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import { isItemUnreadable } from '../../domain/stored/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { HomeRenderer } from '../../ports/renderer.ts'
import { isAnyApprover } from '../approval/approver-directory.ts'
import { viewRefusal } from '../approval/viewers.ts'
import { linked, openCards, settlingList, waitingList } from './open-cards.ts'
import { ownApprovals } from './own-approvals.ts'

export type HomeDeps = {
  readonly store: Pick<ProposalStore, 'open' | 'dueOccurrences' | 'standing' | 'get' | 'getMarker'>
  readonly chat: Pick<Chat, 'publishHome' | 'permalink' | 'groupMembers' | 'userByEmail' | 'membership'>
  readonly renderer: HomeRenderer
  readonly units: AccountUnits
  readonly config: Config
  readonly clock: Clock
}

const MAX_APPROVED = 10
const MAX_STANDING = 20
/** Enough to state how many there are beyond the listed ones. */
const MAX_STANDING_READ = 50
/** A frozen function continues at its next invocation. By then this data is too old. */
const MAX_AGE_MS = 30_000

export async function publishHome(userId: ChatUserId, deps: HomeDeps): Promise<void> {
  const { clock, chat, renderer } = deps
  const startedMs = clock()
  const home = await gatherHome(userId, deps)
  const view = await renderer.home(home)
  if (clock() - startedMs < MAX_AGE_MS) await chat.publishHome(userId, view)
}

export async function gatherHome(userId: ChatUserId, deps: HomeDeps): Promise<Home> {
  const { config, chat, store, clock } = deps
  const nowMs = clock()
  // This also loads the person's account and groups, which the rest needs.
  const refusal = await viewRefusal(userId, config, chat)
  if (refusal !== null) return closedHome(refusal, nowMs)
  const [open, approvals, standing, approver] = await Promise.all([
    openCards(userId, nowMs, deps),
    ownApprovals(userId, deps),
    store.standing(MAX_STANDING_READ),
    isAnyApprover(config, userId, chat),
  ])
  const approved = await Promise.all(
    approvals.slice(0, MAX_APPROVED).map(async ({ proposalId, atMs }) => {
      const proposal = await readable(proposalId, deps)
      return proposal === null ? [] : [{ proposal, ...approvedItem(proposal, userId, atMs, nowMs) }]
    }),
  )
  const shown = standing.slice(0, MAX_STANDING).map(proposal => ({ proposal, ...standingItem(proposal, nowMs) }))
  const [waiting, settling, approvedItems, standingItems] = await Promise.all([
    waitingList(open, nowMs, deps),
    settlingList(nowMs, deps),
    linked(approved.flat(), deps),
    linked(shown, deps),
  ])
  return homeOf({
    waiting,
    settling,
    others: open.others.filter(({ is }) => is.kind === 'not-theirs').length,
    mayApprove: !approver.known || approver.value,
    approved: listed(approvedItems, approvals.length, true),
    standing: listed(standingItems, standing.length, standing.length < MAX_STANDING_READ),
    channel: config.channel ?? null,
    atMs: nowMs,
  })
}

const listed = (items: readonly HomeItem[], total: number, whole: boolean): Listed => ({ items, total, whole })

/** The store reports an item that does not parse. It is omitted, as in lists. */
async function readable(id: string, { store }: HomeDeps): Promise<Proposal | null> {
  try {
    return await store.get(id)
  } catch (error) {
    if (isItemUnreadable(error)) return null
    throw error
  }
}
