/** `rolemedic backtest`: what the bot would have done with the past, before anybody gives it a right. */

import { writeFile } from 'node:fs/promises'
import { plural, UsageError } from '../../core/base/index.ts'
import { streamedReader } from '../../functions/adapters/files/index.ts'
import type { Config } from '../../functions/domain/config/index.ts'
import { analyze } from '../../functions/workflows/index.ts'
import { BACKTEST, type BacktestArguments, NO_PATH, parseBacktestArguments } from '../backtest/arguments.ts'
import { helpText } from '../command.ts'
import { backtestText } from '../formats/backtest/text-output.ts'
import { type Io, missingInput, oneLine } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { cachedReader } from '../live/cached-reader.ts'
import { calibrator } from '../use-cases/backtest/calibration.ts'
import { type History, MAX_DIFFERENT } from '../use-cases/backtest/history.ts'
import { readHistory } from '../use-cases/backtest/read-history.ts'
import { type AnalyzeOnce, analyzedOnce, asApproved, replay } from '../use-cases/backtest/replay.ts'
import { requireOut } from '../use-cases/backtest/report-file.ts'
import { settingEffects } from '../use-cases/backtest/setting-effects.ts'
import { summaryOf } from '../use-cases/backtest/summary.ts'
import { readConfig } from '../use-cases/read-config.ts'

export const DESCRIPTION = BACKTEST

export async function run(args: readonly string[], io: Io): Promise<number> {
  if (args.length === 0) return missingInput(NO_PATH, helpText(BACKTEST), io)
  const wanted = parseBacktestArguments(args)
  if (wanted.help) {
    io.out(helpText(BACKTEST))
    return 0
  }
  if (wanted.out !== null) await requireOut(wanted.out, wanted)
  const config = asApproved(await readConfig(wanted.config, io))
  const { reader, given, calibration } = await accountsOf(wanted, io)
  const { history, unreadable, notRead, files } = await readHistory(wanted, calibration, io)
  if (history.records === 0) return noRecords({ unreadable, notRead: notRead.length }, files, io)
  noteLeftOut(history, io)

  const analyses = analyzedOnce(analyzer({ reader, given, config }))
  const analyzeOnce: AnalyzeOnce = (denial, nowMs) => {
    io.progress(`analyzing ${plural(history.repeats.length, 'different denial')}`)
    return analyses(denial, nowMs)
  }
  const replayed = await replay(history, config, analyzeOnce)
  const effects = await settingEffects(history, config, replayed, analyzeOnce)
  const summary = await summaryOf({
    ...{ history, unreadable, notRead: [...notRead], replayed, effects, quietHours: config.approvalExpiryHours },
    calibration: calibration?.result() ?? null,
    analysisOf: ({ denial }) => analyzeOnce(denial, denial.timeMs ?? 0).catch(() => null),
  })
  io.progress(null)
  if (replayed.failures > 0)
    io.err(oneLine(`${plural(replayed.failures, 'step')} failed, the first with: ${replayed.firstFailure ?? ''}`))
  io.out(wanted.json ? `${jsonText(summary.output)}\n` : backtestText(summary, io))
  if (wanted.out !== null) {
    const { backtestPage } = await import('../formats/backtest/backtest-page.ts')
    await writePage(wanted.out, backtestPage(summary))
    io.err(oneLine(`the report is in ${wanted.out}`))
  }
  return nothingOurs(history, { calls: calibration?.result() ?? null, notRead: notRead.length }, io)
}

async function accountsOf({ accounts, org }: BacktestArguments, io: Io) {
  const snapshot = await streamedReader({
    files: accounts.map(name => ({ name, chunks: io.readBytes(name) })),
    ...(org === null ? {} : { org: await io.readFile(org), orgName: org }),
  })
  const reader = cachedReader(snapshot)
  return {
    reader,
    given: snapshot.given,
    calibration: accounts.length === 0 ? null : calibrator(reader, snapshot.texts()),
  }
}

type Accounts = Pick<Awaited<ReturnType<typeof accountsOf>>, 'reader' | 'given'>

const analyzer =
  ({ reader, given, config }: Accounts & { readonly config: Config }): AnalyzeOnce =>
  (denial, nowMs) =>
    analyze(denial, { reader, config, nowMs, given })

/** Exit code 2 if nothing could be read, 3 if what was read holds no record. */
function noRecords(
  { unreadable, notRead }: { readonly unreadable: number; readonly notRead: number },
  files: number,
  io: Io,
): number {
  const torn = unreadable === 0 ? '' : `, ${unreadable} of them not read to the end`
  const first = `no CloudTrail record in ${plural(files, 'file')}${torn}`
  io.err(oneLine(`${first}: ${WHERE_FROM}`))
  return unreadable + notRead > 0 ? 2 : 3
}

const WHERE_FROM =
  'give CloudTrail log files (aws s3 sync s3://BUCKET/AWSLogs/ trail/), or the output of aws cloudtrail lookup-events; docs/backtest.md says how'

function noteLeftOut({ redelivered, encoded, dropped }: History, io: Io): void {
  if (redelivered > 0)
    io.err(
      oneLine(
        `${plural(redelivered, 'record')} came again and ${redelivered === 1 ? 'was' : 'were'} not counted twice`,
      ),
    )
  if (encoded > 0)
    io.err(
      oneLine(`${plural(encoded, 'denial')} of EC2 with only an encoded message, which AWS alone decodes: not counted`),
    )
  if (dropped > 0)
    io.err(oneLine(`${plural(dropped, 'denial')} beyond ${MAX_DIFFERENT} different ones: counted, and not analyzed`))
}

async function writePage(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page)
  } catch (cause) {
    throw new UsageError(`${file}: ${cause instanceof Error ? cause.message : 'cannot be written'}`, { cause })
  }
}

type Calls = { readonly allowedCalls: number; readonly deniedCalls: number }

/** Nothing is promised about files that were not read, nor about denials that only AWS can decode. */
function nothingOurs(
  { denials, encoded }: History,
  { calls, notRead }: { readonly calls: Calls | null; readonly notRead: number },
  io: Io,
): number {
  if (denials > 0 || (calls !== null && calls.allowedCalls + calls.deniedCalls > 0)) return 0
  const hidden = [
    ...(notRead > 0 ? [`${plural(notRead, 'file')} ${notRead === 1 ? 'was' : 'were'} not read`] : []),
    ...(encoded > 0 ? [`${plural(encoded, 'encoded denial')} ${encoded === 1 ? 'was' : 'were'} not decoded`] : []),
  ]
  const rest =
    hidden.length === 0
      ? 'no record denies iam:PassRole or sts:AssumeRole: no card would have been sent'
      : `no record that was read denies iam:PassRole or sts:AssumeRole, but ${hidden.join(', and ')}: how many cards would have been sent is not known`
  io.err(oneLine(rest))
  return 3
}
