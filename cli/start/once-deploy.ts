/** Several events through every step, in the order of their files: failed deploys, and CloudTrail records of what broke them. */

import { neutralText } from '../../functions/domain/base/neutral-text.ts'
import { fingerprintOf } from '../../functions/domain/denial/fingerprint.ts'
import { parseRecord } from '../../functions/domain/denial/parse-denial.ts'
import type { Cause } from '../../functions/domain/deploy/deploy.ts'
import { parseDeployEvent } from '../../functions/domain/deploy/deploy-events.ts'
import { deployName } from '../../functions/domain/deploy/wording.ts'
import type { Bot } from '../../simulator/bot.ts'
import { type FedDeploy, whyNoFailure } from '../../simulator/deploy-files.ts'
import type { FedRecord } from '../../simulator/sample-records.ts'
import type { Io } from '../io.ts'
import { carryThrough, type OnceOptions } from './once.ts'
import { denialLines, type Say, sayer } from './once-text.ts'

export type FedEvent = FedRecord | FedDeploy

const NOT_OURS = 3

const CAUSES: { readonly [confidence in Cause['confidence']]: string } = {
  'caused by': 'Caused by a denial that its own words hold.',
  probably: 'Probably caused by a denial of who deploys, at that time.',
}

export async function runOnceInOrder(
  events: readonly FedEvent[],
  bot: Bot,
  options: OnceOptions,
  io: Io,
): Promise<number> {
  const say = sayer(io)
  const fingerprints: string[] = []
  for (const fed of events) {
    fingerprints.push(...('reader' in fed ? await feedDeploy(fed, bot, say) : await feedRecord(fed, bot, say)))
    await bot.quiet()
  }
  for (const fingerprint of fingerprints)
    if ((await bot.store.occurrence(fingerprint)) !== null) return carryThrough(fingerprint, bot, options, io)
  io.err(
    'rolemedic: no denial of ours is behind these events (give the record of a denial as a FILE before the deploy)',
  )
  return NOT_OURS
}

async function feedDeploy(fed: FedDeploy, bot: Bot, say: Say): Promise<readonly string[]> {
  const parsed = parseDeployEvent(fed.event)
  const causes: readonly Cause[] = await bot.feedDeploy(fed.event, fed.reader)
  if (parsed.kind === 'not-ours') {
    say('Deploy', [`Silent: ${whyNoFailure(fed.event) ?? ''}`])
    return []
  }
  const { deploy } = parsed
  say('Deploy', [
    `${deployName(deploy)} in account ${deploy.accountId}, ${deploy.region}: ${deploy.status}`,
    `The event is of ${fed.originalTime}; here it is taken as if it had just happened.`,
    causes.length === 0
      ? 'Silent: no denial of ours is known to be behind it.'
      : causes.map(({ confidence }) => CAUSES[confidence]).join(' '),
  ])
  return causes.map(({ fingerprint }) => fingerprint)
}

async function feedRecord({ record, originalTime }: FedRecord, bot: Bot, say: Say): Promise<readonly string[]> {
  const parsed = parseRecord(record)
  await bot.feed(record)
  if (parsed.kind !== 'denial') {
    say('Record', [neutralText(parsed.why)])
    return []
  }
  say('Denial', denialLines(parsed.denial, originalTime))
  return [fingerprintOf(parsed.denial)]
}
