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
