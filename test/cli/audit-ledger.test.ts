import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ansiStyles } from '../../cli/ansi.ts'
import { dispatch } from '../../cli/dispatch.ts'
import { verifyText } from '../../cli/formats/audit/verify-text.ts'
import { type Io, readBytes, streamsTo } from '../../cli/io.ts'
import { ledgerSource } from '../../cli/use-cases/audit/ledger-source.ts'
import { checkLog } from '../../functions/domain/audit/index.ts'
import { NOON } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, RING } from '../fakes/signing.ts'
import { leftByBot } from '../verify/left-by-bot.ts'

const LATER = NOON + 3 * 3_600_000
const INTACT = checkLog({ stored: [], head: null, findings: [], keys: RING, ledger: { objects: [], nowMs: LATER } })
const SPENT = `spent/${DEPLOYMENT}/p-1`

/** The state folder of a local run: every file by its path. */
const kept = leftByBot()
let state = ''
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'audit-ledger-'))
  const { stored, objects } = await kept
  for (const { place, text } of stored) put(`audit/${place}`, text)
  for (const { key, text } of objects) put(key, text)
  put('keys/public-keys.json', JSON.stringify(RING))
  put('deployment-id', DEPLOYMENT)
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(state, path)), { recursive: true })
  writeFileSync(join(state, path), text)
}

async function verify(from = join(state, 'audit'), ...args: string[]) {
  let out = ''
  let err = ''
  const io: Io = {
    readFile: async path => readFileSync(path, 'utf8'),
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
    nowMs: () => LATER,
    env: {},
  }
  const code = await dispatch(['audit', 'verify', '--from', from, ...args], io)
  return { code, out, err }
}

const NOT_CHECKED = 'not checked: what write keeps beside the log, and with it whether each write was allowed'

describe('rolemedic audit verify beside the log of a folder', () => {
  it('checks what write keeps, and says how much that is', async () => {
    const { code, out } = await verify()
    const { objects } = await kept
    expect(out).toContain(`beside the log: ${objects.length} objects, 1 write begun, 2 outcomes\n`)
    expect(out).not.toContain('not checked: what write')
    expect(code).toBe(0)
    expect(JSON.parse((await verify(undefined, '--json')).out).ledger).toEqual({
      checked: true,
      objects: objects.length,
      spent: 1,
      outcomes: 2,
      pending: 0,
      passkeys: [],
      enrolled: { checked: true, enrollments: 0, removals: 0 },
    })
  })

  it('reads what enroll keeps', async () => {
    put(`enrolled/${DEPLOYMENT}/U0ADA/${'0'.repeat(32)}/2`, '{}')
    put(`revoked/${DEPLOYMENT}/${'0'.repeat(32)}`, '{}')
    const { code, out } = await verify()
    for (const folder of ['enrolled', 'revoked']) expect(out).toMatch(new RegExp(`forged.*${folder}/`))
    expect(code).toBe(1)
  })

  it('does not know the removals of a copy of a bucket without revoked/, and says so', async () => {
    const given = async () => ledgerSource(join(state, 'audit'), LATER)
    expect(await given()).not.toHaveProperty('noRevoked')
    unlinkSync(join(state, 'deployment-id'))
    expect(await given()).toMatchObject({ noRevoked: true })
    const ledger = { checked: true, objects: 1, spent: 1, outcomes: 1, pending: 0 } as const
    const passkeys = [{ proposalId: 'p-1', userId: 'U0ADA', credential: 'c-1' }]
    const textOf = (removals: number | null) =>
      verifyText(
        { ...INTACT, ledger: { ...ledger, passkeys, enrolled: { checked: true, enrollments: 3, removals } } },
        'audit',
        ansiStyles(false),
      ).out
    expect(textOf(1)).toContain('passkeys: held against 3 enrollments and 1 removal beside the log\n')
    expect(textOf(null)).toContain(
      'passkeys: held against 3 enrollments beside the log; there is no revoked/: none was removed, or it is not in this copy\n',
    )
    mkdirSync(join(state, 'revoked'))
    expect(await given()).not.toHaveProperty('noRevoked')
  })

  it('says of records after the head that a bot which runs may have added them', () => {
    const { notes } = verifyText({ ...INTACT, afterHead: 3 }, 'audit', ansiStyles(false))
    expect(notes).toEqual(['3 records after the last known head: a crash leaves at most one, a bot that runs more'])
  })

  it('exits with 1 for a write that nobody signed, and escapes its name', async () => {
    put(`spent/${DEPLOYMENT}/p-9`, readFileSync(join(state, SPENT), 'utf8'))
    put('spent/\u001b[31mred', '{}')
    const { code, out } = await verify()
    expect(code).toBe(1)
    expect(out).toContain(`forged spent/${DEPLOYMENT}/p-9: it was signed for another place\n`)
    expect(out).not.toContain('\u001b')
    expect(out).toContain('foreign spent/')
  })

  it('exits with 1 where the folders are gone whose outcomes the log has', async () => {
    for (const folder of ['spent', 'written', 'ended', 'outcomes']) rmSync(join(state, folder), { recursive: true })
    const { code, out } = await verify()
    expect(code).toBe(1)
    expect(out).toContain(`removed outcomes/${DEPLOYMENT}/000000000001: record 2 of the log carries this outcome`)
  })

  it.each(['written', 'ended'])('exits with 1 where a copy lacks %s/, though its outcomes need it', async gone => {
    rmSync(join(state, gone), { recursive: true })
    const { code, out } = await verify()
    expect(code).toBe(1)
    expect(out).toMatch(
      new RegExp(`^removed ${gone}/.*: outcome \\d was signed after this mark was made, and it is gone$`, 'm'),
    )
  })

  it('names a folder, a device and a huge file in the place of an object, and reads on', async () => {
    symlinkSync('/dev/zero', join(state, `spent/${DEPLOYMENT}/p-7`))
    put(`spent/${DEPLOYMENT}/p-8`, 'x'.repeat(5_000_000))
    const { code, out } = await verify()
    expect(code).toBe(1)
    expect(out).toMatch(new RegExp(`unreadable spent/${DEPLOYMENT}/p-7: .*it is not a file\n`))
    expect(out).toContain(`forged spent/${DEPLOYMENT}/p-8: it is longer than anything that rolemedic stores there\n`)
  })

  it('follows no link that takes the place of a folder', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'audit-elsewhere-'))
    writeFileSync(join(elsewhere, 'secret'), '{}')
    rmSync(join(state, 'outcomes'), { recursive: true })
    symlinkSync(elsewhere, join(state, 'outcomes'))
    const { code, out } = await verify()
    rmSync(elsewhere, { recursive: true })
    expect(code).toBe(1)
    expect(out).toContain('foreign outcomes: ')
    expect(out).toContain(`removed outcomes/${DEPLOYMENT}/000000000001: record 2 of the log carries this outcome`)
    expect(out).not.toContain('secret')
  })

  it('says that who made a copy could have made the keys next to it', async () => {
    const note = 'signatures were checked with the public keys next to the log'
    expect((await verify()).err).toContain(note)
    expect((await verify(undefined, '--keys', join(state, 'keys/public-keys.json'))).err).not.toContain(note)
  })

  it('takes no keys from what is no file', async () => {
    rmSync(join(state, 'keys/public-keys.json'))
    mkdirSync(join(state, 'keys/public-keys.json'))
    expect(await verify()).toMatchObject({ code: 0, out: expect.stringContaining('not checked: the signatures') })
  })

  it('says of a copy of the log alone, and without keys, that it was not checked', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'audit-copy-'))
    for (const { place, text } of (await kept).stored) {
      mkdirSync(join(copy, 'audit'), { recursive: true })
      writeFileSync(join(copy, 'audit', place), text)
    }
    const keys = join(state, 'keys/public-keys.json')
    expect((await verify(join(copy, 'audit'), '--keys', keys)).out).toContain(
      `${NOT_CHECKED}: there is nothing beside it (spent/, outcomes/ …)\n`,
    )
    unlinkSync(keys)
    expect((await verify()).out).toContain(`${NOT_CHECKED}: it needs the public keys\n`)
    rmSync(copy, { recursive: true })
  })
})

describe('rolemedic audit verify beside the log of a bucket', () => {
  const s3 = mockClient(S3Client)
  beforeEach(async () => {
    s3.reset()
    const { stored, objects } = await kept
    const texts = new Map([
      ...stored.map(({ place, text }) => [`kept/audit/${place}`, text] as const),
      ...objects.map(({ key, text }) => [`kept/${key}`, text] as const),
    ])
    s3.on(ListObjectVersionsCommand).callsFake(async ({ Prefix }) => ({
      Versions: [...texts.keys()]
        .filter(Key => Key.startsWith(Prefix))
        .sort()
        .map(Key => ({ Key, VersionId: 'v1', Size: texts.get(Key)?.length })),
    }))
    s3.on(GetObjectCommand).callsFake(async ({ Key }) => ({ Body: { transformToString: async () => texts.get(Key) } }))
  })

  const inBucket = (...args: string[]) =>
    verify('s3://bucket/kept/audit/', '--keys', join(state, 'keys/public-keys.json'), ...args)

  it('reads the prefixes next to the one of the log', async () => {
    expect(await inBucket()).toMatchObject({ code: 0, out: expect.stringContaining('1 write begun, 2 outcomes\n') })
    const prefixes = s3.commandCalls(ListObjectVersionsCommand).map(({ args }) => args[0].input.Prefix)
    expect(prefixes).toEqual(expect.arrayContaining(['kept/audit/', 'kept/spent/', 'kept/rejected/']))
  })

  it('says which fault kept it from reading them, and checks the log', async () => {
    const denied = Object.assign(new Error('not authorized'), { name: 'AccessDenied' })
    s3.on(ListObjectVersionsCommand, { Prefix: 'kept/spent/' }).rejects(denied)
    const { code, out } = await inBucket()
    expect(out).toContain(`${NOT_CHECKED}: AccessDenied: not authorized\n`)
    expect([code, out]).toEqual([0, expect.stringContaining('intact')])
    expect(JSON.parse((await inBucket('--json')).out).ledger).toEqual({
      checked: false,
      why: 'AccessDenied: not authorized',
    })
  })

  it('says which fault kept it from reading what enroll keeps, and checks what write keeps', async () => {
    const denied = Object.assign(new Error('not authorized'), { name: 'AccessDenied' })
    s3.on(ListObjectVersionsCommand, { Prefix: 'kept/enrolled/' }).rejects(denied)
    const { ledger, findings } = JSON.parse((await inBucket('--json')).out)
    expect(findings).toEqual([])
    expect(ledger).toMatchObject({
      checked: true,
      enrolled: { checked: false, why: 'AccessDenied: not authorized' },
    })
  })
})
