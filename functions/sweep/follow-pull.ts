/**
 * Follows the pull request of a proposal. `publish` stores its state in a separate item; this reads it, posts news into the
 * thread, sends the next order, and has `verify` check whether the bridge is still needed. Idempotent.
 */

import { asPlainText, HOUR_MS, MINUTE_MS } from '../../core/base/index.ts'
import { denialTitle } from '../../core/denial/index.ts'
import type { CodeKind } from '../../iac/repository/index.ts'
import { entryFor } from '../domain/audit/index.ts'
import {
  approvalsOf,
  isPullOpen,
  type Proposal,
  type PullRecord,
  type PullRequest,
  postedCardOf,
  pullSeen,
} from '../domain/proposal/index.ts'
import {
  bridgeEndOf,
  orderOf,
  type PullNews,
  pullNews,
  REMIND_BEFORE_MS,
  wantedOf,
} from '../domain/pull-request/index.ts'
import { outcomePosted, pullRecord } from '../domain/stored/index.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { showOrAbandon } from './cards.ts'
import type { SweepDeps } from './deps.ts'
import { type Show, show } from './show.ts'

type WithPull = Proposal & { readonly pull: PullRequest }

/** While `verify` works on these, nobody else stores them. */
const IN_WORK: readonly Proposal['status'][] = ['drafted', 'open', 'approved', 'applying', 'reverting']

export function isPullDue(proposal: Proposal, nowMs: number): proposal is WithPull {
  const { pull, status } = proposal
  return pull !== undefined && pull.pollAtMs !== null && pull.pollAtMs <= nowMs && !IN_WORK.includes(status)
}

/** Null: another worker has stored the proposal meanwhile, or the item of `publish` does not parse. */
export async function followPull(
  proposal: WithPull,
  deps: SweepDeps,
): Promise<{ readonly proposal: Proposal; readonly show: Show } | null> {
  const { store, clock, config } = deps
  const nowMs = clock()
  const record = (await store.getMarker(pullRecord(proposal.id)))?.value ?? null
  const seen = { ...proposal.pull, ...seenIn(record) }
  const endsAtMs = bridgeEndOf(proposal)
  const due =
    endsAtMs === null || seen.state === 'merged' || seen.state === 'current'
      ? 0
      : remindersDue(proposal, endsAtMs, nowMs)
  const reminds = due > seen.reminders
  await sendOrder(proposal, seen, record, reminds ? seen.reminders : null, deps)
  const news = await newsOf(proposal, seen, deps)
  const pollAtMs = nextPoll(proposal, seen, record, nowMs)
  const next = {
    ...seen,
    // Checked again until the thread has the news, because the chat may be down.
    pollAtMs: news === null ? pollAtMs : Math.min(pollAtMs ?? Number.POSITIVE_INFINITY, nowMs + AGAIN_MS),
  }
  const stored = await store.replace(proposal, pullSeen(proposal, next, config))
  if (!stored.ok) return null
  // Sent after the proposal is stored, because `verify` stores its result too.
  if (endsAtMs !== null && nowMs < endsAtMs) await sendBridge(proposal, deps)
  return {
    proposal: stored.value,
    show: show(reminds ? 'reminder' : 'refresh', async () => {
      if (news !== null) await recordAndPost(stored.value, next, news, deps)
      if (!reminds || endsAtMs === null) return
      await showOrAbandon(stored.value, () => remindOf(stored.value, next, endsAtMs, due, deps), deps)
      await store.replace(stored.value, { ...stored.value, pull: { ...stored.value.pull, reminders: due } })
    }),
  }
}

const seenIn = (record: PullRecord | null): Partial<PullRequest> => {
  if (record === null) return {}
  const { state, number, url, why, snippet } = record
  return { state, number, url, why, snippet }
}

const AGAIN_MS = 2 * MINUTE_MS
/** Short, because `publish` takes seconds and the approver waits for the link. */
const ASKED_MS = MINUTE_MS / 2
const OPEN_MS = 10 * MINUTE_MS
/** Somebody may have repaired the access to the host meanwhile. */
const FAILED_MS = HOUR_MS
const TRY_FAILED_FOR_MS = 72 * HOUR_MS

function nextPoll(proposal: WithPull, { state }: PullRequest, record: PullRecord | null, nowMs: number): number | null {
  if (isToClose(proposal, record)) return nowMs + AGAIN_MS
  if (wantedOf(proposal) === 'closed') return null
  if (state === 'asked') return nowMs + ASKED_MS
  if (state === 'waiting') return nowMs + AGAIN_MS
  if (state === 'open') return nowMs + OPEN_MS
  if (state === 'failed' && isTriedAgain(proposal, nowMs)) return nowMs + FAILED_MS
  return bridgeEndOf(proposal) === null ? null : nowMs + OPEN_MS
}

const isToClose = (proposal: Proposal, record: PullRecord | null): boolean =>
  wantedOf(proposal) === 'closed' && (record === null || !record.withdrawn || isPullOpen(record))

const isTriedAgain = (proposal: Proposal, nowMs: number): boolean => nowMs < proposal.createdAtMs + TRY_FAILED_FOR_MS

/** `reminder`: which one reviewers get. Null: none. */
async function sendOrder(
  proposal: WithPull,
  { state, number }: PullRequest,
  record: PullRecord | null,
  reminder: number | null,
  deps: SweepDeps,
): Promise<void> {
  const { queue, clock, chat } = deps
  const nowMs = clock()
  const wanted = isToClose(proposal, record)
    ? 'closed'
    : wantedOf(proposal) === 'closed'
      ? null
      : state === 'open'
        ? 'poll'
        : state === 'asked' || state === 'waiting' || (state === 'failed' && isTriedAgain(proposal, nowMs))
          ? 'open'
          : null
  if (wanted === null) return
  // The first order contains it, and `publish` keeps it for later texts.
  const card = postedCardOf(proposal)
  const link =
    wanted === 'open' && number === null && card !== null ? await chat.permalink(card).catch(() => null) : null
  const order = orderOf(proposal, wanted, {
    cardUrl: link?.known === true ? link.value : null,
    reminder,
  })
  if (order !== null) await queue.send({ kind: 'publish', order })
}

/** How many reminder times have passed. A short bridge has only the later one, or none. */
function remindersDue(proposal: Proposal, endsAtMs: number, nowMs: number): number {
  const sinceMs = proposal.status === 'applied' || proposal.status === 'confirmed' ? proposal.applied.atMs : nowMs
  return REMIND_BEFORE_MS.filter(before => nowMs >= endsAtMs - before && endsAtMs - before > sinceMs + HOUR_MS).length
}

/** One message per window, however often this runs. */
async function sendBridge({ id, patch }: Proposal, { queue, clock }: SweepDeps): Promise<void> {
  const group = patch?.changes[0]?.target.arn ?? id
  await queue.send(
    { kind: 'bridge', proposalId: id },
    { group, deduplicationId: `bridge/${id}/${Math.floor(clock() / (5 * MINUTE_MS))}` },
  )
}

/** Null: there is no news, or the thread has it. */
async function newsOf(proposal: Proposal, pull: PullRequest, { store }: SweepDeps): Promise<PullNews | null> {
  const news = pullNews(pull, bridgeEndOf(proposal))
  if (news === null || postedCardOf(proposal) === null) return null
  return (await store.getMarker(outcomePosted(proposal.id, news.key))) === null ? news : null
}

/** Records each state once before it is posted into the thread, then updates the card. The marker ends the repetition. */
async function recordAndPost(proposal: Proposal, pull: PullRequest, news: PullNews, deps: SweepDeps): Promise<void> {
  const { store, audit, clock, botVersion } = deps
  const marker = outcomePosted(proposal.id, news.key)
  const step = { kind: 'pull-request' as const, of: news.key, atMs: clock(), why: news.text }
  await audit.append(entryFor(proposal, step, botVersion))
  const show = async () => {
    await post(proposal, pull, { text: news.text, key: marker.key }, deps)
    await refreshCard(proposal.id, deps)
  }
  await showOrAbandon(proposal, show, deps)
  await store.putMarker(marker, 0, {})
}

async function post(
  proposal: Proposal,
  { snippet }: PullRequest,
  { text, key }: PullNews,
  { chat, renderer }: SweepDeps,
): Promise<void> {
  const card = postedCardOf(proposal)
  if (card === null) return
  await chat.reply(card, renderer.text(text, [], asPlainText(denialTitle(proposal.denial))), { key })
  if (snippet === null) return
  const form = { language: languageOf(proposal.code?.repository.kind), text: snippet }
  await chat.reply(card, renderer.code(form), { key: `${key}/snippet` })
}

function languageOf(kind: CodeKind | undefined): string {
  if (kind === 'terraform' || kind === undefined) return 'Terraform'
  return kind.startsWith('cdk') ? 'CDK' : 'CloudFormation'
}

/** Reminds the approvers in the thread, once. Reviewers are reminded in the pull request. */
async function remindOf(
  proposal: Proposal,
  pull: PullRequest,
  endsAtMs: number,
  reminder: number,
  { chat, renderer, clock }: SweepDeps,
): Promise<void> {
  const card = postedCardOf(proposal)
  if (card === null) return
  const hours = Math.max(1, Math.round((endsAtMs - clock()) / HOUR_MS))
  const what = pull.number === null ? 'no pull request is merged' : `pull request #${pull.number} is not merged`
  const text = `In ${hours} h the grant ends, and ${what}: from then on the request is denied again.${pull.url === null ? '' : ` ${pull.url}`}`
  const people = [...new Set(approvalsOf(proposal).map(({ by }) => by.id))]
  const { key } = outcomePosted(proposal.id, `pull-reminder-${reminder}-${endsAtMs}`)
  await chat.reply(card, renderer.text(text, people, asPlainText(denialTitle(proposal.denial))), { key })
}
