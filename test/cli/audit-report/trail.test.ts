/** The figures of a log with every possible course of a case. All expected values are counted by hand from `PATTERNS`. */
import { describe, expect, it } from 'vitest'
import { ansiStyles } from '../../../cli/ansi.ts'
import { casesText } from '../../../cli/formats/audit/case-text.ts'
import { timeline } from '../../../cli/formats/audit/report/charts.ts'
import { accountsOf, approversOf, type CaseRow, csvOf, figuresOf } from '../../../cli/formats/audit/report/figures.js'
import { reportPage } from '../../../cli/formats/audit/report/page.ts'
import { rowsOf } from '../../../cli/formats/audit/report/rows.ts'
import { linkRecord } from '../../../functions/domain/audit/audit-chain.ts'
import { type Case, reportOf } from '../../../functions/domain/audit/audit-report.ts'
import { standingGrants } from '../../../functions/domain/audit/standing-grants.ts'
import { cpuMs } from '../../cpu-time.ts'
import { ACCOUNT_A, ACCOUNT_B, auditTrail, TRAIL_START } from '../../fakes/audit-trail.ts'

const DAY = 24 * 60 * 60_000
const ROUNDS = 10
const records = auditTrail(ROUNDS)
const report = reportOf(records)
const standing = standingGrants(records, TRAIL_START + 30 * DAY)
const rows = rowsOf(report, standing, 'https://acme.slack.com')

describe('the figures of a log with every kind of case', () => {
  it('count each case once, by how it stands, and none that is out of date', () => {
    expect(rows).toHaveLength(210)
    expect(figuresOf(rows)).toEqual({
      // 21 cases a round; one is the second card of a denial.
      denials: 200,
      // confirmed, both-confirmed, re-proposed-applied, reverted, break-glass, did-not-help, older-applied
      changed: 70,
      // the same without reverted
      standing: 60,
      // half, older-half, half-of-a-new-change, half-twice
      waiting: 40,
      reverted: 10,
      rejected: 20,
      expired: 20,
      failed: 10,
      noHelp: 10,
      forged: 10,
      // minutes 1 2 3 4 6 8 9 10 11 20, ten times each: between the 50th (6) and the 51st (8)
      medianSeconds: 420,
      slowestSeconds: 1200,
    })
  })

  it('count for each approver what they approved, completed and rejected', () => {
    expect(approversOf(rows)).toEqual([
      // 13 patterns with ada, less the one whose change is another by now. Completed after 1 2 4 6 8 minutes.
      { id: 'U0ADA', name: 'ada', approvals: 120, completed: 50, breakGlass: 0, rejected: 0, medianSeconds: 240 },
      // Completed after 3 9 11 20 minutes.
      { id: 'U0JANE', name: 'jane', approvals: 50, completed: 40, breakGlass: 0, rejected: 20, medianSeconds: 600 },
      { id: 'U0LEA', name: 'lea', approvals: 10, completed: 10, breakGlass: 10, rejected: 0, medianSeconds: 600 },
    ])
  })

  it('count for each account', () => {
    expect(accountsOf(rows)).toMatchObject([
      {
        ...{ account: ACCOUNT_A, cases: 130, denials: 120, changed: 40, standing: 30, reverted: 10, rejected: 10 },
        // 2 3 4 6 11 minutes
        medianSeconds: 240,
      },
      {
        ...{ account: ACCOUNT_B, cases: 80, denials: 80, changed: 30, standing: 30, reverted: 0, rejected: 10 },
        // 1 8 9 10 20 minutes
        medianSeconds: 540,
      },
    ])
  })

  it.each([
    ['confirmed', 'confirmed', '1 of 1', 120],
    ['half', 'waiting', '1 of 2', null],
    ['both-confirmed', 'confirmed', '2 of 2', 1200],
    ['rejected', 'rejected', '0 of null', null],
    ['half-rejected', 'rejected', '1 of 2', null],
    ['expired', 'expired', '0 of null', null],
    ['half-expired', 'expired', '1 of 2', null],
    ['stale', 'stale', '0 of null', null],
    ['re-proposed-applied', 'applied', '1 of 1', 180],
    ['approved-stale', 'stale', '1 of 1', 480],
    ['reverted', 'reverted', '1 of 1', 240],
    ['break-glass', 'applied', '1 of 2', 600],
    ['did-not-help', 'did-not-help', '1 of 1', 360],
    ['forged', 'forged', '0 of null', null],
    ['failed', 'failed', '1 of 1', 60],
    ['refused', 'no-change', '0 of null', null],
    ['older-applied', 'applied', '2 of 2', 540],
    ['older-half', 'waiting', '1 of null', null],
    ['half-of-a-new-change', 'waiting', '1 of 2', null],
    ['half-twice', 'waiting', '1 of 2', null],
    ['approved-waits', 'approved', '1 of 1', 660],
  ])('%s: %s, %s, after %s s', (name, outcome, approvals, seconds) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const row = rows.find(({ proposal }) => proposal === `${name}-${round}`)
      expect(row?.outcome).toBe(outcome)
      expect(`${row?.approvals.given} of ${row?.approvals.needed}`).toBe(approvals)
      expect(row?.secondsToApprove).toBe(seconds)
    }
  })

  it('count no approval whose record is forged', () => {
    const forged = records.filter(({ entry }) => entry.proposalId === 'confirmed-3' && entry.kind === 'approved')
    const one = reportOf(records, { forged: new Set(forged.map(({ sequence }) => sequence)) }).cases.find(
      ({ id }) => id === 'confirmed-3',
    )
    expect(one).toMatchObject({ outcome: 'confirmed', approveMs: null, approvals: { given: [] } })
  })
})

describe('a record that is forged', () => {
  const outcomeOf = (id: string, kind: string) => {
    const wrong = records.filter(({ entry }) => entry.proposalId === id && entry.kind === kind)
    expect(wrong).toHaveLength(1)
    return reportOf(records, { forged: new Set(wrong.map(({ sequence }) => sequence)) }).cases.find(
      one => one.id === id,
    )?.outcome
  }

  it.each([
    ['reverted-4', 'reverted', 'reverting'],
    ['rejected-4', 'rejected', 'waiting'],
    ['approved-waits-4', 'approved', 'waiting'],
    ['confirmed-4', 'applied', 'confirmed'],
  ])('%s, its "%s": the case is %s', (id, kind, outcome) => {
    expect(outcomeOf(id, kind)).toBe(outcome)
  })
})

describe('some of several approvals', () => {
  const HALF = ['half', 'half-rejected', 'half-expired', 'older-half', 'half-of-a-new-change', 'half-twice']
  const halves = HALF.flatMap(name => Array.from({ length: ROUNDS }, (_, round) => `${name}-${round}`))
  const check = {
    ...{ intact: true, records: records.length, head: null, findings: [], endIsPinned: true, afterHead: 0 },
  }
  const page = reportPage({
    ...{ report, standing, check, source: 'log', workspace: 'https://acme.slack.com', nowMs: TRAIL_START + 30 * DAY },
  })

  it('are never shown as approved on the page', () => {
    for (const id of halves) {
      const item = page.split(`<li class="case" id="case-${id}">`)[1]?.split('<li class="case"')[0] ?? ''
      expect(item).toContain('Change and steps')
      expect(item.replaceAll(/<[^>]*>/g, ' ')).not.toMatch(/\bapproved\b/i)
    }
    const text = (id: string) =>
      (page.split(`id="case-${id}">`)[1]?.split('</div></div>')[0] ?? '').replaceAll(/<[^>]*>/g, ' ')
    expect(text('half-0')).toContain('waiting, 1 of 2')
    expect(text('older-half-0')).toContain('waiting, 1 given, needed: not recorded')
    expect(text('approved-waits-0')).toContain('approved')
  })

  it('are never an outcome or a time in CSV and JSON', () => {
    const [head = '', ...lines] = csvOf(rows).split('\r\n')
    const columns = head.split(',')
    for (const id of halves) {
      const cells = lines.find(line => line.startsWith(`${id},`))?.split(',') ?? []
      expect(cells[columns.indexOf('outcome')]).toMatch(/^(waiting|rejected|expired)$/)
      expect(cells[columns.indexOf('approvals')]).toBe('1')
      expect(cells[columns.indexOf('approvals_completed')]).toBe('')
      expect(cells[columns.indexOf('seconds_to_approve')]).toBe('')
      expect(cells[columns.indexOf('changed')]).toBe('')
      const row = JSON.parse(JSON.stringify(rows.find(({ proposal }) => proposal === id)))
      expect(row).toMatchObject({ secondsToApprove: null, changed: null, standing: false })
      expect(row.approvals.completed).toBe(null)
      expect(row.outcome).not.toBe('approved')
    }
  })
})

describe('the CSV', () => {
  const [row] = rows
  const csv = (changes: object) => csvOf(row === undefined ? [] : [{ ...row, ...changes }])

  it('has a header and one line for each case, ended by CRLF', () => {
    const lines = csvOf(rows).split('\r\n')
    expect(lines).toHaveLength(212)
    expect(lines[0]).toBe(
      'proposal,event,first_seen,last_record,account,requester,requester_known_by,principal,session,run,action,role,outcome,approvals,approvals_needed,approvals_by,approvals_at,approvals_completed,reasons,tickets,could_have_decided,could_have_approved_alone,on_call,approved_as,break_glass_reason,ratification,ratified_by,not_ratified_by,not_ratified_reason,seconds_to_approve,rejected_by,changed,granted,risk_shown,risk_at_write,stands,ends,last_used,signatures,patch_digest,slack,why',
    )
    expect(lines.at(-1)).toBe('')
  })

  it('quotes quotes, commas and line breaks', () => {
    expect(csv({ why: 'a "b", c\r\nd' })).toContain(',"a ""b"", c\r\nd"\r\n')
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\u200b=1', '＝1'])(
    'leaves no formula for a spreadsheet: %j',
    why => {
      expect(csv({ why })).toMatch(/,"?'[^,]*"?\r\n$/)
    },
  )
})

describe('a separator of lists inside of a cell', () => {
  it.each([
    ['x;=1+1;', `x;'=1+1;`],
    ['ada (U0ADA); @eve (U0EVE)', `ada (U0ADA); '@eve (U0EVE)`],
    ['x\r\n-1', `x\r\n'-1`],
    ['a; b - c', 'a; b - c'],
  ])('begins no formula either: %j', (why, shown) => {
    expect(
      csvOf([row('half-0', { why })])
        .split('\r\n')
        .slice(1)
        .join('\r\n'),
    ).toContain(`,"${shown}"`)
  })

  it('is looked for in linear time', () => {
    const startedMs = cpuMs()
    csvOf([row('half-0', { why: '\n '.repeat(200_000) })])
    expect(cpuMs() - startedMs).toBeLessThan(2000)
  })

  function row(id: string, changes: object) {
    const found = rows.find(({ proposal }) => proposal === id)
    if (found === undefined) throw new Error(`there is no case ${id}`)
    return { ...found, ...changes }
  }
})

describe('what is easily left out', () => {
  const [first] = records
  if (first === undefined) throw new Error('there are records')

  it('is a pull request: it has a row in the chart', () => {
    const chart = timeline(reportOf([linkRecord(null, { ...first.entry, kind: 'pull-request' })])).html
    expect(chart).toContain('pull-request')
  })

  it('is a change of which a part is still in IAM: it was written, and stands', () => {
    const { changes } = records.find(({ entry }) => entry.changes.length > 0)?.entry ?? { changes: [] }
    const left = changes.map(({ target }) => target)
    const failed = { ...first.entry, kind: 'apply-failed' as const, changes, left, atMs: TRAIL_START + 60_000 }
    const log = [linkRecord(null, failed)]
    const [only] = rowsOf(reportOf(log), standingGrants(log, TRAIL_START + DAY), null)
    expect(left).toHaveLength(1)
    expect(only).toMatchObject({ outcome: 'part', standing: true, changed: '2026-11-01T00:01:00.000Z' })
  })
})

describe('a link to a message', () => {
  it('is a permalink of the given workspace, and else opens the app', () => {
    expect(rows.find(({ proposal }) => proposal === 'half-0')?.slack).toBe(
      'https://acme.slack.com/archives/C0RELEASES/p1795521600000100',
    )
    expect(rowsOf(report, standing, null).find(({ proposal }) => proposal === 'half-0')?.slack).toBe(
      'slack://channel?team=T0OURS&id=C0RELEASES&message=1795521600.000100',
    )
  })

  it('is absent where no record names the message, and where what it names is none', () => {
    expect(rows.find(({ proposal }) => proposal === 'expired-0')?.slack).toBe(null)
    const [first] = records
    if (first === undefined) throw new Error('there are records')
    const card = { channel: 'javascript:alert(1)//', ts: '1.1' }
    const hostile = reportOf([linkRecord(null, { ...first.entry, card })])
    expect(rowsOf(hostile, [], 'https://acme.slack.com')[0]?.slack).toBe(null)
  })
})

/** What people read is of what programs read: the values of a case, with the names of its states and times to the second. */
function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'string')
    return [value.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d{3}Z$/, '$1 $2 UTC').split('\n')[0] ?? '']
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(wordsOf) : []
}

describe('audit show', () => {
  it('has every value of the report about a case, and its records by number', () => {
    for (const [at, one] of report.cases.entries()) {
      const text = shown([one])
      const { outcome: _, signatures: __, breakGlass, ...values } = rows[at] as CaseRow
      const { ratification: ___, ...glass } = breakGlass ?? {}
      expect(wordsOf([values, glass]).filter(words => !text.includes(words))).toEqual([])
      for (const { sequence } of one.steps) expect(text).toMatch(new RegExp(`^ +${sequence} \\d{4}-`, 'm'))
    }
  })

  it('says how a case ended in the words of the page', () => {
    const nowMs = TRAIL_START + 30 * DAY
    const check = { ...{ intact: true, records: 0, head: null, findings: [], endIsPinned: true, afterHead: 0 } }
    const page = reportPage({ report, standing, check, source: 'log', workspace: null, nowMs })
    for (const one of report.cases.slice(0, 21)) {
      const item = page.split(`<li class="case" id="case-${one.id}">`)[1] ?? ''
      const outcome = /<b class="outcome[^>]*>([^<]*)</.exec(item)?.[1]
      expect(shown([one]).split('\n')[0]).toBe(`${one.id}: ${outcome}`)
    }
  })
})

const shown = (cases: readonly Case[]): string =>
  casesText({ cases, standing, workspace: 'https://acme.slack.com' }, ansiStyles(false))
