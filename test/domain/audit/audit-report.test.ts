import { describe, expect, it } from 'vitest'
import type { AuditKind, AuditRecord } from '../../../functions/domain/audit/audit-record.ts'
import { reportOf } from '../../../functions/domain/audit/audit-report.ts'

const SESSION = 'arn:aws:sts::111122223333:assumed-role/deployer'

function record(
  sequence: number,
  kind: AuditKind,
  atMs: number,
  id: string | null,
  by: string | null = null,
): AuditRecord {
  return {
    schema: 'rolemedic.audit/1',
    sequence,
    previousHash: null,
    hash: '',
    entry: {
      kind,
      atMs,
      proposalId: id,
      key: `${id}/${kind}/${sequence}`,
      by: by === null ? null : { id: by, name: by },
      principal: `${SESSION}/run-${sequence}`,
      resource: 'arn:aws:iam::111122223333:role/task',
      action: 'iam:PassRole',
      accountId: '111122223333',
      eventIds: [],
      requestIds: [],
      digest: null,
      changes: [],
      why: `${kind} ${id}`,
      botVersion: 'test',
    },
  }
}

describe('the audit report', () => {
  it('is empty for an empty log', () => {
    expect(reportOf([])).toEqual({
      records: 0,
      fromMs: null,
      toMs: null,
      events: [],
      cases: [],
      denials: 0,
      principals: [],
      roles: [],
    })
  })

  it('measures from the card to the approval that completed it, where the records say so', () => {
    const report = reportOf([
      record(1, 'denial-seen', 1000, 'a'),
      record(2, 'proposed', 2000, 'a'),
      record(3, 'approved', 5000, 'a', 'Ana'),
      record(4, 'approved', 62_000, 'a', 'Ben'),
      record(5, 'applied', 63_000, 'a'),
      record(6, 'proposed', 70_000, 'b'),
      record(7, 'approved', 71_000, 'b', 'Ana'),
      record(8, 'proposed', 80_000, 'c'),
      record(9, 'rejected', 99_000, 'c', 'Ben'),
    ])
    expect(report.cases.map(one => [one.id, one.approveMs, one.outcome, one.decidedBy.map(by => by.name)])).toEqual([
      ['a', 60_000, 'applied', ['Ana', 'Ben']],
      // No record says how many it needs, and nothing was written.
      ['b', null, 'waiting', ['Ana']],
      ['c', null, 'rejected', ['Ben']],
    ])
    expect([report.fromMs, report.toMs]).toEqual([1000, 99_000])
  })

  it('lists cases by the time of their first record, wherever they are in the log', () => {
    const report = reportOf([
      record(1, 'proposed', 5000, 'late'),
      record(2, 'proposed', 1000, 'early'),
      record(3, 'proposed', 3000, 'middle'),
    ])
    expect(report.cases.map(({ id }) => id)).toEqual(['early', 'middle', 'late'])
  })

  it('names who decided once, and nobody for what no person did', () => {
    const [one] = reportOf([
      record(1, 'proposed', 1000, 'a'),
      record(2, 'approved', 2000, 'a', 'Ana'),
      record(3, 'approved', 3000, 'a', 'Ana'),
      record(4, 'rejected', 4000, 'a', null),
    ]).cases
    expect(one?.decidedBy).toEqual([{ id: 'Ana', name: 'Ana' }])
    expect(one?.rejectedBy).toEqual([])
  })

  it('counts sessions of one role as one principal', () => {
    const report = reportOf([record(1, 'proposed', 1, 'a'), record(2, 'proposed', 2, 'b')])
    expect(report.principals).toEqual([{ name: SESSION, count: 2 }])
    expect(report.roles).toEqual([{ name: 'arn:aws:iam::111122223333:role/task', count: 2 }])
  })

  it('counts a denial once, however many cards were made for it', () => {
    const again = (sequence: number, kind: AuditKind, id: string): AuditRecord => {
      const { entry, ...rest } = record(sequence, kind, sequence, id)
      return { ...rest, entry: { ...entry, eventIds: ['event-1'] } }
    }
    const report = reportOf([again(1, 'proposed', 'a'), again(2, 'stale', 'a'), again(3, 'proposed', 'b')])
    expect(report.cases).toHaveLength(2)
    expect(report.denials).toBe(1)
    expect(report.roles).toEqual([{ name: 'arn:aws:iam::111122223333:role/task', count: 1 }])
  })

  it('tells each step of a case: when, by whom, and why where that is not the diagnosis', () => {
    const [one] = reportOf([
      record(1, 'denial-seen', 1000, 'a'),
      record(2, 'proposed', 2000, 'a'),
      record(3, 'rejected', 3000, 'a', 'Ben'),
    ]).cases
    expect(one?.steps).toEqual([
      { sequence: 1, atMs: 1000, kind: 'denial-seen', life: null, by: null, why: null },
      { sequence: 2, atMs: 2000, kind: 'proposed', life: null, by: null, why: null },
      { sequence: 3, atMs: 3000, kind: 'rejected', life: null, by: { id: 'Ben', name: 'Ben' }, why: 'rejected a' },
    ])
  })
})

describe('what a case is evidence of', () => {
  const STATEMENT = { Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/task' }
  const services = (...names: readonly string[]) => ({
    Version: '2012-10-17',
    Statement: [{ ...STATEMENT, Condition: { StringEquals: { 'iam:PassedToService': names } } }],
  })
  const target = {
    kind: 'role-policy',
    accountId: '111122223333',
    name: 'deployer',
    policyName: 'deploy',
    arn: 'arn:aws:iam::111122223333:role/deployer',
  }
  const withMembers = (kind: AuditKind, members: object): AuditRecord => {
    const { entry, ...rest } = record(1, kind, 1, 'a', 'Ana')
    return { ...rest, entry: { ...entry, ...members } }
  }
  const caseOf = (...records: readonly AuditRecord[]) => reportOf(records, { isChecked: true }).cases[0]

  it('of a statement that gains a service is that service alone', () => {
    const before = services('ecs-tasks.amazonaws.com')
    const after = services('ecs-tasks.amazonaws.com', 'lambda.amazonaws.com')
    expect(caseOf(withMembers('applied', { changes: [{ target, before, after }] }))?.granted).toEqual([
      'arn:aws:iam::111122223333:role/deployer may iam:PassRole on arn:aws:iam::111122223333:role/task, if iam:PassedToService StringEquals lambda.amazonaws.com',
    ])
  })

  it.each([
    ['a decision of other members', 'approved', { decision: { decision: { risk: 'constructor', eligible: 7 } } }],
    ['a decision that is a list', 'approved', { decision: [] }],
    ['eligible people that are none', 'rejected', { decision: { decision: { eligible: null, by: null } } }],
    ['a use at no time', 'confirmed', { life: { kind: 'used', lastUsedAtMs: 1e300 } }],
    ['a use at a text', 'confirmed', { life: { kind: 'used', lastUsedAtMs: 'today' } }],
    ['a risk of another version', 'applied', { risk: 'toString' }],
    [
      'statements of another grammar',
      'applied',
      { changes: [{ target, before: null, after: { Statement: [{ Action: 7 }] } }] },
    ],
  ] as const)('from a record with %s is nothing', (_, kind, members) => {
    expect(caseOf(withMembers(kind, members))).toMatchObject({
      evidence: { requester: null, risk: { shown: null, atWrite: null }, couldHave: null, lastUsedAtMs: null },
      granted: [],
    })
  })

  it('of records from before signatures is called unsigned, not verified', () => {
    expect(caseOf(record(1, 'proposed', 1, 'a'))?.signatures).toBe('verified')
    expect(caseOf(record(1, 'proposed', 1, 'a'), record(2, 'approved', 2, 'a', 'Ana'))?.signatures).toBe('unsigned')
    expect(caseOf(record(1, 'proposed', 1, 'a'), record(2, 'applied', 2, 'a'))?.signatures).toBe('unsigned')
  })
})
