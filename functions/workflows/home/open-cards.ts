/** The newest proposals that have not ended, as one person sees them: the same rows in the Home tab and after `/rolemedic open`. */
import { HOUR_MS } from '../../../core/base/index.ts'
import { denialTitle } from '../../../core/denial/index.ts'
import { modeInWords, settlingLine } from '../../domain/card/index.ts'
import type { Config } from '../../domain/config/index.ts'
import {
  type ApproverStanding,
  type Home,
  type HomeItem,
  type InProgress,
  isInProgress,
  isUnsettled,
  type Listed,
  openList,
  progressItem,
  standpoint,
  type Unsettled,
  waitingItem,
} from '../../domain/home/index.ts'
import type { ChatUserId, PostedCard } from '../../domain/messages/index.ts'
import { type ApprovalSummary, type Proposal, postedCardOf, proposalId } from '../../domain/proposal/index.ts'
import { firstLook } from '../../domain/stored/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { decidingMode, withoutFaults } from '../approval/account-mode.ts'
import { approvalSummaryOf } from '../approval/approval-summary.ts'
import { eligibilityOf } from '../approval/approver-eligibility.ts'
import { readableOrNull } from '../optimistic-update.ts'

export type OpenCardsDeps = {
  readonly store: Pick<ProposalStore, 'open' | 'dueOccurrences' | 'getMarker'>
  readonly chat: Pick<Chat, 'permalink' | 'groupMembers' | 'userByEmail' | 'membership'>
  readonly units: AccountUnits
  readonly config: Config
}

/** Applied proposals are among them and are filtered out. */
const MAX_READ = 60
const MAX_LISTED = 20

type Judged = {
  readonly proposal: Unsettled
  readonly is: ApproverStanding
  readonly summary: Pick<ApprovalSummary, 'needed' | 'had'>
}

export type OpenCards = {
  /** What this person may decide, followed by their own requests. */
  readonly theirs: readonly Judged[]
  /** What they have approved, and what they cannot decide. */
  readonly others: readonly Judged[]
  /** What nobody has to decide: it is being carried out. */
  readonly inProgress: readonly InProgress[]
  /** False: there may be more than was read. */
  readonly whole: boolean
}

export async function openCards(userId: ChatUserId, nowMs: number, deps: OpenCardsDeps): Promise<OpenCards> {
  const open = await deps.store.open(MAX_READ)
  const judged = await Promise.all(open.filter(isUnsettled).map(each => judge(each, userId, nowMs, deps)))
  const of = (...kinds: readonly ApproverStanding['kind'][]) => judged.filter(({ is }) => kinds.includes(is.kind))
  return {
    theirs: [...of('theirs'), ...of('own')],
    others: of('given', 'not-theirs'),
    inProgress: open.filter(isInProgress),
    whole: open.length < MAX_READ,
  }
}

async function judge(proposal: Unsettled, userId: ChatUserId, nowMs: number, deps: OpenCardsDeps): Promise<Judged> {
  const { config, chat, units } = deps
  const [eligibility, summary] = await Promise.all([
    eligibilityOf(proposal, userId, config, chat, units),
    approvalSummaryOf(proposal, config, chat, nowMs),
  ])
  return { proposal, summary, is: standpoint(proposal, userId, eligibility, summary.had, nowMs) }
}

/** Denials whose card says that IAM may still be settling. They have no proposal yet, the first of them first. */
export async function settlingList(nowMs: number, { store, chat }: OpenCardsDeps): Promise<Listed> {
  // Those that come later are the newest.
  const unanswered = await store.dueOccurrences(nowMs + HOUR_MS, MAX_READ)
  const seen = await Promise.all(
    unanswered.map(async ({ fingerprint, denial }) => {
      const early = await readableOrNull(store.getMarker(firstLook(proposalId(fingerprint, null))))
      return early === null ? [] : [{ denial, ...early.value }]
    }),
  )
  const shown = seen.flat().filter(({ card, isOver }) => card !== null && !isOver)
  const items = shown.slice(0, MAX_LISTED).map(async ({ denial, card, againAtMs }) => ({
    title: denialTitle(denial),
    detail: settlingLine(againAtMs),
    link: await linkTo(card, chat),
  }))
  return { items: await Promise.all(items), total: shown.length, whole: unanswered.length < MAX_READ }
}

export async function waitingList({ theirs, whole }: OpenCards, nowMs: number, deps: OpenCardsDeps): Promise<Listed> {
  const rows = theirs.slice(0, MAX_LISTED).map(({ proposal, summary, is }) => ({
    proposal,
    ...waitingItem(proposal, summary, is.kind === 'own' ? is.why : null, nowMs),
  }))
  return { items: await linked(rows, deps), total: theirs.length, whole }
}

/** The answer to `/rolemedic open`. */
export async function gatherOpen(userId: ChatUserId, nowMs: number, deps: OpenCardsDeps): Promise<Home> {
  const cards = await openCards(userId, nowMs, deps)
  const others = cards.others.slice(0, MAX_LISTED).map(async ({ proposal, summary, is }) => ({
    proposal,
    ...waitingItem(proposal, summary, is.kind === 'given' ? GIVEN : await closedMode(proposal, deps), nowMs),
  }))
  const progress = cards.inProgress.slice(0, MAX_LISTED).map(proposal => ({ proposal, ...progressItem(proposal) }))
  const [waiting, settling, forOthers, inProgress] = await Promise.all([
    waitingList(cards, nowMs, deps),
    settlingList(nowMs, deps),
    linked(await Promise.all(others), deps),
    linked(progress, deps),
  ])
  return openList({
    waiting,
    settling,
    others: { items: forOthers, total: cards.others.length, whole: cards.whole },
    inProgress: { items: inProgress, total: cards.inProgress.length, whole: cards.whole },
    atMs: nowMs,
  })
}

const GIVEN = 'You approved it: it waits for another person.'

/** Why nobody can approve it. Null: somebody can, or it is applied already. */
async function closedMode(proposal: Unsettled, { config, units }: OpenCardsDeps): Promise<string | null> {
  if (proposal.status !== 'open') return null
  const mode = await decidingMode(proposal, { config, units: withoutFaults(units) })
  return mode.mode === 'approve' ? null : `Nobody can approve it: ${modeInWords(mode)}.`
}

type Unlinked = Pick<HomeItem, 'title' | 'detail'> & { readonly proposal: Proposal }

/** Requests all links in parallel, each once, within the time of one call. */
export function linked(
  items: readonly Unlinked[],
  { chat }: Pick<OpenCardsDeps, 'chat'>,
): Promise<readonly HomeItem[]> {
  return Promise.all(
    items.map(async ({ proposal, title, detail }) => ({
      title,
      detail,
      link: await linkTo(postedCardOf(proposal), chat),
    })),
  )
}

async function linkTo(card: PostedCard | null, chat: Pick<Chat, 'permalink'>): Promise<string | null> {
  const link = card === null ? null : await chat.permalink(card)
  return link?.known === true ? link.value : null
}
