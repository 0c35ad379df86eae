/** The notice about a record of the audit log, for programs and for people outside the chat. */

import { asPlainText, type RichText, richText } from '../../../core/base/index.ts'
import { type Decision, isOfNow, type KeyRing, signedDecisionSchema, verifyDecision } from '../authority/index.ts'
import type { Notice } from '../messages/index.ts'
import { isSignedRecord } from './audit-chain.ts'
import type { AuditEntry, AuditRecord } from './audit-record.ts'
import type { RecordNoticeDetail, RecordNoticeKind } from './notice-details.ts'

export type NoticeFacts = {
  /** Of the configuration; null: it has none. */
  readonly accountAlias: string | null
  /** The address of the card; null: the chat does not return it. */
  readonly link: string | null
}

/**
 * Null: the record is no news. `unsigned`: it reports a decision or a write to IAM, and lacks the signature of `decide` or `verify`.
 */
export function recordNotice(record: AuditRecord, keys: KeyRing, facts: NoticeFacts): Notice | 'unsigned' | null {
  const detail = detailOf(record, keys, facts)
  return detail === null || detail === 'unsigned' ? detail : { ...worded(detail), detail }
}

function detailOf(record: AuditRecord, keys: KeyRing, facts: NoticeFacts): RecordNoticeDetail | 'unsigned' | null {
  const { entry } = record
  const base = baseOf(record, facts)
  switch (entry.kind) {
    case 'approved':
    case 'break-glass': {
      const decision = decisionIn(entry.decision, entry, keys)
      if (decision === null) return 'unsigned'
      const { risk, approversNeeded, endsAtMs, reason } = decision
      const endsAt = endsAtMs === null ? null : iso(endsAtMs)
      const ticket = isOfNow(decision) ? decision.ticket : null
      const decided = { ...base, risk, approversNeeded, endsAt, ticket }
      return entry.kind === 'approved'
        ? { schema: 'rolemedic.notice-approved/1', kind: 'approved', ...decided, reason }
        : { schema: 'rolemedic.notice-break-glass/1', kind: 'break-glass', ...decided, reason: reason ?? entry.why }
    }
    case 'applied':
      if (!isSignedRecord(record, keys)) return 'unsigned'
      return { schema: 'rolemedic.notice-applied/1', kind: 'applied', ...base, ...changedIn(entry) }
    case 'reverted':
      if (!isSignedRecord(record, keys)) return 'unsigned'
      return { schema: 'rolemedic.notice-reverted/1', kind: 'reverted', ...base, ...changedIn(entry), why: entry.why }
    case 'expired':
      return { schema: 'rolemedic.notice-expired/1', kind: 'expired', ...base }
    case 'forged':
      return { schema: 'rolemedic.notice-forged/1', kind: 'forged', ...base, why: entry.why }
    case 'confirmed': {
      const { life } = entry
      if (life?.kind !== 'ratified' && life?.kind !== 'not-ratified') return null
      const decision = decisionIn(life.decision, entry, keys)
      if (decision === null) return 'unsigned'
      const { approversNeeded, reason } = decision
      return life.kind === 'ratified'
        ? { schema: 'rolemedic.notice-ratified/1', kind: 'ratified', ...base, approversNeeded }
        : { schema: 'rolemedic.notice-not-ratified/1', kind: 'not-ratified', ...base, reason: reason ?? entry.why }
    }
    default:
      return null
  }
}

const DECIDED: { readonly [kind in Decision['kind']]?: RecordNoticeKind } = {
  approve: 'approved',
  'break-glass': 'break-glass',
  ratify: 'ratified',
  'not-ratify': 'not-ratified',
}

/** Null: `decide` has not signed that this person decided this about this proposal. */
function decisionIn(given: unknown, { kind, life, by, proposalId }: AuditEntry, keys: KeyRing): Decision | null {
  const read = signedDecisionSchema.safeParse(given)
  if (!read.success || !verifyDecision(read.data, keys).ok) return null
  const { decision } = read.data
  const isOfRecord = DECIDED[decision.kind] === (life?.kind ?? kind)
  return isOfRecord && decision.proposalId === proposalId && decision.by.userId === by?.id ? decision : null
}

function baseOf({ sequence, entry }: AuditRecord, { accountAlias, link }: NoticeFacts) {
  const { key, atMs, proposalId, accountId, action, principal, resource, digest, by } = entry
  const who = by === null ? null : { id: by.id, name: by.name }
  const denied = { proposalId, accountId, accountAlias, action, principal, resource, digest }
  return { key, sequence, at: iso(atMs), ...denied, by: who, link }
}

const changedIn = ({ changes, requestIds }: AuditEntry) => ({
  targets: changes.map(({ target: { kind, arn, policyName } }) => ({ kind, arn, policyName })),
  requestIds: [...requestIds],
})

const iso = (ms: number): string => new Date(ms).toISOString()

const TITLES: { readonly [kind in RecordNoticeKind]: string } = {
  approved: 'approved',
  applied: 'applied',
  reverted: 'reverted',
  expired: 'expired without a decision',
  'break-glass': 'BREAK-GLASS: approved by one person alone',
  ratified: 'break-glass ratified',
  'not-ratified': 'break-glass NOT ratified',
  forged: 'FORGED: changed outside of rolemedic',
}

/** The account first in what a phone shows, then who cannot do what. */
function worded(detail: RecordNoticeDetail): Pick<Notice, 'subject' | 'text'> {
  const { kind, accountId, accountAlias, action, principal, resource, by, proposalId, link, at } = detail
  const account = accountAlias ?? accountId ?? 'unknown account'
  const lines: readonly (RichText | null)[] = [
    richText`${TITLES[kind]}${by === null ? '' : `, by ${by.name} (${by.id})`}, ${at}`,
    richText`Account ${accountId ?? 'unknown'}${accountAlias === null ? '' : ` (${accountAlias})`}`,
    richText`${principal ?? 'unknown'}: ${action ?? 'unknown'} on ${resource ?? 'unknown'}`,
    'risk' in detail ? richText`Risk: ${detail.risk}` : null,
    'endsAt' in detail ? richText`Ends: ${detail.endsAt ?? 'not by itself'}` : null,
    'reason' in detail && detail.reason !== null ? richText`Reason: ${detail.reason}` : null,
    'ticket' in detail && detail.ticket !== null ? richText`Ticket: ${detail.ticket}` : null,
    'why' in detail ? richText`Why: ${detail.why}` : null,
    link === null ? null : richText`Card: ${link}`,
    proposalId === null ? null : richText`Proposal ${proposalId}`,
  ]
  return {
    subject: `rolemedic ${account}: ${TITLES[kind]}`,
    text: lines.flatMap(line => (line === null ? [] : [asPlainText(line)])).join('\n'),
  }
}
