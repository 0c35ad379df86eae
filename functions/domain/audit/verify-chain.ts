/** Finds what was done to a stored chain, and names the record. */

import { type ChainHead, isIntact, parseAuditRecord, recordName, type StoredRecord, storedForm } from './audit-chain.ts'
import type { AuditRecord } from './audit-record.ts'

export type ChainFinding = {
  readonly kind:
    | 'changed'
    | 'removed'
    | 'inserted'
    | 're-ordered'
    | 'truncated'
    | 'unreadable'
    | 'stored-again'
    | 'foreign'
    /** What says where the log ends was itself touched. */
    | 'head'
  /** File name or object key. */
  readonly place: string
  readonly sequence: number | null
  readonly detail: string
}

export type ChainCheck = {
  readonly intact: boolean
  readonly records: number
  readonly head: ChainHead | null
  /** False: nothing outside the log says where it ends, so records cut off the end cannot be missed. */
  readonly endIsPinned: boolean
  /** Records beyond the kept head: a crash between a record and the head leaves one; more were appended by somebody else. */
  readonly afterHead: number
  readonly findings: readonly ChainFinding[]
}

type Readable = { readonly stored: StoredRecord; readonly record: AuditRecord; readonly intact: boolean }

/** `stored` in any order. `head`: where the chain ended, as kept elsewhere; null when nobody kept it. `also`: what was found wrong with the head itself. */
export function checkChain(
  stored: readonly StoredRecord[],
  head: ChainHead | null,
  also: readonly ChainFinding[] = [],
): ChainCheck {
  const findings: ChainFinding[] = [...also]
  const add = (kind: ChainFinding['kind'], at: Pick<StoredRecord, 'place' | 'sequence'>, detail: string) =>
    findings.push({ kind, place: at.place, sequence: at.sequence, detail })

  const readable: Readable[] = []
  for (const one of stored) {
    if (one.sequence === null) {
      add('foreign', one, 'the name is not one that the log gives')
      continue
    }
    if (one.versions > 1)
      add('stored-again', one, `${one.versions} versions are stored under this name; the first one counts`)
    const parsed = parseAuditRecord(one.text)
    if (!parsed.ok) {
      add('unreadable', one, parsed.error)
      continue
    }
    const intact = isIntact(parsed.value)
    if (!intact) add('changed', one, 'its content does not have the hash that it carries')
    else if (one.text !== storedForm(parsed.value))
      add('changed', one, 'its bytes are not those that were written, although the content is')
    readable.push({ stored: one, record: parsed.value, intact })
  }

  const chain = ordered(readable, head)
  for (const extra of chain.extra)
    add('inserted', extra.stored, `the chain has another record with the sequence ${extra.record.sequence}`)
  for (const { stored: at, record } of moved(chain.members))
    add('re-ordered', at, `it holds the record with the sequence ${record.sequence}`)
  const last = chain.members.reduce((most, { record }) => Math.max(most, record.sequence), 0)
  for (const gap of missing(stored, chain, head)) {
    const cutOff = head !== null && gap.from > last && gap.from <= head.sequence
    const one = cutOff ? `the log once reached ${head.sequence}; this record is gone` : 'the sequence has a gap here'
    const place = recordName(gap.from)
    const more = gap.to - gap.from
    const detail = more === 0 ? one : `${one}, and so are ${more} more, up to ${recordName(gap.to)}`
    add(cutOff ? 'truncated' : 'removed', { place, sequence: gap.from }, detail)
  }
  for (const { at, detail } of brokenLinks(chain.members, head)) add('changed', at, detail)

  findings.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0) || a.kind.localeCompare(b.kind))
  const end = chain.members.at(-1)?.record
  return {
    intact: findings.length === 0,
    records: stored.filter(one => one.sequence !== null).length,
    head: end === undefined ? null : { sequence: end.sequence, hash: end.hash },
    endIsPinned: head !== null,
    afterHead: head === null || end === undefined ? 0 : Math.max(0, end.sequence - head.sequence),
    findings,
  }
}

/**
 * One record per sequence, in order. Where two claim the same sequence, the one that the next record was chained to is
 * the member and the other was inserted; at the very end, the one that the head names.
 */
function ordered(readable: readonly Readable[], head: ChainHead | null) {
  const bySequence = Map.groupBy(readable, one => one.record.sequence)
  const sequences = [...bySequence.keys()].sort((a, b) => b - a)
  const members: Readable[] = []
  const extra: Readable[] = []
  for (const sequence of sequences) {
    const claimants = bySequence.get(sequence) ?? []
    const next = members[0]
    const wanted =
      next?.record.sequence === sequence + 1 ? next.record.previousHash : head?.sequence === sequence ? head.hash : null
    const linked = claimants.find(one => one.record.hash === wanted)
    const atHome = claimants.find(one => one.stored.sequence === sequence)
    const member = linked ?? atHome ?? claimants[0]
    if (member === undefined) continue
    members.unshift(member)
    extra.push(...claimants.filter(one => one !== member))
  }
  return { members, extra }
}

/** A content edit of the sequence number is told as "changed" already. */
const moved = (members: readonly Readable[]) =>
  members.filter(({ stored, record, intact }) => intact && stored.sequence !== record.sequence)

type Chain = ReturnType<typeof ordered>
type Gap = { readonly from: number; readonly to: number }

/** Beyond this, what is missing in one place is told in one line: a name or a head may claim any number. */
const MAX_NAMED = 20

/** Sequences that neither a name nor a record inside another name accounts for. */
function missing(stored: readonly StoredRecord[], { members, extra }: Chain, head: ChainHead | null): readonly Gap[] {
  // A name whose record belongs elsewhere does not prove its own sequence.
  const elsewhere = new Set([...moved(members), ...extra].map(one => one.stored.place))
  const named = stored.flatMap(({ place, sequence }) => (sequence === null || elsewhere.has(place) ? [] : [sequence]))
  const inside = members.flatMap(({ intact, record }) => (intact ? [record.sequence] : []))
  const present = [...new Set([...named, ...inside])].sort((a, b) => a - b)
  const gaps: Gap[] = []
  let next = 1
  for (const sequence of [...present, Math.max(next, (head?.sequence ?? 0) + 1)]) {
    if (sequence > next) gaps.push({ from: next, to: sequence - 1 })
    next = Math.max(next, sequence + 1)
  }
  return gaps.flatMap(gap => (gap.to - gap.from < MAX_NAMED ? eachOf(gap) : [gap]))
}

const eachOf = ({ from, to }: Gap): readonly Gap[] =>
  Array.from({ length: to - from + 1 }, (_, offset) => ({ from: from + offset, to: from + offset }))

/** Records that were rewritten together with their own hash: the neighbour still remembers the old one. */
function* brokenLinks(members: readonly Readable[], head: ChainHead | null) {
  for (const [index, { stored, record, intact }] of members.entries()) {
    if (!intact) continue
    const at = stored
    const next = members[index + 1]
    if (record.sequence === 1 && record.previousHash !== null)
      yield { at, detail: 'it is the first record, yet it names one before it' }
    if (next?.record.sequence === record.sequence + 1 && next.intact && next.record.previousHash !== record.hash)
      yield { at, detail: `record ${next.record.sequence} was chained to another content of this one` }
    if (head?.sequence === record.sequence && head.hash !== record.hash)
      yield { at, detail: 'the head kept outside the log names another content of this record' }
  }
}
