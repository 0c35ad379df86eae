/**
 * Proposals that have not ended, as one person sees them: the same rows in the Home tab and after `/rolemedic open`. Reads a bounded
 * number, however many there are.
 */
import { HOUR_MS } from '../../../core/base/index.ts'
import { denialTitle } from '../../../core/denial/index.ts'
import { settlingLine } from '../../domain/card/index.ts'
import { type Config, modeInWords } from '../../domain/config/index.ts'
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
import { accountsApprovedBy } from '../approval/approver-directory.ts'
import { eligibilityOf } from '../approval/approver-eligibility.ts'
import { readableOrNull } from '../optimistic-update.ts'

export type OpenCardsDeps = {
  readonly store: Pick<
    ProposalStore,
    'open' | 'openSince' | 'openIn' | 'standing' | 'limited' | 'dueOccurrences' | 'getMarker'
  >
  readonly chat: Pick<Chat, 'permalink' | 'groupMembers' | 'userByEmail' | 'membership'>
  readonly units: AccountUnits
  readonly config: Config
}

/** Of each list. Applied proposals are among the open ones and are filtered out. */
const MAX_READ = 60
const MAX_LISTED = 20
/** Accounts with approvers of their own, of one person. */
const MAX_ACCOUNTS = 8

type Judged = {
  readonly proposal: Unsettled
  readonly is: ApproverStanding
  readonly summary: Pick<ApprovalSummary, 'needed' | 'had'>
}

export type OpenCards = {
  /** What this person may decide: first what is in IAM and needs a person, then what expires first. */
  readonly theirs: readonly Judged[]
  /** Their own requests, what they have approved, and what they cannot decide; each with what expires first before the others. */
  readonly others: readonly Judged[]
  /** What nobody has to decide: it is being carried out. */
  readonly inProgress: readonly InProgress[]
  /** False: there may be more than was read. */
  readonly whole: boolean
}

export async function openCards(userId: ChatUserId, nowMs: number, deps: OpenCardsDeps): Promise<OpenCards> {
  const { proposals, whole } = await readOpen(userId, nowMs, deps)
  const judged = await Promise.all(
    proposals
      .filter(isUnsettled)
      .toSorted((a, b) => expiryOf(a) - expiryOf(b))
      .map(each => judge(each, userId, nowMs, deps)),
  )
  const of = (kind: ApproverStanding['kind']) => judged.filter(({ is }) => is.kind === kind)
  return {
    theirs: of('theirs'),
    others: [...of('own'), ...of('given'), ...of('not-theirs')],
    inProgress: proposals.filter(isInProgress),
    whole,
  }
}

const expiryOf = (proposal: Unsettled): number =>
  proposal.status === 'open' ? proposal.expiresAtMs : Number.NEGATIVE_INFINITY

/** All of them, the newest first; or where there are too many, also what expires first and what may need this person. */
async function readOpen(
  userId: ChatUserId,
  nowMs: number,
  { store, chat, config }: OpenCardsDeps,
): Promise<{ readonly proposals: readonly Proposal[]; readonly whole: boolean }> {
  const newest = await store.open(MAX_READ)
  if (newest.length < MAX_READ) return { proposals: newest, whole: true }
  const own = await accountsApprovedBy(userId, config, chat)
  const lists = await Promise.all<readonly Proposal[]>([
    store.openSince(nowMs - config.approvalExpiryHours * HOUR_MS, MAX_READ),
    store.standing(MAX_LISTED),
    store.limited(MAX_LISTED),
    ...own.slice(0, MAX_ACCOUNTS).map(accountId => store.openIn(accountId, MAX_LISTED)),
  ])
  const byId = new Map([newest, ...lists].flat().map(each => [each.id, each]))
  return { proposals: [...byId.values()], whole: false }
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
export async function settlingList(nowMs: number, { store, chat }: OpenCardsDeps, most = MAX_LISTED): Promise<Listed> {
  // Those that come later are the newest.
  const unanswered = await store.dueOccurrences(nowMs + HOUR_MS, MAX_READ)
  const seen = await Promise.all(
    unanswered.map(async ({ fingerprint, denial }) => {
      const early = await readableOrNull(store.getMarker(firstLook(proposalId(fingerprint, null))))
      return early === null ? [] : [{ denial, ...early.value }]
    }),
  )
  const shown = seen.flat().filter(({ card, isOver }) => card !== null && !isOver)
  const items = shown.slice(0, most).map(async ({ denial, card, againAtMs }) => ({
    title: denialTitle(denial),
    detail: settlingLine(againAtMs),
    link: await linkTo(card, chat),
  }))
  return { items: await Promise.all(items), total: shown.length, whole: unanswered.length < MAX_READ }
}

export async function waitingList({ theirs, whole }: OpenCards, nowMs: number, deps: OpenCardsDeps): Promise<Listed> {
  const rows = theirs
    .slice(0, MAX_LISTED)
    .map(({ proposal, summary }) => ({ proposal, ...waitingItem(proposal, summary, null, nowMs) }))
  return { items: await linked(rows, deps), total: theirs.length, whole }
}

/** What waits for others than this person. */
export async function othersList(
  { others, whole }: Pick<OpenCards, 'others' | 'whole'>,
  nowMs: number,
  deps: OpenCardsDeps,
  most = MAX_LISTED,
): Promise<Listed> {
  const rows = others.slice(0, most).map(async ({ proposal, summary, is }) => ({
    proposal,
    ...waitingItem(proposal, summary, await whyNot(is, proposal, deps), nowMs),
  }))
  return { items: await linked(await Promise.all(rows), deps), total: others.length, whole }
}

/** The answer to `/rolemedic open`. */
export async function gatherOpen(userId: ChatUserId, nowMs: number, deps: OpenCardsDeps): Promise<Home> {
  const cards = await openCards(userId, nowMs, deps)
  const progress = cards.inProgress.slice(0, MAX_LISTED).map(proposal => ({ proposal, ...progressItem(proposal) }))
  const [waiting, settling, others, inProgress] = await Promise.all([
    waitingList(cards, nowMs, deps),
    settlingList(nowMs, deps),
    othersList(cards, nowMs, deps),
    linked(progress, deps),
  ])
  return openList({
    waiting,
    settling,
    others,
    inProgress: { items: inProgress, total: cards.inProgress.length, whole: cards.whole },
    atMs: nowMs,
  })
}

const GIVEN = 'You approved it: it waits for another person.'

/** Why this person cannot decide it, where that is not by the lists of approvers. */
async function whyNot(is: ApproverStanding, proposal: Unsettled, deps: OpenCardsDeps): Promise<string | null> {
  if (is.kind === 'own') return is.why
  return is.kind === 'given' ? GIVEN : closedMode(proposal, deps)
}

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
