/** What the bot would have done in the past, before anybody gives it permissions. */

import { plural } from '../../../core/base/index.ts'
import { streamedReader } from '../../../functions/adapters/files/index.ts'
import type { Config } from '../../../functions/domain/config/index.ts'
import { LAST_SUCCESS_LOOK_MS } from '../../../functions/domain/proposal/index.ts'
import { analyze } from '../../../functions/workflows/index.ts'
import { cachedReader } from '../../live/cached-reader.ts'
import type { IamSource } from '../iam-reader.ts'
import { readConfig } from '../read-config.ts'
import { selfSolved } from '../trail/self-solved.ts'
import type { UseCaseWorld } from '../world.ts'
import { calibrator } from './calibration.ts'
import { type History, MAX_DIFFERENT } from './history.ts'
import { readHistory } from './read-history.ts'
import { type AnalyzeOnce, analyzedOnce, asApproved, replay } from './replay.ts'
import { requireOut } from './report-file.ts'
import { settingEffects } from './setting-effects.ts'
import { type Summary, summaryOf } from './summary.ts'

export type BacktestQuestion = {
  /** CloudTrail files, folders of them, or s3://bucket/prefix. */
  readonly paths: readonly string[]
  readonly accounts: readonly string[]
  readonly org: string | null
  /** The configuration file. Null: the default settings. */
  readonly config: string | null
  /** Credentials to read buckets. */
  readonly live: IamSource['live']
  /** The file for the report. If it cannot be written, this fails before the reading, which may take an hour. */
  readonly out: string | null
}

export type BacktestAnswer =
  | { readonly kind: 'no-records'; readonly notes: readonly string[]; readonly isUnreadable: boolean }
  | {
      readonly kind: 'summary'
      /** What was not counted, followed by failures. */
      readonly notes: readonly string[]
      readonly summary: Summary
      /** Why little or nothing can be said, if no record concerns rolemedic. Null: some do. */
      readonly nothing: string | null
    }

/** `note`: reports a file that was not read at once, because reading may take an hour. */
export async function backtestHistory(
  question: BacktestQuestion,
  world: UseCaseWorld,
  note: (line: string) => void,
): Promise<BacktestAnswer> {
  if (question.out !== null) await requireOut(question.out, question)
  const config = asApproved(await readConfig(question.config, world))
  const { reader, given, archive, calibration } = await accountsOf(question, world)
  const { history, unreadable, notRead, files } = await readHistory(question, calibration, world, note)
  if (history.records === 0) return noRecords({ unreadable, notRead: notRead.length, files })

  const analyses = analyzedOnce(analyzer({ reader, given, config }))
  const analyzeOnce: AnalyzeOnce = (denial, nowMs) => {
    world.progress(`analyzing ${plural(history.repeats.length, 'different denial')}`)
    return analyses(denial, nowMs)
  }
  for (const line of leftOut(history)) note(line)
  const withinMs = config.settleSeconds * 1_000 + LAST_SUCCESS_LOOK_MS
  const solved = await selfSolved(history, analyzeOnce, { reader, archive, withinMs })
  const replayed = await replay(solved.rest, config, analyzeOnce)
  // What the bot would have sent without looking at later successes.
  const noise =
    solved.count === 0 ? 0 : (await replay(history, config, analyzeOnce)).cards.length - replayed.cards.length
  const effects = await settingEffects(solved.rest, config, replayed, analyzeOnce)
  const calls = calibration?.result() ?? null
  const summary = await summaryOf({
    ...{
      history,
      solved,
      noise,
      unreadable,
      notRead: [...notRead],
      replayed,
      effects,
      quietHours: config.approvalExpiryHours,
    },
    calibration: calls,
    analysisOf: ({ denial }) => analyzeOnce(denial, denial.timeMs ?? 0).catch(() => null),
  })
  world.progress(null)
  const failed =
    replayed.failures > 0
      ? [`${plural(replayed.failures, 'step')} failed, the first with: ${replayed.firstFailure ?? ''}`]
      : []
  return { kind: 'summary', notes: failed, summary, nothing: nothingOurs(history, { calls, notRead: notRead.length }) }
}

async function accountsOf({ accounts, org }: BacktestQuestion, world: UseCaseWorld) {
  const snapshot = await streamedReader({
    files: accounts.map(name => ({ name, chunks: world.readBytes(name) })),
    ...(org === null ? {} : { org: await world.readFile(org), orgName: org }),
  })
  const reader = cachedReader(snapshot)
  return {
    reader,
    given: snapshot.given,
    archive: snapshot.archive,
    calibration: accounts.length === 0 ? null : calibrator(reader, snapshot.texts()),
  }
}

type Accounts = Pick<Awaited<ReturnType<typeof accountsOf>>, 'reader' | 'given'>

const analyzer =
  ({ reader, given, config }: Accounts & { readonly config: Config }): AnalyzeOnce =>
  (denial, nowMs) =>
    analyze(denial, { reader, config, nowMs, given })

const noRecords = (read: {
  readonly unreadable: number
  readonly notRead: number
  readonly files: number
}): BacktestAnswer => {
  const torn = read.unreadable === 0 ? '' : `, ${read.unreadable} of them not read to the end`
  return {
    kind: 'no-records',
    notes: [`no CloudTrail record in ${plural(read.files, 'file')}${torn}: ${WHERE_FROM}`],
    isUnreadable: read.unreadable + read.notRead > 0,
  }
}

const WHERE_FROM =
  'give CloudTrail log files (aws s3 sync s3://BUCKET/AWSLogs/ trail/), or the output of aws cloudtrail lookup-events'

const leftOut = ({ redelivered, corrections, encoded, dropped }: History): readonly string[] => [
  ...(redelivered > 0
    ? [`${plural(redelivered, 'record')} came again and ${redelivered === 1 ? 'was' : 'were'} not counted twice`]
    : []),
  ...(corrections > 0
    ? [
        `${plural(corrections, 'record')} ${corrections === 1 ? 'corrects' : 'correct'} another one (addendum) and ${corrections === 1 ? 'was' : 'were'} not counted twice`,
      ]
    : []),
  ...(encoded > 0
    ? [`${plural(encoded, 'denial')} of EC2 with only an encoded message, which AWS alone decodes: not counted`]
    : []),
  ...(dropped > 0
    ? [`${plural(dropped, 'denial')} beyond ${MAX_DIFFERENT} different ones: counted, and not analyzed`]
    : []),
]

type Calls = { readonly allowedCalls: number; readonly deniedCalls: number }

/** Makes no claim about files that were not read, nor about denials that only AWS can decode. */
function nothingOurs(
  { denials, encoded }: History,
  { calls, notRead }: { readonly calls: Calls | null; readonly notRead: number },
): string | null {
  if (denials > 0 || (calls !== null && calls.allowedCalls + calls.deniedCalls > 0)) return null
  const hidden = [
    ...(notRead > 0 ? [`${plural(notRead, 'file')} ${notRead === 1 ? 'was' : 'were'} not read`] : []),
    ...(encoded > 0 ? [`${plural(encoded, 'encoded denial')} ${encoded === 1 ? 'was' : 'were'} not decoded`] : []),
  ]
  return hidden.length === 0
    ? 'no record denies iam:PassRole or sts:AssumeRole: no card would have been sent'
    : `no record that was read denies iam:PassRole or sts:AssumeRole, but ${hidden.join(', and ')}: how many cards would have been sent is not known`
}
