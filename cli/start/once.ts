/** One denial through every step, each printed under a heading. Exit code 0 only when the request is then as it should be. */

import type { Config } from '../../functions/domain/config/config.ts'
import { fingerprintOf } from '../../functions/domain/denial/fingerprint.ts'
import { parseRecord } from '../../functions/domain/denial/parse-denial.ts'
import { answerNow } from '../../functions/domain/diagnosis/answer-now.ts'
import type { Answer } from '../../functions/domain/iam/evaluation/evaluation.ts'
import { isOwnRequest } from '../../functions/domain/proposal/approval-policy.ts'
import { tooFewInWords } from '../../functions/domain/proposal/approval-summary.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { whatHappened } from '../../functions/domain/proposal/what-happened.ts'
import { approversIn } from '../../functions/workflows/approval/approver-directory.ts'
import type { Bot } from '../../simulator/bot.ts'
import { changedPolicies } from '../../simulator/page/accounts.ts'
import type { FedRecord } from '../../simulator/sample-records.ts'
import { person } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-press.ts'
import type { Io } from '../io.ts'
import { denialLines, type Say, sayDiagnosis, sayer, sayPatch } from './once-text.ts'

export type OnceOptions = {
  readonly approveAs: readonly string[]
  readonly revert: boolean
  readonly config: Config
}

const NOT_OURS = 3

/** `others`: denials of ours in the same file, which are left. */
export type OnceRecord = FedRecord & { readonly others: number }

export async function runOnce(fed: OnceRecord, bot: Bot, options: OnceOptions, io: Io): Promise<number> {
  const say = sayer(io)
  const parsed = parseRecord(fed.record)
  if (parsed.kind !== 'denial') {
    io.err(`rolemedic: ${parsed.why}`)
    return parsed.kind === 'not-ours' ? NOT_OURS : 2
  }
  const { denial } = parsed
  say('Denial', [
    ...denialLines(denial, fed.originalTime),
    ...(fed.others === 0
      ? []
      : [`${fed.others} more of ours in the file: --once takes the first, npm start takes all.`]),
  ])

  await bot.feed(fed.record)
  await bot.quiet()
  return carryThrough(fingerprintOf(denial), bot, options, io)
}

/** From the diagnosis to the end, for the denial that is sighted under this fingerprint. */
export async function carryThrough(fingerprint: string, bot: Bot, options: OnceOptions, io: Io): Promise<number> {
  const say = sayer(io)
  const occurrence = await bot.store.occurrence(fingerprint)
  const proposal = occurrence?.proposalId ? await bot.store.get(occurrence.proposalId) : null
  if (proposal === null) {
    io.err('rolemedic: the denial was recorded, and no proposal was made of it')
    return 1
  }
  sayDiagnosis(proposal, say)
  sayPatch(proposal, say)
  sayCard(bot, proposal, say)
  say(
    'Alert',
    bot.notices().flatMap(({ text }, index) => (index === 0 ? [text] : ['', text])),
  )

  for (const user of options.approveAs) say('Decision', await press(bot, 'approve', user, proposal))
  let answer = await answerOf(bot, proposal)
  if (options.approveAs.length > 0) {
    await sayResult('Result', bot, proposal, answer, say)
    sayAlert(bot, proposal, say)
  }

  if (options.revert) {
    say('Undoing', await undo(bot, options.approveAs, proposal))
    answer = await answerOf(bot, proposal)
    await sayResult('Reverted', bot, proposal, answer, say)
  }

  const records = await bot.audit()
  say(
    'Audit',
    records.map(
      ({ sequence, entry, hash }) =>
        `${String(sequence).padStart(4)} ${entry.kind}${entry.by === null ? '' : ` by ${entry.by.name} (${entry.by.id})`}: ${entry.why.replaceAll('\n', '\n     ')} [${hash.slice(0, 19)}]`,
    ),
  )
  if (options.approveAs.length === 0) say('Next', await nextLines(bot, proposal, options.config))
  const wanted: Answer = options.revert ? 'denied' : 'allowed'
  const end = await bot.store.get(proposal.id)
  const undone = !options.revert || end?.status === 'reverted'
  return answer === wanted && undone ? 0 : 1
}

/** Where nobody was to approve: what a person does now. */
async function nextLines(bot: Bot, proposal: Proposal, config: Config): Promise<readonly string[]> {
  const { denial, patch, diagnosis } = proposal
  if (diagnosis.cause === 'already-allowed') return ['Nothing to approve: the policies allow the call by now.']
  if (patch === null)
    return ['Nothing to approve here: the card says whom to ask. The call is still denied, so the exit code is 1.']
  const deciding = await bot.deciding(proposal)
  const { needed, human } = deciding
  const tooFew = tooFewInWords(deciding)
  if (tooFew !== null) return [`Nothing was changed, and the call is still denied, so the exit code is 1. ${tooFew}`]
  const approvers = approversIn(config, denial.accountId ?? '').users.filter(user => !isOwnRequest(human, user))
  const ids = Array.from({ length: needed }, (_, index) => `--approve-as ${approvers[index] ?? 'USER'}`).join(' ')
  return [
    'Nothing was changed: the change waits for approval, and the call is still denied, so the exit code is 1.',
    `See it approved and applied, on copies of the accounts: add ${ids}`,
    'and --revert to see it undone. npm start alone opens the page with the buttons.',
  ]
}

/** The card, and in its thread the alert of the deploy that it blocks. */
function sayCard(bot: Bot, { card, deploy }: Proposal, say: Say): void {
  const messages = bot.slack.messages()
  const posted = messages.find(message => message.ts === card?.ts)
  say('Card', [posted?.text ?? 'none was posted', ...(deploy === null ? [] : [`Broke: ${deploy.title}`])])
  sayAlert(bot, { card, deploy }, say)
}

function sayAlert(bot: Bot, { card, deploy }: Pick<Proposal, 'card' | 'deploy'>, say: Say): void {
  if (deploy === null || card === null) return
  const replies = bot.slack.messages().filter(message => message.threadTs === card.ts)
  const alert = replies.find(message => /^(?:🚨|✅ Retry) /u.test(message.text))
  say('In its thread', [alert?.text ?? 'no alert was posted'])
}

/** Presses the card's own button, as Slack would send it, and gives what came of it in words. */
async function press(
  bot: Bot,
  action: 'approve' | 'revert',
  userId: string,
  { id }: Proposal,
): Promise<readonly string[]> {
  const label = action === 'approve' ? 'Approve' : 'Revert'
  const current = await bot.store.get(id)
  const message = bot.slack.messages().find(({ ts }) => ts === current?.card?.ts)
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (current === null || message === undefined || button === undefined)
    return [`${userId} finds no ${label} on the card${current === null ? '' : `: ${whatHappened(current)}`}`]
  const before = new Set(bot.slack.messages().map(({ ts }) => ts))
  await bot.request(buttonPress(person(userId), message, button))
  await bot.quiet()
  const told = bot.slack.messages().find(({ ts, ephemeralFor }) => ephemeralFor === userId && !before.has(ts))
  return [`${userId} pressed ${label}`, ...(told === undefined ? [] : [`and was told: ${told.text}`])]
}

/** By the first of the approvers who may. */
async function undo(bot: Bot, users: readonly string[], proposal: Proposal): Promise<readonly string[]> {
  const lines: string[] = []
  for (const user of users) {
    lines.push(...(await press(bot, 'revert', user, proposal)))
    if ((await bot.store.get(proposal.id))?.status === 'reverted') break
  }
  return lines
}

async function answerOf(bot: Bot, { denial }: Proposal): Promise<Answer> {
  const { snapshot } = await bot.analyze(denial)
  return answerNow(denial, snapshot)
}

async function sayResult(heading: string, bot: Bot, { id }: Proposal, answer: Answer, say: Say): Promise<void> {
  const proposal = await bot.store.get(id)
  const changed = bot.accounts.all().flatMap(changedPolicies)
  say(heading, [
    ...(proposal === null ? [] : [whatHappened(proposal)]),
    ...(proposal?.status === 'open' && proposal.approvals.length > 0
      ? ['One more person must approve: repeat --approve-as.']
      : []),
    `The denied request, evaluated again: ${answer} now`,
    ...(changed.length === 0
      ? ['No policy differs from how it was.']
      : changed.flatMap(({ where, lines }) => [where, ...lines])),
  ])
}
