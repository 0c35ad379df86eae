/** How a case stands: from its records, in the order of the chain. */
import { type Decision, idName, isOfNow, peopleAmong } from '../authority/index.ts'
import type { Person } from '../messages/index.ts'
import type { AuditEntry, AuditRecord } from './audit-record.ts'
import { decisionIn } from './case-evidence.ts'
import { isWrite, NOT_UNDONE } from './standing-grants.ts'

/** `part`: not all of it could be written, and what was written could not be undone. */
export const OUTCOMES = [
  'seen',
  'no-change',
  'waiting',
  'approved',
  'applying',
  'applied',
  'confirmed',
  'did-not-help',
  'part',
  'reverting',
  'reverted',
  'revert-failed',
  'rejected',
  'expired',
  'stale',
  'failed',
  'forged',
] as const
export type CaseOutcome = (typeof OUTCOMES)[number]

export type CaseApproval = {
  readonly by: Person
  readonly atMs: number
  readonly isBreakGlass: boolean
  /** As signed. Null: none was given, or the record is from before decisions were signed. */
  readonly reason: string | null
  readonly ticket: string | null
}

/** `none`: nothing was written, so that nobody is asked. `waiting`: not enough people have answered. */
const RATIFICATIONS = ['none', 'waiting', 'ratified', 'not-ratified'] as const

/** What one person approved alone, and what the ordinary approvers said of it. */
export type BrokenGlass = {
  readonly by: Person
  readonly atMs: number
  /** In the person's words. */
  readonly reason: string
  readonly ratification: (typeof RATIFICATIONS)[number]
  /** How many people it takes; null: nobody has answered. */
  readonly needed: number | null
  readonly ratifiedBy: readonly { readonly by: Person; readonly atMs: number }[]
  /** Null: nobody said that it was not right. */
  readonly declined: { readonly by: Person; readonly atMs: number; readonly reason: string } | null
}

export type Approvals = {
  /** Of the change as it stood last, by different people, in their order. */
  readonly given: readonly CaseApproval[]
  /** Null: the records do not say. Decisions have been signed only since a later version. */
  readonly needed: number | null
  /** When the approval came that completed it; null: it is not complete. */
  readonly completedAtMs: number | null
}

export type CaseState = {
  readonly outcome: CaseOutcome
  readonly approvals: Approvals
  /** Null: nobody approved alone. */
  readonly breakGlass: BrokenGlass | null
}

const NONE: Approvals = { given: [], needed: null, completedAtMs: null }

/** Once IAM was written, only what is written next changes the outcome. */
const WRITTEN: ReadonlySet<CaseOutcome> = new Set([
  'applied',
  'confirmed',
  'did-not-help',
  'part',
  'reverting',
  'reverted',
  'revert-failed',
])

/** `isForged`: whether the signature of a record is known to be wrong or missing. It approves, rejects and reverts nothing. */
export function caseState(records: readonly AuditRecord[], isForged: (record: AuditRecord) => boolean): CaseState {
  let outcome: CaseOutcome = 'seen'
  let approvals = NONE
  const approving: AuditEntry[] = []
  for (const record of records) {
    const { entry } = record
    if (isForged(record) && !isWrite(entry)) continue
    if (isApproval(entry)) {
      approving.push(entry)
      approvals = approvalsOf(approving, entry.digest)
    }
    // Before decisions were signed, only the write shows that the approvals were enough.
    if ((entry.kind === 'apply-intended' || entry.kind === 'applied') && approvals.completedAtMs === null)
      approvals = completed(approvalsOf(approving, entry.digest))
    outcome = after(outcome, entry, approvals)
  }
  const believed = records.filter(record => !isForged(record)).map(({ entry }) => entry)
  const isWritten = WRITTEN.has(outcome)
  return { outcome, approvals, breakGlass: brokenGlass(believed, isWritten) }
}

function after(outcome: CaseOutcome, entry: AuditEntry, { completedAtMs }: Approvals): CaseOutcome {
  const unlessWritten = (next: CaseOutcome) => (WRITTEN.has(outcome) ? outcome : next)
  switch (entry.kind) {
    case 'proposed':
      return outcome === 'seen' ? 'waiting' : outcome
    case 'refused':
      return outcome === 'seen' ? 'no-change' : outcome
    case 'approved':
    case 'break-glass':
      return isUndecided(outcome) ? (completedAtMs === null ? 'waiting' : 'approved') : outcome
    case 'rejected':
    case 'expired':
    case 'stale':
    case 'forged':
      return unlessWritten(entry.kind)
    case 'apply-intended':
      return unlessWritten('applying')
    case 'apply-failed':
      return unlessWritten(isLeft(entry) ? 'part' : 'failed')
    case 'applied':
    case 'reverted':
    case 'revert-failed':
      return entry.kind
    case 'revert-intended':
      return 'reverting'
    case 'confirmed':
      // A record of the life of a grant says nothing about whether it helped.
      return entry.life === undefined ? 'confirmed' : outcome
    case 'did-not-help':
      return outcome === 'applied' || outcome === 'confirmed' ? 'did-not-help' : outcome
    default:
      return outcome
  }
}

function brokenGlass(entries: readonly AuditEntry[], isWritten: boolean): BrokenGlass | null {
  const glass = entries.findLast(({ kind, by }) => kind === 'break-glass' && by !== null)
  if (glass === undefined || glass.by === null) return null
  const answers = entries.filter(({ digest, by }) => by !== null && digest === glass.digest)
  const ratified = answers.filter(({ life }) => life?.kind === 'ratified' && mayRatify(life.decision, glass))
  const ratifiedBy = onePerPerson(ratified)
  const asked = ratified.flatMap(({ life }) => (life?.kind === 'ratified' ? (countOf(life.decision) ?? []) : []))
  const needed = asked.length === 0 ? null : Math.max(...asked)
  const no = answers.find(({ life }) => life?.kind === 'not-ratified' && mayRatify(life.decision, glass))
  const declined = no === undefined || no.by === null ? null : { by: no.by, atMs: no.atMs, reason: no.why }
  const isEnough = needed !== null && ratifiedBy.length >= needed
  const answered = declined !== null ? 'not-ratified' : isEnough ? 'ratified' : 'waiting'
  const isAsked = isWritten || ratifiedBy.length > 0 || declined !== null
  const ratification = isAsked ? answered : 'none'
  return { by: glass.by, atMs: glass.atMs, reason: glass.why, ratification, needed, ratifiedBy, declined }
}

/** Nobody speaks for themselves: who broke the glass, by id or verified address, or who was denied or may have been. */
function mayRatify(signed: AuditEntry['decision'], { by: breaker, decision: broken }: AuditEntry): boolean {
  const userId = signed?.decision?.by?.userId
  const own = addressIn(signed)
  if (userId === undefined || userId === breaker?.id || (own !== null && own === addressIn(broken))) return false
  return ![signed, broken].some(one => deniedIn(one?.decision?.requester).includes(userId))
}

/** The first answer of each person. */
function onePerPerson(answers: readonly AuditEntry[]): BrokenGlass['ratifiedBy'] {
  const votes = answers.flatMap(({ by, atMs, life }) => {
    const signed = life?.kind === 'ratified' ? life.decision : undefined
    const userId = signed?.decision?.by?.userId
    if (by === null || userId === undefined) return []
    const [read] = decisionIn(signed)
    const passkey = read !== undefined && isOfNow(read) ? read.passkey : null
    const who = { chat: '', userId, teamId: null, name: by.name, email: addressIn(signed) }
    return [{ answer: { by, atMs }, vote: { by: who, passkey } }]
  })
  const firsts = peopleAmong(votes.map(({ vote }) => vote)).map(person =>
    votes.find(({ vote }) => person.has(idName(vote.by.userId))),
  )
  return votes.filter(one => firsts.includes(one)).map(({ answer }) => answer)
}

function addressIn(signed: AuditEntry['decision']): string | null {
  const by = signed?.decision?.by
  return by && 'email' in by && typeof by.email === 'string' ? by.email.toLowerCase() : null
}

function deniedIn(requester: Decision['requester'] | undefined): readonly unknown[] {
  switch (requester?.kind) {
    case 'person':
      return [requester.userId]
    case 'unknown':
      return [requester.claimed, ...(Array.isArray(requester.alsoClaimed) ? requester.alsoClaimed : [])]
    default:
      return []
  }
}

const isUndecided = (outcome: CaseOutcome): boolean => ['seen', 'waiting', 'approved'].includes(outcome)
const isApproval = ({ kind, by }: AuditEntry): boolean => (kind === 'approved' || kind === 'break-glass') && by !== null
/** Of an `apply-failed`: whether a part of the change is in IAM. */
export const isLeft = ({ left, why }: AuditEntry): boolean =>
  left === undefined ? why.includes(NOT_UNDONE) : left.length > 0

/** An approval of an earlier form of the change does not count, and nobody counts twice. */
function approvalsOf(entries: readonly AuditEntry[], digest: string | null): Approvals {
  const given: CaseApproval[] = []
  let needed: number | null = null
  let completedAtMs: number | null = null
  for (const { kind, by, atMs, digest: approved, decision } of entries) {
    if (by === null || approved !== digest) continue
    const isBreakGlass = kind === 'break-glass'
    if (!given.some(one => one.by.id === by.id)) given.push({ by, atMs, isBreakGlass, ...noteIn(decision) })
    const asked = countOf(decision)
    needed = asked === null ? needed : Math.max(needed ?? 0, asked)
    const isEnough = isBreakGlass || (needed !== null && given.length >= needed)
    if (isEnough) completedAtMs ??= atMs
  }
  return { given, needed, completedAtMs }
}

function noteIn(signed: AuditEntry['decision']): Pick<CaseApproval, 'reason' | 'ticket'> {
  const [decision] = decisionIn(signed)
  if (decision === undefined) return { reason: null, ticket: null }
  return { reason: decision.reason, ticket: isOfNow(decision) ? decision.ticket : null }
}

/** Decisions are kept as they were recorded: what one writer wrote is read by others. */
function countOf(signed: AuditEntry['decision']): number | null {
  const needed: unknown = signed?.decision?.approversNeeded
  return typeof needed === 'number' && Number.isInteger(needed) && needed > 0 ? needed : null
}

/** What was written was approved by all who had to: those who had approved by then. */
function completed({ given, needed }: Approvals): Approvals {
  const last = given.at(-1)
  if (last === undefined) return NONE
  if (needed !== null && given.length < needed) return { given, needed, completedAtMs: null }
  return { given, needed: needed ?? given.length, completedAtMs: last.atMs }
}
