/** Reads `--trail`: files and folders in any form, streamed, for the denials of one question. */

import { plural, UsageError } from '../../../core/base/index.ts'
import {
  DENIAL_ERROR_CODES,
  type Denial,
  parseRecord,
  recordsInText,
  recordsOf,
  requestKeyOf,
} from '../../../core/denial/index.ts'
import { type Trail, type TrailCollector, trailCollector } from '../../../core/timeline/index.ts'
import { isBesideLogs, isDigest, isWriteTest, localSources, requirePaths } from '../backtest/local-sources.ts'
import { readHistorySource, type Source, whyShort } from '../backtest/read-source.ts'
import type { Unit } from '../backtest/record-splitter.ts'
import type { UseCaseWorld } from '../world.ts'

/** `recorded`: the `requestKeyOf` of each given denial that a record of a refused call shows. */
export type TrailRead = {
  readonly trail: Trail
  readonly notes: readonly string[]
  readonly recorded: ReadonlySet<string>
}

/** Texts that are no JSON are read whole, and no further. */
const MAX_TEXT_BYTES = 32 * 1024 * 1024
const MAX_NAMED = 20
const REFUSED: ReadonlySet<string> = new Set(DENIAL_ERROR_CODES)

/** Throws UsageError for a path that does not exist, and where no file holds a record. */
export async function readTrail(
  paths: readonly string[],
  denials: readonly Denial[],
  world: Pick<UseCaseWorld, 'readFile' | 'progress'>,
): Promise<TrailRead> {
  await requirePaths(paths)
  const recorded = new Set<string>()
  const collector = withRefusals(trailCollector(denials), new Set(denials.map(requestKeyOf)), recorded)
  const counted = { records: 0 }
  const wrong: string[] = []
  let files = 0
  for await (const source of localSources(paths, (name, why) => wrong.push(`${name}: ${why}`))) {
    files += 1
    world.progress(`reading the trail: file ${files}, ${counted.records} records so far`)
    const why = await readSource(source, collector, counted, world)
    if (why !== null) wrong.push(`${source.name}: ${why}`)
  }
  world.progress(null)
  if (counted.records === 0)
    throw new UsageError(
      `--trail: no CloudTrail record in ${plural(files, 'file')}${wrong[0] === undefined ? '' : ` (${wrong[0]})`}`,
    )
  const more =
    wrong.length > MAX_NAMED ? [`and ${plural(wrong.length - MAX_NAMED, 'more file')} of the trail not read`] : []
  const trail = collector.trail()
  // What was not read may hold a write.
  const gap = trail.gap ?? (wrong[0] === undefined ? null : `a file of the trail was not read to its end (${wrong[0]})`)
  return { trail: { ...trail, gap }, notes: [...wrong.slice(0, MAX_NAMED), ...more], recorded }
}

type Collector = TrailCollector & { refused(record: unknown): void }

function withRefusals(collector: TrailCollector, wanted: ReadonlySet<string>, found: Set<string>): Collector {
  const refused = (record: unknown) => {
    const parsed = parseRecord(record)
    const key = parsed.kind === 'denial' ? requestKeyOf(parsed.denial) : null
    if (key !== null && wanted.has(key)) found.add(key)
  }
  const take = (record: unknown) => {
    collector.take(record)
    refused(record)
  }
  return { ...collector, take, refused }
}

/** Why it was not read to its end; null: it was, or it is none of a trail. */
async function readSource(
  source: Source,
  collector: Collector,
  counted: { records: number },
  world: Pick<UseCaseWorld, 'readFile'>,
): Promise<string | null> {
  if (isBesideLogs(source.name) || isDigest(source.name) || isWriteTest(source.name)) return null
  const before = counted.records
  const read = await readHistorySource(
    source,
    unit => takeUnit(unit, collector, counted),
    async () => {},
  )
  if (counted.records === before && read.bytes <= MAX_TEXT_BYTES) {
    const { records } = recordsInText(await world.readFile(source.name).catch(() => ''))
    for (const { record } of records) collector.take(record)
    counted.records += records.length
    if (records.length > 0) return null
    return read.failed === null || read.isNoJson ? null : read.failed
  }
  return read.failed ?? whyShort(read)
}

function takeUnit(unit: Unit, collector: Collector, counted: { records: number }): void {
  const [name, source] = [unit.field('eventName'), unit.field('eventSource')]
  if (
    name === null ||
    source === null ||
    unit.field('eventTime') === null ||
    unit.field('recipientAccountId') === null
  ) {
    const value = parsedUnit(unit)
    if (value === null) collector.add(value)
    const found = recordsOf(value)
    for (const record of found.ok ? found.value : []) collector.take(record)
    counted.records += found.ok ? found.value.length : 0
    return
  }
  counted.records += 1
  const isWanted = collector.see({
    ...{ id: unit.field('eventID') || null, time: unit.field('eventTime'), source, name },
    ...{ region: unit.field('awsRegion'), accountId: unit.field('recipientAccountId') },
    ...{ failed: unit.field('errorCode') !== null, isAddendum: unit.has('addendum') },
  })
  if (isWanted) collector.add(parsedUnit(unit))
  if (REFUSED.has(unit.field('errorCode') ?? '')) collector.refused(parsedUnit(unit))
}

function parsedUnit({ text }: Unit): unknown {
  try {
    return JSON.parse(text.toString())
  } catch {
    return null
  }
}
