/** Reads the current data for one person and publishes it as their Home tab. */
import type { Config } from '../../domain/config/index.ts'
import { approvedItem, closedHome, type Home, homeOf, type Listed, standingItem } from '../../domain/home/index.ts'
import type { ChatUserId } from '../../domain/messages/index.ts'
import type { InIam, Proposal } from '../../domain/proposal/index.ts'
import { isItemUnreadable } from '../../domain/stored/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { HomeRenderer } from '../../ports/renderer.ts'
import { isAnyApprover } from '../approval/approver-directory.ts'
import { viewRefusal } from '../approval/viewers.ts'
import { linked, type OpenCardsDeps, openCards, othersList, settlingList, waitingList } from './open-cards.ts'
import { ownApprovals } from './own-approvals.ts'

export type HomeDeps = {
  readonly store: OpenCardsDeps['store'] & Pick<ProposalStore, 'get'>
  readonly chat: Pick<Chat, 'publishHome' | 'permalink' | 'groupMembers' | 'userByEmail' | 'membership'>
  readonly renderer: HomeRenderer
  readonly units: AccountUnits
  readonly config: Config
  readonly clock: Clock
}

/** Together with those that wait and with headings below the 100 blocks of a view: https://docs.slack.dev/reference/views/home-tab-views */
const MAX_SETTLING = 10
const MAX_OTHERS = 5
const MAX_APPROVED = 10
const MAX_LIMITED = 10
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

export async function gatherHome(userId: ChatUserId, deps: Omit<HomeDeps, 'renderer'>): Promise<Home> {
  const { config, chat, store, clock } = deps
  const nowMs = clock()
  // This also loads the person's account and groups, which the rest needs.
  const refusal = await viewRefusal(userId, config, chat)
  if (refusal !== null) return closedHome(refusal, nowMs)
  const [open, approvals, limited, standing, approver] = await Promise.all([
    openCards(userId, nowMs, deps),
    ownApprovals(userId, deps),
    store.limited(MAX_STANDING_READ),
    store.standing(MAX_STANDING_READ),
    isAnyApprover(config, userId, chat),
  ])
  const approved = await Promise.all(
    approvals.slice(0, MAX_APPROVED).map(async ({ proposalId, atMs }) => {
      const proposal = await readable(proposalId, deps)
      return proposal === null ? [] : [{ proposal, ...approvedItem(proposal, userId, atMs, nowMs) }]
    }),
  )
  // What they approved is listed as such.
  const ofOthers = { ...open, others: open.others.filter(({ is }) => is.kind !== 'given') }
  const [waiting, settling, others, approvedItems, ends, stands] = await Promise.all([
    waitingList(open, nowMs, deps),
    settlingList(nowMs, deps, MAX_SETTLING),
    othersList(ofOthers, nowMs, deps, MAX_OTHERS),
    linked(approved.flat(), deps),
    inIam(limited, MAX_LIMITED, nowMs, deps),
    inIam(standing, MAX_STANDING, nowMs, deps),
  ])
  return homeOf({
    waiting,
    settling,
    others,
    mayApprove: !approver.known || approver.value,
    approved: { items: approvedItems, total: approvals.length, whole: true },
    limited: ends,
    standing: stands,
    channel: config.channel ?? null,
    atMs: nowMs,
  })
}

async function inIam(
  all: readonly InIam[],
  most: number,
  nowMs: number,
  deps: Pick<HomeDeps, 'chat'>,
): Promise<Listed> {
  const rows = all.slice(0, most).map(proposal => ({ proposal, ...standingItem(proposal, nowMs) }))
  return { items: await linked(rows, deps), total: all.length, whole: all.length < MAX_STANDING_READ }
}

/** The store reports an item that does not parse. It is omitted, as in lists. */
async function readable(id: string, { store }: Pick<HomeDeps, 'store'>): Promise<Proposal | null> {
  try {
    return await store.get(id)
  } catch (error) {
    if (isItemUnreadable(error)) return null
    throw error
  }
}
