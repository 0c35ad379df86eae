import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditCommand } from '../../cli/commands/audit.ts'
import { type AuditStep, entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { auditFolder } from '../../simulator/audit-folder.ts'
import { openLocalStore } from '../../simulator/local-store.ts'
import { MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith } from '../fakes/two-sided.ts'
import { memoryIo } from './memory-io.ts'

const ANA = { id: 'U0ONCALL1', name: 'Ana\u001b[31m' }
const at = (minutes: number) => NOON + minutes * MINUTE
let root = ''
let folder = ''

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'rolemedic-grants-'))
  folder = join(root, 'audit')
  const audit = auditFolder({ folder })
  const add = async (proposal: Proposal, ...steps: AuditStep[]) => {
    for (const step of steps) await audit.append(entryFor(proposal, step, 'test'))
  }
  const granted = (n: number): AuditStep[] => [
    { kind: 'approved', atMs: at(n), by: ANA, why: 'approved' },
    { kind: 'applied', atMs: at(n + 1), why: 'written and read back' },
  ]
  await add(proposalWith([IDENTITY_CHANGE]), ...granted(0), {
    kind: 'confirmed',
    of: 'used',
    atMs: at(60),
    why: 'a call that it allows has succeeded',
    life: { kind: 'used', lastUsedAtMs: at(55) },
  })
  await add(proposalWith([IDENTITY_CHANGE], { id: 'p-2' }), ...granted(10), {
    kind: 'reverted',
    atMs: at(20),
    by: ANA,
    why: 'what was written was removed',
  })
  await add(proposalWith([IDENTITY_CHANGE], { id: 'p-3' }), ...granted(30), {
    kind: 'revert-failed',
    atMs: at(40),
    by: ANA,
    why: 'the policy was changed by someone else',
  })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const casesIn = (page: string): unknown =>
  JSON.parse(
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(readFileSync(page, 'utf8'))?.[1] ?? '{}',
  ).cases

describe('rolemedic audit grants', () => {
  it('lists what stands: target, since, until, by whom, last seen used', async () => {
    const io = memoryIo()
    expect(await auditCommand.run(['grants', '--from', folder], io)).toBe(0)
    expect(io.captured.out.split('\n').map(line => line.replace(/ {2,}/g, ' | ').trim())).toEqual([
      'SINCE (UTC) | UNTIL | LAST USED | BY | WHO MAY WHAT | PROPOSAL',
      '2026-11-24 12:01 | no end | 2026-11-24 12:55 | Ana | deployer iam:PassRole arn:aws:iam::111122223333:role/app-task | p-1',
      '| role-inline-policy rolemedic of arn:aws:iam::111122223333:role/deployer',
      '2026-11-24 12:31 | no end | not seen | Ana | deployer iam:PassRole arn:aws:iam::111122223333:role/app-task | p-3',
      '| role-inline-policy rolemedic of arn:aws:iam::111122223333:role/deployer',
      '| revert failed: the policy was changed by someone else',
      '',
    ])
  })

  it('cuts long names in a terminal alone', async () => {
    const io = memoryIo({ colour: true })
    await auditCommand.run(['grants', '--from', folder], io)
    expect(io.captured.out).toContain('arn:aws:iam::111122223333:role/app-ta…')
  })

  it('has the same as JSON', async () => {
    const io = memoryIo()
    expect(await auditCommand.run(['grants', '--from', folder, '--json'], io)).toBe(0)
    const output = JSON.parse(io.captured.out)
    expect(output).toMatchObject({ schema: 'rolemedic.audit-grants/1', intact: true, records: 9 })
    expect(output.grants).toMatchObject([
      {
        proposalId: 'p-1',
        state: 'stands',
        since: '2026-11-24T12:01:00.000Z',
        until: null,
        approvedBy: [{ id: 'U0ONCALL1', at: '2026-11-24T12:00:00.000Z' }],
        lastUsed: '2026-11-24T12:55:00.000Z',
        kept: null,
      },
      { proposalId: 'p-3', state: 'revert-failed', lastUsed: null },
    ])
  })

  it('says what is wrong with a grant that stands', async () => {
    const own = mkdtempSync(join(root, 'stands-'))
    const audit = auditFolder({ folder: own })
    const proposal = proposalWith([IDENTITY_CHANGE])
    const step = { kind: 'confirmed', atMs: at(12), why: 'evaluated again: still denied' } as const
    await audit.append(entryFor(proposal, { kind: 'applied', atMs: at(1), why: 'written' }, 'test'))
    await audit.append(entryFor(proposal, { ...step, life: { kind: 'evaluated', answer: 'denied' } }, 'test'))
    const io = memoryIo()
    expect(await auditCommand.run(['grants', '--from', own], io)).toBe(0)
    expect(io.captured.out).toContain('stands: evaluated again: still denied')
    const page = join(root, 'stands.html')
    expect(await auditCommand.run(['report', '--from', own, '--out', page], memoryIo())).toBe(0)
    expect(readFileSync(page, 'utf8')).toContain('; evaluated again: still denied ·')
  })

  it('says of an empty log that it holds no grant, and not that nothing stands', async () => {
    const io = memoryIo()
    const empty = mkdtempSync(join(root, 'empty-'))
    expect(await auditCommand.run(['grants', '--from', empty], io)).toBe(0)
    expect(io.captured.out).toBe('No grant is in the records that could be read.\n')
  })

  it('says of a log whose last record is torn that it holds no grant that could be read', async () => {
    const own = mkdtempSync(join(root, 'torn-'))
    const audit = auditFolder({ folder: own })
    await audit.append(
      entryFor(proposalWith([IDENTITY_CHANGE]), { kind: 'applied', atMs: at(1), why: 'written' }, 'test'),
    )
    writeFileSync(join(own, '000000000001.json'), '')
    for (const args of [['grants'], ['report', '--out', join(root, 'torn.html')]]) {
      const io = memoryIo()
      expect(await auditCommand.run([...args, '--from', own], io)).toBe(1)
      expect(io.captured.err).toEqual(['rolemedic: the chain is broken: "rolemedic audit verify" names the records'])
      const text = args.length === 1 ? io.captured.out : readFileSync(join(root, 'torn.html'), 'utf8')
      expect(text).toContain('No grant is in the records that could be read.')
      expect(text).not.toContain('still stands.')
    }
  })

  it.each(['list', 'grants', 'report'])('audit %s exits with 1 for a folder of something else', async command => {
    const other = mkdtempSync(join(root, 'other-'))
    writeFileSync(join(other, 'notes.txt'), 'x')
    const io = memoryIo()
    const out = command === 'report' ? ['--out', join(root, 'other.html')] : []
    expect(await auditCommand.run([command, '--from', other, ...out], io)).toBe(1)
    expect(io.captured.err).toEqual(['rolemedic: no file there is a record of an audit log (--from names its folder)'])
  })

  it('exits with 1 and says so when the chain is broken, and believes no record beside the chain', async () => {
    const copy = mkdtempSync(join(root, 'broken-'))
    for (const name of readdirSync(folder)) writeFileSync(join(copy, name), readFileSync(join(folder, name)))
    const first = JSON.parse(readFileSync(join(copy, '000000000001.json'), 'utf8'))
    const forged = { ...first, sequence: 10, entry: { ...first.entry, kind: 'reverted', key: 'p-1/reverted/0' } }
    writeFileSync(join(copy, '000000000010.json'), JSON.stringify(forged))
    const io = memoryIo()
    expect(await auditCommand.run(['grants', '--from', copy, '--json'], io)).toBe(1)
    expect(io.captured.err.join()).toContain('the chain is broken')
    const { intact, grants } = JSON.parse(io.captured.out)
    expect(intact).toBe(false)
    expect(grants.map(({ proposalId }: { proposalId: string }) => proposalId)).toContain('p-1')
    // Nor does the report.
    const page = join(root, 'broken.html')
    expect(await auditCommand.run(['report', '--from', copy, '--out', page], memoryIo())).toBe(1)
    expect(casesIn(page)).toMatchObject([
      { proposal: 'p-1', outcome: 'applied', standing: true },
      { proposal: 'p-2', outcome: 'reverted', standing: false },
      { proposal: 'p-3', outcome: 'revert-failed', standing: true },
    ])
  })

  it.each([
    ['2026-11-24T12:15:00Z', '2026-11-24T12:25:00Z', ['p-2']],
    ['2026-11-24T12:40:00Z', '2026-11-24T13:00:00Z', ['p-3']],
    ['2026-11-24T12:40:00Z', '2026-11-24T13:00:01Z', ['p-1', 'p-3']],
    ['2026-11-25', '2026-11-26', []],
  ])('reports the cases in which something happened from %s until before %s, whole', async (since, until, ids) => {
    const page = join(root, 'period.html')
    await auditCommand.run(['report', '--from', folder, '--out', page, '--since', since, '--until', until], memoryIo())
    const cases = casesIn(page) as { readonly proposal: string; readonly approvals: { readonly given: number } }[]
    expect(cases.map(({ proposal }) => proposal)).toEqual(ids)
    for (const one of cases) expect(one.approvals.given).toBe(1)
  })

  it('lists what stands, also next to a record with a time that no calendar has', async () => {
    const copy = mkdtempSync(join(root, 'time-'))
    for (const name of readdirSync(folder)) writeFileSync(join(copy, name), readFileSync(join(folder, name)))
    const last = JSON.parse(readFileSync(join(copy, '000000000009.json'), 'utf8'))
    const wrong = {
      ...last,
      sequence: 10,
      entry: { ...last.entry, kind: 'applied', atMs: 1e300, key: 'p-1/applied/1' },
    }
    writeFileSync(join(copy, '000000000010.json'), JSON.stringify(wrong))
    for (const command of ['grants', 'list', 'verify'])
      expect([command, await auditCommand.run([command, '--from', copy], memoryIo())]).toEqual([command, 0])
  })

  it('links the card of a case that nobody has decided, which only the store knows', async () => {
    const local = mkdtempSync(join(root, 'local-'))
    const waiting = proposalWith([IDENTITY_CHANGE], { id: 'p-4' })
    const { card: _, ...unposted } = entryFor(waiting, { kind: 'proposed', atMs: at(0), why: 'denied' }, 'test')
    const unknown = { ...unposted, proposalId: 'p-5', key: 'p-5/proposed/0', atMs: at(1) }
    for (const entry of [unposted, unknown]) await auditFolder({ folder: join(local, 'audit') }).append(entry)
    const { store, close } = await openLocalStore(join(local, 'store'), { observer: SILENT_OBSERVER })
    await store.create(waiting)
    await close()
    const page = join(local, 'report.html')
    const slack = ['--slack', 'https://acme.slack.com']
    await auditCommand.run(['report', '--from', join(local, 'audit'), '--out', page, ...slack], memoryIo())
    expect(casesIn(page)).toMatchObject([
      { proposal: 'p-4', slack: 'https://acme.slack.com/archives/C0DEPLOYS/p1795521600000100' },
      { proposal: 'p-5', slack: null },
    ])
  })

  it('takes no further arguments, and needs a log', async () => {
    await expect(auditCommand.run(['grants', 'p-1', '--from', folder], memoryIo())).rejects.toThrow(
      'takes no further arguments',
    )
    await expect(auditCommand.run(['grants', '--from', join(root, 'nowhere')], memoryIo())).rejects.toThrow(
      'no audit log there',
    )
  })
})
