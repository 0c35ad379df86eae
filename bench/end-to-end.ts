/** The time from a record to its card and from a click to the change in IAM, one denial at a time, through the local bot. */
import { fingerprintOf } from '../core/denial/fingerprint.ts'
import { parseRecord } from '../core/denial/parse-denial.ts'
import type { Proposal } from '../functions/domain/proposal/proposal.ts'
import type { Bot } from '../simulator/bot.ts'
import { deniedRegistration } from './engine/generated-account.ts'
import { median, percentile, round } from './figures.ts'
import { exactly, type Report } from './report.ts'
import { APPROVERS, buttonRequest, runningBot } from './running-bot.ts'
import { type SentRequest, watchRequests } from './sent-requests.ts'

const DENIALS = 100
const WARM_UP = 10

type Requests = { readonly table: number; readonly slack: number }
type Run = {
  readonly cardMs: number
  readonly appliedMs: number
  readonly done: boolean
  readonly proposing: Requests
  readonly applying: Requests
}

export async function endToEnd(): Promise<Report> {
  const watch = watchRequests()
  const { bot, errors, stop } = await runningBot(DENIALS)
  const take = requestsOf(bot, watch.take)
  try {
    const runs: Run[] = []
    for (let at = 0; at < DENIALS; at += 1) runs.push(await one(at, bot, take))
    return report(runs.slice(WARM_UP), errors)
  } finally {
    watch.stop()
    await stop()
  }
}

/** Each call returns the requests since the previous call. */
function requestsOf(bot: Bot, watched: () => readonly SentRequest[]): () => Requests {
  let slackBefore = 0
  return () => {
    const slack = bot.slack.calls().length - slackBefore
    slackBefore += slack
    return { table: watched().filter(({ service }) => service === 'dynamodb').length, slack }
  }
}

async function one(at: number, bot: Bot, take: () => Requests): Promise<Run> {
  const time = new Date().toISOString()
  const record = deniedRegistration({ id: `event-${at}`, caller: `deployer-${at}`, target: `task-${at}`, time })
  take()
  const fedMs = performance.now()
  await bot.feed(record)
  await bot.idle()
  const postedMs = performance.now()
  const proposing = take()
  const proposal = await proposalOf(record, bot)
  const [by] = APPROVERS
  if (by === undefined) throw new Error('nobody may approve')
  const press = buttonRequest(bot, 'approve', by, proposal)
  take()
  const clickedMs = performance.now()
  await press()
  await bot.idle()
  const endedMs = performance.now()
  const applying = take()
  const after = await bot.store.get(proposal.id)
  return {
    cardMs: postedMs - fedMs,
    appliedMs: endedMs - clickedMs,
    done: after?.status === 'applied' && after.applied?.answer === 'allowed',
    proposing,
    applying,
  }
}

async function proposalOf(record: object, bot: Bot): Promise<Proposal> {
  const parsed = parseRecord(record)
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  const occurrence = await bot.store.occurrence(fingerprintOf(parsed.denial))
  const proposal = occurrence?.proposalId ? await bot.store.get(occurrence.proposalId) : null
  if (proposal === null) throw new Error('no proposal was made')
  return proposal
}

function report(runs: readonly Run[], errors: readonly string[]): Report {
  const row = (name: string, times: readonly number[], requests: readonly Requests[]) => [
    name,
    round(median(times)),
    round(percentile(times, 95)),
    median(requests.map(({ table }) => table)),
    median(requests.map(({ slack }) => slack)),
  ]
  const cards = runs.map(({ cardMs }) => cardMs)
  const changes = runs.map(({ appliedMs }) => appliedMs)
  return {
    tables: [
      {
        title: `${runs.length} denials, one after the other, without the settle time for IAM`,
        columns: ['', 'p50 ms', 'p95 ms', 'requests to the table', 'to Slack'],
        rows: [
          row(
            'record in, card posted',
            cards,
            runs.map(({ proposing }) => proposing),
          ),
          row(
            'click, change applied and read back',
            changes,
            runs.map(({ applying }) => applying),
          ),
        ],
      },
    ],
    gates: [
      exactly('denials that are not allowed in the end', runs.filter(({ done }) => !done).length, 0),
      exactly('reported errors', errors.length, 0),
    ],
    ratios: { 'click to applied / record to card, p50': round(median(changes) / median(cards)) },
    notes: [
      'Table, queues, Slack and accounts are local fakes that answer at once: the latency of AWS and Slack is not included.',
      ...errors.slice(0, 3),
    ],
  }
}
