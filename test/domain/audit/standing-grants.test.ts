import { describe, expect, it } from 'vitest'
import type { AuditEntry, AuditKind, AuditRecord } from '../../../functions/domain/audit/audit-record.ts'
import { standingGrants } from '../../../functions/domain/audit/standing-grants.ts'
import type { PlannedWrite } from '../../../functions/domain/proposal/proposal.ts'

const NOW = Date.parse('2026-11-26T12:00:00Z')
const HOUR = 3_600_000

const write = (name: string, until: string | null = null): PlannedWrite => ({
  target: {
    kind: 'role-inline-policy',
    accountId: '111122223333',
    name,
    policyName: 'rolemedic',
    arn: `arn:aws:iam::111122223333:role/${name}`,
  },
  before: { Version: '2012-10-17', Statement: [{ Sid: 'Old', Effect: 'Allow', Action: 's3:*', Resource: '*' }] },
  after: {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'Old', Effect: 'Allow', Action: 's3:*', Resource: '*' },
      {
        Sid: 'New',
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: 'arn:aws:iam::111122223333:role/task',
        ...(until === null ? {} : { Condition: { DateLessThan: { 'aws:CurrentTime': until } } }),
      },
    ],
  },
})

type Given = Partial<AuditEntry> & { readonly kind: AuditKind; readonly atMs: number }

function chain(...entries: readonly Given[]): readonly AuditRecord[] {
  return entries.map((given, index) => ({
    schema: 'rolemedic.audit/1',
    sequence: index + 1,
    previousHash: null,
    hash: '',
    entry: {
      proposalId: 'p-1',
      key: `p-1/${given.kind}/${index}`,
      by: null,
      principal: 'arn:aws:sts::111122223333:assumed-role/deployer/run-1',
      resource: 'arn:aws:iam::111122223333:role/task',
      action: 'iam:PassRole',
      accountId: '111122223333',
      eventIds: ['event-1'],
      requestIds: [],
      digest: 'sha256:a',
      changes: [write('deployer')],
      why: given.kind,
      botVersion: 'test',
      ...given,
    },
  }))
}

const ANA = { id: 'U0ONCALL1', name: 'Ana' }
const BEN = { id: 'U0ONCALL2', name: 'Ben' }
const APPLIED = [
  { kind: 'proposed', atMs: 500 },
  { kind: 'approved', atMs: 1000, by: ANA },
  { kind: 'apply-intended', atMs: 1500 },
  { kind: 'applied', atMs: 2000 },
] as const
const states = (...entries: readonly Given[]) =>
  standingGrants(chain(...entries), NOW).map(({ proposalId, state }) => [proposalId, state])

describe('what stands', () => {
  it('is nothing in an empty log, and nothing before something is applied', () => {
    expect(standingGrants([], NOW)).toEqual([])
    expect(states(...APPLIED.slice(0, 3))).toEqual([])
  })

  it('says of a grant what was written, since when, for what denial and by whom it was approved', () => {
    expect(standingGrants(chain(...APPLIED), NOW)).toEqual([
      {
        proposalId: 'p-1',
        state: 'stands',
        principal: 'arn:aws:sts::111122223333:assumed-role/deployer/run-1',
        action: 'iam:PassRole',
        resource: 'arn:aws:iam::111122223333:role/task',
        accountId: '111122223333',
        eventId: 'event-1',
        sinceMs: 2000,
        endsAtMs: null,
        approvedBy: [{ by: ANA, atMs: 1000 }],
        changes: [write('deployer')],
        lastUsedAtMs: null,
        offeredAtMs: null,
        kept: null,
        why: null,
      },
    ])
  })

  it('names only the approvals of the change that was written', () => {
    const grants = standingGrants(
      chain(
        { kind: 'approved', atMs: 800, by: ANA, digest: 'sha256:earlier' },
        { kind: 'break-glass', atMs: 1000, by: BEN },
        { kind: 'applied', atMs: 2000 },
      ),
      NOW,
    )
    expect(grants[0]?.approvedBy).toEqual([{ by: BEN, atMs: 1000 }])
  })

  it('ends with the revert, and not with the attempt', () => {
    expect(states(...APPLIED, { kind: 'revert-intended', atMs: 3000 })).toEqual([['p-1', 'reverting']])
    expect(states(...APPLIED, { kind: 'revert-failed', atMs: 3000 })).toEqual([['p-1', 'revert-failed']])
    expect(states(...APPLIED, { kind: 'reverted', atMs: 3000 })).toEqual([])
  })

  it('does not come back with what is recorded after the revert', () => {
    const life = { kind: 'used', lastUsedAtMs: 2500 } as const
    expect(states(...APPLIED, { kind: 'reverted', atMs: 3000 }, { kind: 'confirmed', atMs: 4000, life })).toEqual([])
  })

  it('has an end where everything that was added has one, and is over then', () => {
    const until = (text: string | null) => [write('deployer', '2026-11-26T14:00:00Z'), write('task', text)]
    const at = (changes: readonly PlannedWrite[], nowMs: number) =>
      standingGrants(chain(...APPLIED.slice(0, 3), { kind: 'applied', atMs: 2000, changes }), nowMs)
    expect(at(until('2026-11-26T15:00:00Z'), NOW)[0]?.endsAtMs).toBe(Date.parse('2026-11-26T15:00:00Z'))
    expect(at(until('2026-11-26T15:00:00Z'), NOW + 3 * HOUR)).toEqual([])
    expect(at(until(null), NOW + 3 * HOUR)[0]?.endsAtMs).toBeNull()
  })

  it('includes the part of a change that could not be undone, and not a change that was', () => {
    const changes = [write('deployer'), write('task')]
    const left = [write('task').target]
    const failed = { kind: 'apply-failed', atMs: 2000, changes, why: 'IAM said no.' } as const
    const [grant, ...more] = standingGrants(chain(...APPLIED.slice(0, 3), { ...failed, left }), NOW)
    expect([grant?.state, grant?.why, grant?.changes.map(({ target }) => target.name), more]).toEqual([
      'part',
      'IAM said no.',
      ['task'],
      [],
    ])
    expect(states(...APPLIED.slice(0, 3), failed)).toEqual([])
  })

  it('reads a part that is left from the text of an older record', () => {
    const why = 'IAM said no. Not everything could be undone: arn:aws:iam::111122223333:role/task: drift'
    expect(states(...APPLIED.slice(0, 3), { kind: 'apply-failed', atMs: 2000, why })).toEqual([['p-1', 'part']])
  })

  it('says that a grant did not help', () => {
    expect(states(...APPLIED, { kind: 'did-not-help', atMs: 3000 })).toEqual([['p-1', 'did-not-help']])
  })

  it('says that it was still denied when it was evaluated again, unless it was allowed after that', () => {
    const evaluated = (answer: 'allowed' | 'denied', atMs: number) =>
      ({ kind: 'confirmed', atMs, why: `now ${answer}`, life: { kind: 'evaluated', answer } }) as const
    const whyOf = (...later: readonly Given[]) => standingGrants(chain(...APPLIED, ...later), NOW).map(({ why }) => why)
    expect(whyOf(evaluated('denied', 3000))).toEqual(['now denied'])
    expect(whyOf(evaluated('denied', 3000), evaluated('allowed', 4000))).toEqual([null])
    expect(states(...APPLIED, evaluated('denied', 3000))).toEqual([['p-1', 'stands']])
  })

  it('has the latest use, the latest card that asked, and who kept it last', () => {
    const used = (lastUsedAtMs: number) => ({ kind: 'used', lastUsedAtMs }) as const
    const kept = { kind: 'kept', decision: {} } as unknown as NonNullable<AuditEntry['life']>
    const [grant] = standingGrants(
      chain(
        ...APPLIED,
        { kind: 'confirmed', atMs: 3000 },
        { kind: 'confirmed', atMs: 5000, life: used(4000) },
        { kind: 'confirmed', atMs: 5500, life: used(3500) },
        { kind: 'confirmed', atMs: 6000, life: { kind: 'offered' } },
        { kind: 'confirmed', atMs: 7000, by: BEN, life: kept },
      ),
      NOW,
    )
    expect([grant?.lastUsedAtMs, grant?.offeredAtMs, grant?.kept, grant?.state]).toEqual([
      4000,
      6000,
      { by: BEN, atMs: 7000 },
      'stands',
    ])
  })

  it('takes no use from before the grant, and none that is no time', () => {
    const used = (lastUsedAtMs: unknown) => ({ kind: 'used', lastUsedAtMs }) as NonNullable<AuditEntry['life']>
    const [grant] = standingGrants(
      chain(
        ...APPLIED,
        { kind: 'confirmed', atMs: 3000, life: used(1999) },
        { kind: 'confirmed', atMs: 3001, life: used('x') },
      ),
      NOW,
    )
    expect(grant?.lastUsedAtMs).toBeNull()
  })

  it('takes no use from after the record that says so', () => {
    const used = (lastUsedAtMs: number) => ({ kind: 'used', lastUsedAtMs }) as const
    const [grant] = standingGrants(
      chain(
        ...APPLIED,
        { kind: 'confirmed', atMs: 3000, life: used(8_640_000_000_000_000) },
        { kind: 'confirmed', atMs: 5000, life: used(4000) },
      ),
      NOW,
    )
    expect(grant?.lastUsedAtMs).toBe(4000)
    const [same] = standingGrants(chain(...APPLIED, { kind: 'confirmed', atMs: 5000, life: used(5000) }), NOW)
    expect(same?.lastUsedAtMs).toBe(5000)
  })

  it('is nothing that was confirmed, failed to be reverted or did not help before it was written', () => {
    const kept = { kind: 'kept' } as unknown as NonNullable<AuditEntry['life']>
    for (const kind of ['revert-intended', 'revert-failed', 'did-not-help'] as const)
      expect(states({ kind, atMs: 500 })).toEqual([])
    expect(states({ kind: 'confirmed', atMs: 500, by: ANA, life: kept })).toEqual([])
  })

  it('is ended, approved and kept by no record whose signature is wrong, and is still there where that of the write is', () => {
    const kept = { kind: 'kept', decision: {} } as unknown as NonNullable<AuditEntry['life']>
    const records = chain(
      ...APPLIED,
      { kind: 'confirmed', atMs: 7000, by: BEN, life: kept },
      { kind: 'reverted', atMs: 8000, by: ANA },
    )
    expect(standingGrants(records, NOW, new Set([2, 4, 5, 6]))).toMatchObject([
      { proposalId: 'p-1', state: 'stands', approvedBy: [], kept: null },
    ])
    expect(standingGrants(records, NOW, new Set([2, 4, 5]))).toEqual([])
  })

  it('lists several grants, the oldest first, also where their records are mixed', () => {
    const other = (kind: AuditKind, atMs: number) => ({ kind, atMs, proposalId: 'p-2' })
    expect(
      states(other('approved', 100), ...APPLIED, other('applied', 1900), {
        kind: 'applied',
        atMs: 2500,
        proposalId: 'p-3',
      }),
    ).toEqual([
      ['p-2', 'stands'],
      ['p-1', 'stands'],
      ['p-3', 'stands'],
    ])
  })
})
