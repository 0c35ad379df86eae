/** An audit log with every possible course of a case, in rounds of 21 cases for 20 denials. */
import { linkRecord } from '../../functions/domain/audit/audit-chain.ts'
import type { AuditEntry, AuditKind, AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { signedDecision } from './signed-decision.ts'

export const ACCOUNT_A = '111122223333'
export const ACCOUNT_B = '444455556666'
export const TRAIL_START = Date.parse('2026-11-01T00:00:00Z')
const MINUTE = 60_000

const PEOPLE = {
  ada: { id: 'U0ADA', name: 'ada' },
  jane: { id: 'U0JANE', name: 'jane' },
  lea: { id: 'U0LEA', name: 'lea' },
} as const
type Name = keyof typeof PEOPLE

export const DIGEST = `sha256:${'a'.repeat(64)}`
const EARLIER = `sha256:${'b'.repeat(64)}`

/** `needed`: null in a record from before decisions were signed. */
type TrailStep = {
  readonly kind: AuditKind
  readonly minute: number
  readonly by?: Name
  readonly needed?: number | null
  readonly digest?: string
}
type Pattern = { readonly account: string; readonly event?: string; readonly steps: readonly TrailStep[] }

const approval = (by: Name, minute: number, needed: number | null, digest = DIGEST): TrailStep => ({
  kind: 'approved',
  minute,
  by,
  needed,
  digest,
})
const at = (kind: AuditKind, minute: number, by?: Name): TrailStep => ({
  kind,
  minute,
  ...(by === undefined ? {} : { by }),
})
const written = (minute: number) => [at('apply-intended', minute), at('applied', minute)]

/** The name says how the case ends. */
export const PATTERNS: { readonly [name: string]: Pattern } = {
  confirmed: { account: ACCOUNT_A, steps: [approval('ada', 2, 1), ...written(3), at('confirmed', 33)] },
  half: { account: ACCOUNT_A, steps: [approval('ada', 4, 2)] },
  'both-confirmed': {
    account: ACCOUNT_B,
    steps: [approval('ada', 5, 2), approval('jane', 20, 2), ...written(21), at('confirmed', 51)],
  },
  rejected: { account: ACCOUNT_A, steps: [at('rejected', 7, 'jane')] },
  'half-rejected': { account: ACCOUNT_B, steps: [approval('ada', 3, 2), at('rejected', 8, 'jane')] },
  expired: { account: ACCOUNT_A, steps: [at('expired', 480)] },
  'half-expired': { account: ACCOUNT_B, steps: [approval('ada', 9, 2), at('expired', 480)] },
  stale: { account: ACCOUNT_A, event: 'again', steps: [at('stale', 6)] },
  're-proposed-applied': { account: ACCOUNT_A, event: 'again', steps: [approval('jane', 3, 1), ...written(4)] },
  'approved-stale': { account: ACCOUNT_B, steps: [approval('ada', 8, 1), at('stale', 9)] },
  reverted: {
    account: ACCOUNT_A,
    steps: [approval('ada', 4, 1), ...written(5), at('revert-intended', 90, 'jane'), at('reverted', 91, 'jane')],
  },
  'break-glass': {
    account: ACCOUNT_B,
    steps: [{ kind: 'break-glass', minute: 10, by: 'lea', needed: 2, digest: DIGEST }, ...written(11)],
  },
  'did-not-help': { account: ACCOUNT_A, steps: [approval('ada', 6, 1), ...written(7), at('did-not-help', 40)] },
  forged: { account: ACCOUNT_A, steps: [at('forged', 2)] },
  failed: { account: ACCOUNT_B, steps: [approval('ada', 1, 1), at('apply-intended', 2), at('apply-failed', 3)] },
  refused: { account: ACCOUNT_A, steps: [] },
  'older-applied': { account: ACCOUNT_B, steps: [approval('ada', 7, null), approval('jane', 9, null), ...written(10)] },
  'older-half': { account: ACCOUNT_A, steps: [approval('ada', 5, null)] },
  'half-of-a-new-change': {
    account: ACCOUNT_B,
    steps: [approval('ada', 2, 2, EARLIER), approval('jane', 12, 2)],
  },
  'half-twice': { account: ACCOUNT_A, steps: [approval('ada', 5, 2), approval('ada', 6, 2)] },
  'approved-waits': { account: ACCOUNT_A, steps: [approval('jane', 11, 1)] },
}

/** Each round begins an hour after the previous one. */
export function auditTrail(rounds: number): readonly AuditRecord[] {
  const entries = Array.from({ length: rounds }, (_, round) =>
    Object.entries(PATTERNS).flatMap(([name, pattern]) => entriesOf(`${name}-${round}`, pattern, round)),
  ).flat()
  const records: AuditRecord[] = []
  for (const entry of entries.sort((a, b) => a.atMs - b.atMs)) records.push(linkRecord(records.at(-1) ?? null, entry))
  return records
}

function entriesOf(id: string, { account, event, steps }: Pattern, round: number): readonly AuditEntry[] {
  const startMs = TRAIL_START + round * 60 * MINUTE
  const first: TrailStep = at(id.startsWith('refused') ? 'refused' : 'proposed', 0)
  return [at('denial-seen', 0), first, ...steps].map((step, n) => {
    const { kind, minute, by, needed = null, digest = DIGEST } = step
    const person = by === undefined ? null : PEOPLE[by]
    const isWritten = kind !== 'forged' && !id.startsWith('refused')
    return {
      kind,
      atMs: startMs + minute * MINUTE,
      proposalId: id,
      key: `${id}/${kind}/${n}`,
      by: person,
      principal: `arn:aws:sts::${account}:assumed-role/deployer-${round % 3}/run-${round}`,
      resource: `arn:aws:iam::${account}:role/task`,
      action: 'iam:PassRole',
      accountId: account,
      eventIds: [event === undefined ? id : `${event}-${round}`],
      requestIds: [],
      digest,
      changes: isWritten ? [changeIn(account)] : [],
      why: by !== undefined && kind === 'approved' ? 'approved' : `the reason of ${kind}`,
      botVersion: 'test',
      ...(person === null || needed === null ? {} : { decision: signedDecision({ by: person, needed, digest, id }) }),
      ...(person === null ? {} : { card: { channel: 'C0RELEASES', ts: '1795521600.000100' } }),
    }
  })
}

function changeIn(account: string): AuditEntry['changes'][number] {
  const arn = `arn:aws:iam::${account}:role/deployer`
  return {
    target: { kind: 'role-inline-policy', accountId: account, name: 'deployer', policyName: 'rolemedic', arn },
    before: null,
    after: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: `arn:aws:iam::${account}:role/task` }],
    },
  }
}
