/** Finds what was done to a stored chain, and names the record. */

import { fail } from '../../../core/base/index.ts'
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
    /** Stored by somebody else, and the log goes on without it. */
    | 'foreign'
    /** A number that the log does not use, although nothing is stored there. */
    | 'gap'
    /** Two records have the key of one entry. */
    | 'duplicate'
    /** What says where the log ends was itself touched. */
    | 'head'
    /** A record of a kind that is signed has no signature, although earlier ones have. */
    | 'unsigned'
    /** It has a signature, and not by the key or over the content that it claims. */
    | 'forged'
    /** The log is not the one whose end was signed. */
    | 'rewritten'
    /** What claims to be a signed checkpoint is none. */
    | 'checkpoint'
    /** A write that the checks of `write` refuse at its own time. */
    | 'unauthorized'
    /** It was begun or taken away, and nothing says how that ended. */
    | 'no-outcome'
    /** An outcome or a mark of a write that was never begun. */
    | 'no-spent'
    /** No record has what `write` did. */
    | 'not-in-log'
  /** File name or object key. */
  readonly place: string
  readonly sequence: number | null
  readonly detail: string
}

/** Reported, and no damage: the records link over what others have put among them. */
const HARMLESS: ReadonlySet<ChainFinding['kind']> = new Set(['foreign', 'gap'])
export const isDamage = ({ kind }: Pick<ChainFinding, 'kind'>): boolean => !HARMLESS.has(kind)

export type ChainCheck = {
  /** Also with foreign objects among the records. */
  readonly intact: boolean
  readonly records: number
  readonly head: ChainHead | null
  /** False: nothing outside the log says where it ends, so records cut off the end cannot be missed. */
  readonly endIsPinned: boolean
  /** Records beyond the kept head: a crash between a record and the head leaves one; more were appended by somebody else. */
  readonly afterHead: number
  readonly findings: readonly ChainFinding[]
}

/** A record of the chain, and where it is stored. */
export type Member = { readonly stored: StoredRecord; readonly record: AuditRecord; readonly intact: boolean }
export type ReadChain = { readonly check: ChainCheck; readonly members: readonly Member[] }

export const checkChain = (...given: Parameters<typeof readChain>): ChainCheck => readChain(...given).check

/** `stored` in any order. `head`: where the chain ended, as kept elsewhere; null when nobody kept it. `also`: what was found wrong with the head itself. */
export function readChain(
  stored: readonly StoredRecord[],
  head: ChainHead | null,
  also: readonly ChainFinding[] = [],
): ReadChain {
  const findings: ChainFinding[] = [...also]
  const add = (kind: ChainFinding['kind'], at: Pick<StoredRecord, 'place' | 'sequence'>, detail: string) =>
    findings.push({ kind, place: at.place, sequence: at.sequence, detail })

  const readable: Member[] = []
  const garbage: { readonly at: StoredRecord; readonly why: string }[] = []
  for (const one of stored) {
    if (one.sequence === null) {
      findings.push(foreignName(one))
      continue
    }
    if (one.versions > 1) findings.push(storedAgain(one))
    const parsed = one.unread === undefined ? parseAuditRecord(one.text) : fail(one.unread)
    if (!parsed.ok) {
      garbage.push({ at: one, why: parsed.error })
      continue
    }
    readable.push({ stored: one, record: parsed.value, intact: isIntact(parsed.value) })
  }

  const linked = linkedChain(readable)
  const chain = endsWhole(linked, readable, head) ? withoutOthers(linked, readable) : ordered(readable, head)
  const end = chain.members.at(-1)?.record
  /** The records link over it, or it lies beyond the end that was kept elsewhere. */
  const goesOnWithout = (sequence: number) =>
    chain.linked && end !== undefined && (sequence < end.sequence || head !== null)
  for (const { at, why } of garbage) findings.push(garbageFinding(at, why, goesOnWithout(at.sequence ?? 0)))
  for (const { stored: at, record, intact } of [...chain.members, ...(chain.linked ? [] : chain.extra)])
    if (!intact) add('changed', at, 'its content does not have the hash that it carries')
    else if (at.text !== storedForm(record))
      add('changed', at, 'its bytes are not those that were written, although the content is')
  for (const extra of chain.extra)
    add('inserted', extra.stored, `the chain does not lead through it; it claims the sequence ${extra.record.sequence}`)
  for (const { stored: at, record } of moved(chain.members))
    add('re-ordered', at, `it holds the record with the sequence ${record.sequence}`)
  const last = chain.members.reduce((most, { record }) => Math.max(most, record.sequence), 0)
  for (const gap of chain.linked ? [] : missing(stored, chain, head)) {
    const cutOff = head !== null && gap.from > last && gap.from <= head.sequence
    const one = cutOff ? `the log once reached ${head.sequence}; this record is gone` : 'the sequence has a gap here'
    const place = recordName(gap.from)
    const more = gap.to - gap.from
    const detail = more === 0 ? one : `${one}, and so are ${more} more, up to ${recordName(gap.to)}`
    add(cutOff ? 'truncated' : 'removed', { place, sequence: gap.from }, detail)
  }
  for (const gap of chain.linked ? unused(chain.members, stored) : []) findings.push(gapFinding(gap))
  for (const { at, detail } of brokenLinks(chain, head)) add('changed', at, detail)
  for (const { at, first } of repeatedKeys(chain.members))
    add('duplicate', at, `record ${first} has the same key already: somebody added it again`)

  return {
    members: chain.members,
    check: {
      ...verdict(findings),
      records: stored.filter(one => one.sequence !== null).length,
      head: end === undefined ? null : { sequence: end.sequence, hash: end.hash },
      endIsPinned: head !== null,
      afterHead: head === null || end === undefined ? 0 : Math.max(0, end.sequence - head.sequence),
    },
  }
}

type Stored = Pick<StoredRecord, 'place' | 'sequence' | 'versions'>
const finding = ({ place, sequence }: Stored, kind: ChainFinding['kind'], detail: string): ChainFinding => ({
  ...{ kind, place, sequence, detail },
})

export const foreignName = (at: Stored): ChainFinding =>
  finding(at, 'foreign', 'the name is not one that the log gives')

export const storedAgain = (at: Stored): ChainFinding =>
  finding(at, 'stored-again', `${at.versions} versions are stored under this name; the first one counts`)

export const garbageFinding = (at: Stored, why: string, goesOnWithout: boolean): ChainFinding =>
  goesOnWithout
    ? finding(at, 'foreign', `it is no record, and the log goes on without it: ${why}`)
    : finding(at, 'unreadable', why)

export const gapFinding = (gap: Gap): ChainFinding => ({
  ...{ kind: 'gap', place: recordName(gap.from), sequence: gap.from, detail: gapDetail(gap) },
})

/** In the order of the log. */
export function verdict(findings: readonly ChainFinding[]): Pick<ChainCheck, 'intact' | 'findings'> {
  const sorted = findings.toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0) || a.kind.localeCompare(b.kind))
  return { intact: !findings.some(isDamage), findings: sorted }
}

/** From the first record along the hashes. Where two continue the same record, the lower number counts, as for a writer. */
function linkedChain(readable: readonly Member[]): readonly Member[] {
  const atHome = readable.filter(({ stored, record, intact }) => intact && stored.sequence === record.sequence)
  const byPrevious = Map.groupBy(atHome, ({ record }) => record.previousHash)
  const members: Member[] = []
  for (;;) {
    const last = members.at(-1)?.record ?? null
    const next = (byPrevious.get(last?.hash ?? null) ?? [])
      .filter(({ record }) => record.sequence > (last?.sequence ?? 0))
      .reduce<Member | null>((a, b) => (a === null || b.record.sequence < a.record.sequence ? b : a), null)
    if (next === null) return members
    members.push(next)
  }
}

/** It leads to the end: to the head that was kept elsewhere or, without one, to the highest record. */
function endsWhole(linked: readonly Member[], readable: readonly Member[], head: ChainHead | null): boolean {
  if (head !== null) return linked.some(({ record }) => record.sequence === head.sequence && record.hash === head.hash)
  const last = linked.at(-1)?.record.sequence ?? 0
  return last > 0 && readable.every(({ stored }) => (stored.sequence ?? 0) <= last)
}

type Chain = {
  readonly members: readonly Member[]
  readonly extra: readonly Member[]
  /** Each member is chained to the one before, from the first to the last. */
  readonly linked: boolean
}

function withoutOthers(linked: readonly Member[], readable: readonly Member[]): Chain {
  const members = new Set(linked)
  return { members: linked, extra: readable.filter(one => !members.has(one)), linked: true }
}

/**
 * One record per sequence, in order. Where two claim the same sequence, the one that the next record was chained to is
 * the member and the other was inserted; at the very end, the one that the head names.
 */
function ordered(readable: readonly Member[], head: ChainHead | null): Chain {
  const bySequence = Map.groupBy(readable, one => one.record.sequence)
  const sequences = [...bySequence.keys()].sort((a, b) => b - a)
  const fromEnd: Member[] = []
  const extra: Member[] = []
  for (const sequence of sequences) {
    const claimants = bySequence.get(sequence) ?? []
    const next = fromEnd.at(-1)
    const wanted =
      next?.record.sequence === sequence + 1 ? next.record.previousHash : head?.sequence === sequence ? head.hash : null
    const linked = claimants.find(one => one.record.hash === wanted)
    const atHome = claimants.find(one => one.stored.sequence === sequence)
    const member = linked ?? atHome ?? claimants[0]
    if (member === undefined) continue
    fromEnd.push(member)
    for (const one of claimants) if (one !== member) extra.push(one)
  }
  return { members: fromEnd.reverse(), extra, linked: false }
}

/** A content edit of the sequence number is told as "changed" already. */
const moved = (members: readonly Member[]) =>
  members.filter(({ stored, record, intact }) => intact && stored.sequence !== record.sequence)

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
function* brokenLinks({ members, linked }: Chain, head: ChainHead | null) {
  if (linked) return
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

/** Numbers between records that are chained to each other, with nothing stored there: no record of the chain is missing. */
function unused(members: readonly Member[], stored: readonly StoredRecord[]): readonly Gap[] {
  const end = members.at(-1)?.record.sequence ?? 0
  const taken = [...stored.flatMap(({ sequence }) => (sequence === null ? [] : [sequence])), end]
  const gaps: Gap[] = []
  let next = 1
  for (const sequence of taken.toSorted((a, b) => a - b)) {
    if (sequence > end) break
    if (sequence > next) gaps.push({ from: next, to: sequence - 1 })
    next = Math.max(next, sequence + 1)
  }
  return gaps
}

const gapDetail = ({ from, to }: Gap): string =>
  from === to
    ? 'nothing is stored under this number; the next record is chained to the one before'
    : `nothing is stored from here to ${recordName(to)}; the next record is chained to the one before`

function* repeatedKeys(members: readonly Member[]) {
  const firsts = new Map<string, number>()
  for (const { stored: at, record } of members) {
    const first = firsts.get(record.entry.key)
    if (first === undefined) firsts.set(record.entry.key, record.sequence)
    else yield { at, first }
  }
}
