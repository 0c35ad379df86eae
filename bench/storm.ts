/** Ten thousand events of a hundred denials through the whole bot, then many simultaneous clicks. All counts must be exact. */
import { fingerprintOf } from '../core/denial/fingerprint.ts'
import { parseRecord } from '../core/denial/parse-denial.ts'
import {
  approvalsOf,
  type Occurrence,
  outcomeOf,
  type Proposal,
  postedCardOf,
} from '../functions/domain/proposal/proposal.ts'
import type { Bot } from '../simulator/bot.ts'
import { deniedRegistration } from './engine/generated-account.ts'
import { round, seededRandom, shuffle } from './figures.ts'
import { atMost, exactly, type Report } from './report.ts'
import { APPROVERS, buttonRequest, runningBot } from './running-bot.ts'
import { type SentRequest, watchRequests } from './sent-requests.ts'

const DENIALS = 100
const EVENTS = 10_000
const REDELIVERED = EVENTS / 10
const AT_ONCE = 8
const CARDS_CLICKED = 20
/** Slack shows a warning to the user, but the action is carried out. */
const LATE = /^request_late /

export async function storm(): Promise<Report> {
  const watch = watchRequests()
  const { bot, errors, stop } = await runningBot(DENIALS)
  try {
    const rest = await megabytes()
    const { events, fingerprints } = stormOf(EVENTS, DENIALS)
    watch.take()
    const startedMs = performance.now()
    await deliver(events, bot)
    const takenMs = performance.now() - startedMs
    await bot.idle()
    const settledMs = performance.now() - startedMs
    const requests = watch.take()
    const peak = process.resourceUsage().maxRSS / 1024
    // The next sweeps post what the creation of a list or Slack's rate limit delayed.
    for (let at = 0; at < 5; at += 1) await bot.sweep().then(() => bot.idle())

    const seen = await outcome(bot, fingerprints)
    watch.take()
    const clicks = await clickTogether(bot, seen.proposals.slice(0, CARDS_CLICKED))
    return report({ seen, takenMs, settledMs, requests, rest, peak, clicks, errors })
  } finally {
    watch.stop()
    await stop()
  }
}

/** A tenth of the events twice, in random order. */
export function stormOf(
  count: number,
  denials: number,
): { readonly events: readonly object[]; readonly fingerprints: readonly string[] } {
  const time = new Date().toISOString()
  const record = (at: number) => {
    const pair = at % denials
    return deniedRegistration({ id: `event-${at}`, caller: `deployer-${pair}`, target: `task-${pair}`, time })
  }
  const distinct = Array.from({ length: count }, (_, at) => record(at))
  const random = seededRandom(20_261_125)
  const again = shuffle(distinct, random).slice(0, count / 10)
  const fingerprints = distinct.slice(0, denials).map(event => {
    const parsed = parseRecord(event)
    if (parsed.kind !== 'denial') throw new Error(parsed.why)
    return fingerprintOf(parsed.denial)
  })
  return { events: shuffle([...distinct, ...again], random), fingerprints }
}

/** Concurrent deliveries with a redelivery after a failure, as in SQS. */
export async function deliver(events: readonly object[], bot: Bot): Promise<void> {
  let next = 0
  const worker = async () => {
    for (let event = events[next++]; event !== undefined; event = events[next++]) {
      const record = event
      await bot.feed(record).catch(() => bot.feed(record))
    }
  }
  await allEnded(Array.from({ length: AT_ONCE }, worker))
}

/** Also after a failure, all of them end before it is reported: they use the bot. */
async function allEnded(running: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(running)).find(one => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

type Seen = {
  readonly proposals: readonly Proposal[]
  readonly counted: number
  readonly cards: number
  readonly inThreads: number
  readonly channelMessages: number
}

async function outcome(bot: Bot, fingerprints: readonly string[]): Promise<Seen> {
  const occurrences = await Promise.all(fingerprints.map(one => bot.store.occurrence(one)))
  const found = occurrences.filter((one): one is Occurrence => one !== null)
  const ids = new Set((await bot.store.open(DENIALS * 10)).map(({ id }) => id))
  for (const { proposalId } of found) if (proposalId !== null) ids.add(proposalId)
  const all = await Promise.all([...ids].map(id => bot.store.get(id)))
  const proposals = all.filter((one): one is Proposal => one !== null)
  const messages = bot.slack.messages()
  const withButton = messages.filter(message => JSON.stringify(message.blocks).includes('"action_id":"approve"'))
  return {
    proposals,
    counted: found.reduce((sum, { count }) => sum + count, 0),
    cards: withButton.length,
    inThreads: withButton.filter(message => message.threadTs !== null).length,
    channelMessages: messages.filter(message => message.threadTs === null).length,
  }
}

type Clicks = {
  readonly presses: number
  readonly ms: number
  readonly applied: number
  readonly appliedTwice: number
  readonly approvals: number
}

/** Every approver presses Approve on every one of these cards at the same time. */
async function clickTogether(bot: Bot, proposals: readonly Proposal[]): Promise<Clicks> {
  const presses = proposals.flatMap(proposal => APPROVERS.map(by => buttonRequest(bot, 'approve', by, proposal)))
  const startedMs = performance.now()
  await allEnded(presses.map(press => press()))
  await bot.idle()
  const ms = performance.now() - startedMs
  const ids = new Set(proposals.map(({ id }) => id))
  const records = (await bot.audit()).filter(({ entry }) => ids.has(entry.proposalId ?? ''))
  const applied = records.filter(({ entry }) => entry.kind === 'applied').map(({ entry }) => entry.proposalId)
  const after = await Promise.all(proposals.map(({ id }) => bot.store.get(id)))
  return {
    presses: presses.length,
    ms,
    applied: after.filter(proposal => proposal !== null && outcomeOf(proposal) !== null).length,
    appliedTwice: applied.length - new Set(applied).size,
    approvals: after.reduce((sum, proposal) => sum + (proposal === null ? 0 : approvalsOf(proposal).length), 0),
  }
}

async function megabytes(): Promise<number> {
  return process.memoryUsage().rss / 2 ** 20
}

function report(found: {
  readonly seen: Seen
  readonly takenMs: number
  readonly settledMs: number
  readonly requests: readonly SentRequest[]
  readonly rest: number
  readonly peak: number
  readonly clicks: Clicks
  readonly errors: readonly string[]
}): Report {
  const { seen, takenMs, settledMs, requests, rest, peak, clicks, errors } = found
  const count = (...operations: string[]) => requests.filter(one => operations.includes(one.operation)).length
  const [writes, reads] = [count('PutItem', 'UpdateItem'), count('GetItem', 'Query')]
  const deliveries = EVENTS + REDELIVERED
  const faults = errors.filter(error => !LATE.test(error))
  const perMessage = seen.proposals.map(postedCardOf).map(card => `${card?.conversation} ${card?.message}`)
  return {
    tables: [
      {
        title: `${EVENTS} events of ${DENIALS} denials, ${REDELIVERED} of them delivered twice, ${AT_ONCE} at a time`,
        columns: ['', 'value'],
        rows: [
          ['proposals', seen.proposals.length],
          ['cards with buttons', seen.cards],
          ['of them in the thread of a list', seen.inThreads],
          ['messages in the channel', seen.channelMessages],
          ['events counted', seen.counted],
          ['writes per event', round(writes / EVENTS)],
          ['reads per event', round(reads / EVENTS)],
          ['deliveries per second', Math.round((1000 * deliveries) / takenMs)],
          ['seconds until all cards were posted', round(settledMs / 1000)],
          ['memory before, MB', Math.round(rest)],
          ['peak memory, MB', Math.round(peak)],
        ],
      },
      {
        title: `${clicks.presses} presses of Approve by ${APPROVERS.length} people on ${CARDS_CLICKED} cards at once`,
        columns: ['', 'value'],
        rows: [
          ['applied', clicks.applied],
          ['approvals that count', clicks.approvals],
          ['seconds until all were applied', round(clicks.ms / 1000)],
          ['presses not answered within Slack’s timeout', errors.length - faults.length],
        ],
      },
    ],
    gates: [
      exactly('proposals', seen.proposals.length, DENIALS),
      exactly('cards', seen.cards, DENIALS),
      exactly('proposals without a card of their own', DENIALS - new Set(perMessage).size, 0),
      exactly('events lost or counted twice', Math.abs(seen.counted - EVENTS), 0),
      exactly('clicked cards applied', clicks.applied, CARDS_CLICKED),
      exactly('applied twice', clicks.appliedTwice, 0),
      exactly('approvals beyond one each', clicks.approvals - CARDS_CLICKED, 0),
      atMost('writes per event', round(writes / EVENTS), 3),
      exactly('reported faults', faults.length, 0),
    ],
    ratios: { 'writes per event': round(writes / EVENTS), 'reads per event': round(reads / EVENTS) },
    notes: [
      'Table, queues, Slack and accounts are local fakes in the same process: its speed and memory include theirs.',
      'In Lambda each press runs in its own process; here all share one thread with the table and Slack.',
      ...faults.slice(0, 3),
    ],
  }
}
