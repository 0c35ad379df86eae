/** Reads the current data for one person and publishes it as their Home tab. */
import type { Config } from '../../domain/config/index.ts'
import {
  type ApproverStanding,
  approvedItem,
  closedHome,
  type Home,
  type HomeItem,
  homeOf,
  isUnsettled,
  type Listed,
  standingItem,
  standpoint,
  type Unsettled,
  waitingItem,
} from '../../domain/home/index.ts'
import type { ChatUserId } from '../../domain/messages/index.ts'
import { type ApprovalSummary, type Proposal, postedCardOf } from '../../domain/proposal/index.ts'
import { isItemUnreadable } from '../../domain/stored/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { HomeRenderer } from '../../ports/renderer.ts'
import { approvalSummaryOf } from '../approval/approval-summary.ts'
import { isAnyApprover } from '../approval/approver-directory.ts'
import { eligibilityOf } from '../approval/approver-eligibility.ts'
import { viewRefusal } from '../approval/viewers.ts'
import { ownApprovals } from './own-approvals.ts'

export type HomeDeps = {
  readonly store: Pick<ProposalStore, 'open' | 'standing' | 'get' | 'getMarker'>
  readonly chat: Pick<Chat, 'publishHome' | 'permalink' | 'groupMembers' | 'userByEmail' | 'membership'>
  readonly renderer: HomeRenderer
  readonly units: AccountUnits
  readonly config: Config
  readonly clock: Clock
}

/** The newest proposals. Applied ones are among them and are filtered out. */
const MAX_OPEN_READ = 60
const MAX_WAITING = 20
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
    store.open(MAX_OPEN_READ),
    ownApprovals(userId, deps),
    store.standing(MAX_STANDING_READ),
    isAnyApprover(config, userId, chat),
  ])
  const [judged, approved] = await Promise.all([
    Promise.all(open.filter(isUnsettled).map(proposal => judge(proposal, userId, nowMs, deps))),
    Promise.all(
      approvals.slice(0, MAX_APPROVED).map(async ({ proposalId, atMs }) => {
        const proposal = await readable(proposalId, deps)
        return proposal === null ? [] : [{ proposal, ...approvedItem(proposal, userId, atMs, nowMs) }]
      }),
    ),
  ])
  const theirs = [...judged.filter(({ is }) => is.kind === 'theirs'), ...judged.filter(({ is }) => is.kind === 'own')]
  const waiting = theirs.slice(0, MAX_WAITING).map(({ proposal, summary, is }) => ({
    proposal,
    ...waitingItem(proposal, summary, is.kind === 'own' ? is.why : null, nowMs),
  }))
  const shown = standing.slice(0, MAX_STANDING).map(proposal => ({ proposal, ...standingItem(proposal, nowMs) }))
  const [waitingItems, approvedItems, standingItems] = await Promise.all(
    [waiting, approved.flat(), shown].map(each => linked(each, deps)),
  )
  return homeOf({
    waiting: listed(waitingItems, theirs.length, open.length < MAX_OPEN_READ),
    others: judged.filter(({ is }) => is.kind === 'not-theirs').length,
    mayApprove: !approver.known || approver.value,
    approved: listed(approvedItems, approvals.length, true),
    standing: listed(standingItems, standing.length, standing.length < MAX_STANDING_READ),
    channel: config.channel ?? null,
    atMs: nowMs,
  })
}

const listed = (items: readonly HomeItem[] = [], total: number, whole: boolean): Listed => ({ items, total, whole })

type Judged = {
  readonly proposal: Unsettled
  readonly is: ApproverStanding
  readonly summary: Pick<ApprovalSummary, 'needed' | 'had'>
}

async function judge(proposal: Unsettled, userId: ChatUserId, nowMs: number, deps: HomeDeps): Promise<Judged> {
  const { config, chat, units } = deps
  const [eligibility, summary] = await Promise.all([
    eligibilityOf(proposal, userId, config, chat, units),
    approvalSummaryOf(proposal, config, chat, nowMs),
  ])
  return { proposal, summary, is: standpoint(proposal, userId, eligibility, summary.had, nowMs) }
}

/** The store reports an item that does not parse. It is omitted, as in lists. */
async function readable(id: string, { store }: HomeDeps): Promise<Proposal | null> {
  try {
    return await store.get(id)
  } catch (error) {
    if (isItemUnreadable(error)) return null
    throw error
  }
}

type Unlinked = Pick<HomeItem, 'title' | 'detail'> & { readonly proposal: Proposal }

/** Requests all links in parallel, each once, within the time of one call. */
function linked(items: readonly Unlinked[], { chat }: HomeDeps): Promise<readonly HomeItem[]> {
  return Promise.all(
    items.map(async ({ proposal, title, detail }) => {
      const card = postedCardOf(proposal)
      const link = card === null ? null : await chat.permalink(card)
      return { title, detail, link: link?.known === true ? link.value : null }
    }),
  )
}
