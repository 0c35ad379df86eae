/** One denial, or a failed deploy and its cause, through every step. */
import { UsageError } from '../../../core/base/index.ts'
import { fingerprintOf, parseRecord } from '../../../core/denial/index.ts'
import { parseDeployEvent } from '../../../functions/domain/deploy/index.ts'
import type { Bot } from '../../../simulator/bot.ts'
import { type InputDeploy, notFailedReason } from '../../../simulator/deploy-event-files.ts'
import { DEFAULT_EVENT, type InputRecord } from '../../../simulator/sample-records.ts'
import type { UseCaseWorld } from '../world.ts'
import { readBotConfig } from './bot-config.ts'
import { eventsOfFiles } from './event-files.ts'
import { type FollowOptions, followProposal } from './follow-proposal.ts'
import { type StartWorld, startLocalBot, withSampleRepository } from './local-bot.ts'
import type { OnceEnd, OnceStep, OnceSteps } from './once-step.ts'
import type { OnceQuestion } from './question.ts'

/** Throws UsageError for events, accounts or a configuration that cannot be read. */
export async function* runOnce(
  question: OnceQuestion,
  world: StartWorld & Pick<UseCaseWorld, 'readFile' | 'nowMs'>,
): OnceSteps {
  const files = question.events.length === 0 ? [DEFAULT_EVENT] : question.events
  const events = await eventsOfFiles(files, world)
  const inOrder = files.length > 1 || events.some(event => 'reader' in event)
  const config = await readBotConfig(question.config, world)
  const options = { approveAs: question.approveAs, revert: question.revert, config }
  const pace = { pace: 0, sweepEveryMs: null }
  const { bot, warning } = await startLocalBot(question, withSampleRepository(config, question), pace, world)
  try {
    if (warning !== null) yield { kind: 'warning', text: warning }
    return inOrder
      ? yield* followEvents(events, bot, options)
      : yield* followRecord(firstDenialIn(files[0] ?? DEFAULT_EVENT, events), bot, options)
  } finally {
    await bot.close()
  }
}

/** `others`: the number of further denials in the same file, which are not processed. */
export type RecordAmongOthers = InputRecord & { readonly others: number }

/** The first of rolemedic's denials in the file, or else its first record, for which the end says why it is none. */
function firstDenialIn(file: string, events: readonly (InputRecord | InputDeploy)[]): RecordAmongOthers {
  const records = events.flatMap(event => ('reader' in event ? [] : [event]))
  const denials = records.filter(({ record }) => parseRecord(record).kind === 'denial')
  const chosen = denials[0] ?? records[0]
  if (chosen === undefined) throw new UsageError(`${file} contains no CloudTrail record`)
  return { ...chosen, others: Math.max(0, denials.length - 1) }
}

export async function* followRecord(fed: RecordAmongOthers, bot: Bot, options: FollowOptions): OnceSteps {
  const parsed = parseRecord(fed.record)
  if (parsed.kind !== 'denial') return { kind: parsed.kind, why: parsed.why }
  const { denial } = parsed
  yield { kind: 'denial', denial, originalTime: fed.originalTime, others: fed.others }
  await bot.feed(fed.record)
  await bot.idle()
  return yield* followProposal(fingerprintOf(denial), bot, options)
}

/** Several events in the order of their files: failed deploys and the denials that broke them. */
export async function* followEvents(
  events: readonly (InputRecord | InputDeploy)[],
  bot: Bot,
  options: FollowOptions,
): OnceSteps {
  const fingerprints: string[] = []
  for (const fed of events) {
    const { step, about } = 'reader' in fed ? await fedDeploy(fed, bot) : await fedRecord(fed, bot)
    yield step
    fingerprints.push(...about)
    await bot.idle()
  }
  for (const fingerprint of fingerprints)
    if ((await bot.store.occurrence(fingerprint)) !== null) return yield* followProposal(fingerprint, bot, options)
  return NO_CAUSE
}

const NO_CAUSE: OnceEnd = {
  kind: 'not-ours',
  why: 'no denial explains these events (give the record of a denial as a FILE before the deploy)',
}

/** `about`: the fingerprints of the denials that the event is about. */
type Fed = { readonly step: OnceStep; readonly about: readonly string[] }

async function fedDeploy({ event, reader, recorded, originalTime }: InputDeploy, bot: Bot): Promise<Fed> {
  const parsed = parseDeployEvent(event)
  const alerted = await bot.feedDeploy(event, reader, recorded)
  const causes = alerted?.kind === 'explained' ? alerted.causes : []
  if (parsed.kind === 'not-ours') return { step: { kind: 'no-failure', why: notFailedReason(event) ?? '' }, about: [] }
  return {
    step: { kind: 'deploy', deploy: parsed.deploy, originalTime, causes },
    about: causes.map(({ fingerprint }) => fingerprint),
  }
}

async function fedRecord({ record, originalTime }: InputRecord, bot: Bot): Promise<Fed> {
  const parsed = parseRecord(record)
  await bot.feed(record)
  if (parsed.kind !== 'denial') return { step: { kind: 'no-denial', why: parsed.why }, about: [] }
  const { denial } = parsed
  return { step: { kind: 'denial', denial, originalTime, others: 0 }, about: [fingerprintOf(denial)] }
}
