/** One proposal, from its diagnosis to the end: who presses what, and what is allowed then. */
import { evaluateNow } from '../../../core/diagnosis/index.ts'
import type { Answer } from '../../../core/iam/index.ts'
import type { Config } from '../../../functions/domain/config/index.ts'
import type { PostedCard } from '../../../functions/domain/messages/index.ts'
import {
  isOwnRequest,
  type Proposal,
  postedCardOf,
  tooFewInWords,
  whatHappened,
} from '../../../functions/domain/proposal/index.ts'
import { approverListsOf } from '../../../functions/workflows/index.ts'
import type { Bot } from '../../../simulator/bot.ts'
import { messageAt, repliesTo } from '../../../simulator/fake-slack/posted-messages.ts'
import { sampleUser } from '../../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../../simulator/slack-requests.ts'
import { changedPolicies } from '../../../simulator/web-ui/accounts.ts'
import type { ButtonName, ButtonPress, NeedNow, OnceStep, OnceSteps, WhatNext } from './once-step.ts'

export type FollowOptions = {
  /** Slack users who approve, in this order. */
  readonly approveAs: readonly string[]
  readonly revert: boolean
  readonly config: Config
}

/** The steps from the diagnosis to the end, for the denial with this fingerprint. */
export async function* followProposal(fingerprint: string, bot: Bot, options: FollowOptions): OnceSteps {
  const occurrence = await bot.store.occurrence(fingerprint)
  const proposal = occurrence?.proposalId ? await bot.store.get(occurrence.proposalId) : null
  if (proposal === null) return { kind: 'no-proposal' }
  const { approveAs, revert, config } = options
  yield { kind: 'proposal', proposal, card: messageOf(bot, postedCardOf(proposal))?.text ?? null }
  yield* thread(bot, proposal)
  yield { kind: 'notices', notices: bot.notices() }

  for (const user of approveAs) {
    yield { kind: 'pressed', button: 'approve', presses: [await press(bot, 'approve', user, proposal)] }
  }
  let answer = await answerOf(bot, proposal)
  if (approveAs.length > 0) {
    yield await resultOf('approve', answer, bot, proposal)
    yield* thread(bot, proposal)
  }
  if (revert) {
    yield { kind: 'pressed', button: 'revert', presses: await pressRevert(bot, approveAs, proposal) }
    answer = await answerOf(bot, proposal)
    yield await resultOf('revert', answer, bot, proposal)
  }
  yield { kind: 'audit', records: await bot.audit(), checkpoint: await bot.checkpoint() }
  if (approveAs.length === 0) yield { kind: 'next', next: await nextOf(bot, proposal, config) }

  const undone = !revert || (await bot.store.get(proposal.id))?.status === 'reverted'
  return { kind: 'followed', asWanted: undone && answer === (revert ? 'denied' : 'allowed') }
}

/** Without approvers: what the user can do next. */
async function nextOf(bot: Bot, proposal: Proposal, config: Config): Promise<WhatNext> {
  if (['already-allowed', 'transient'].includes(proposal.diagnosis.cause)) return { kind: 'allowed' }
  if (proposal.patch === null) return { kind: 'no-change' }
  const deciding = await bot.approvalSummary(proposal)
  const why = tooFewInWords(deciding)
  if (why !== null) return { kind: 'too-few', why }
  const [first, ...others] = approverListsOf(proposal, config).map(({ users }) => users)
  const approvers = (first ?? []).filter(
    user => others.every(users => users.includes(user)) && !isOwnRequest(deciding.requester, user),
  )
  return { kind: 'approve', users: Array.from({ length: deciding.needed }, (_, index) => approvers[index] ?? null) }
}

/** Yields nothing for a card without a deploy. */
function* thread(bot: Bot, proposal: Proposal): Generator<OnceStep, void> {
  const card = postedCardOf(proposal)
  if (proposal.deploy === null || card === null) return
  const alert = repliesTo(card, bot.slack.messages()).find(({ text }) => /^(?:🚨|✅ Retry) /u.test(text))
  yield { kind: 'thread', alert: alert?.text ?? null }
}

/** Sends a button press as Slack would. */
async function press(bot: Bot, action: ButtonName, user: string, { id }: Proposal): Promise<ButtonPress> {
  const current = await bot.store.get(id)
  const message = current === null ? undefined : messageOf(bot, postedCardOf(current))
  const button = message === undefined ? undefined : offered(message, action)
  if (current === null || message === undefined || button === undefined)
    return { user, found: false, happened: current === null ? null : whatHappened(current), reply: null }
  const before = new Set(bot.slack.messages().map(({ ts }) => ts))
  await bot.request(buttonPress(sampleUser(user), message, button))
  await bot.idle()
  const reply = bot.slack.messages().find(({ ts, ephemeralFor }) => ephemeralFor === user && !before.has(ts))
  return { user, found: true, happened: null, reply: reply?.text ?? null }
}

/** Of the two ways to approve, the one that the card offers first. */
const offered = (message: Parameters<typeof buttonsOf>[0], action: ButtonName) =>
  buttonsOf(message, ...(action === 'approve' ? ['approve', 'approve-limited'] : [action]))[0]

const messageOf = (bot: Bot, card: PostedCard | null) =>
  card === null ? undefined : messageAt(card, bot.slack.messages())

/** By the first approver who may revert. */
async function pressRevert(bot: Bot, users: readonly string[], proposal: Proposal): Promise<readonly ButtonPress[]> {
  const presses: ButtonPress[] = []
  for (const user of users) {
    presses.push(await press(bot, 'revert', user, proposal))
    if ((await bot.store.get(proposal.id))?.status === 'reverted') break
  }
  return presses
}

/** The answer for the denial and everything else that its card lifts. One denied request is enough for `denied`. */
async function answerOf(bot: Bot, proposal: Proposal): Promise<Answer> {
  const answers = (await needsNow(bot, proposal)).map(({ answer }) => answer)
  if (answers.includes('denied')) return 'denied'
  return answers.every(answer => answer === 'allowed') ? 'allowed' : 'unknown'
}

async function needsNow(bot: Bot, { denial, template }: Proposal): Promise<readonly NeedNow[]> {
  const needs: NeedNow[] = []
  for (const need of [{ denial, place: template?.place ?? null }, ...(template?.needs ?? [])]) {
    const { snapshot } = await bot.analyze(need.denial)
    needs.push({ denial: need.denial, place: need.place, answer: evaluateNow(need.denial, snapshot) })
  }
  return needs
}

async function resultOf(after: ButtonName, answer: Answer, bot: Bot, { id }: Proposal): Promise<OnceStep> {
  const proposal = await bot.store.get(id)
  const isOneOfMany = (proposal?.template?.needs.length ?? 0) > 0
  return {
    ...{ kind: 'result', after, proposal, answer },
    needs: proposal !== null && isOneOfMany ? await needsNow(bot, proposal) : [],
    changed: bot.accounts.all().flatMap(changedPolicies),
  }
}
