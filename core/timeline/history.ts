/** The value of every cell between the writes of a trail, from the writes and from one reading of the account. */

import { canonicalJson } from '../base/index.ts'
import { type PolicyDocument, samePolicy } from '../iam/index.ts'
import {
  type CellValue,
  cells,
  type Effect,
  type Effects,
  effectsOf,
  type Reset,
  unknownValue,
  versionMadeBy,
} from './effects.ts'
import { type Guardrails, isGuardCell, isGuardDocument, ORGANIZATIONS } from './guardrails.ts'
import type { TrailWrite } from './trail.ts'

/** The writes of one second: CloudTrail records no finer time, so their order is not known. */
export type Second = { readonly atMs: number; readonly writes: readonly AppliedWrite[] }

export type AppliedWrite = { readonly write: TrailWrite; readonly effects: Effects }

/** An account as it was read once. */
export type Reading = {
  /** When. Null: after the last write. */
  readonly atMs: number | null
  valueOf(cell: string): CellValue
  /** The documents of the versions of a policy that exist, by version id. */
  versionsOf(arn: string): ReadonlyMap<string, PolicyDocument>
}

export type PolicyHistory = {
  readonly seconds: readonly Second[]
  /** The value after the writes of this second; -1: before the first. */
  at(cell: string, second: number): CellValue
  /** The values that the writes give to cells that begin so: their suffixes. */
  suffixes(prefix: string): readonly string[]
  /** Every value that the cell ever has. */
  valuesOf(cell: string): readonly CellValue[]
  /** Cells whose last write is not what was read later. */
  contradictions(all: Iterable<string>, normal?: (value: CellValue) => CellValue): readonly string[]
  /** How often the entity was made before the end of this second. */
  era(entity: string, second: number): number
}

type Entry = { readonly second: number; readonly value: CellValue; readonly before: CellValue | null }

export function policyHistory(
  writes: readonly TrailWrite[],
  {
    partition,
    reading,
    guardrails,
  }: { readonly partition: string; readonly reading: Reading; readonly guardrails: Pick<Guardrails, 'effectsOf'> },
): PolicyHistory {
  const versions = versionsMade(writes)
  const versionOf = (arn: string, id: string): CellValue => {
    const made = versions.get(`${arn} ${id}`)
    if (made !== undefined) return made
    const read = reading.versionsOf(arn).get(id)
    return read === undefined ? unknownValue(`version ${id} of ${arn} was not read`) : { kind: 'known', value: read }
  }
  const seconds = inSeconds(writes, write =>
    write.source === ORGANIZATIONS ? guardrails.effectsOf(write) : effectsOf(write, partition, versionOf),
  )
  const entries = new Map<string, Entry[]>()
  const resets = new Map<string, ({ second: number } & Pick<Reset, 'exists' | 'cleared'>)[]>()
  for (const [second, { writes: group }] of seconds.entries())
    for (const { effects } of group) {
      if (effects.kind === 'blind') continue
      for (const effect of effects.effects) add(entries, effect.cell, { second, ...withBefore(effect) })
      for (const { entity, exists, cleared } of effects.resets) add(resets, entity, { second, exists, cleared })
    }
  const blinds = seconds.flatMap(({ writes: group }, second) =>
    group.flatMap(({ effects, write }) => (effects.kind === 'blind' ? [{ second, why: effects.why, write }] : [])),
  )
  const readAt = reading.atMs === null ? seconds.length - 1 : lastUntil(seconds, reading.atMs)
  const merged = new Map<string, readonly Entry[]>()

  /** The entries of the cell, and those of its entity that clear it. */
  function entriesOf(cell: string): readonly Entry[] {
    const present = merged.get(cell)
    if (present !== undefined) return present
    const own = entries.get(cell) ?? []
    const [entity = ''] = cell.split(' | ', 1)
    const cleared = (resets.get(entity) ?? [])
      .filter(({ second }) => cell !== cells.id(entity) && !own.some(one => one.second === second))
      .map(({ second, cleared }) => ({ second, ...cleared(cell) }))
    const all = cleared.length === 0 ? own : [...own, ...cleared].sort((a, b) => a.second - b.second)
    const settled = settledIn(all)
    merged.set(cell, settled)
    return settled
  }

  function at(cell: string, second: number): CellValue {
    const all = entriesOf(cell)
    const index = all.findLastIndex(entry => entry.second <= second)
    const next = all[index + 1]
    const isReadHere = index === -1 ? next === undefined || readAt < next.second : isWithin(all, index)
    const own = all[index]?.value ?? null
    const blind =
      next === undefined || next.second > readAt
        ? undefined
        : blinds.find(
            ({ second: at, write }) => at > (all[index]?.second ?? -1) && at <= second && mayChange(write, cell),
          )
    // A write that names nothing may have changed this cell, and nothing later shows it.
    if (blind !== undefined) return unknownValue(blind.why)
    if (own !== null && own.kind !== 'unknown') return own
    if (isReadHere) {
      const read = reading.valueOf(cell)
      return read.kind === 'unknown' && own !== null ? own : read
    }
    if (next?.before?.kind === 'known') return next.before
    if (own !== null) return own
    return cell.startsWith('policy ')
      ? earlierVersion(cell.slice('policy '.length))
      : (next?.before ?? unknownValue(NOWHERE))
  }

  /** The account was read after this entry and before the next one. */
  function isWithin(all: readonly Entry[], index: number): boolean {
    const [entry, next] = [all[index], all[index + 1]]
    return entry !== undefined && readAt >= entry.second && (next === undefined || readAt < next.second)
  }

  /** The version before the first change: one of those that exist and are older, also the one that was set again. */
  function earlierVersion(arn: string): CellValue {
    const made = [...versions.keys()].filter(key => key.startsWith(`${arn} `)).map(key => key.slice(arn.length + 1))
    if (writes.some(write => hidesVersion(write, arn, made))) return unknownValue(NOWHERE)
    const firstMade = Math.min(...made.map(numberOf), Number.POSITIVE_INFINITY)
    const values = [...reading.versionsOf(arn)]
      .filter(([id]) => !made.includes(id) && numberOf(id) < firstMade)
      .sort(([a], [b]) => numberOf(b) - numberOf(a))
      .map(([, document]): CellValue => ({ kind: 'known', value: document }))
    const [only, ...more] = values
    if (only === undefined) return unknownValue(NOWHERE)
    return more.length === 0 ? only : { kind: 'one-of', values }
  }

  return {
    seconds,
    at,
    suffixes: prefix =>
      [...entries.keys()].filter(cell => cell.startsWith(prefix)).map(cell => cell.slice(prefix.length)),
    valuesOf: cell => [...entriesOf(cell).map(entry => entry.value), at(cell, -1), at(cell, seconds.length - 1)],
    contradictions: (all, normal = one => one) =>
      [...all].filter(cell => {
        const last = entriesOf(cell).findLast(({ second }) => second <= readAt)
        if (last === undefined || last.value.kind !== 'known' || cell.endsWith(' | id')) return false
        const [read, written] = [normal(reading.valueOf(cell)), normal(last.value)]
        return read.kind === 'known' && written.kind === 'known' && !isSame(read.value, written.value)
      }),
    era: (entity, second) => (resets.get(entity) ?? []).filter(one => one.exists && one.second <= second).length,
  }
}

/** IAM changes no policy of the organization, and Organizations none of an account. A stopped trail hides both. */
function mayChange({ source, eventName }: TrailWrite, cell: string): boolean {
  if (source !== ORGANIZATIONS) return source !== 'iam.amazonaws.com' || !isGuardCell(cell)
  return isGuardCell(cell) && (eventName !== 'UpdatePolicy' || isGuardDocument(cell))
}

const NOWHERE = 'the document that a write replaced is nowhere in the trail'
const SAME_SECOND = 'two writes of one second contradict each other'

const withBefore = ({ value, before }: Effect) => ({ value, before: before ?? null })

function add<T>(map: Map<string, T[]>, key: string, item: T): void {
  const present = map.get(key)
  if (present === undefined) map.set(key, [item])
  else present.push(item)
}

/** One entry for each second. Several writes of one second to one cell leave a value that is not known. */
function settledIn(all: readonly Entry[]): readonly Entry[] {
  const settled: Entry[] = []
  for (const entry of all) {
    const last = settled.at(-1)
    if (last?.second !== entry.second) settled.push(entry)
    else if (!isSameValue(last.value, entry.value))
      settled[settled.length - 1] = { second: entry.second, value: unknownValue(SAME_SECOND), before: null }
  }
  return settled
}

const isSameValue = (a: CellValue, b: CellValue): boolean =>
  a.kind === 'known' && b.kind === 'known' ? isSame(a.value, b.value) : false

function isSame(a: (CellValue & { kind: 'known' })['value'], b: typeof a): boolean {
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null)
    return samePolicy(a, b) || canonicalJson(a) === canonicalJson(b)
  return a === b
}

function inSeconds(writes: readonly TrailWrite[], effects: (write: TrailWrite) => Effects): readonly Second[] {
  const seconds: { atMs: number; writes: AppliedWrite[] }[] = []
  for (const write of writes) {
    const atMs = Math.floor(write.atMs / 1_000) * 1_000
    const last = seconds.at(-1)
    const applied = { write, effects: effects(write) }
    if (last?.atMs === atMs) last.writes.push(applied)
    else seconds.push({ atMs, writes: [applied] })
  }
  return seconds
}

export const lastUntil = (seconds: readonly Second[], untilMs: number): number =>
  seconds.findLastIndex(({ atMs }) => atMs <= untilMs)

function versionsMade(writes: readonly TrailWrite[]): ReadonlyMap<string, CellValue> {
  const made = new Map<string, CellValue>()
  for (const write of writes) {
    const version = versionMadeBy(write)
    if (version !== null) made.set(`${version.arn} ${version.versionId}`, version.document)
  }
  return made
}

/** A version that existed before the trail and was deleted in it may have been the default; which one a write made is not known without its id. */
const hidesVersion = (write: TrailWrite, arn: string, made: readonly string[]): boolean => {
  const { eventName, parameters } = write
  if (parameters?.['policyArn'] !== arn) return false
  if (eventName === 'DeletePolicyVersion') return !made.includes(String(parameters['versionId']))
  return eventName === 'CreatePolicyVersion' && versionMadeBy(write) === null
}

const numberOf = (versionId: string): number => Number(/^v(\d+)$/.exec(versionId)?.[1] ?? Number.NaN)
