/** What a chain of records amounts to: every case with its outcome, and how long people waited. */

import { parseSessionArn } from '../../../core/iam/index.ts'
import type { Person, RecordedCard } from '../messages/index.ts'
import type { PlannedWrite } from '../proposal/index.ts'
import type { AuditEntry, AuditKind, AuditRecord, GrantLife } from './audit-record.ts'
import { type CaseEvidence, caseEvidence, grantedInWords } from './case-evidence.ts'
import { type Approvals, type BrokenGlass, type CaseOutcome, caseState, isLeft } from './case-outcome.ts'
import { lacksSignature } from './verify-signatures.ts'

/** `end`: the wait ended, and nobody decided or changed anything. */
export type Lane = 'denial' | 'decision' | 'change' | 'end'
export type ReportEvent = {
  readonly atMs: number
  readonly lane: Lane
  readonly kind: AuditKind
  readonly proposalId: string | null
  readonly principal: string | null
  readonly resource: string | null
  readonly by: string | null
}

/** One record of a case. `why` is null where the reason is the diagnosis, which the case tells once. */
export type CaseStep = {
  readonly sequence: number
  readonly atMs: number
  readonly kind: AuditKind
  /** Of a grant that was written: what was seen or said of it. Null: nothing. */
  readonly life: GrantLife['kind'] | null
  readonly by: Person | null
  readonly why: string | null
}

/** `unsigned`: some of its records are by a version that did not sign. `not-checked`: no public keys were given. */
type CaseSignatures = 'verified' | 'unsigned' | 'forged' | 'not-checked'

/** One proposal from its first record to its last. */
export type Case = {
  readonly id: string
  /** The denied call. A card that took the place of one gone out of date is another case of it. */
  readonly denialId: string
  readonly principal: string
  readonly resource: string
  readonly action: string
  readonly accountId: string
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Of what was seen and said of a standing grant, nothing. */
  readonly lastKind: AuditKind
  readonly outcome: CaseOutcome
  readonly approvals: Approvals
  /** Null: nobody approved alone. */
  readonly breakGlass: BrokenGlass | null
  /** Everybody who approved or rejected, each once. */
  readonly decidedBy: readonly Person[]
  readonly rejectedBy: readonly Person[]
  /** From the proposal to the approval that completed it; null: it was never complete. */
  readonly approveMs: number | null
  /** When IAM was written, all of the change or a part; null: never. */
  readonly changedAtMs: number | null
  readonly why: string
  /** Of the records that are not forged. */
  readonly evidence: CaseEvidence
  /** What was written, or else proposed, in words with whole ARNs. */
  readonly granted: readonly string[]
  readonly signatures: CaseSignatures
  /** What was written; else what was proposed. */
  readonly changes: readonly PlannedWrite[]
  readonly digest: string | null
  /** Null: no record names its message. */
  readonly card: RecordedCard | null
  /** The workspace in which somebody decided; null: nobody did, or the records do not say. */
  readonly teamId: string | null
  readonly steps: readonly CaseStep[]
}

export type Tally = { readonly name: string; readonly count: number }

export type AuditReport = {
  readonly records: number
  readonly fromMs: number | null
  readonly toMs: number | null
  readonly events: readonly ReportEvent[]
  readonly cases: readonly Case[]
  readonly denials: number
  readonly principals: readonly Tally[]
  readonly roles: readonly Tally[]
}

const LANES: { readonly [kind in AuditKind]: Lane } = {
  'denial-seen': 'denial',
  proposed: 'denial',
  refused: 'denial',
  'did-not-help': 'denial',
  approved: 'decision',
  rejected: 'decision',
  'break-glass': 'decision',
  forged: 'decision',
  expired: 'end',
  stale: 'end',
  'pull-request': 'change',
  'apply-intended': 'change',
  applied: 'change',
  'apply-failed': 'change',
  confirmed: 'change',
  'revert-intended': 'change',
  reverted: 'change',
  'revert-failed': 'change',
}

const MAX_NAMES = 10

type Signatures = {
  /** Numbers of the records whose signature is wrong or missing. */
  readonly forged?: ReadonlySet<number>
  /** Whether signatures were checked at all. */
  readonly isChecked?: boolean
}

/** `records`: those of the chain, in its order. */
export function reportOf(
  records: readonly AuditRecord[],
  { forged = new Set(), isChecked = false }: Signatures = {},
): AuditReport {
  const entries = records.map(record => record.entry)
  const times = entries.map(entry => entry.atMs)
  const cases = casesOf(records, { forged, isChecked })
  const denials = [...new Map(cases.map(one => [one.denialId, one])).values()]
  return {
    records: records.length,
    fromMs: times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)),
    toMs: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
    events: entries.map(eventOf),
    cases,
    denials: denials.length,
    principals: tally(denials.map(one => withoutSession(one.principal))).slice(0, MAX_NAMES),
    roles: tally(denials.map(one => one.resource)).slice(0, MAX_NAMES),
  }
}

function eventOf({ atMs, kind, proposalId, principal, resource, by }: AuditEntry): ReportEvent {
  return { atMs, lane: LANES[kind], kind, proposalId, principal, resource, by: by?.name ?? null }
}

function casesOf(records: readonly AuditRecord[], signatures: Required<Signatures>): readonly Case[] {
  const byProposal = Map.groupBy(
    records.filter(record => record.entry.proposalId !== null),
    record => record.entry.proposalId ?? '',
  )
  return [...byProposal].map(([id, all]) => caseOf(id, all, signatures)).sort((a, b) => a.firstAtMs - b.firstAtMs)
}

function caseOf(id: string, records: readonly AuditRecord[], { forged, isChecked }: Required<Signatures>): Case {
  const entries = records.map(record => record.entry)
  const of = (...kinds: AuditKind[]) => entries.filter(entry => kinds.includes(entry.kind))
  const firstAtMs = Math.min(...entries.map(entry => entry.atMs))
  const proposedAtMs = of('proposed')[0]?.atMs ?? firstAtMs
  const why = (of('proposed', 'refused')[0] ?? entries[0])?.why ?? ''
  const decisive = of('applied')[0] ?? of('apply-intended')[0] ?? entries.find(entry => entry.changes.length > 0)
  const { outcome, approvals, breakGlass } = caseState(records, ({ sequence }) => forged.has(sequence))
  const { completedAtMs } = approvals
  return {
    id,
    denialId: entries.flatMap(entry => entry.eventIds)[0] ?? id,
    principal: named(entries, entry => entry.principal),
    resource: named(entries, entry => entry.resource),
    action: named(entries, entry => entry.action),
    accountId: named(entries, entry => entry.accountId),
    firstAtMs,
    lastAtMs: Math.max(...entries.map(entry => entry.atMs)),
    lastKind: entries.findLast(({ life }) => life === undefined)?.kind ?? 'confirmed',
    outcome,
    approvals,
    breakGlass,
    decidedBy: peopleOf(of('approved', 'break-glass', 'rejected')),
    rejectedBy: peopleOf(of('rejected')),
    approveMs: completedAtMs === null ? null : Math.max(0, completedAtMs - proposedAtMs),
    changedAtMs: (of('applied')[0] ?? of('apply-failed').find(isLeft))?.atMs ?? null,
    why,
    evidence: caseEvidence(records.filter(({ sequence }) => !forged.has(sequence)).map(({ entry }) => entry)),
    granted: grantedInWords(decisive?.changes ?? []),
    signatures: signaturesOf(records, { forged, isChecked }),
    changes: decisive?.changes ?? [],
    digest: decisive?.digest ?? null,
    card: entries.findLast(entry => entry.card !== undefined)?.card ?? null,
    teamId: entries.flatMap(({ decision }) => decision?.decision?.by?.teamId ?? [])[0] ?? null,
    steps: records.map(({ sequence, entry: { atMs, kind, by, why: reason, life } }) => ({
      sequence,
      atMs,
      kind,
      life: life?.kind ?? null,
      by,
      why: reason === why || reason === kind || kind === 'denial-seen' ? null : reason,
    })),
  }
}

function signaturesOf(records: readonly AuditRecord[], { forged, isChecked }: Required<Signatures>): CaseSignatures {
  if (records.some(({ sequence }) => forged.has(sequence))) return 'forged'
  if (!isChecked) return 'not-checked'
  return records.some(lacksSignature) ? 'unsigned' : 'verified'
}

const peopleOf = (entries: readonly AuditEntry[]): readonly Person[] => [
  ...new Map(entries.flatMap(({ by }) => (by === null ? [] : [[by.id, by] as const]))).values(),
]

/** Sessions of one role are one principal: each run of a pipeline has its own session. */
export function withoutSession(principal: string): string {
  const session = parseSessionArn(principal)
  return session === null ? principal : principal.slice(0, -(session.sessionName.length + 1))
}

const named = (entries: readonly AuditEntry[], read: (entry: AuditEntry) => string | null): string =>
  entries.map(read).find(value => value !== null) ?? 'unknown'

/** Most frequent first; of equals, the one seen first. */
function tally(names: readonly string[]): readonly Tally[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count)
}
