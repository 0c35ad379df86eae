/** What an auditor asks, answered from the CSV alone: nothing here reads the log, the table or a type of the report. */
import { beforeAll, describe, expect, it } from 'vitest'
import { reportFormat } from '../../../cli/formats/audit/report/format.ts'
import { reportText } from '../../../cli/formats/audit/report/page.ts'
import { bodyAfter, recordBytes, recordName, sealed, storedForm } from '../../../functions/domain/audit/audit-chain.ts'
import { entryFor } from '../../../functions/domain/audit/audit-entry.ts'
import type { AuditEntry, AuditRecord } from '../../../functions/domain/audit/audit-record.ts'
import { reportOf } from '../../../functions/domain/audit/audit-report.ts'
import { caseEvidence } from '../../../functions/domain/audit/case-evidence.ts'
import { standingGrants } from '../../../functions/domain/audit/standing-grants.ts'
import { checkLog, type LogCheck } from '../../../functions/domain/audit/verify-log.ts'
import { botConfigSchema } from '../../../functions/domain/config/config.ts'
import { click } from '../../decide/decide-fixture.ts'
import { CARD, HOUR, NOON, VERIFICATION } from '../../fakes/sample-proposal.ts'
import { RING, signatureOf } from '../../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith } from '../../fakes/two-sided.ts'
import { worldWith } from '../../fakes/verify-world.ts'

const CONFIG = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2', 'U0ONCALL3'] },
  breakGlass: { group: 'S0GLASS', announceChannel: 'C0GLASS' },
  onCallGroup: 'S0NOW',
  approval: { reason: 'required', ticket: { pattern: 'OPS-[0-9]+', url: null, required: true } },
})

/** RFC 4180. */
function parsed(csv: string): readonly { readonly [column: string]: string }[] {
  const cells = [...csv.replace(/^\ufeff/, '').matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/g)]
  const lines: string[][] = [[]]
  for (const [, quoted, plain = '', end] of cells) {
    lines.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '\r\n') lines.push([])
  }
  const [head = [], ...rows] = lines.filter(line => line.length > 0)
  return rows.map(row => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])))
}

/** As `verify` signs what it records with its own role, the others record without a signature. */
function chained(entries: readonly AuditEntry[]): readonly AuditRecord[] {
  const records: AuditRecord[] = []
  for (const entry of entries) {
    const body = bodyAfter(records.at(-1) ?? null, entry)
    const isOfVerify = ['apply-intended', 'applied', 'confirmed'].includes(entry.kind)
    records.push(sealed(body, isOfVerify ? signatureOf('attestations', recordBytes(body)) : null))
  }
  return records
}

function checked(records: readonly AuditRecord[]): LogCheck {
  const stored = records.map(record => ({
    ...{ place: recordName(record.sequence), sequence: record.sequence, versions: 1 },
    text: storedForm(record),
  }))
  const last = records.at(-1)
  const head = last === undefined ? null : { sequence: last.sequence, hash: last.hash }
  return checkLog({ stored, head, findings: [], keys: RING })
}

const entries: AuditEntry[] = []
let check: LogCheck
let row: { readonly [column: string]: string } = {}
beforeAll(async () => {
  const proposal = proposalWith([IDENTITY_CHANGE], {
    card: CARD,
    verification: { ...VERIFICATION, risk: 'elevated', approvers: 2 },
  })
  const world = await worldWith(proposal)
  const { groups } = world.chat
  groups.set('S0GLASS', { known: true, value: ['U0NIGHT'] })
  groups.set('S0NOW', { known: true, value: ['U0ONCALL2'] })
  const live = world.process(undefined, CONFIG)
  for (const [id, name, reason] of [
    ['U0ONCALL1', 'ana', 'the release waits for it'],
    ['U0ONCALL2', 'ben', 'read with Ana'],
  ] as const) {
    const given = { digest: proposal.patch?.digest ?? '', reason, ticket: 'OPS-12' }
    await (await live.decide(click('approve', { id, name }, given))).notify()
  }
  await world.deliver(live)
  const used = { kind: 'used', lastUsedAtMs: NOON + HOUR / 2 } as const
  const confirmed = { kind: 'confirmed', atMs: NOON + HOUR, why: 'used', life: used } as const
  await world.log.append(entryFor(await world.get(), confirmed, 'test'))
  for await (const { entry } of world.log.records()) entries.push(entry)
  const records = chained(entries)
  check = checked(records)
  const nowMs = NOON + HOUR
  const report = reportOf(records, { isChecked: check.signatures.checked })
  const content = { report, standing: standingGrants(records, nowMs), source: 'here', workspace: null, nowMs }
  ;[row = {}] = parsed(reportText({ ...content, check }, 'csv'))
})

it('the log behind it holds, with the reasons and tickets that were signed', () => {
  expect(check).toMatchObject({ intact: true, findings: [], signatures: { checked: true, decisions: 2 } })
})

it.each([
  ['another reason', (why: string) => why.replace('the release', 'the boss')],
  ['another ticket', (why: string) => why.replace('OPS-12', 'OPS-13')],
  ['no ticket', (why: string) => why.replace(', OPS-12', '')],
  ['a time', (why: string) => why.replace('approved', 'approved for 8 h')],
  ['more before the reason', (why: string) => why.replace('approved', 'approved by the board')],
])('a log whose record of an approval gives %s is forged', (_, changed) => {
  const forged = entries.map(one => (one.kind === 'approved' ? { ...one, why: changed(one.why) } : one))
  expect(forged).not.toEqual(entries)
  expect(checked(chained(forged)).findings.map(({ kind }) => kind)).toContain('forged')
})

it('the records that lead to who was denied are how it is known', () => {
  const [first] = entries
  if (first === undefined) throw new Error('the log is empty')
  const why = 'No policy allows it.\nRun: CodeBuild (proved)\nKeys issued by: a1-b2, c3-d4\nEvidence: none'
  const seen: AuditEntry = { ...first, kind: 'denial-seen', why }
  const { requesterKnownBy, run } = caseEvidence([seen, ...entries])
  expect(requesterKnownBy).toBe("CloudTrail's records a1-b2, c3-d4")
  expect(run).toBe('CodeBuild (proved)')
  expect(caseEvidence(entries).run).toBeNull()
})

describe('the CSV says', () => {
  it.each([
    ['who approved it', 'approvals_by', 'ana (U0ONCALL1); ben (U0ONCALL2)'],
    ['when', 'approvals_at', '2026-11-24T12:00:00.000Z; 2026-11-24T12:00:00.000Z'],
    [
      'what they approved',
      'granted',
      'arn:aws:iam::111122223333:role/deployer may iam:PassRole on arn:aws:iam::111122223333:role/app-task, if iam:PassedToService StringEquals ecs-tasks.amazonaws.com',
    ],
    ['how risky it was said to be', 'risk_shown', 'elevated'],
    ['how risky it was', 'risk_at_write', 'elevated'],
    ['who was denied', 'requester', 'a machine'],
    ['how that is known', 'requester_known_by', 'no person can enter its role, or the configuration names it'],
    ['why', 'reasons', 'ana (U0ONCALL1): the release waits for it; ben (U0ONCALL2): read with Ana'],
    ['for which ticket', 'tickets', 'ana (U0ONCALL1): OPS-12; ben (U0ONCALL2): OPS-12'],
    ['whether it stands', 'stands', 'yes'],
    ['whether it was used', 'last_used', '2026-11-24T12:30:00.000Z'],
    ['who could have approved or stopped it', 'could_have_decided', 'U0ONCALL1; U0ONCALL2; U0ONCALL3'],
    ['who could have approved it alone', 'could_have_approved_alone', 'U0NIGHT'],
    ['who was on call', 'on_call', 'U0ONCALL2'],
    ['whether the signatures hold', 'signatures', 'verified'],
  ])('%s', (_question, column, answer) => {
    expect(row[column]).toBe(answer)
  })
})

describe('the form of a report', () => {
  it.each([
    ['q4.csv', null, 'csv'],
    ['q4.CSV', null, 'csv'],
    ['q4.json', null, 'json'],
    ['q4.html', null, 'html'],
    ['q4.htm', 'html', 'html'],
    ['q4', null, 'html'],
    ['q4', 'json', 'json'],
    ['q4.2026', null, 'html'],
    ['q4.txt', 'csv', 'csv'],
  ] as const)('of %s with %s is %s', (file, asked, format) => {
    expect(reportFormat(file, asked)).toBe(format)
  })

  it.each([
    ['q4.csv', 'html'],
    ['q4.html', 'csv'],
  ] as const)('of %s is never %s', (file, asked) => {
    expect(() => reportFormat(file, asked)).toThrow(`--format ${asked} does not fit ${file}`)
  })

  it('of a form that is not written is no page under another name', () => {
    expect(() => reportFormat('q4.pdf', null)).toThrow('q4.pdf: no report of this form: name the file .html')
  })
})
