/** An audit log as the deployed bot writes it: signed decisions, and records that `verify` signs. */
import { auditLog, type CheckedAuditLog } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import type { StoredRecord } from '../../functions/domain/audit/audit-chain.ts'
import { type AuditStep, entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { AuditEntry } from '../../functions/domain/audit/audit-record.ts'
import type { Decision } from '../../functions/domain/authority/earlier-decision.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { memoryObjects } from './memory-audit-objects.ts'
import { memoryStore } from './memory-store.ts'
import { MINUTE, NOON } from './sample-proposal.ts'
import { decisionAbout, KEYS, signedBy, signerOf } from './signing.ts'
import { IDENTITY_CHANGE, proposalWith } from './two-sided.ts'

export const ANA = { id: 'U0ONCALL1', name: 'Ana' }
export const BEN = { id: 'U0ONCALL2', name: 'Ben' }
export const SIGNING = { signer: signerOf('audit'), keys: KEYS }

const KIND_OF: { readonly [kind in AuditEntry['kind']]?: Decision['kind'] } = {
  approved: 'approve',
  'break-glass': 'break-glass',
  rejected: 'reject',
  'revert-intended': 'revert',
  reverted: 'revert',
}

/** The entry of a step, with the decision that `decide` signed if a person decides. */
export function signedEntry(proposal: Proposal, step: AuditStep): AuditEntry {
  const kind = KIND_OF[step.kind]
  if (kind === undefined || step.by === undefined) return entryFor(proposal, step, 'test')
  const atMs = kind === 'revert' ? (step.n ?? step.atMs) : step.atMs
  const reason = kind === 'break-glass' || kind === 'reject' ? step.why : null
  const decision = signedBy(decisionAbout(proposal, { kind, by: step.by, atMs, reason }))
  return entryFor(proposal, { ...step, decision }, 'test')
}

const at = (minutes: number) => NOON + minutes * MINUTE
/** The records of a proposal that two people approve, one with a reason, and one reverts. */
export const APPROVED_AND_REVERTED: readonly AuditStep[] = [
  { kind: 'denial-seen', atMs: at(0), why: 'no identity policy allows it' },
  { kind: 'proposed', atMs: at(0), why: 'no identity policy allows it' },
  { kind: 'approved', atMs: at(1), by: ANA, why: 'approved' },
  { kind: 'approved', n: 1, atMs: at(2), by: BEN, why: 'approved' },
  { kind: 'apply-intended', atMs: at(3), why: 'no identity policy allows it' },
  { kind: 'applied', atMs: at(3), why: 'written and read back', requestIds: ['request-1'] },
  { kind: 'revert-intended', n: at(9), of: 'plan', atMs: at(9), by: ANA, why: 'asked for by a person' },
  { kind: 'reverted', n: at(9), atMs: at(9), by: ANA, why: 'what was written was removed' },
]
const REJECTED: readonly AuditStep[] = [
  { kind: 'proposed', atMs: at(20), why: 'again' },
  { kind: 'rejected', atMs: at(21), by: BEN, why: 'not needed' },
]
const ALONE: readonly AuditStep[] = [
  { kind: 'break-glass', atMs: at(30), by: ANA, why: 'production is down' },
  { kind: 'apply-intended', atMs: at(30), why: 'again' },
  { kind: 'apply-failed', atMs: at(31), why: 'IAM refused' },
]
const BY_APPLY = /^(appl(y|ied)|revert)/

export type SignedLog = CheckedAuditLog & { readonly texts: Map<number, string> }

/** Three proposals: approved by two people and reverted; rejected; approved by one alone, and failed. */
export async function signedLog(): Promise<SignedLog> {
  const objects = memoryObjects()
  const markers = memoryStore()
  const [plain, signed] = [auditLog(objects, markers), auditLog(objects, markers, { signing: SIGNING })]
  for (const [id, steps] of [
    ['p-1', APPROVED_AND_REVERTED],
    ['p-2', REJECTED],
    ['p-3', ALONE],
  ] as const) {
    const proposal = proposalWith([IDENTITY_CHANGE], { id })
    for (const step of steps) await (BY_APPLY.test(step.kind) ? signed : plain).append(signedEntry(proposal, step))
  }
  return { ...plain, texts: objects.texts }
}

export async function storedIn(log: Pick<CheckedAuditLog, 'stored'>): Promise<readonly StoredRecord[]> {
  const stored: StoredRecord[] = []
  for await (const one of log.stored()) stored.push(one)
  return stored
}
