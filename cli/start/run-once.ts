/** `--once`: one denial through every step. Exit code 0 only if the request is allowed at the end, or denied after a revert. */

import { asPlainText } from '../../core/base/index.ts'
import { type Denial, fingerprintOf, parseRecord } from '../../core/denial/index.ts'
import { evaluateNow } from '../../core/diagnosis/index.ts'
import type { Answer } from '../../core/iam/index.ts'
import { deployNeeds, placeText } from '../../functions/domain/card/index.ts'
import type { Config } from '../../functions/domain/config/index.ts'
import type { PostedCard } from '../../functions/domain/messages/index.ts'
import {
  approvalsOf,
  isOwnRequest,
  type Proposal,
  postedCardOf,
  tooFewInWords,
  whatHappened,
} from '../../functions/domain/proposal/index.ts'
import { approverListsOf } from '../../functions/workflows/index.ts'
import type { Bot } from '../../simulator/bot.ts'
import { messageAt, repliesTo } from '../../simulator/fake-slack/posted-messages.ts'
import type { InputRecord } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-requests.ts'
import { changedPolicies } from '../../simulator/web-ui/accounts.ts'
import type { Io } from '../io.ts'
import { denialLines, type PrintSection, printDiagnosis, printPatch, sectionPrinter } from './run-once-text.ts'

export type RunOnceOptions = {
  readonly approveAs: readonly string[]
  readonly revert: boolean
  readonly config: Config
}

const NOT_OURS = 3

/** `others`: the number of further denials in the same file, which are not processed. */
export type RunOnceRecord = InputRecord & { readonly others: number }

export async function runOnce(fed: RunOnceRecord, bot: Bot, options: RunOnceOptions, io: Io): Promise<number> {
  const print = sectionPrinter(io)
  const parsed = parseRecord(fed.record)
  if (parsed.kind !== 'denial') {
    io.err(`rolemedic: ${parsed.why}`)
    return parsed.kind === 'not-ours' ? NOT_OURS : 2
  }
  const { denial } = parsed
  print('Denial', [
    ...denialLines(denial, fed.originalTime),
    ...(fed.others === 0
      ? []
      : [`The file has ${fed.others} more: --once processes the first, npm start all of them.`]),
  ])

  await bot.feed(fed.record)
  await bot.idle()
  return followProposal(fingerprintOf(denial), bot, options, io)
}

/** The steps from the diagnosis to the end, for the denial with this fingerprint. */
export async function followProposal(fingerprint: string, bot: Bot, options: RunOnceOptions, io: Io): Promise<number> {
  const print = sectionPrinter(io)
  const occurrence = await bot.store.occurrence(fingerprint)
  const proposal = occurrence?.proposalId ? await bot.store.get(occurrence.proposalId) : null
  if (proposal === null) {
    io.err('rolemedic: the denial was recorded, but no proposal was created')
    return 1
  }
  printDiagnosis(proposal, print)
  printPatch(proposal, print)
  printCard(bot, proposal, print)
  print(
    'Alert',
    bot.notices().flatMap(({ text }, index) => (index === 0 ? [text] : ['', text])),
  )

  for (const user of options.approveAs) print('Decision', await press(bot, 'approve', user, proposal))
  let answer = await answerOf(bot, proposal)
  if (options.approveAs.length > 0) {
    await printResult('Result', bot, proposal, answer, print)
    printAlert(bot, proposal, print)
  }

  if (options.revert) {
    print('Revert', await pressRevert(bot, options.approveAs, proposal))
    answer = await answerOf(bot, proposal)
    await printResult('Reverted', bot, proposal, answer, print)
  }

  const records = await bot.audit()
  print(
    'Audit',
    records.map(
      ({ sequence, entry, hash }) =>
        `${String(sequence).padStart(4)} ${entry.kind}${entry.by === null ? '' : ` by ${entry.by.name} (${entry.by.id})`}: ${entry.why.replaceAll('\n', '\n     ')} [${hash.slice(0, 19)}]`,
    ),
  )
  const checkpoint = await bot.checkpoint()
  if (checkpoint !== null)
    print('Checkpoint', [
      'Kept elsewhere, this shows later whether the log was cut off: npx rolemedic audit verify --checkpoint FILE',
      JSON.stringify(checkpoint),
    ])
  if (options.approveAs.length === 0) print('Next', await nextLines(bot, proposal, options.config))
  const wanted: Answer = options.revert ? 'denied' : 'allowed'
  const end = await bot.store.get(proposal.id)
  const undone = !options.revert || end?.status === 'reverted'
  return answer === wanted && undone ? 0 : 1
}

/** Without `--approve-as`: what the user can do next. */
async function nextLines(bot: Bot, proposal: Proposal, config: Config): Promise<readonly string[]> {
  const { patch, diagnosis } = proposal
  if (diagnosis.cause === 'already-allowed') return ['Nothing to approve: the policies now allow the call.']
  if (patch === null)
    return ['Nothing to approve: the card says whom to ask. The call is still denied, so the exit code is 1.']
  const deciding = await bot.approvalSummary(proposal)
  const { needed, requester } = deciding
  const tooFew = tooFewInWords(deciding)
  if (tooFew !== null) return [`Nothing was changed, and the call is still denied, so the exit code is 1. ${tooFew}`]
  const [first, ...others] = approverListsOf(proposal, config).map(({ users }) => users)
  const approvers = (first ?? []).filter(
    user => others.every(users => users.includes(user)) && !isOwnRequest(requester, user),
  )
  const ids = Array.from({ length: needed }, (_, index) => `--approve-as ${approvers[index] ?? 'USER'}`).join(' ')
  return [
    'Nothing was changed: the change waits for approval, and the call is still denied, so the exit code is 1.',
    `To approve and apply it on copies of the accounts, add ${ids}.`,
    'Add --revert to revert it as well. npm start without --once starts the web page with the buttons.',
  ]
}

/** The card, and the deploy alert in its thread. */
function printCard(bot: Bot, proposal: Proposal, print: PrintSection): void {
  const { deploy } = proposal
  const card = postedCardOf(proposal)
  const posted = messageOf(bot, card)
  print('Card', [
    posted?.text ?? 'none was posted',
    ...(deploy === null ? [] : [`Broke: ${deploy.title}`]),
    ...deployNeeds(proposal).map(asPlainText),
  ])
  printAlert(bot, proposal, print)
}

function printAlert(bot: Bot, proposal: Proposal, print: PrintSection): void {
  const { deploy } = proposal
  const card = postedCardOf(proposal)
  if (deploy === null || card === null) return
  const alert = repliesTo(card, bot.slack.messages()).find(message => /^(?:🚨|✅ Retry) /u.test(message.text))
  print('In its thread', [alert?.text ?? 'no alert was posted'])
}

/** Sends a button press as Slack would, and returns the result as text. */
async function press(
  bot: Bot,
  action: 'approve' | 'revert',
  userId: string,
  { id }: Proposal,
): Promise<readonly string[]> {
  const label = action === 'approve' ? 'Approve' : 'Revert'
  const current = await bot.store.get(id)
  const message = current === null ? undefined : messageOf(bot, postedCardOf(current))
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (current === null || message === undefined || button === undefined)
    return [`${userId} finds no ${label} on the card${current === null ? '' : `: ${whatHappened(current)}`}`]
  const before = new Set(bot.slack.messages().map(({ ts }) => ts))
  await bot.request(buttonPress(sampleUser(userId), message, button))
  await bot.idle()
  const reply = bot.slack.messages().find(({ ts, ephemeralFor }) => ephemeralFor === userId && !before.has(ts))
  return [`${userId} pressed ${label}`, ...(reply === undefined ? [] : [`and got the reply: ${reply.text}`])]
}

const messageOf = (bot: Bot, card: PostedCard | null) =>
  card === null ? undefined : messageAt(card, bot.slack.messages())

/** By the first approver who may revert. */
async function pressRevert(bot: Bot, users: readonly string[], proposal: Proposal): Promise<readonly string[]> {
  const lines: string[] = []
  for (const user of users) {
    lines.push(...(await press(bot, 'revert', user, proposal)))
    if ((await bot.store.get(proposal.id))?.status === 'reverted') break
  }
  return lines
}

/** The answer for the denial and everything else that its card lifts. One denied request is enough for `denied`. */
async function answerOf(bot: Bot, { denial, template }: Proposal): Promise<Answer> {
  const answers: Answer[] = []
  for (const asked of [denial, ...(template?.needs ?? []).map(need => need.denial)]) {
    answers.push(await answerTo(bot, asked))
  }
  if (answers.includes('denied')) return 'denied'
  return answers.every(answer => answer === 'allowed') ? 'allowed' : 'unknown'
}

async function answerTo(bot: Bot, denial: Denial): Promise<Answer> {
  const { snapshot } = await bot.analyze(denial)
  return evaluateNow(denial, snapshot)
}

/** Empty: the card concerns one denial. */
async function needLines(bot: Bot, { denial, template }: Proposal): Promise<readonly string[]> {
  const needs = template?.needs ?? []
  if (needs.length === 0) return []
  const lines: string[] = []
  for (const [asked, place] of [
    [denial, template?.place ?? null] as const,
    ...needs.map(need => [need.denial, need.place] as const),
  ]) {
    const at = place === null ? '' : ` (${asPlainText(placeText(place))})`
    lines.push(`  ${await answerTo(bot, asked)}: ${asked.action} on ${asked.resource ?? ''}${at}`)
  }
  return [`Needs of the deploy, evaluated again (${needs.length + 1}):`, ...lines]
}

async function printResult(
  heading: string,
  bot: Bot,
  { id }: Proposal,
  answer: Answer,
  print: PrintSection,
): Promise<void> {
  const proposal = await bot.store.get(id)
  const changed = bot.accounts.all().flatMap(changedPolicies)
  print(heading, [
    ...(proposal === null ? [] : [whatHappened(proposal)]),
    ...(proposal?.status === 'open' && approvalsOf(proposal).length > 0
      ? ['One more person must approve: repeat --approve-as.']
      : []),
    `The denied request, evaluated again: ${answer} now`,
    ...(proposal === null ? [] : await needLines(bot, proposal)),
    ...(changed.length === 0
      ? ['No policy differs from its original.']
      : changed.flatMap(({ where, lines }) => [where, ...lines])),
  ])
}
