import type { Denial } from '../../../core/denial/index.ts'
import { type PolicyDocument, withoutSecrets } from '../../../core/iam/index.ts'
import type { Risk, Target } from '../../../core/patch/index.ts'
import type { SignedDecision, SignedOutcome } from '../authority/index.ts'
import { type Person, recordedCard } from '../messages/index.ts'
import { type PlannedWrite, type Proposal, postedCardOf } from '../proposal/index.ts'
import type { AuditEntry, AuditKind, GrantLife } from './audit-record.ts'

/** What a step adds to what the proposal already says. */
export type AuditStep = {
  readonly kind: AuditKind
  /** Counts steps of this kind on this proposal, from 0: part of the key that makes a repeat append nothing. */
  readonly n?: number
  /** Distinguishes steps with the same count; part of the key. */
  readonly of?: string
  readonly atMs: number
  readonly by?: Person
  readonly why: string
  /** What is or was written, where that differs from what was proposed. */
  readonly changes?: readonly PlannedWrite[]
  /** Of the change that people signed; null: of none that is known. Absent: that of the proposal. */
  readonly digest?: string | null
  /** The proposal names another request or change than people signed: what it says of the request is left out. */
  readonly isOther?: boolean
  readonly requestIds?: readonly string[]
  /** Null: no person decided, or nobody signed it. */
  readonly decision?: SignedDecision | null
  readonly left?: readonly Target[]
  readonly life?: GrantLife
  /** As `verify` attested to it. */
  readonly risk?: Risk
  readonly outcome?: SignedOutcome
}

export function entryFor(proposal: Proposal, step: AuditStep, botVersion: string): AuditEntry {
  const { denial, patch } = proposal
  const card = postedCardOf(proposal)
  const changes = step.changes ?? (patch?.changes ?? []).filter(change => change.required)
  return {
    kind: step.kind,
    atMs: step.atMs,
    proposalId: proposal.id,
    key: `${proposal.id}/${step.kind}/${step.n ?? 0}${step.of === undefined ? '' : `/${step.of}`}`,
    by: step.by ?? null,
    ...(step.isOther === true ? NO_REQUEST : requestIn(denial)),
    requestIds: step.requestIds ?? [],
    digest: step.digest === undefined ? (patch?.digest ?? null) : step.digest,
    changes: changes.map(({ target, before, after }) => ({ target, before: shown(before), after: shown(after) })),
    why: step.why,
    botVersion,
    ...(step.decision ? { decision: step.decision } : {}),
    ...(card === null ? {} : { card: recordedCard(card) }),
    ...(step.left === undefined ? {} : { left: step.left }),
    ...(step.life === undefined ? {} : { life: step.life }),
    ...(step.risk === undefined ? {} : { risk: step.risk }),
    ...(step.outcome === undefined ? {} : { outcome: step.outcome }),
  }
}

const requestIn = (denial: Denial) => ({
  principal: callerInLog(denial),
  resource: denial.resource,
  action: denial.action,
  accountId: denial.accountId,
  eventIds: [denial.id],
})
const NO_REQUEST = { principal: null, resource: null, action: null, accountId: null, eventIds: [] }

/** What the record of an ordinary approval ends with: the reason and the ticket of its decision. Empty: neither was given. */
export function noteInWords({
  reason,
  ticket,
}: {
  readonly reason: string | null
  readonly ticket: string | null
}): string {
  const given = [reason, ticket].filter(each => each !== null)
  return given.length === 0 ? '' : `: ${given.join(', ')}`
}

/** Who comes in by a web identity or SAML has no ARN: what the provider calls them tells who it was. */
export const callerInLog = ({ principal: { arn, uniqueId, name } }: Pick<Denial, 'principal'>): string | null =>
  arn ?? uniqueId ?? name

/** The record is kept for years and read by many: external ids stay out of it. */
const shown = (document: PolicyDocument | null) => (document === null ? null : withoutSecrets(document))
