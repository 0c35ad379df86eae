/** Reads every source of the command line. Reports what cannot be read, and continues with the rest. */
import { plural } from '../../../core/base/index.ts'
import type { IamSource } from '../iam-reader.ts'
import type { UseCaseWorld } from '../world.ts'
import type { Calibrator } from './calibration.ts'
import { type History, historyCollector } from './history.ts'
import { isBesideLogs, isDigest, isLogFile, isWriteTest, localSources, requirePaths } from './local-sources.ts'
import { type ReadSource, readHistorySource, type Source, whyShort } from './read-source.ts'
import { isS3 } from './s3-paths.ts'

/** Beyond this number, only the count is reported. */
const MAX_NAMED = 20

export type ReadHistory = {
  readonly history: History
  readonly files: number
  /** Files and folders that could not be read to the end. */
  readonly unreadable: number
  /** Those, and files without records. */
  readonly notRead: readonly NotRead[]
}

export type NotRead = { readonly file: string; readonly why: string }

/** Beyond this number, the last entry has the count of the others: a bucket may contain millions of other objects. */
const MAX_NOT_READ = 1_000

export async function readHistory(
  { paths, live }: { readonly paths: readonly string[]; readonly live: IamSource['live'] },
  calibration: Calibrator | null,
  world: UseCaseWorld,
  note: (line: string) => void,
): Promise<ReadHistory> {
  await requirePaths(paths.filter(path => !isS3(path)))
  const collector = historyCollector({ withCalls: calibration !== null })
  let files = 0
  let unreadable = 0
  const notRead = namedUpTo(MAX_NAMED, note)
  const askQuestions = async () => {
    const questions = collector.takeQuestions()
    if (calibration !== null) for (const question of questions) await calibration.ask(question)
  }
  const onUnreadable = (file: string, why: string) => {
    unreadable += 1
    notRead.name(file, why)
  }
  for await (const source of sourcesOf(paths, live, onUnreadable, world)) {
    files += 1
    const before = collector.history()
    world.progress(`reading file ${files}, ${before.records} records so far`)
    const read = await readHistorySource(source, collector.add, askQuestions)
    const after = collector.history()
    const torn = whyTorn(source.name, read, after.broken - before.broken)
    if (torn !== null) onUnreadable(source.name, torn)
    else {
      const why = whyNotRead(source.name, read, { before, after })
      if (why !== null) notRead.name(source.name, why)
    }
  }
  world.progress(null)
  notRead.rest()
  return { history: collector.history(), files, unreadable, notRead: notRead.all() }
}

/** Why a file is incomplete. A file that may be anything counts as incomplete only after some JSON. */
function whyTorn(file: string, read: ReadSource, broken: number): string | null {
  const { failed, isNoJson } = read
  if (isBesideLogs(file)) return null
  if (failed !== null && (!isNoJson || isLogFile(file))) return failed
  const short = whyShort(read)
  if (short !== null) return short
  return broken > 0 ? `${plural(broken, 'record')} of it cannot be read` : null
}

const seenIn = ({ records, redelivered, corrections, steppedOver }: History): number =>
  records + redelivered + corrections + steppedOver

/** Null for a log file, also one with an empty list of records, and for files of a log bucket that contain no records. */
function whyNotRead(
  file: string,
  { failed, bytes, units }: ReadSource,
  { before, after }: { readonly before: History; readonly after: History },
): string | null {
  const incomplete = after.incomplete - before.incomplete
  if (incomplete > 0)
    return `${plural(incomplete, 'object')} of it ${incomplete === 1 ? 'has' : 'have'} no time or no caller, as every CloudTrail record has`
  if (seenIn(after) > seenIn(before) || isDigest(file) || isWriteTest(file)) return null
  if (failed !== null) return `no CloudTrail log: ${failed}`
  if (bytes === 0) return 'it is empty'
  return units === 0 ? null : 'holds no CloudTrail record'
}

async function* sourcesOf(
  paths: readonly string[],
  live: IamSource['live'],
  onUnreadable: (name: string, why: string) => void,
  world: UseCaseWorld,
): AsyncIterable<Source> {
  yield* localSources(
    paths.filter(path => !isS3(path)),
    onUnreadable,
  )
  if (live === null) return
  const { s3Client, s3Sources } = await import('./s3-sources.ts')
  const client = await s3Client(live, world)
  for (const path of paths.filter(isS3)) yield* s3Sources(path, client)
}

function namedUpTo(most: number, note: (line: string) => void) {
  const list: NotRead[] = []
  let count = 0
  return {
    name(file: string, why: string) {
      count += 1
      if (count <= most) note(`${file}: ${why}`)
      if (list.length < MAX_NOT_READ) list.push({ file, why })
    },
    rest() {
      if (count > most) note(`and ${plural(count - most, 'more file')} not read`)
    },
    all: (): readonly NotRead[] =>
      count <= list.length ? list : [...list, { file: '…', why: `and ${plural(count - list.length, 'more file')}` }],
  }
}
