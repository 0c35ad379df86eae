/** A log of many cases: each is seen, proposed, approved, written and confirmed, or refused; few still stand. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bodyAfter, recordName, sealed, storedForm } from '../../functions/domain/audit/audit-chain.ts'
import type { AuditEntry, AuditKind, AuditRecord } from '../../functions/domain/audit/audit-record.ts'

const FROM_MS = Date.parse('2025-12-01T00:00:00Z')
const APPLIED: readonly AuditKind[] = ['denial-seen', 'proposed', 'approved', 'apply-intended', 'applied', 'confirmed']
const REVERTED: readonly AuditKind[] = [...APPLIED, 'revert-intended', 'reverted']
const REFUSED: readonly AuditKind[] = ['denial-seen', 'refused']

export function writeLog(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true })
  let last: AuditRecord | null = null
  for (let number = 0, sequence = 0; sequence < count; number += 1)
    for (const kind of number % 1_000 === 0 ? APPLIED : number % 2 === 0 ? REVERTED : REFUSED) {
      if (sequence === count) break
      last = sealed(bodyAfter(last, entryOf(number, kind, sequence, count)), null)
      sequence = last.sequence
      writeFileSync(join(folder, recordName(sequence)), storedForm(last))
    }
  if (last !== null)
    writeFileSync(join(folder, '.head.json'), JSON.stringify({ sequence: last.sequence, hash: last.hash }))
}

/** A year, from the first record to the last. */
function entryOf(number: number, kind: AuditKind, sequence: number, count: number): AuditEntry {
  const proposalId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const accountId = String(111122220000 + (number % 300))
  const after = {
    Version: '2012-10-17' as const,
    Statement: [
      {
        ...{ Sid: 'Rolemedic1a2b3c4d', Effect: 'Allow' as const, Action: 'iam:PassRole' },
        Resource: `arn:aws:iam::${accountId}:role/app/service-${number}`,
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
    ],
  }
  const name = `deploy-${number % 40}`
  const arn = `arn:aws:iam::${accountId}:role/${name}`
  const isPerson = kind === 'approved' || kind === 'revert-intended' || kind === 'reverted'
  return {
    ...{ kind, proposalId, accountId, botVersion: '0.1.0', action: 'iam:PassRole' },
    atMs: FROM_MS + Math.floor((sequence / count) * 365 * 86_400_000),
    key: `${proposalId}/${kind}/0`,
    by: isPerson ? { id: `U${number % 50}`, name: 'ada' } : null,
    principal: `arn:aws:sts::${accountId}:assumed-role/${name}/run-${number}`,
    resource: `arn:aws:iam::${accountId}:role/app/service-${number}`,
    eventIds: [`e${number}`],
    requestIds: [],
    digest: 'sha256:'.padEnd(71, '0'),
    changes: [
      { target: { kind: 'role-inline-policy', accountId, name, policyName: 'rolemedic', arn }, before: null, after },
    ],
    why: 'No identity policy of the role allows iam:PassRole on the role that the task definition names.',
  }
}
