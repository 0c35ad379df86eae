/**
 * Is a grant used? Searches CloudTrail once a day and stores the answer. Asks people if the grant seems unused; never reverts
 * by itself. Idempotent: a repeat searches again and finds the card that it posted.
 */

import { DAY_MS, fail, ok, type Result } from '../../core/base/index.ts'
import { samePolicy } from '../../core/iam/index.ts'
import { restorable, revertChange } from '../../core/patch/index.ts'
import { type AuditStep, entryFor, GONE_WORDS } from '../domain/audit/index.ts'
import type { BotConfig } from '../domain/config/index.ts'
import {
  isAsked,
  isQuiet,
  isUseSeen,
  type Look,
  nextLookFrom,
  openQuestion,
  quietSinceMs,
  wholeLookFrom,
  withLook,
} from '../domain/grants/index.ts'
import {
  type Applied,
  asked,
  type Confirmed,
  type GrantUse,
  looked,
  type Proposal,
  type Question,
} from '../domain/proposal/index.ts'
import { COUNTERS, outcomePosted } from '../domain/stored/index.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { DocumentReader } from '../ports/writing/policy-writer.ts'
import { channelOf } from '../workflows/card/card-placement.ts'
import { questionMessage, refreshQuestion } from '../workflows/card/grant-question.ts'
import { type RefreshCardDeps, refreshCard } from '../workflows/card/refresh-card.ts'
import { type LookDeps, lookForUse } from '../workflows/denial/look-for-use.ts'
import { doOnce } from '../workflows/do-once.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'

export type ReviewDeps = RefreshCardDeps &
  LookDeps & {
    readonly store: Pick<ProposalStore, 'get' | 'replace' | 'increment'>
    readonly chat: Pick<Chat, 'post' | 'update'>
    readonly audit: Pick<AuditLog, 'append'>
    readonly config: BotConfig
    readonly clock: Clock
    readonly observer: Observer
    readonly documents: DocumentReader
    readonly botVersion: string
  }

/** `ended`: the grant does not exist any more. `postponed`: the channel has reached today's limit of questions, or another worker asks. */
export type GrantReviewResult = 'used' | 'quiet' | 'asked' | 'postponed' | 'ended'

type Standing = Applied | Confirmed
type Known = Standing & { readonly use: GrantUse }

const WEEK_MS = 7 * DAY_MS
/** Per channel and day. Nobody reads more. */
const MAX_QUESTIONS = 20

export function makeReview(deps: ReviewDeps): (proposalId: string) => Promise<GrantReviewResult> {
  return async proposalId => {
    const seen = await deps.store.get(proposalId)
    if (seen === null || !isReviewed(seen)) return 'ended'
    const look = await searchUse(seen, deps)
    const gone = await isGone(seen, deps)
    const current = await deps.store.get(proposalId)
    if (current === null || !isReviewed(current)) return 'ended'
    await recordUse(current, look, deps)
    if (gone) await recordGone(current, deps)
    const known = await storeLook(current, look, gone, deps)
    if (known === null) return 'ended'
    await showUse(seen, known, deps)
    const outcome = isAsked(known, deps.config, deps.clock()) ? await ask(known, deps) : null
    return outcome ?? (known.use.lastUsedAtMs === null ? 'quiet' : 'used')
  }
}

const isReviewed = (proposal: Proposal): proposal is Standing =>
  proposal.status === 'applied' || proposal.status === 'confirmed'

/** Before asking people, searches the whole time again: earlier searches may have missed something, and the table may be wrong. */
async function searchUse(proposal: Standing, deps: ReviewDeps): Promise<Look> {
  const nowMs = deps.clock()
  const look = await lookForUse(proposal, nextLookFrom(proposal, nowMs), nowMs, deps)
  const next = { ...proposal, use: withLook(proposal.use, look) }
  if (look.lastUsedAtMs !== null || !isQuiet(next, deps.config, nowMs)) return look
  const whole = await lookForUse(proposal, wholeLookFrom(next, nowMs), nowMs, deps)
  return whole.isWhole || whole.lastUsedAtMs !== null ? whole : look
}

/** At most once a week, because the audit log is kept for years. Runs before the result is stored, so that a crash loses no record. */
async function recordUse(proposal: Standing, { lastUsedAtMs }: Look, deps: ReviewDeps): Promise<void> {
  if (lastUsedAtMs === null) return
  const week = Math.floor(lastUsedAtMs / WEEK_MS)
  const before = proposal.use?.lastUsedAtMs ?? null
  if (before !== null && week <= Math.floor(before / WEEK_MS)) return
  const why = 'a call that it allows has succeeded'
  await record(proposal, { n: week, of: 'used', why, life: { kind: 'used', lastUsedAtMs } }, deps)
}

/** Somebody took it away by hand, or with `rolemedic revert`. What cannot be read may stand. */
async function isGone({ applied }: Standing, { documents }: ReviewDeps): Promise<boolean> {
  for (const change of applied.changes) {
    if (change.target.kind === 'permission-set-inline-policy') return false
    const read = await documents.read(change.target)
    if (read.kind === 'unreadable') return false
    const live = read.kind === 'found' ? read.value : null
    const without = revertChange({ ...change, before: restorable(change) }, live)
    if (!without.ok || !samePolicy(without.value, live)) return false
  }
  return applied.changes.length > 0
}

/** Once: it closes with Revert, as `write` alone signs that a grant is over. */
const recordGone = (proposal: Standing, deps: ReviewDeps): Promise<void> =>
  record(proposal, { n: 0, of: 'gone', why: GONE_WORDS, life: { kind: 'gone' } }, deps)

async function storeLook(proposal: Standing, look: Look, gone: boolean, deps: ReviewDeps): Promise<Known | null> {
  const change = (now: Proposal): Result<Standing, 'ended'> =>
    isReviewed(now) ? ok(looked(now, withLook(now.use, look, gone), deps.config, deps.clock())) : fail('ended')
  const stored = await updateProposal(proposal, change, deps.store)
  return stored.ok ? known(stored.value.proposal) : null
}

const known = (proposal: Standing): Known | null =>
  proposal.use === undefined ? null : { ...proposal, use: proposal.use }

/** The first search finds the card settled or settles it. If the grant was used, an open question shows that. */
async function showUse(before: Standing, now: Known, deps: ReviewDeps): Promise<void> {
  const isAnswered = openQuestion(before) !== null && openQuestion(now) === null
  const isFirstGone = before.use?.goneAtMs !== now.use.goneAtMs
  if (before.use !== undefined && !isAnswered && !isFirstGone) return
  try {
    await refreshCard(now.id, deps)
  } catch (error) {
    deps.observer.log('warn', 'grant_use_not_shown', { proposalId: now.id, error: String(error) })
  }
}

async function ask(proposal: Known, deps: ReviewDeps): Promise<'asked' | 'postponed' | 'ended'> {
  const { store, clock, config } = deps
  const nowMs = clock()
  const channel = channelOf(proposal.denial, config)
  const day = Math.floor(nowMs / DAY_MS)
  const questions = await store.increment(`${COUNTERS.questions}${channel}/${day}`, (day + 2) * DAY_MS)
  if (questions > MAX_QUESTIONS) return 'postponed'
  // The number stays the same until it is stored, so that a repeat asks once.
  const n = Math.max(quietSinceMs(proposal), openQuestion(proposal)?.atMs ?? 0)
  let outcome: 'asked' | 'postponed' | 'ended' = 'postponed'
  await doOnce(
    outcomePosted(proposal.id, `grant-question-${n}`),
    async () => {
      outcome = await askOnce(proposal, n, channel, deps)
      return outcome === 'asked'
    },
    deps,
  )
  return outcome
}

async function askOnce(proposal: Known, n: number, channel: string, deps: ReviewDeps): Promise<'asked' | 'ended'> {
  const { store, chat, clock, observer } = deps
  const nowMs = clock()
  const isSeen = isUseSeen(proposal)
  const message = await questionMessage(proposal, { atMs: nowMs, isSeen }, deps)
  const card = await chat.post(channel, message, `grant-question/${proposal.id}/${n}`)
  const why = isSeen
    ? 'no use was seen'
    : `its use could not be seen: ${proposal.use.unseen ?? 'not looked at from the beginning'}`
  // Recorded before it is stored, because afterwards nothing repeats it.
  await record(proposal, { n, of: 'offered', why, life: { kind: 'offered' } }, deps)
  const question: Question = { atMs: nowMs, card, isSeen }
  const stored = await updateProposal(
    proposal,
    (now): Result<Standing, 'ended'> => (isReviewed(now) ? ok(asked(now, proposal.use, question)) : fail('ended')),
    store,
  )
  if (!stored.ok) {
    // The grant was reverted meanwhile, so its card must not ask any more.
    const now = await store.get(proposal.id)
    if (now !== null) await refreshQuestion(now, deps, question)
    return 'ended'
  }
  observer.log('info', 'grant_questioned', { proposalId: proposal.id, isSeen })
  return 'asked'
}

async function record(
  proposal: Proposal,
  step: Pick<AuditStep, 'n' | 'of' | 'why' | 'life'>,
  { audit, clock, botVersion }: Pick<ReviewDeps, 'audit' | 'clock' | 'botVersion'>,
): Promise<void> {
  await audit.append(entryFor(proposal, { ...step, kind: 'confirmed', atMs: clock() }, botVersion))
}
