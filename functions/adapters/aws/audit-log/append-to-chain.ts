/**
 * Appends to the audit chain over any storage that can create an object only if it is absent. Writers take turns; one without a
 * turn is refused by the storage, and looks for the end.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { fail, ok, type Result, RolemedicError } from '../../../../core/base/index.ts'
import {
  type AuditEntry,
  type AuditRecord,
  bodyAfter,
  type ChainHead,
  isOfVerify,
  isSignedRecord,
  parseAuditRecord,
  recordBytes,
  recordName,
  recordUnder,
  type StoredRecord,
  sameEntry,
  sealed,
  storedForm,
} from '../../../domain/audit/index.ts'
import { AUDIT_HEAD, type AuditHead, type AuditSearch, auditSearch } from '../../../domain/stored/index.ts'
import type { AuditLog } from '../../../ports/audit-log.ts'
import type { Observer } from '../../../ports/observer.ts'
import type { Keys, Signer } from '../../../ports/signer.ts'
import { SILENT_OBSERVER } from '../../../ports/silent-observer.ts'
import { type Markers, Turn, type TurnTime } from './turn.ts'

export type AuditObjects = {
  /**
   * The first version stored under this sequence. Null: there is none. The error says why the storage does not return it. `likely`: which
   * version that probably is, so that a storage with versions can read it before it knows.
   */
  read(sequence: number, likely?: string): Promise<Result<string, string> | null>
  /** The version, if the storage names one. Null when the sequence is taken. Resolves when the object is durable. */
  create(sequence: number, text: string): Promise<Created | null>
  /** All stored objects in order of their names, including objects that are not of the log. */
  stored(): AsyncIterable<StoredRecord>
}

export type Created = { readonly object?: string }
export type { Markers } from './turn.ts'

export type CheckedAuditLog = AuditLog & {
  stored(): AsyncIterable<StoredRecord>
  /** The end of the log at the last append, from outside the log. Null: nothing was appended yet. */
  head(): Promise<ChainHead | null>
}

export type AuditLogOptions = Partial<TurnTime> & {
  /** Absent: records get no signature. `keys` verifies that an earlier record is one of rolemedic's own. */
  readonly signing?: { readonly signer: Signer; readonly keys: Keys }
  readonly observer?: Pick<Observer, 'log' | 'count'>
}

/** `unread`: the storage does not give the object, which says nothing about what is in it. */
type Unfit = { readonly kind: 'unread' | 'changed'; readonly why: string }
type Search = { readonly version: number; readonly value: AuditSearch }
/** `free`: the first sequence without an object, as far as it is known. */
type End = { readonly last: AuditRecord | null; readonly free: number }
/** `there`: the record that the table names for this entry. */
type Wanted = { readonly entry: AuditEntry; readonly marked: Search | null; readonly there: AuditRecord | null }
/** `search`: as the table has it during the turn. */
type Searched = Wanted & { readonly search: Search }
type Appended = Created & { readonly record: AuditRecord }
type Job = {
  readonly wanted: readonly Wanted[]
  readonly resolve: (records: readonly AuditRecord[]) => void
  readonly reject: (error: unknown) => void
}
/** What is appended in one turn. `end`: a promise while the head is read. `isEnding`: nothing more is appended. */
type Round = { readonly turn: Turn; end: End | Promise<End>; moved: Promise<void>; isEnding: boolean }

const MAX_CONFLICTS = 1000
const READ_AT_ONCE = 20
/**
 * The most consecutive sequences without an object that are skipped. An append leaves no gap, so a gap means that the head or
 * the log was changed.
 */
const MAX_MISSING = 100
/** A writer with more to append lets others in after this time. */
const WORKS_FOR_MS = 1_000
const JOBS_AT_ONCE = 10
/** Those who wait for a turn ask within it. */
const PAUSE_MS = 100
/** The limit for the texts of known records, about a thousand ordinary ones: others may store records of the maximum length. */
const MAX_KNOWN_CHARS = 2 ** 20

export function auditLog(
  objects: AuditObjects,
  markers: Markers,
  { signing, observer = SILENT_OBSERVER, clock = Date.now, sleep = delay }: AuditLogOptions = {},
): CheckedAuditLog {
  /** Appends of one process run one after another, many of them in one turn. */
  const waiting: Job[] = []
  let isWorking = false

  /** Intact records that this process has read, by their hash, which identifies the content. The first ones make room. */
  const recent = new Map<string, { readonly record: AuditRecord; readonly chars: number }>()
  let recentChars = 0
  const known = (hash: string): AuditRecord | undefined => recent.get(hash)?.record

  function remember(record: AuditRecord, chars: number): void {
    if (recent.has(record.hash)) return
    recent.set(record.hash, { record, chars })
    recentChars += chars
    for (const [hash, first] of recent) {
      if (recentChars <= MAX_KNOWN_CHARS) break
      recent.delete(hash)
      recentChars -= first.chars
    }
  }

  async function recordAt(sequence: number, likely?: string): Promise<Result<AuditRecord, Unfit> | null> {
    const stored = await objects.read(sequence, likely)
    if (stored === null) return null
    if (!stored.ok) return fail({ kind: 'unread', why: stored.error })
    const read = recordUnder(sequence, stored.value)
    if (!read.ok) return fail({ kind: 'changed', why: read.error })
    remember(read.value, stored.value.length)
    return read
  }

  async function head(): Promise<AuditHead | null> {
    return (await markers.getMarker(AUDIT_HEAD))?.value ?? null
  }

  /** The record that the head points to, after verification. */
  async function headRecord(expected: AuditHead | null): Promise<AuditRecord | null> {
    if (expected === null) return null
    const name = recordName(expected.sequence)
    const found = await recordAt(expected.sequence, expected.object)
    if (found === null) throw broken(`record ${name} is missing`)
    if (!found.ok && found.error.kind === 'unread') throw unread(`record ${name}: ${found.error.why}`)
    if (!found.ok) throw broken(`record ${name} was changed: ${found.error.why}`)
    if (found.value.hash !== expected.hash) throw broken(`record ${name} was replaced`)
    return found.value
  }

  /**
   * Before the first attempt, stores a marker with the first log sequence that can hold an entry with this key. A redelivery
   * finds the marker and scans back only to that sequence.
   */
  async function searchFrom(key: string, lastSequence: number): Promise<Search> {
    const marker = auditSearch(key)
    const search = { after: lastSequence }
    if (await markers.putMarker(marker, 0, search)) return { version: 1, value: search }
    return (await markers.getMarker(marker)) ?? { version: 0, value: search }
  }

  /**
   * The record at the sequence in the marker, if it continues the record just before it: an object outside the chain does not
   * count. If the marker is wrong, this finds nothing and the log is searched.
   */
  async function recordAtOnce(key: string, { value: { at = 0 } }: Search): Promise<AuditRecord | null> {
    const found = at < 1 ? null : await recordAt(at)
    if (found?.ok !== true || found.value.entry.key !== key) return null
    const { previousHash } = found.value
    if (at === 1) return previousHash === null ? found.value : null
    if (previousHash === null) return null
    const before = known(previousHash) ?? (await recordAt(at - 1).then(read => (read?.ok ? read.value : null)))
    return before?.sequence === at - 1 && before.hash === previousHash ? found.value : null
  }

  /** Walks back along the hashes, so that an object that only resembles a record of the chain is not accepted. */
  async function recordWithKey(key: string, from: AuditRecord, after: number): Promise<AuditRecord | null> {
    let record = from
    while (record.sequence > after) {
      if (record.entry.key === key) return record
      if (record.previousHash === null) return null
      record = known(record.previousHash) ?? (await recordBefore(record.sequence, record.previousHash))
    }
    return null
  }

  async function recordBefore(sequence: number, hash: string): Promise<AuditRecord> {
    let missing = 0
    let notGiven: string | null = null
    for (let end = sequence - 1; end > 0; end -= READ_AT_ONCE) {
      const numbers = Array.from({ length: Math.min(READ_AT_ONCE, end) }, (_, back) => end - back)
      for (const found of await Promise.all(numbers.map(at => recordAt(at)))) {
        if (found?.ok && found.value.hash === hash) return found.value
        if (found?.ok === false && found.error.kind === 'unread') notGiven ??= found.error.why
        missing = found === null ? missing + 1 : 0
      }
      if (missing >= MAX_MISSING) break
    }
    // It may be the one that was not given.
    if (notGiven !== null) throw unread(`a record before ${recordName(sequence)}: ${notGiven}`)
    throw broken(`the record before ${recordName(sequence)} is missing or was changed`)
  }

  /**
   * Walks the chain forward to its end, or to the record with this key. Skips an object that does not continue the chain: the
   * next record has the hash of the last valid one and a higher sequence.
   */
  async function follow(start: End, key: string | null, atOnce = 1): Promise<End & { readonly found: boolean }> {
    let { last, free } = start
    for (let batch = atOnce; ; batch = Math.min(2 * batch, READ_AT_ONCE)) {
      const numbers = Array.from({ length: batch }, (_, index) => free + index)
      for (const stored of await Promise.all(numbers.map(at => recordAt(at)))) {
        if (stored === null) return { last, free, found: false }
        const next = stored.ok ? continues(last, stored.value) : stored
        // Only an object that is alone in it is somebody else's: otherwise a record of ours would be passed.
        if (!next.ok && next.error.kind === 'unread') await headRecord(await head())
        if (next.ok) last = next.value
        else reportForeign(free, next.error.why)
        free += 1
        if (next.ok && next.value.entry.key === key) return { last, free, found: true }
      }
    }
  }

  function reportForeign(sequence: number, why: string): void {
    observer.log('error', 'audit_object_foreign', { place: recordName(sequence), why })
    observer.count('AuditForeign')
  }

  async function wantedFor(entry: AuditEntry): Promise<Wanted> {
    const marked = await markers.getMarker(auditSearch(entry.key))
    return { entry, marked, there: marked === null ? null : await recordAtOnce(entry.key, marked) }
  }

  async function appendAll(entries: readonly AuditEntry[]): Promise<readonly AuditRecord[]> {
    const wanted = await Promise.all(entries.map(wantedFor))
    const repeats = wanted.flatMap(({ entry, there }) => (there === null ? [] : [{ entry, there }]))
    if (repeats.length === wanted.length) return Promise.all(repeats.map(({ entry, there }) => repeated(there, entry)))
    return new Promise((resolve, reject) => {
      waiting.push({ wanted, resolve, reject })
      if (!isWorking) void work()
    })
  }

  async function work(): Promise<void> {
    isWorking = true
    while (waiting.length > 0) {
      await appendWaiting()
      if (waiting.length > 0) await sleep(PAUSE_MS)
    }
    isWorking = false
  }

  /** Answers after the turn: Lambda may freeze a process that has all its answers. */
  async function appendWaiting(): Promise<void> {
    const answers: Promise<() => void>[] = []
    const turn = new Turn(markers, { clock, sleep })
    const round: Round = { turn, end: after(null), moved: Promise.resolve(), isEnding: false }
    try {
      await turn.take()
      try {
        // What the table says about each entry is read meanwhile.
        const end = headRecord(turn.head).then(after)
        end.catch(() => undefined)
        round.end = end
        const untilMs = clock() + WORKS_FOR_MS
        const goesOn = (): boolean => waiting.length > 0 && clock() < untilMs
        do {
          const jobs = waiting.splice(0, JOBS_AT_ONCE)
          answers.push(...(await appendJobs(jobs, round, goesOn).catch(error => jobs.map(refused(error)))))
        } while (!round.isEnding && goesOn())
      } finally {
        await round.moved
        await turn.end()
      }
    } catch (error) {
      answers.push(...waiting.splice(0).map(refused(error)))
    }
    for (const answer of await Promise.all(answers)) answer()
  }

  /** One record after another. What the table notes about a record is written while the next one is stored. */
  async function appendJobs(
    jobs: readonly Job[],
    round: Round,
    goesOn: () => boolean,
  ): Promise<readonly Promise<() => void>[]> {
    const lastSequence = round.turn.head?.sequence ?? 0
    const searched = await Promise.all(
      jobs.map(async job => ({
        ...job,
        wanted: await Promise.all(job.wanted.map(async one => ({ ...one, search: await searchOf(one, lastSequence) }))),
      })),
    )
    await round.end
    const answers: Promise<() => void>[] = []
    let left = searched.reduce((sum, { wanted }) => sum + wanted.length, 0)
    for (const { wanted, resolve, reject } of searched) {
      left -= wanted.length
      // Another attempt has appended it meanwhile: that needs no turn.
      if (wanted.some(({ search, marked }) => search.value.at !== marked?.value.at)) {
        void appendAll(wanted.map(({ entry }) => entry)).then(resolve, reject)
        continue
      }
      const records: Promise<AuditRecord>[] = []
      try {
        for (const [at, one] of wanted.entries()) {
          const appended = await append(one, round)
          const isMore = left > 0 || at + 1 < wanted.length || goesOn()
          const { record } = appended
          records.push(one.there === null ? noted(appended, one.search, round, isMore) : Promise.resolve(record))
        }
      } catch (error) {
        records.push(Promise.reject(error))
      }
      answers.push(
        Promise.all(records).then(
          appended => () => resolve(appended),
          error => () => reject(error),
        ),
      )
    }
    return answers
  }

  async function searchOf({ entry, marked, there }: Wanted, lastSequence: number): Promise<Search> {
    if (marked === null) return searchFrom(entry.key, lastSequence)
    return there === null ? ((await markers.getMarker(auditSearch(entry.key))) ?? marked) : marked
  }

  async function append({ entry, there, search }: Searched, round: Round): Promise<Appended> {
    if (there !== null) return { record: await repeated(there, entry) }
    const { key } = entry
    const { last } = await round.end
    const from = Math.min(search.value.after, last?.sequence ?? 0)
    const earlier = last === null ? null : await recordWithKey(key, last, from)
    if (earlier !== null) return { record: await repeated(earlier, entry) }
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const record = await recordAfter(await round.end, entry)
      const text = storedForm(record)
      const created = await objects.create(record.sequence, text)
      if (created !== null) {
        remember(record, text.length)
        round.end = after(record)
        return { ...created, record }
      }
      // Others write meanwhile: without a turn it would be late each time.
      await round.moved
      if (!round.turn.isTaken) await round.turn.take()
      // The free sequence is taken, so the next one is read together with it.
      const { found, ...reached } = await follow(await round.end, key, 2)
      round.end = reached
      if (found && reached.last !== null) return { record: await repeated(reached.last, entry) }
    }
    throw new RolemedicError('audit-contention', 'too many writers append to the audit log at once')
  }

  async function recordAfter({ last, free }: End, entry: AuditEntry): Promise<AuditRecord> {
    const body = bodyAfter(last, entry, free)
    return sealed(body, signing === undefined ? null : await signing.signer.sign(recordBytes(body)))
  }

  /** The key exists. The same entry was already appended; a different one is a conflict. */
  async function repeated(record: AuditRecord, entry: AuditEntry): Promise<AuditRecord> {
    const taken = (why: string) =>
      new RolemedicError('audit-conflict', `record ${recordName(record.sequence)} has the key ${entry.key}, but ${why}`)
    if (!sameEntry(record.entry, entry)) throw taken('says something else')
    // What `decide` signed needs no other signature: `sweep` may have recorded it.
    if (signing !== undefined && isOfVerify(entry) && !isSignedRecord(record, await signing.keys.ring()))
      throw taken('is not signed by this function')
    return record
  }

  /** Moves the head, and stores the sequence in the marker, so that a redelivery needs no search. */
  function noted({ record, object }: Appended, search: Search, round: Round, isMore: boolean): Promise<AuditRecord> {
    round.isEnding = !isMore
    const { sequence, hash } = record
    const to = { sequence, hash, ...(object === undefined ? {} : { object }) }
    const moved = round.moved.then(() => round.turn.moveHead(to, isMore))
    round.moved = moved.catch(() => undefined)
    const written = moved.then(async () => {
      const at = record.sequence
      await markers.putMarker(auditSearch(record.entry.key), search.version, { ...search.value, at })
      return record
    })
    // It may fail while the next record is stored, before anybody waits for it.
    written.catch(() => undefined)
    return written
  }

  return {
    async append(entry) {
      const [record] = await appendAll([entry])
      if (record === undefined) throw new RolemedicError('audit-unwritten', `no record of ${entry.key}`)
      return record
    },
    appendAll,
    async last() {
      return (await follow(after(await headRecord(await head())), null)).last
    },
    async *records() {
      for await (const { sequence, text } of objects.stored()) {
        const parsed = parseAuditRecord(text)
        if (sequence !== null && parsed.ok) yield parsed.value
      }
    },
    async *latest() {
      let end = (await head())?.sequence ?? 0
      // A writer that crashed before it moved the head leaves records beyond it.
      while ((await objects.read(end + 1)) !== null) end += 1
      let wanted: string | null = null
      let notGiven: string | null = null
      let passed = 0
      let missing = 0
      while (end > 0) {
        if (missing >= MAX_MISSING) throw broken(`record ${recordName(end)} is missing, and those after it`)
        const present: AuditRecord | undefined = wanted === null ? undefined : known(wanted)
        if (present !== undefined) {
          yield present
          wanted = present.previousHash
          end = present.sequence - 1
          continue
        }
        const sequences = Array.from({ length: Math.min(READ_AT_ONCE, end) }, (_, back) => end - back)
        for (const stored of await Promise.all(sequences.map(at => recordAt(at)))) {
          missing = stored === null ? missing + 1 : 0
          if (stored?.ok === false && stored.error.kind === 'unread') notGiven ??= stored.error.why
          if (!stored?.ok) continue
          // Skips an object that is not of the chain. If the chain itself is broken, shows the rest unchanged.
          if (wanted !== null && stored.value.hash !== wanted && passed < READ_AT_ONCE) passed += 1
          else {
            passed = 0
            wanted = stored.value.previousHash
            yield stored.value
          }
        }
        end -= sequences.length
      }
      if (wanted === null && notGiven !== null) throw unread(notGiven)
    },
    stored: () => objects.stored(),
    head,
  }
}

const after = (last: AuditRecord | null): End => ({ last, free: (last?.sequence ?? 0) + 1 })
const refused =
  (error: unknown) =>
  async ({ reject }: Job) =>
  () =>
    reject(error)
function continues(last: AuditRecord | null, record: AuditRecord): Result<AuditRecord, Unfit> {
  if (record.previousHash === (last?.hash ?? null)) return ok(record)
  return fail({ kind: 'changed', why: 'it is not chained to the record before' })
}

/** The log takes nothing until it can be read again: whether a record is there already cannot be known. */
export const unread = (what: string): RolemedicError =>
  new RolemedicError('audit-unread', `the audit log cannot be read: ${what}`)

/** A broken chain accepts no records. IAM is not written either, because the intent record comes first. */
const broken = (what: string) =>
  new RolemedicError('audit-broken', `the audit log is broken: ${what}; run "rolemedic audit verify"`)
