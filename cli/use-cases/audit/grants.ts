/** The grants of rolemedic that are in IAM, and all events, from the chain of an audit log. */
import {
  type AuditRecord,
  type AuditReport,
  type ChainCheck,
  reportOf,
  type StandingGrant,
} from '../../../functions/domain/audit/index.ts'
import type { UseCaseWorld } from '../world.ts'
import { type CheckedLog, checkedLog, type LogQuestion } from './audit-log.ts'
import { storedCards } from './audit-source.ts'
import { chainedRecords } from './log-records.ts'

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
  const { check, note, members } = await chained(question, world)
  return { check, note, standing: await standing(members, world.nowMs(), check) }
}

/** Throws UsageError if there is no log. */
export async function reportOfLog(question: ReportQuestion, world: GrantsWorld): Promise<ReportAnswer> {
  const { check, note, members } = await chained(question, world)
  const { sinceMs, untilMs } = question
  const inPeriod = casesIn(members, sinceMs ?? Number.NEGATIVE_INFINITY, untilMs ?? Number.POSITIVE_INFINITY)
  return answerOf({ question, check, note, members, reported: inPeriod }, world)
}

type Reported = Pick<CheckedLog, 'check' | 'note'> & {
  readonly question: GrantsQuestion
  /** What stands is of all of them. */
  readonly members: readonly AuditRecord[]
  readonly reported: readonly AuditRecord[]
}

async function answerOf(
  { question, check, note, members, reported }: Reported,
  world: GrantsWorld,
): Promise<ReportAnswer> {
  const nowMs = world.nowMs()
  const recorded = reportOf(reported, { forged: forgedIn(check), isChecked: check.signatures.checked })
  const unnamed = recorded.cases.flatMap(({ id, card }) => (card === null ? [id] : []))
  const cards = await storedCards(question.from, question.table, unnamed)
  const cases = recorded.cases.map(one => ({ ...one, card: one.card ?? cards.get(one.id) ?? null }))
  return { check, note, standing: await standing(members, nowMs, check), report: { ...recorded, cases }, nowMs }
}

export type CaseQuestion = GrantsQuestion & {
  /** A proposal or an event. */
  readonly id: string
}

/** The cases of a proposal or an event, as the report has them. Throws UsageError if there is no log. */
export async function casesWithId({ id, ...question }: CaseQuestion, world: GrantsWorld): Promise<ReportAnswer> {
  const { check, note, members } = await chained(question, world)
  const found = new Set(
    members.flatMap(({ entry: { proposalId, eventIds } }) =>
      proposalId !== null && (proposalId === id || eventIds.includes(id)) ? [proposalId] : [],
    ),
  )
  const ofCases = members.filter(({ entry }) => entry.proposalId !== null && found.has(entry.proposalId))
  return answerOf({ question, check, note, members, reported: ofCases }, world)
}

/** Whole cases: what was decided in the period may have been denied before it. Records of no case count by their own time. */
function casesIn(records: readonly AuditRecord[], fromMs: number, toMs: number): readonly AuditRecord[] {
  if (fromMs === Number.NEGATIVE_INFINITY && toMs === Number.POSITIVE_INFINITY) return records
  const isIn = ({ entry: { atMs } }: AuditRecord): boolean => atMs >= fromMs && atMs < toMs
  const cases = new Set(records.filter(isIn).map(({ entry }) => entry.proposalId))
  return records.filter(one => (one.entry.proposalId === null ? isIn(one) : cases.has(one.entry.proposalId)))
}

async function chained(question: GrantsQuestion, world: GrantsWorld) {
  const log = await checkedLog({ ...question, checkpoints: null }, world)
  return { ...log, members: chainedRecords(log) }
}

async function standing(members: readonly AuditRecord[], nowMs: number, check: ChainCheck) {
  const { standingGrants } = await import('../../../functions/domain/audit/standing-grants.ts')
  return standingGrants(members, nowMs, forgedIn(check))
}

/** Numbers of the records with a missing or wrong signature. */
const forgedIn = ({ findings }: ChainCheck): ReadonlySet<number> =>
  new Set(
    findings.flatMap(({ kind, sequence }) =>
      (kind === 'forged' || kind === 'unsigned') && sequence !== null ? [sequence] : [],
    ),
  )
