/** `--once` with several events, in the order of their files: failed deploys and the denials that broke them. */

import { neutralText } from '../../core/base/index.ts'
import { fingerprintOf, parseRecord } from '../../core/denial/index.ts'
import { type DeployCause, deployName, parseDeployEvent } from '../../functions/domain/deploy/index.ts'
import type { Bot } from '../../simulator/bot.ts'
import { type InputDeploy, notFailedReason } from '../../simulator/deploy-event-files.ts'
import type { InputRecord } from '../../simulator/sample-records.ts'
import type { Io } from '../io.ts'
import { followProposal, type RunOnceOptions } from './run-once.ts'
import { denialLines, type PrintSection, sectionPrinter } from './run-once-text.ts'

export type InputEvent = InputRecord | InputDeploy

const NOT_OURS = 3

const CAUSES: { readonly [confidence in DeployCause['confidence']]: string } = {
  'caused by': 'Caused by a denial that the failure message contains.',
  probably: 'Probably caused by a denial of the deploying principal at that time.',
}

export async function runOnceWithDeploys(
  events: readonly InputEvent[],
  bot: Bot,
  options: RunOnceOptions,
  io: Io,
): Promise<number> {
  const print = sectionPrinter(io)
  const fingerprints: string[] = []
  for (const fed of events) {
    fingerprints.push(...('reader' in fed ? await feedDeploy(fed, bot, print) : await feedRecord(fed, bot, print)))
    await bot.idle()
  }
  for (const fingerprint of fingerprints)
    if ((await bot.store.occurrence(fingerprint)) !== null) return followProposal(fingerprint, bot, options, io)
  io.err('rolemedic: no denial explains these events (give the record of a denial as a FILE before the deploy)')
  return NOT_OURS
}

async function feedDeploy(fed: InputDeploy, bot: Bot, print: PrintSection): Promise<readonly string[]> {
  const parsed = parseDeployEvent(fed.event)
  const causes: readonly DeployCause[] = await bot.feedDeploy(fed.event, fed.reader, fed.recorded)
  if (parsed.kind === 'not-ours') {
    print('Deploy', [`Silent: ${notFailedReason(fed.event) ?? ''}`])
    return []
  }
  const { deploy } = parsed
  print('Deploy', [
    `${deployName(deploy)} in account ${deploy.accountId}, ${deploy.region}: ${deploy.status}`,
    `The event is from ${fed.originalTime}; it is processed as if it had just happened.`,
    causes.length === 0
      ? 'Silent: no known denial explains it.'
      : causes.map(({ confidence }) => CAUSES[confidence]).join(' '),
  ])
  return causes.map(({ fingerprint }) => fingerprint)
}

async function feedRecord(
  { record, originalTime }: InputRecord,
  bot: Bot,
  print: PrintSection,
): Promise<readonly string[]> {
  const parsed = parseRecord(record)
  await bot.feed(record)
  if (parsed.kind !== 'denial') {
    print('Record', [neutralText(parsed.why)])
    return []
  }
  print('Denial', denialLines(parsed.denial, originalTime))
  return [fingerprintOf(parsed.denial)]
}
