import { spawn, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ok } from '../../core/base/result.ts'
import { linkRecord, type StoredRecord, storedForm } from '../../functions/domain/audit/audit-chain.ts'
import type { AuditEntry } from '../../functions/domain/audit/audit-record.ts'
import { checkChain } from '../../functions/domain/audit/verify-chain.ts'
import { auditFolder, folderHead, folderObjects } from '../../simulator/audit-folder.ts'
import { memoryStore } from '../fakes/memory-store.ts'

function entry(key: string): AuditEntry {
  return {
    kind: 'denial-seen',
    atMs: 1_790_000_000_000,
    proposalId: null,
    key,
    by: null,
    principal: null,
    resource: null,
    action: null,
    accountId: null,
    eventIds: [],
    requestIds: [],
    digest: null,
    changes: [],
    why: 'test',
    botVersion: 'test',
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.each([
  ['alone', () => undefined],
  ['with the table', () => memoryStore()],
])('the audit folder %s', (_name, makeMarkers) => {
  const log = (markers = makeMarkers()) => auditFolder({ folder, ...(markers === undefined ? {} : { markers }) })

  it('numbers records from 1 without gaps and chains them', async () => {
    const audit = log()
    await audit.append(entry('a'))
    await audit.append(entry('b'))
    const records = await all(audit.records())
    expect(records.map(record => [record.sequence, record.entry.key])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(records[1]?.previousHash).toBe(records[0]?.hash)
    expect(readdirSync(folder).sort()).toEqual(['.head.json', '000000000001.json', '000000000002.json'])
    expect(await folderHead(folder)).toEqual(ok({ sequence: 2, hash: records[1]?.hash }))
  })

  it('appends an entry once, even if it is delivered again', async () => {
    const markers = makeMarkers()
    const first = await log(markers).append(entry('a'))
    await log(markers).append(entry('b'))
    expect(await log(markers).append(entry('a'))).toEqual(first)
    expect(await all(log(markers).records())).toHaveLength(2)
  })

  it('loses nothing and leaves no gap with ten concurrent appends', async () => {
    const markers = makeMarkers()
    const writers = Array.from({ length: 10 }, (_, writer) =>
      (async () => {
        const audit = log(markers)
        for (let n = 0; n < 5; n += 1) await audit.append(entry(`w${writer}/${n}`))
      })(),
    )
    await Promise.all(writers)
    const audit = log(markers)
    const check = checkChain(await all(audit.stored()), await audit.head())
    expect(check).toMatchObject({ intact: true, records: 50, endIsPinned: true })
    // Without a table, the older of two heads may be written last; the next record moves it on.
    if (markers !== undefined) expect(check.afterHead).toBe(0)
    await audit.append(entry('next'))
    expect(checkChain(await all(audit.stored()), await audit.head())).toMatchObject({ records: 51, afterHead: 0 })
    expect(new Set((await all(audit.records())).map(record => record.entry.key)).size).toBe(51)
  })

  it('appends one of ten concurrent copies of an entry', async () => {
    const markers = makeMarkers()
    const copies = await Promise.all(Array.from({ length: 10 }, () => log(markers).append(entry('same'))))
    expect(new Set(copies.map(copy => copy.sequence)).size).toBe(1)
    expect(await all(log(markers).records())).toHaveLength(1)
  })

  it('appends nothing after records were deleted from the end', async () => {
    const markers = makeMarkers()
    await log(markers).append(entry('a'))
    await log(markers).append(entry('b'))
    unlinkSync(join(folder, '000000000002.json'))
    await expect(log(markers).append(entry('c'))).rejects.toThrow('000000000002.json is missing')
  })

  it('appends nothing after a partial or changed record', async () => {
    const markers = makeMarkers()
    await log(markers).append(entry('a'))
    const path = join(folder, '000000000001.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.slice(0, 100))
    await expect(log(markers).append(entry('b'))).rejects.toThrow('000000000001.json was changed: it is cut off')
    writeFileSync(path, text.replace('"why":"test"', '"why":"tess"'))
    await expect(log(markers).append(entry('b'))).rejects.toThrow('000000000001.json was changed')
  })

  it('appends nothing after a record that was replaced by a valid one, or has another number', async () => {
    const markers = makeMarkers()
    await log(markers).append(entry('a'))
    await log(markers).append(entry('b'))
    const first = readFileSync(join(folder, '000000000001.json'), 'utf8')
    const path = join(folder, '000000000002.json')
    writeFileSync(path, storedForm(linkRecord(JSON.parse(first), entry('forged'))))
    await expect(log(markers).append(entry('c'))).rejects.toThrow('000000000002.json was replaced')
    writeFileSync(path, first)
    await expect(log(markers).append(entry('c'))).rejects.toThrow('000000000002.json was changed')
  })
})

it.each<[string, (path: string) => void]>([
  ['garbage', path => writeFileSync(path, 'garbage')],
  ['an empty file', path => writeFileSync(path, '')],
  ['a folder', path => mkdirSync(path)],
  ['a link that leads nowhere', path => symlinkSync('/nowhere/at/all', path)],
  ['a link to itself', path => symlinkSync(path, path)],
  ['a file that nobody may read', path => writeFileSync(path, 'x', { mode: 0o000 })],
  ['more than fits into memory', path => truncateSync(path, 20_000_000_000)],
  ['a thousand brackets', path => writeFileSync(path, '['.repeat(500_000))],
  [
    'a record that is nested without end',
    path => {
      const nested = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
      writeFileSync(
        path,
        storedForm(linkRecord(null, entry('x'))).replace('"why":"test"', `"why":"test","x":${nested}`),
      )
    },
  ],
])('goes on after %s that somebody put at the next number', async (_what, put) => {
  const markers = memoryStore()
  const counted: string[] = []
  const observer = { log() {}, count: (metric: string) => void counted.push(metric) }
  const audit = auditFolder({ folder, markers, observer })
  const first = await audit.append(entry('a'))
  const path = join(folder, '000000000002.json')
  if (_what === 'more than fits into memory') writeFileSync(path, '')
  put(path)
  const next = await audit.append(entry('b'))
  expect([next.sequence, next.previousHash]).toEqual([3, first.hash])
  expect(counted).toEqual(['AuditForeign'])
  expect(await audit.append(entry('b'))).toEqual(next)
  await audit.append(entry('c'))
  expect(counted).toHaveLength(1)
  const check = checkChain(await all(folderObjects(folder).stored()), await audit.head())
  expect(check).toMatchObject({ intact: true, findings: [{ kind: 'foreign', place: '000000000002.json' }] })
})

it('leaves only complete records if the process is killed while appending', async () => {
  const script = `
    import { auditFolder } from ${JSON.stringify(resolve('simulator/audit-folder.ts'))}
    const audit = auditFolder({ folder: ${JSON.stringify(folder)} })
    const entry = ${JSON.stringify(entry('k'))}
    for (let n = 0; ; n += 1) {
      await audit.append({ ...entry, key: 'k' + process.pid + '/' + n })
      console.log(n)
    }`
  for (const [records, delayMs] of [
    [2, 0],
    [3, 2],
    [4, 7],
  ] as const) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let appended = 0
    child.stdout.on('data', chunk => {
      appended += String(chunk).split('\n').length - 1
      if (appended >= records) setTimeout(() => child.kill('SIGKILL'), delayMs)
    })
    await new Promise(done => child.once('close', done))
  }
  const audit = auditFolder({ folder })
  const stored: StoredRecord[] = await all(audit.stored())
  expect(stored.length).toBeGreaterThanOrEqual(2 + 3 + 4)
  expect(checkChain(stored, await audit.head())).toMatchObject({ intact: true, findings: [] })
  await audit.append(entry('after'))
  expect(checkChain(await all(audit.stored()), await audit.head())).toMatchObject({ intact: true, afterHead: 0 })
})

it('reads a file that belongs to another user', () => {
  const script = `
    import { textNow } from ${JSON.stringify(resolve('simulator/durable-file.ts'))}
    if (process.getuid?.() === 0) process.seteuid(65534)
    const options = { buffer: Buffer.alloc(1_000), isFile: true }
    for (const path of ['/etc/passwd', '/etc/passwd']) console.log(textNow(path, options).ok)`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(stdout).toBe('true\ntrue\n')
})
