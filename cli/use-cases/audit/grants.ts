/** The grants of rolemedic that are in IAM, and all events, from the chain of an audit log. */
import {
  type AuditRecord,
  type AuditReport,
  GrantsSoFar,
  hash53,
  reportOf,
  type StandingGrant,
} from '../../../functions/domain/audit/index.ts'
import type { UseCaseWorld } from '../world.ts'
import { type CheckedLog, forgedIn, type LogQuestion, type ReadLog, readLog } from './audit-log.ts'
import { storedCards } from './audit-source.ts'

export type GrantsQuestion = Omit<LogQuestion, 'checkpoints'>
export type ReportQuestion = GrantsQuestion & {
  /** The cases that have a record from this time on, and one before that time. Null: all. */
  readonly sinceMs: number | null
  readonly untilMs: number | null
}
type GrantsWorld = Pick<UseCaseWorld, 'readFile' | 'nowMs'>

export type GrantsAnswer = Pick<CheckedLog, 'check' | 'note'> & { readonly standing: readonly StandingGrant[] }

export type ReportAnswer = GrantsAnswer & { readonly report: AuditReport; readonly nowMs: number }

/** Throws UsageError if there is no log. */
export async function grantsInLog(question: GrantsQuestion, world: GrantsWorld): Promise<GrantsAnswer> {
  const { check, note, reader } = await readLog({ ...question, checkpoints: null }, world, () => new GrantsSoFar())
  return { check, note, standing: reader.standing(world.nowMs()) }
}

/**
 * Throws UsageError if there is no log. Whole cases: what was decided in the period may have been denied before it. Records of no
 * case count by their own time.
 */
export async function reportOfLog(question: ReportQuestion, world: GrantsWorld): Promise<ReportAnswer> {
  const { sinceMs, untilMs } = question
  const [fromMs, toMs] = [sinceMs ?? Number.NEGATIVE_INFINITY, untilMs ?? Number.POSITIVE_INFINITY]
  if (sinceMs === null && untilMs === null) return answerOf(question, null, world)
  return answerOf(question, ({ entry: { atMs } }) => atMs >= fromMs && atMs < toMs, world)
}

export type CaseQuestion = GrantsQuestion & {
  /** A proposal or an event. */
  readonly id: string
}

/** The cases of a proposal or an event, as the report has them. Throws UsageError if there is no log. */
export const casesWithId = ({ id, ...question }: CaseQuestion, world: GrantsWorld): Promise<ReportAnswer> =>
  answerOf(
    question,
    ({ entry: { proposalId, eventIds } }) => proposalId !== null && (proposalId === id || eventIds.includes(id)),
    world,
  )

/** `isAsked`: the records whose cases the report has; null: all. What stands is of all cases. */
async function answerOf(
  question: GrantsQuestion,
  isAsked: ((record: AuditRecord) => boolean) | null,
  world: GrantsWorld,
): Promise<ReportAnswer> {
  const open = () => (isAsked === null ? new AllRecords() : new CasesSoFar(isAsked))
  const { check, note, reader, recordsAt } = await readLog({ ...question, checkpoints: null }, world, open)
  const nowMs = world.nowMs()
  const reported = await reader.asked(recordsAt)
  const recorded = reportOf(reported, { forged: forgedIn(check), isChecked: check.signatures.checked })
  const unnamed = recorded.cases.flatMap(({ id, card }) => (card === null ? [id] : []))
  const cards = await storedCards(question.from, question.table, unnamed)
  const cases = recorded.cases.map(one => ({ ...one, card: one.card ?? cards.get(one.id) ?? null }))
  return { check, note, standing: reader.standing(nowMs), report: { ...recorded, cases }, nowMs }
}

class AllRecords extends GrantsSoFar {
  readonly #records: AuditRecord[] = []

  override take(record: AuditRecord, isForged: boolean): void {
    super.take(record, isForged)
    this.#records.push(record)
  }

  async asked(): Promise<readonly AuditRecord[]> {
    return this.#records
  }
}

const BLOCK = 2 ** 14

/** Another proposal may have the same bits: its record is read and left out. */
const bitsOf = (proposalId: string | null): number => (proposalId === null ? 0 : hash53(proposalId) % 2 ** 32)

/** Where the records of each case are, in a few bytes a record: which cases are asked for is known at the end. */
class CasesSoFar extends GrantsSoFar {
  readonly #isAsked: (record: AuditRecord) => boolean
  readonly #asked = new Set<string>()
  readonly #alone = new Set<number>()
  /** Of each record its number, and some bits of the hash of its case. */
  readonly #places: { readonly sequences: Float64Array; readonly cases: Uint32Array }[] = []
  #records = 0

  constructor(isAsked: (record: AuditRecord) => boolean) {
    super()
    this.#isAsked = isAsked
  }

  override take(record: AuditRecord, isForged: boolean): void {
    super.take(record, isForged)
    const { sequence, entry } = record
    if (this.#isAsked(record)) {
      if (entry.proposalId === null) this.#alone.add(sequence)
      else this.#asked.add(entry.proposalId)
    }
    const at = this.#records % BLOCK
    if (at === 0) this.#places.push({ sequences: new Float64Array(BLOCK), cases: new Uint32Array(BLOCK) })
    const block = this.#places.at(-1)
    if (block !== undefined) {
      block.sequences[at] = sequence
      block.cases[at] = bitsOf(entry.proposalId)
    }
    this.#records += 1
  }

  async asked(recordsAt: ReadLog<unknown>['recordsAt']): Promise<readonly AuditRecord[]> {
    const cases = new Set([...this.#asked].map(bitsOf))
    const sequences: number[] = []
    for (let index = 0; index < this.#records; index += 1) {
      const block = this.#places[Math.floor(index / BLOCK)]
      const sequence = block?.sequences[index % BLOCK] ?? 0
      if (cases.has(block?.cases[index % BLOCK] ?? 0) || this.#alone.has(sequence)) sequences.push(sequence)
    }
    return (await recordsAt(sequences)).filter(({ sequence, entry: { proposalId } }) =>
      proposalId === null ? this.#alone.has(sequence) : this.#asked.has(proposalId),
    )
  }
}
