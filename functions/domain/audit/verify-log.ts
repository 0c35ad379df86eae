/** Everything that can be checked of an audit log offline: the chain, the signatures, signed checkpoints of its end, and what `write` keeps. */

import { fail } from '../../../core/base/index.ts'
import type { KeyRing } from '../authority/index.ts'
import { type ChainHead, readStoredRecord, type StoredRecord } from './audit-chain.ts'
import type { AuditRecord } from './audit-record.ts'
import { checkCheckpoints, type SignedCheckpoint } from './checkpoint.ts'
import {
  type ChainCheck,
  type ChainFinding,
  foreignName,
  gapFinding,
  garbageFinding,
  type Member,
  readChain,
  storedAgain,
  verdict,
} from './verify-chain.ts'
import { checkLedger, type LedgerCheck, LedgerInLog, type LedgerToCheck } from './verify-ledger.ts'
import { type SignatureCheck, SignatureChecker } from './verify-signatures.ts'

export type LogToCheck = {
  /** In any order. */
  readonly stored: readonly StoredRecord[]
  readonly head: ChainHead | null
  /** What was found wrong with the head. */
  readonly findings: readonly ChainFinding[]
  /** Null: signatures are not checked. */
  readonly keys: KeyRing | null
  readonly checkpoints?: readonly SignedCheckpoint[]
  /** The objects beside the log. Absent: they are not checked. */
  readonly ledger?: LedgerToCheck
}

export type LogCheck = ChainCheck & {
  readonly signatures: SignatureCheck
  /** How many checkpoints the log was held against. */
  readonly checkpoints: number
  /** The objects of `write` beside the log. */
  readonly ledger: LedgerCheck
}

const NOT_READ: LedgerToCheck = { unread: 'they were not read' }

export const checkLog = (log: LogToCheck): LogCheck => checkWholeLog(log).check

/** The check, and the records of the chain. */
export function checkWholeLog({ stored, head, findings, ...beside }: LogToCheck): {
  readonly check: LogCheck
  readonly members: readonly Member[]
} {
  const { check, members } = readChain(stored, head, findings)
  const checks = new RecordChecks(beside)
  for (const member of members) checks.take(member)
  return { members, check: checks.of(check) }
}

type ToCheckBeside = Omit<LogToCheck, 'stored' | 'head' | 'findings'>

/** What is checked of each record of the chain, in its order. */
class RecordChecks {
  readonly #given: ToCheckBeside
  readonly #signatures: SignatureChecker | null
  readonly #ledger: LedgerInLog | null
  readonly #wanted: ReadonlySet<number>
  readonly #hashes = new Map<number, string>()
  #last = 0

  constructor(given: ToCheckBeside) {
    const { keys, ledger, checkpoints = [] } = given
    this.#given = given
    this.#signatures = keys === null ? null : new SignatureChecker(keys)
    this.#ledger = keys === null || ledger === undefined ? null : new LedgerInLog(keys)
    this.#wanted = new Set(checkpoints.map(({ checkpoint }) => checkpoint.sequence))
  }

  /** True: a signature is wrong or missing. */
  take(member: Member): boolean {
    const { sequence, hash } = member.record
    this.#last = sequence
    if (this.#wanted.has(sequence)) this.#hashes.set(sequence, hash)
    this.#ledger?.take(member)
    return this.#signatures?.take(member) ?? false
  }

  /** `read`: now that the log is read, what `write` keeps beside it. */
  of(check: ChainCheck, read: LedgerToCheck | undefined = this.#given.ledger): LogCheck {
    const { keys, checkpoints = [] } = this.#given
    const beside = checkLedger(read ?? NOT_READ, this.#ledger, keys)
    const log = { hashes: this.#hashes, last: this.#last }
    const all = [
      ...check.findings,
      ...(this.#signatures?.findings ?? []),
      ...checkCheckpoints(log, checkpoints, keys),
      ...beside.findings,
    ]
    return {
      ...check,
      ...verdict(all),
      signatures: this.#signatures?.check ?? { checked: false },
      checkpoints: checkpoints.length,
      ledger: beside.check,
    }
  }
}

/**
 * Checks a log that is read in the order of its numbers, in the memory of one record and of a few bytes for each. Answers as
 * `checkLog`, where each record that can be read is chained to the one before; for any other log, all of it is needed at once.
 */
export class LogStream {
  readonly #head: ChainHead | null
  readonly #checks: RecordChecks
  readonly #findings: ChainFinding[]
  readonly #garbage: { readonly at: StoredRecord; readonly why: string }[] = []
  readonly #gaps: ChainFinding[] = []
  readonly #keys = new KeySet()
  #last: ChainHead | null = null
  #reachesHead: boolean
  #records = 0
  #next = 1

  constructor({ head, findings, ...beside }: Omit<LogToCheck, 'stored'>) {
    this.#head = head
    this.#findings = [...findings]
    this.#checks = new RecordChecks(beside)
    this.#reachesHead = head === null
  }

  /** The record, if it is one of the chain; undefined for what others have stored. Null: all of the log is needed at once. */
  take(stored: StoredRecord): { readonly record: AuditRecord; readonly isForged: boolean } | undefined | null {
    const { sequence, place, versions } = stored
    if (sequence === null) {
      this.#findings.push(foreignName(stored))
      return undefined
    }
    if (sequence < this.#next) return null
    if (versions > 1) this.#findings.push(storedAgain(stored))
    this.#records += 1
    if (sequence > this.#next) this.#gaps.push(gapFinding({ from: this.#next, to: sequence - 1 }))
    this.#next = sequence + 1
    const parsed = stored.unread === undefined ? readStoredRecord(stored.text) : fail(stored.unread)
    if (!parsed.ok) {
      this.#garbage.push({ at: { ...stored, text: '' }, why: parsed.error })
      return undefined
    }
    const { record, isAsWritten } = parsed.value
    const isNext = record.sequence === sequence && record.previousHash === (this.#last?.hash ?? null)
    if (!isNext || !isAsWritten || !this.#keys.add(record.entry.key)) return null
    this.#last = { sequence, hash: record.hash }
    if (this.#head?.sequence === sequence && this.#head.hash === record.hash) this.#reachesHead = true
    const isForged = this.#checks.take({ stored: { place, sequence, versions, text: '' }, record, intact: true })
    return { record, isForged }
  }

  /** Null: all of the log is needed at once. `ledger`: what was read after the log. */
  end(ledger?: LedgerToCheck): LogCheck | null {
    const end = this.#last
    if (end === null || !this.#reachesHead) return null
    const others = this.#garbage.map(({ at, why }) =>
      garbageFinding(at, why, (at.sequence ?? 0) < end.sequence || this.#head !== null),
    )
    const gaps = this.#gaps.filter(({ sequence }) => (sequence ?? 0) <= end.sequence)
    const check: ChainCheck = {
      ...verdict([...this.#findings, ...others, ...gaps]),
      ...{ records: this.#records, head: end, endIsPinned: this.#head !== null },
      afterHead: this.#head === null ? 0 : Math.max(0, end.sequence - this.#head.sequence),
    }
    return this.#checks.of(check, ledger)
  }
}

/** A set of texts in eight bytes each: 53 bits of a hash, which can take two texts for the same, and never one for two. */
class KeySet {
  #slots = new Float64Array(1024)
  #size = 0

  /** False: it may be there already. */
  add(text: string): boolean {
    if (this.#size * 2 >= this.#slots.length) this.#grow()
    const isNew = put(this.#slots, hash53(text))
    if (isNew) this.#size += 1
    return isNew
  }

  #grow(): void {
    const larger = new Float64Array(this.#slots.length * 2)
    for (const value of this.#slots) if (value !== 0) put(larger, value)
    this.#slots = larger
  }
}

/** The number of slots is a power of two, and 0 is a free one. */
function put(slots: Float64Array, value: number): boolean {
  const mask = slots.length - 1
  for (let at = value % slots.length; ; at = (at + 1) & mask) {
    if (slots[at] === value) return false
    if (slots[at] !== 0) continue
    slots[at] = value
    return true
  }
}

/** Two rounds of FNV-1a with different seeds. From 1. https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
export function hash53(text: string): number {
  let low = 0x811c9dc5
  let high = 0x01000193
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ (code + at), 0x85ebca6b)
  }
  return ((high >>> 0) & 0x1fffff) * 2 ** 32 + (low >>> 0) + 1
}
