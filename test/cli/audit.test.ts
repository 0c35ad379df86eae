import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { type Io, readBytes, streamsTo } from '../../cli/io.ts'
import { digestOf } from '../../core/base/canonical-json.ts'
import { recordName, storedForm } from '../../functions/domain/audit/audit-chain.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { AuditEntry, AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { checkpointBytes, checkpointOf } from '../../functions/domain/audit/checkpoint.ts'
import { AUDIT_HEAD } from '../../functions/domain/stored/markers.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { auditFolder } from '../../simulator/audit-folder.ts'
import { openLocalStore } from '../../simulator/local-store.ts'
import { sampleLog } from '../fakes/sample-log.ts'
import { signedLog } from '../fakes/signed-log.ts'
import { RING, signerOf } from '../fakes/signing.ts'
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

let stdin = ''

async function rolemedic(...args: string[]) {
  let out = ''
  let err = ''
  const io: Io = {
    readFile: async path => (path === '-' ? stdin : readFileSync(path, 'utf8')),
    readBytes,
    fileNames: async () => [],
    stdinIsTerminal: false,
    stdoutIsTerminal: false,
    exists: async () => false,
    ask: null,
    ...streamsTo({
      out: text => {
        out += text
      },
      err: line => {
        err += `${line}\n`
      },
    }),
    progress: () => {},
    colour: false,
    nowMs: () => 0,
    env: {},
  }
  const code = await dispatch(['audit', ...args, '--from', folder], io)
  return { code, out, err }
}

const NOT_BESIDE =
  'not checked: what write keeps beside the log, and with it whether each write was allowed: there is nothing beside it (spent/, outcomes/ …)\n'

describe('rolemedic audit verify with keys', () => {
  const run = async () => {
    rmSync(folder, { recursive: true })
    mkdirSync(join(folder, 'audit'), { recursive: true })
    const { texts } = await signedLog()
    const state = folder
    folder = join(state, 'audit')
    for (const [sequence, text] of texts) writeFileSync(join(folder, recordName(sequence)), text)
    const keys = join(state, 'exported.json')
    writeFileSync(keys, JSON.stringify(RING))
    return { state, keys, last: texts.get(13) ?? '' }
  }
  /** An attacker who can write to the folder recomputes the hash of the last record. */
  const forgeLast = (change: (record: AuditRecord) => AuditRecord) => {
    const path = join(folder, '000000000013.json')
    const { hash: _, ...body } = change(JSON.parse(readFileSync(path, 'utf8')) as AuditRecord)
    writeFileSync(path, storedForm({ ...body, hash: digestOf(body) }))
  }

  it('says how many signatures are valid', async () => {
    const { keys } = await run()
    const { code, out } = await rolemedic('verify', '--keys', keys)
    expect(code).toBe(0)
    expect(out).toContain(
      'signatures: 6 records with a valid decision, 6 records validly signed by apply, the function before verify\n',
    )
    expect(out).not.toContain('not checked: the signatures')
    expect(JSON.parse((await rolemedic('verify', '--keys', keys, '--json')).out)).toMatchObject({
      intact: true,
      signatures: { checked: true, decisions: 6, records: 6, recordsBy: { verify: 0, apply: 6 }, unsignedBefore: 0 },
      checkpoints: 0,
    })
  })

  it('takes the keys of the run that wrote the folder', async () => {
    const { state } = await run()
    mkdirSync(join(state, 'keys'))
    writeFileSync(join(state, 'keys', 'public-keys.json'), JSON.stringify(RING))
    expect((await rolemedic('verify')).out).toContain('signatures: 6 records')
    expect(JSON.parse((await rolemedic('keys')).out)).toEqual(RING)
  })

  it('exits with 1 and names a record that somebody forged, with the chain computed again', async () => {
    const { keys } = await run()
    forgeLast(record => ({ ...record, entry: { ...record.entry, kind: 'applied', why: 'it was fine' } }))
    const forged = await rolemedic('verify', '--keys', keys)
    expect(forged.code).toBe(1)
    expect(forged.out).toContain(
      'forged 000000000013.json: applied: its signature is not one of apply over this record',
    )
    expect(forged.out).toContain('broken: 1 finding in 13 records')
    forgeLast(({ signature: _, ...record }) => record)
    expect((await rolemedic('verify', '--keys', keys)).out).toContain(
      'unsigned 000000000013.json: applied: it is not signed',
    )
    expect((await rolemedic('verify')).code).toBe(0)
  })

  it('holds the log against a checkpoint, from a file or from standard input', async () => {
    const { state, keys, last } = await run()
    const checkpoint = checkpointOf(JSON.parse(last) as AuditRecord, 0)
    const signed = { checkpoint, signature: await signerOf('audit').sign(checkpointBytes(checkpoint)) }
    const file = join(state, 'checkpoint.txt')
    writeFileSync(file, `copied from Slack:\n${JSON.stringify(signed)}\n`)
    const whole = await rolemedic('verify', '--keys', keys, '--checkpoint', file)
    const after =
      'not checked: what came after the last checkpoint: nothing outside the log says so, and records deleted from there on would go unnoticed (--table NAME)\n'
    expect(whole).toMatchObject({ code: 0, err: '' })
    expect(whole.out).toMatch(/^intact: 13 records, .*\nsignatures: /)
    expect(whole.out).toContain(`checkpoints: the log was held against 1\n${NOT_BESIDE}${after}`)
    for (const name of ['000000000012.json', '000000000013.json']) unlinkSync(join(folder, name))
    stdin = JSON.stringify(signed)
    const cut = await rolemedic('verify', '--keys', keys, '--checkpoint', '-')
    expect(cut.code).toBe(1)
    expect(cut.out).toContain('truncated 000000000012.json: the checkpoint of 1970-01-01T00:00:00.000Z names record 13')
    expect((await rolemedic('verify', '--keys', keys)).code).toBe(0)
  })

  it('refuses files that hold something else, and options of another command, with 2', async () => {
    const { state, keys } = await run()
    const file = join(state, 'other.json')
    for (const text of ['', '[]', '{}', '[{"keyId":"x"}]']) {
      writeFileSync(file, text)
      expect(await rolemedic('verify', '--keys', file)).toMatchObject({ code: 2, out: '' })
      expect((await rolemedic('verify', '--checkpoint', file)).err).toContain('contains no signed checkpoint')
    }
    expect((await rolemedic('list', '--keys', keys)).err).toContain('--keys is only for audit show, audit verify')
    expect((await rolemedic('verify', '--live')).err).toContain('--live is only for audit keys')
    expect(await rolemedic('keys')).toMatchObject({ code: 2, err: expect.stringContaining('--live') })
  })
})

describe('rolemedic audit', () => {
  it('lists every record on one line', async () => {
    const { code, out, err } = await rolemedic('list')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.trimEnd().split('\n')).toHaveLength(13)
    expect(out).toContain('2026-11-24 12:04:00 approved        p-1 by Ana')
  })

  it('shows in the list why a case was proposed, rejected or failed', async () => {
    const { out } = await rolemedic('list')
    expect(out).toContain('p-2 by Ben: not needed (')
    expect(out).toContain('apply-failed    p-3: the trust policy of role app-task has reached a quota of IAM (')
    expect(out).toContain('denial-seen     p-2 (')
    expect(out).toContain('proposed        p-2: again (')
    expect(out).toContain('p-1 by Ana (')
  })

  it('lists records as JSON Lines', async () => {
    const { out } = await rolemedic('list', '--json')
    const records = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { sequence: number; entry: { kind: string } })
    expect(records.map(record => record.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    expect(records[0]?.entry.kind).toBe('denial-seen')
  })

  it('shows the case of a proposal or an event as the report has it, with its change and its records', async () => {
    const { out } = await rolemedic('show', 'p-1')
    expect(out.split('\n').map(line => line.replace(/ +/g, ' '))).toEqual([
      'p-1: reverted',
      ' Principal arn:aws:sts::111122223333:assumed-role/deployer, session ci-4711',
      ' Action iam:PassRole on arn:aws:iam::111122223333:role/app-task',
      ' Account 111122223333',
      ' Event 6f1c2f0e-0000-4000-8000-000000000001',
      ' Records from 2026-11-24 12:00:00 UTC to 2026-11-24 13:30:00 UTC',
      ' Approvals 1 of 1 after 3 min 0 s: Ana (U0ONCALL1) 2026-11-24 12:04:00 UTC',
      ' Signatures not checked: no keys were given',
      ' Change arn:aws:iam::111122223333:role/deployer may iam:PassRole on arn:aws:iam::111122223333:role/app-task, if iam:PassedToService StringEquals ecs-tasks.amazonaws.com',
      ' Written 2026-11-24 12:04:05 UTC',
      ' Stands no',
      expect.stringMatching(/^ Patch digest sha256:[0-9a-f]{64}$/),
      ' Why No identity policy of deployer allows iam:PassRole on app-task.',
      ' role-inline-policy rolemedic of arn:aws:iam::111122223333:role/deployer',
      ' + {',
      ' + "Action": "iam:PassRole",',
      ' + "Condition": { "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },',
      ' + "Effect": "Allow",',
      ' + "Resource": "arn:aws:iam::111122223333:role/app-task",',
      ' + "Sid": "Rolemedic01234567"',
      ' + }',
      ' 1 2026-11-24 12:00:00 denial-seen',
      ' 2 2026-11-24 12:01:00 proposed',
      ' 3 2026-11-24 12:04:00 approved by Ana (U0ONCALL1)',
      ' 4 2026-11-24 12:04:02 apply-intended: as approved',
      ' 5 2026-11-24 12:04:05 applied: written and read back',
      ' 6 2026-11-24 13:30:00 reverted by Ana (U0ONCALL1): what was written was removed',
      '',
    ])
    const ofEvent = (await rolemedic('show', '6f1c2f0e-0000-4000-8000-000000000001')).out
    expect(ofEvent.split('\n').filter(line => /^p-/.test(line))).toEqual([
      'p-1: reverted',
      'p-2: rejected',
      'p-3: not applied',
    ])
    expect(await rolemedic('show', 'p-9')).toMatchObject({ code: 2, out: '' })
  })

  it('says in a case whether its signatures hold, with keys', async () => {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    const { texts } = await signedLog()
    for (const [sequence, text] of texts) writeFileSync(join(folder, recordName(sequence)), text)
    const keys = join(written, '..', `${basename(folder)}-keys.json`)
    writeFileSync(keys, JSON.stringify(RING))
    const id = JSON.parse(texts.get(1) ?? '').entry.proposalId
    expect((await rolemedic('show', id, '--keys', keys)).out).toMatch(/^ {2}Signatures +(verified|unsigned)$/m)
    rmSync(keys)
  })

  it('shows one record by its number, and the records of a case where they are asked for', async () => {
    const one = await rolemedic('show', '5')
    expect(one.out).toMatch(/^5 applied 2026-11-24 12:04:05 UTC/)
    expect(one.out).toContain('+ ')
    expect(one.out).toMatch(/^ {2}patch digest +sha256:/m)
    const all = (await rolemedic('show', 'p-2', '--records')).out
    expect(all.split('\n').filter(line => /^\d/.test(line))).toEqual([
      '7 denial-seen 2026-11-24 12:20:00 UTC',
      '8 proposed 2026-11-24 12:21:00 UTC',
      '9 rejected 2026-11-24 12:40:00 UTC',
    ])
    expect((await rolemedic('show', 'p-2', '--json')).out.trim().split('\n')).toHaveLength(3)
    expect((await rolemedic('show', 'p-9', '--records')).err).toContain('no record has the number')
  })

  it('shows every line of a long reason, and truncates it in the list', async () => {
    const why = `No policy allows it.\nEvidence: ${'e'.repeat(400)}\nNot seen: session policy`
    await auditFolder({ folder }).append(
      entryFor(proposalWith([IDENTITY_CHANGE], { id: 'p-4' }), { kind: 'refused', atMs: 0, why }, 'test'),
    )
    const lines = `No policy allows it.\n               Evidence: ${'e'.repeat(400)}\n               Not seen: session policy\n`
    expect((await rolemedic('show', 'p-4', '--records')).out).toContain(`  why          ${lines}`)
    expect((await rolemedic('show', 'p-4')).out).toMatch(
      /Why +No policy allows it\.\n +Evidence: e{400}\n +Not seen: session/,
    )
    const { out: list } = await rolemedic('list')
    // 300 characters are 31 of "No policy allows it. Evidence: " and 269 of the evidence.
    expect(list).toContain(`p-4: No policy allows it. Evidence: ${'e'.repeat(269)}… (`)
  })

  it('prints no control characters of untrusted text', async () => {
    const { out } = await rolemedic('list')
    const shown = await rolemedic('show', 'p-3')
    const records = await rolemedic('show', 'p-3', '--records')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters must not occur
    expect(out + shown.out + records.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  it.each([['list'], ['list', '--json'], ['show', '1'], ['show', '1', '--json'], ['show', 'p-1']])(
    'prints a broken chain with %s, and exits with 1',
    async (...args) => {
      expect(await rolemedic(...args)).toMatchObject({ code: 0 })
      const path = join(folder, '000000000003.json')
      writeFileSync(path, readFileSync(path, 'utf8').replace('Ana', 'Eve'))
      const { code, out, err } = await rolemedic(...args)
      expect(code).toBe(1)
      expect(out).not.toBe('')
      expect(err).toContain('the chain is broken: "rolemedic audit verify" names the records')
    },
  )

  it('writes no report into a file called -', async () => {
    expect(await rolemedic('report', '--out', '-')).toMatchObject({ code: 2, out: '' })
  })

  it('reports an unchanged chain as intact', async () => {
    const { code, out, err } = await rolemedic('verify')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^intact: 13 records.*\nnot checked: the signatures: .*--keys FILE.*\n/)
    expect(out).toContain(NOT_BESIDE)
    expect(JSON.parse((await rolemedic('verify', '--json')).out)).toMatchObject({
      intact: true,
      records: 13,
      endIsPinned: false,
      findings: [],
    })
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
    'reports the head of the log if it was overwritten with %j',
    async text => {
      writeFileSync(join(folder, '.head.json'), text)
      const { code, out } = await rolemedic('verify')
      expect(code).toBe(1)
      expect(out).toContain('head .head.json: it does not contain the end of the log')
    },
  )

  it('reports the head of the log if it was set to an earlier record', async () => {
    const { hash } = JSON.parse(readFileSync(join(folder, '000000000009.json'), 'utf8')) as { hash: string }
    writeFileSync(join(folder, '.head.json'), JSON.stringify({ sequence: 9, hash }))
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(1)
    expect(out).toContain('head .head.json: it names record 9')
  })

  it('says that nothing outside confirms the end of a log that was cut off together with its head', async () => {
    for (const name of ['000000000012.json', '000000000013.json']) unlinkSync(join(folder, name))
    const { hash } = JSON.parse(readFileSync(join(folder, '000000000011.json'), 'utf8')) as { hash: string }
    writeFileSync(join(folder, '.head.json'), JSON.stringify({ sequence: 11, hash }))
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(0)
    expect(out).toContain('not checked: where the log ends: ')
    const page = join(folder, 'report.html')
    await rolemedic('report', '--out', page)
    expect(readFileSync(page, 'utf8')).toContain('Nothing outside the log confirms where it ends.')
  })

  it('reads no head from a device, which never ends', async () => {
    unlinkSync(join(folder, '.head.json'))
    symlinkSync('/dev/zero', join(folder, '.head.json'))
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(1)
    expect(out).toContain('head .head.json: it is not a file')
  })

  it('reports a folder with the name of the next record, and calls the log intact', async () => {
    mkdirSync(join(folder, '000000000014.json'))
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(0)
    expect(out).toContain('foreign 000000000014.json')
    expect(out).toContain('it is not a file')
    expect(out).toContain('intact: 14 records')
  })

  it('compares with the bot’s store, which somebody who only changes the folder cannot reach', async () => {
    const state = mkdtempSync(join(tmpdir(), 'audit-state-'))
    try {
      cpSync(written, join(state, 'audit'), { recursive: true })
      const { store, close } = await openLocalStore(join(state, 'store'), { observer: SILENT_OBSERVER })
      await store.putMarker(AUDIT_HEAD, 0, JSON.parse(readFileSync(join(written, '.head.json'), 'utf8')))
      await close()
      folder = join(state, 'audit')
      expect(await rolemedic('verify')).toMatchObject({ code: 0 })
      expect(JSON.parse((await rolemedic('verify', '--json')).out)).toMatchObject({ endIsPinned: true })

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

  it('says that deleted records at the end would go unnoticed if the head is missing', async () => {
    unlinkSync(join(folder, '.head.json'))
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(0)
    expect(out).toContain('not checked: where the log ends: ')
  })

  it('reports a folder of other files as no log, in a few lines', async () => {
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
    const json = await rolemedic('verify', '--json')
    expect([json.code, JSON.parse(json.out).findings.length]).toEqual([1, 20])
  })

  it('counts foreign files in the folder of a log', async () => {
    for (let n = 10; n < 30; n += 1) writeFileSync(join(folder, `other-${n}.conf`), 'x')
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(0)
    expect(out.match(/^foreign /gm)).toHaveLength(4)
    expect(out).toContain('foreign and 17 more')
    expect(out).toContain('intact: 13 records')
    expect(JSON.parse((await rolemedic('verify', '--json')).out).findings).toHaveLength(20)
  })

  it('reports an empty folder as without records', async () => {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    const { code, out } = await rolemedic('verify')
    expect(code).toBe(0)
    expect(out).toMatch(/ contains no record\nnot checked: where the log ends: .*\n$/)
  })

  it('refuses wrong arguments with 2', async () => {
    expect((await rolemedic('lisst')).err).toContain('no command "lisst"')
    expect((await rolemedic('report')).err).toContain('--out FILE.html')
    expect((await rolemedic('show')).err).toContain('needs an ID')
    rmSync(folder, { recursive: true })
    expect((await rolemedic('verify')).err).toContain('no audit log there')
  })

  it('writes a self-contained report that escapes untrusted text', async () => {
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

  it('shows in the report when, by whom and why each step happened, and its digest', async () => {
    const out = join(folder, 'report.html')
    await rolemedic('report', '--out', out)
    const text = readFileSync(out, 'utf8').replace(/<[^>]*>/g, '')
    expect(text).toContain('2026-11-24 12:04:00 UTC approved by Ana (U0ONCALL1)')
    expect(text).toContain('2026-11-24 13:30:00 UTC reverted by Ana (U0ONCALL1): what was written was removed')
    expect(text).toContain('2026-11-24 12:40:00 UTC rejected by Ben (U0ONCALL2): not needed')
    const { entry } = JSON.parse(readFileSync(join(folder, '000000000005.json'), 'utf8')) as { entry: AuditEntry }
    expect(text).toContain(`patch digest ${entry.digest}`)
  })

  it('prints the written file as JSON', async () => {
    const out = join(folder, 'report.html')
    const { out: result } = await rolemedic('report', '--out', out, '--json')
    expect(JSON.parse(result)).toEqual({ file: out, records: 13, intact: true })
  })

  it('keeps external ids out of the log', () => {
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain('secret-external-id')
  })
})
