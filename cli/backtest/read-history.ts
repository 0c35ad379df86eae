/** Reads every source of the command line. What cannot be read is named on standard error, and the rest is read. */
import { plural } from '../../functions/domain/base/rich-text.ts'
import { type Io, oneLine } from '../io.ts'
import type { BacktestArguments } from './arguments.ts'
import type { Calibrator } from './calibration.ts'
import { type History, historyCollector } from './history.ts'
import { localSources, requirePaths } from './local-sources.ts'
import { readSource, type Source } from './read-source.ts'
import { isS3 } from './s3-paths.ts'

/** Then only their number is said. */
const MAX_NAMED = 20
const FEW = 3

export type ReadHistory = {
  readonly history: History
  readonly files: number
  /** Files, and folders, that could not be read to their end. */
  readonly unreadable: number
}

export async function readHistory(
  { paths, live }: BacktestArguments,
  calibration: Calibrator | null,
  io: Io,
): Promise<ReadHistory> {
  await requirePaths(paths.filter(path => !isS3(path)))
  const collector = historyCollector({ withCalls: calibration !== null })
  let files = 0
  const unreadable = namedUpTo(MAX_NAMED, 'could not be read to its end', io)
  const empty = namedUpTo(FEW, 'held no CloudTrail record', io)
  const askQuestions = async () => {
    const questions = collector.takeQuestions()
    if (calibration !== null) for (const question of questions) await calibration.ask(question)
  }
  for await (const source of sourcesOf(paths, live, unreadable.name, io)) {
    files += 1
    const before = collector.history()
    io.progress(`reading file ${files}, ${before.records} records so far`)
    const { failed, tooLarge } = await readSource(source, collector.add, askQuestions)
    const after = collector.history()
    const why =
      failed ??
      (tooLarge > 0 ? 'it holds an object larger than any record' : null) ??
      (after.broken > before.broken ? `${plural(after.broken - before.broken, 'record')} of it cannot be read` : null)
    if (why !== null) unreadable.name(source.name, why)
    else if (
      after.records + after.redelivered + after.steppedOver ===
      before.records + before.redelivered + before.steppedOver
    )
      empty.name(source.name, 'holds no CloudTrail record')
  }
  io.progress(null)
  unreadable.rest()
  empty.rest()
  return { history: collector.history(), files, unreadable: unreadable.count() }
}

async function* sourcesOf(
  paths: readonly string[],
  live: BacktestArguments['live'],
  onUnreadable: (name: string, why: string) => void,
  io: Io,
): AsyncIterable<Source> {
  yield* localSources(
    paths.filter(path => !isS3(path)),
    onUnreadable,
  )
  if (live === null) return
  const { s3Client, s3Sources } = await import('./s3-sources.ts')
  const client = await s3Client(live, io)
  for (const path of paths.filter(isS3)) yield* s3Sources(path, client)
}

function namedUpTo(most: number, what: string, io: Io) {
  let count = 0
  return {
    name(file: string, why: string) {
      count += 1
      if (count <= most) io.err(oneLine(`${file}: ${why}`))
    },
    rest() {
      if (count > most) io.err(oneLine(`and ${count - most} more ${what}`))
    },
    count: () => count,
  }
}
