import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import type { Io } from '../../cli/io.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { AuditEntry } from '../../functions/domain/audit/audit-record.ts'
import { AUDIT_HEAD } from '../../functions/domain/stored/markers.ts'
import { SILENT_OBSERVER } from '../../functions/ports/observer.ts'
import { auditFolder } from '../../simulator/audit-folder.ts'
import { openLocalStore } from '../../simulator/local-store.ts'
import { sampleLog } from '../fakes/sample-log.ts'
import { IDENTITY_CHANGE, proposalWith } from '../fakes/two-sided.ts'

let written = ''
let folder = ''
beforeAll(async () => {
  written = mkdtempSync(join(tmpdir(), 'audit-log-'))
  await sampleLog(written)
})
afterAll(() => rmSync(written, { recursive: true, force: true }))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-cli-'))
  cpSync(written, folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function rolemedic(...args: string[]) {
  let out = ''
  let err = ''
  const io: Io = {
    readFile: async () => '',
    readStdin: async () => '',
    out: text => {
      out += text
    },
    err: line => {
      err += `${line}\n`
    },
    progress: () => {},
    colour: false,
    nowMs: () => 0,
    env: {},
  }
  const code = await dispatch(['audit', ...args, '--from', folder], io)
  return { code, out, err }
}

describe('rolemedic audit', () => {
  it('lists every record on one line', async () => {
    const { code, out, err } = await rolemedic('list')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.trimEnd().split('\n')).toHaveLength(13)
    expect(out).toContain('2026-11-24 12:04:00 approved        p-1 by Ana')
  })

  it('says in the list why a case was proposed, rejected or failed', async () => {
    const { out } = await rolemedic('list')
    expect(out).toContain('p-2 by Ben: not needed (')
    expect(out).toContain('apply-failed    p-3: the trust policy of role app-task has reached a quota of IAM (')
    expect(out).toContain('denial-seen     p-2 (')
    expect(out).toContain('proposed        p-2: again (')
    expect(out).toContain('p-1 by Ana (')
  })

  it('lists records as JSON Lines for programs', async () => {
    const { out } = await rolemedic('list', '--json')
    const records = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { sequence: number; entry: { kind: string } })
    expect(records.map(record => record.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    expect(records[0]?.entry.kind).toBe('denial-seen')
  })

  it('shows one record with its change, or all of a proposal', async () => {
    const one = await rolemedic('show', '5')
    expect(one.out).toMatch(/^5 applied 2026-11-24 12:04:05 UTC/)
    expect(one.out).toContain('+ ')
    expect(one.out).toMatch(/^ {2}patch digest +sha256:/m)
    expect((await rolemedic('show', 'p-2', '--json')).out.trim().split('\n')).toHaveLength(3)
    expect(await rolemedic('show', 'p-9')).toMatchObject({ code: 2, out: '' })
  })

  it('shows all of a long reason, a line for each of its own, and says in the list that more follows', async () => {
    const why = `No policy allows it.\nEvidence: ${'e'.repeat(400)}\nNot seen: session policy`
    await auditFolder({ folder }).append(
      entryFor(proposalWith([IDENTITY_CHANGE], { id: 'p-4' }), { kind: 'refused', atMs: 0, why }, 'test'),
    )
    const { out } = await rolemedic('show', 'p-4')
    expect(out).toContain(
      `  why          No policy allows it.\n               Evidence: ${'e'.repeat(400)}\n               Not seen: session policy\n`,
    )
    const { out: list } = await rolemedic('list')
    // 300 characters are 31 of "No policy allows it. Evidence: " and 269 of the evidence.
    expect(list).toContain(`p-4: No policy allows it. Evidence: ${'e'.repeat(269)}… (`)
  })

  it('prints nothing of outside text that a terminal would obey', async () => {
    const { out } = await rolemedic('list')
    const shown = await rolemedic('show', 'p-3')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(out + shown.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  it('says that an untouched chain is intact', async () => {
    expect(await rolemedic('verify')).toMatchObject({ code: 0, err: '' })
    const { out } = await rolemedic('verify', '--json')
    expect(JSON.parse(out)).toMatchObject({ intact: true, records: 13, endIsPinned: true, findings: [] })
  })

  it.each([
    [
      'changed',
      '000000000003.json',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('Ana', 'Eve')),
    ],
    ['changed', '000000000013.json', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, -1))],
    ['removed', '000000000003.json', (path: string) => unlinkSync(path)],
    ['truncated', '000000000013.json', (path: string) => unlinkSync(path)],
    ['unreadable', '000000000007.json', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 90))],
  ] as const)('exits with 1 and names a record that was %s', async (kind, name, tamper) => {
    tamper(join(folder, name))
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(1)
    expect(out).toContain(`${kind} ${name}`)
    expect(out).toContain('broken: 1 finding in')
  })

  it.each(['', 'garbage', 'null', '{}', '5', '{"sequence":3,"hash":"sha256:00"}'])(
    'names the head of the log when it was overwritten with %j',
    async text => {
      writeFileSync(join(folder, '.head.json'), text)
      const { code, out } = await rolemedic('verify')
      expect(code).toBe(1)
      expect(out).toContain('head .head.json: it does not contain the end of the log')
    },
  )

  it('names the head of the log when it was set back', async () => {
    const { hash } = JSON.parse(readFileSync(join(folder, '000000000009.json'), 'utf8')) as { hash: string }
    writeFileSync(join(folder, '.head.json'), JSON.stringify({ sequence: 9, hash }))
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(1)
    expect(out).toContain('head .head.json: it names record 9')
  })

  it('takes what lies under the name of a record and is no file for a record that cannot be read', async () => {
    mkdirSync(join(folder, '000000000014.json'))
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(1)
    expect(out).toContain('unreadable 000000000014.json')
  })

  it('asks the store of the bot beside the folder, which whoever cuts the log does not reach', async () => {
    const state = mkdtempSync(join(tmpdir(), 'audit-state-'))
    try {
      cpSync(written, join(state, 'audit'), { recursive: true })
      const { store, close } = await openLocalStore(join(state, 'store'), { observer: SILENT_OBSERVER })
      await store.putMarker(AUDIT_HEAD, 0, JSON.parse(readFileSync(join(written, '.head.json'), 'utf8')))
      await close()
      folder = join(state, 'audit')
      expect(await rolemedic('verify')).toMatchObject({ code: 0, err: '' })

      for (const name of ['000000000012.json', '000000000013.json']) unlinkSync(join(folder, name))
      const { hash } = JSON.parse(readFileSync(join(folder, '000000000011.json'), 'utf8')) as { hash: string }
      writeFileSync(join(folder, '.head.json'), JSON.stringify({ sequence: 11, hash }))
      const { code, out } = await rolemedic('verify')
      expect(code).toBe(1)
      expect(out).toContain('head .head.json: it names record 11')
      expect(out).toContain('truncated 000000000012.json')
      expect(out).toContain('truncated 000000000013.json')
    } finally {
      rmSync(state, { recursive: true, force: true })
    }
  })

  it('says what it cannot know when nobody kept the end of the chain', async () => {
    unlinkSync(join(folder, '.head.json'))
    const { code, err } = await rolemedic('verify')
    expect(code).toBe(0)
    expect(err).toContain('nothing outside the log confirms where it ends')
  })

  it('says in a few lines that a folder of other files is no log', async () => {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    for (let n = 10; n < 30; n += 1) writeFileSync(join(folder, `other-${n}\u001b[31m.conf`), 'x')
    const { code, out, err } = await rolemedic('verify')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err.trimEnd().split('\n')).toEqual([
      `rolemedic: ${folder} contains no audit log: 20 files, none of them a record`,
      'rolemedic: other-10.conf',
      'rolemedic: other-11.conf',
      'rolemedic: other-12.conf',
    ])
    expect(JSON.parse((await rolemedic('verify', '--json')).out).findings).toHaveLength(20)
  })

  it('counts the many files of others beside a log', async () => {
    for (let n = 10; n < 30; n += 1) writeFileSync(join(folder, `other-${n}.conf`), 'x')
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(1)
    expect(out.match(/^foreign /gm)).toHaveLength(4)
    expect(out).toContain('foreign and 17 more')
    expect(out).toContain('broken: 20 findings in 13 records')
  })

  it('says that an empty folder holds no record', async () => {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    expect(await rolemedic('verify')).toMatchObject({ code: 0, out: `${folder} contains no record\n` })
  })

  it('refuses wrong words with 2', async () => {
    expect((await rolemedic('lisst')).err).toContain('no command "lisst"')
    expect((await rolemedic('report')).err).toContain('--out FILE.html')
    expect((await rolemedic('show')).err).toContain('needs an ID')
    rmSync(folder, { recursive: true })
    expect((await rolemedic('verify')).err).toContain('no audit log there')
  })

  it('writes a report that needs nothing else and escapes everything from outside', async () => {
    const out = join(folder, 'report.html')
    expect(await rolemedic('report', '--out', out)).toMatchObject({ code: 0, out: `${out}: 13 records\n` })
    const page = readFileSync(out, 'utf8')
    expect(page).not.toContain('<img src=x')
    expect(page).toContain('&lt;img src=x')
    expect(page).not.toMatch(/(src|href)=["']https?:/)
    expect(page).toContain('default-src &#39;none&#39;')
    expect(page).toContain('The chain is intact')
    expect(page.match(/<svg/g)).toHaveLength(4)
    expect(page).not.toContain('secret-external-id')
  })

  it('answers in the report when, by whom and why each step was taken, and under which digest', async () => {
    const out = join(folder, 'report.html')
    await rolemedic('report', '--out', out)
    const text = readFileSync(out, 'utf8').replace(/<[^>]*>/g, '')
    expect(text).toContain('2026-11-24 12:04:00 UTC approved by Ana (U0ONCALL1)')
    expect(text).toContain('2026-11-24 13:30:00 UTC reverted by Ana (U0ONCALL1): what was written was taken out again')
    expect(text).toContain('2026-11-24 12:40:00 UTC rejected by Ben (U0ONCALL2): not needed')
    const { entry } = JSON.parse(readFileSync(join(folder, '000000000005.json'), 'utf8')) as { entry: AuditEntry }
    expect(text).toContain(`patch digest ${entry.digest}`)
  })

  it('says what it wrote as JSON for programs', async () => {
    const out = join(folder, 'report.html')
    const { out: said } = await rolemedic('report', '--out', out, '--json')
    expect(JSON.parse(said)).toEqual({ file: out, records: 13, intact: true })
  })

  it('keeps external ids out of the log', () => {
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain('secret-external-id')
  })
})
