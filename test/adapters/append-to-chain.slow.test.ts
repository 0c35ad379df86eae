import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fail } from '../../core/base/result.ts'
import { type AuditObjects, auditLog, type Markers } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import { countedAudit } from '../../functions/adapters/aws/audit-log/counted-audit-log.ts'
import {
  bodyAfter,
  isSignedRecord,
  linkRecord,
  parseAuditRecord,
  sealed,
  storedForm,
} from '../../functions/domain/audit/audit-chain.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { AuditEntry } from '../../functions/domain/audit/audit-record.ts'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { AUDIT_HEAD, auditSearch } from '../../functions/domain/stored/markers.ts'
import { memoryObjects } from '../fakes/memory-audit-objects.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { SIGNING, storedIn } from '../fakes/signed-log.ts'
import { RING } from '../fakes/signing.ts'
import { turnTime } from '../fakes/turn-time.ts'

const runs = Number(process.env['FC_RUNS'] ?? 100)
const step = (n: number, why = 'seen'): AuditEntry =>
  entryFor(sampleProposal(), { kind: 'denial-seen', n, atMs: NOON + n, why }, 'test')
const outcome = (why: string): AuditEntry =>
  entryFor(sampleProposal(), { kind: 'applied', atMs: NOON, why, requestIds: [why] }, 'test')

function fixture() {
  const objects = memoryObjects()
  const markers = memoryStore()
  const counted: string[] = []
  const observer = { log() {}, count: (metric: string) => void counted.push(metric) }
  const plain = () => countedAudit(auditLog(objects, markers, { observer }), observer)
  const signed = () => countedAudit(auditLog(objects, markers, { observer, signing: SIGNING }), observer)
  const check = async () => {
    const log = auditLog(objects, markers)
    return checkLog({ stored: await storedIn(log), head: await log.head(), findings: [], keys: RING })
  }
  return { objects, markers, counted, observer, plain, signed, check }
}

/** A log that records which sequences it reads, and in which order it stores. */
function counted(objects: AuditObjects, markers: Markers) {
  const reads: number[] = []
  const created: number[] = []
  const counting: AuditObjects = {
    ...objects,
    read: sequence => {
      reads.push(sequence)
      return objects.read(sequence)
    },
    create: (sequence, text) => {
      created.push(sequence)
      return objects.create(sequence, text)
    },
  }
  return { log: auditLog(counting, markers), reads, created }
}

describe('several entries at once', () => {
  it('look for the end of the log once', async () => {
    const { objects, markers, plain, check } = fixture()
    await plain().append(step(0))
    const { log, reads, created } = counted(objects, markers)
    const records = await log.appendAll([step(1), step(2), step(3)])
    expect(records.map(({ sequence, entry }) => [sequence, entry.key])).toEqual([
      [2, step(1).key],
      [3, step(2).key],
      [4, step(3).key],
    ])
    expect(reads).toEqual([1])
    expect(created).toEqual([2, 3, 4])
    expect(await check()).toMatchObject({ records: 4, findings: [] })
  })

  it('stay in order, also where others append between them', async () => {
    const { objects, markers, plain, check } = fixture()
    const between: AuditObjects = {
      ...objects,
      async create(sequence, text) {
        const isTaken = sequence === 2 && !objects.texts.has(2)
        if (isTaken) await plain().append(step(9))
        return objects.create(sequence, text)
      },
    }
    const records = await auditLog(between, markers).appendAll([step(0), step(1)])
    expect(records.map(({ sequence }) => sequence)).toEqual([1, 3])
    expect(await check()).toMatchObject({ records: 3, findings: [] })
  })

  it('append what is missing where the first is there already, without a search through the log', async () => {
    const { objects, markers, plain, check } = fixture()
    await plain().append(step(0))
    for (let n = 10; n < 60; n += 1) await plain().append(step(n))
    const { log, reads } = counted(objects, markers)
    expect((await log.appendAll([step(0), step(1)])).map(({ sequence }) => sequence)).toEqual([1, 52])
    expect(reads).toEqual([1, 51])
    expect(await check()).toMatchObject({ records: 52, findings: [] })
  })

  it('append nothing more after one that is in conflict', async () => {
    const { plain, objects } = fixture()
    await plain().append(step(0))
    await expect(plain().appendAll([step(0, 'forged'), step(1)])).rejects.toMatchObject({ code: 'audit-conflict' })
    expect(objects.texts.size).toBe(1)
  })
})

describe('turns at the head of the log', () => {
  /** Time passes only where somebody waits. */
  function timed() {
    const given = fixture()
    const { objects, markers, observer } = given
    const now = { ms: NOON }
    const sleep = async (ms: number) => {
      now.ms += ms
    }
    return { ...given, now, open: () => auditLog(objects, markers, { observer, clock: () => now.ms, sleep }) }
  }
  const head = async (markers: Markers) => (await markers.getMarker(AUDIT_HEAD))?.value ?? null

  it('are over when their record is stored', async () => {
    const { markers, plain } = fixture()
    await plain().append(step(0))
    await plain().appendAll([step(1), step(2)])
    expect(await head(markers)).toEqual({ sequence: 3, hash: expect.any(String) })
  })

  it('read the last record by the version that its writer has stored, whatever the table says of it', async () => {
    const { objects, markers } = fixture()
    const likely: unknown[] = []
    const versioned: AuditObjects = {
      ...objects,
      read: (sequence, version) => {
        likely.push([sequence, version])
        return objects.read(sequence)
      },
      create: async (sequence, text) =>
        (await objects.create(sequence, text)) === null ? null : { object: `v${sequence}` },
    }
    await auditLog(versioned, markers).append(step(0))
    await auditLog(versioned, markers).appendAll([step(1), step(2)])
    expect(await head(markers)).toEqual({ sequence: 3, hash: expect.any(String), object: 'v3' })
    likely.length = 0
    await auditLog(versioned, markers).append(step(3))
    expect(likely).toEqual([[3, 'v3']])
  })

  it('are over when nothing could be stored', async () => {
    const { objects, markers, plain } = fixture()
    await plain().append(step(0))
    const full: AuditObjects = { ...objects, create: async () => Promise.reject(new Error('S3 is down')) }
    await expect(auditLog(full, markers).append(step(1))).rejects.toThrow('S3 is down')
    expect(await head(markers)).toEqual({ sequence: 1, hash: expect.any(String) })
  })

  it('take everything that one process has to append, with one look at the end', async () => {
    const { objects, markers, plain, check } = fixture()
    await plain().append(step(0))
    const { log, reads, created } = counted(objects, markers)
    const many = Array.from({ length: 8 }, (_, n) => [step(2 * n + 1), step(2 * n + 2)])
    const records = await Promise.all(many.map(two => log.appendAll(two)))
    expect(records.flat().map(({ sequence }) => sequence)).toEqual(Array.from({ length: 16 }, (_, n) => n + 2))
    expect(reads).toEqual([1])
    expect(created).toHaveLength(16)
    expect(await check()).toMatchObject({ records: 17, findings: [] })
  })

  it('are waited for, and end by themselves where their writer has crashed', async () => {
    const { markers, plain, now, open, check } = timed()
    const { sequence, hash } = await plain().append(step(0))
    await markers.putMarker(AUDIT_HEAD, 1, { sequence, hash, turn: { by: 'crashed', untilMs: NOON + 1_500 } })
    await open().append(step(1))
    expect(now.ms).toBeGreaterThanOrEqual(NOON + 1_500)
    expect(now.ms).toBeLessThan(NOON + 2_000)
    expect(await check()).toMatchObject({ records: 2, findings: [] })
  })

  it('of others stay where a record is appended without one', async () => {
    const { objects, markers, plain } = fixture()
    const { sequence, hash } = await plain().append(step(0))
    const turn = { by: 'another', untilMs: NOON + 1_000 }
    await markers.putMarker(AUDIT_HEAD, 1, { sequence, hash, turn })
    // Its waiting ends at once, as if nothing had been appended for long.
    const times = [NOON, NOON, NOON + 6_000]
    await auditLog(objects, markers, { clock: () => times.shift() ?? NOON }).append(step(1))
    expect(await head(markers)).toMatchObject({ sequence: 2, turn })
  })

  it('tell who has waited that another attempt has appended its entry', async () => {
    const { objects, markers, plain, observer, check } = fixture()
    for (let n = 10; n < 60; n += 1) await plain().append(step(n))
    await markers.putMarker(auditSearch(step(1).key), 0, { after: 0 })
    const found = await markers.getMarker(AUDIT_HEAD)
    const { sequence, hash } = found?.value ?? { sequence: 0, hash: '' }
    const turn = { by: 'another', untilMs: NOON + 1_000 }
    await markers.putMarker(AUDIT_HEAD, found?.version ?? 0, { sequence, hash, turn })
    const reads: number[] = []
    const counting: AuditObjects = {
      ...objects,
      read: sequence => {
        reads.push(sequence)
        return objects.read(sequence)
      },
    }
    let first: unknown
    const sleep = async () => {
      const now = await markers.getMarker(AUDIT_HEAD)
      await markers.putMarker(AUDIT_HEAD, now?.version ?? 0, { sequence, hash })
      first = await plain().append(step(1))
    }
    const second = await auditLog(counting, markers, { observer, clock: () => NOON, sleep }).append(step(1))
    expect(second).toEqual(first)
    // The end of the log, the record, and the one before it.
    expect(reads).toEqual([51, 51, 50])
    expect(await check()).toMatchObject({ records: 51, findings: [] })
  })
})

describe('an entry whose key is taken', () => {
  it('is on record already where it says the same, at another time and by another version', async () => {
    const { plain, counted } = fixture()
    const first = await plain().append(step(0))
    expect(await plain().append({ ...step(0), atMs: 1, botVersion: 'next', eventIds: ['later'] })).toEqual(first)
    expect(counted).toEqual([])
  })

  it.each<[string, Partial<AuditEntry>]>([
    ['another reason', { why: 'forged' }],
    ['another principal', { principal: 'arn:aws:iam::111122223333:role/other' }],
    ['another change', { changes: [] }],
    ['another person', { by: { id: 'U0EVE', name: 'Eve' } }],
    ['another kind', { kind: 'proposed' }],
    ['another digest', { digest: `sha256:${'0'.repeat(64)}` }],
  ])('is a conflict where the record has %s', async (_what, change) => {
    const { plain, counted, check } = fixture()
    await plain().append({ ...step(0), ...change })
    await plain().append(step(1))
    await expect(plain().append(step(0))).rejects.toMatchObject({ code: 'audit-conflict' })
    expect(counted).toEqual(['AuditConflict'])
    expect(await check()).toMatchObject({ records: 2 })
  })

  it('is a conflict where the record beyond the head took it', async () => {
    const { plain, objects } = fixture()
    const first = await plain().append(step(0))
    objects.texts.set(2, storedForm(linkRecord(first, step(1, 'planted'))))
    await expect(plain().append(step(1))).rejects.toMatchObject({ code: 'audit-conflict' })
  })

  it('may have another outcome for its writer, who repeats after a crash', async () => {
    const { signed, counted } = fixture()
    const first = await signed().append(outcome('it is now allowed'))
    expect(await signed().append(outcome('it is now unknown'))).toEqual(first)
    expect(counted).toEqual([])
  })

  it('costs a process one read of each record since, however many entries are repeated', async () => {
    const { objects, markers } = fixture()
    const reads: number[] = []
    const counting: AuditObjects = {
      ...objects,
      read: sequence => {
        reads.push(sequence)
        return objects.read(sequence)
      },
    }
    const log = auditLog(counting, markers)
    for (let n = 0; n < 100; n += 1) await log.append(step(n))
    reads.length = 0
    for (let n = 0; n < 100; n += 1) await log.append(step(n))
    expect(reads.filter(sequence => sequence < 100).length).toBeLessThanOrEqual(100)
  })

  it('is found with two reads in a new process, however long the log is since', async () => {
    const { markers, plain, objects } = fixture()
    for (let n = 0; n < 50; n += 1) await plain().append(step(n))
    const { log, reads } = counted(objects, markers)
    expect((await log.append(step(3))).sequence).toBe(4)
    expect(reads).toEqual([4, 3])
  })

  it('is searched where the table names another place, or none that is one', async () => {
    const { markers, plain, objects } = fixture()
    for (let n = 0; n < 5; n += 1) await plain().append(step(n))
    for (const at of [1, 9]) {
      const found = await markers.getMarker(auditSearch(step(3).key))
      await markers.putMarker(auditSearch(step(3).key), found?.version ?? 0, { after: 0, at })
      expect((await auditLog(objects, markers).append(step(3))).sequence).toBe(4)
    }
    expect(objects.texts.size).toBe(5)
  })

  it('is on no record beside the chain, although the table names that place', async () => {
    const { markers, plain, objects, check } = fixture()
    const first = await plain().append(step(0))
    await plain().append(step(1))
    objects.texts.set(3, storedForm(sealed({ ...bodyAfter(first, step(2)), sequence: 3 }, null)))
    await markers.putMarker(auditSearch(step(2).key), 0, { after: 2, at: 3 })
    expect((await plain().append(step(2))).sequence).toBe(4)
    expect((await check()).findings.map(({ kind, sequence }) => `${kind} ${sequence}`)).toEqual(['inserted 3'])
  })

  it('keeps no more than a few megabytes of records in memory, however long they are', async () => {
    const { objects, markers } = fixture()
    const reads: number[] = []
    const counting: AuditObjects = {
      ...objects,
      read: sequence => {
        reads.push(sequence)
        return objects.read(sequence)
      },
    }
    const log = auditLog(counting, markers)
    const long = (n: number) => step(n, `${n}${'x'.repeat(900_000)}`)
    for (let n = 0; n < 8; n += 1) await log.append(long(n))
    await log.append(long(0))
    reads.length = 0
    await log.append(long(0))
    expect(reads.filter(sequence => sequence < 8).length).toBeGreaterThan(0)
  })

  it('is a conflict where apply did not sign what is on record', async () => {
    const { plain, signed } = fixture()
    await plain().append(outcome('it is now allowed'))
    await expect(signed().append(outcome('it is now allowed'))).rejects.toThrow('is not signed by this function')
  })

  it('is not taken by an object that only looks like a record', async () => {
    const { plain, objects, check } = fixture()
    await plain().append(step(0))
    objects.texts.set(2, storedForm(linkRecord(null, step(2))))
    objects.texts.set(3, storedForm(sealed(bodyAfter({ ...linkRecord(null, step(9)), sequence: 2 }, step(2)), null)))
    const fourth = await plain().append(step(1))
    expect(fourth.sequence).toBe(4)
    expect((await plain().append(step(2))).sequence).toBe(5)
    expect((await plain().append(step(1))).sequence).toBe(4)
    expect((await check()).findings.map(({ kind, sequence }) => `${kind} ${sequence}`)).toEqual([
      'inserted 2',
      'inserted 3',
    ])
  })
})

describe('a log that the storage does not give', () => {
  const why = 'S3 does not give its content: KMS.DisabledException'
  const refused = (objects: AuditObjects, isRefused: (sequence: number) => boolean): AuditObjects => ({
    ...objects,
    read: async sequence => {
      const stored = await objects.read(sequence)
      return stored !== null && isRefused(sequence) ? fail(why) : stored
    },
  })

  it('is unread, and not broken, whichever record is asked for', async () => {
    const { objects, markers, counted, plain, observer } = fixture()
    await plain().appendAll([step(0), step(1), step(2)])
    const closed = countedAudit(
      auditLog(
        refused(objects, () => true),
        markers,
        { observer },
      ),
      observer,
    )
    await expect(closed.append(step(3))).rejects.toMatchObject({ code: 'audit-unread' })
    await expect(closed.last()).rejects.toThrow(`the audit log cannot be read: record 000000000003.json: ${why}`)
    // The record before the head is needed for the key of the first one.
    const older = countedAudit(
      auditLog(
        refused(objects, n => n < 3),
        markers,
        { observer },
      ),
      observer,
    )
    await expect(older.append(outcome('x')).then(() => older.append(step(0)))).rejects.toMatchObject({
      code: 'audit-unread',
    })
    expect(counted).toEqual(['AuditUnread', 'AuditUnread', 'AuditUnread'])
    const shown = async () => {
      for await (const _ of closed.latest()) throw new Error('nothing can be read')
    }
    await expect(shown()).rejects.toMatchObject({ code: 'audit-unread' })
    expect(objects.texts.size).toBe(4)
  })

  it('passes no record of its own that it cannot read for a moment', async () => {
    const { objects, markers, counted, observer, plain, check } = fixture()
    await plain().append(step(0))
    const moved = markers.putMarker
    markers.putMarker = async () => true
    await plain().append(step(1))
    markers.putMarker = moved
    let open = true
    const flapping = refused(objects, sequence => {
      if (sequence === 2) open = false
      return !open
    })
    const log = countedAudit(auditLog(flapping, markers, { observer }), observer)
    await expect(log.append(step(2))).rejects.toMatchObject({ code: 'audit-unread' })
    expect(counted).toEqual(['AuditUnread'])
    expect(await check()).toMatchObject({ records: 2, findings: [] })
  })

  it('goes on beside one object that alone cannot be read', async () => {
    const { objects, markers, counted, observer, plain } = fixture()
    await plain().append(step(0))
    objects.texts.set(2, 'encrypted with another key')
    const log = countedAudit(
      auditLog(
        refused(objects, n => n === 2),
        markers,
        { observer },
      ),
      observer,
    )
    expect((await log.append(step(1))).sequence).toBe(3)
    expect(counted).toEqual(['AuditForeign'])
  })
})

describe('foreign objects', () => {
  it('are passed by the thousand, and counted once each', async () => {
    const { plain, objects, counted, check } = fixture()
    await plain().append(step(0))
    for (let n = 2; n < 2_002; n += 1) objects.texts.set(n, 'garbage')
    expect((await plain().append(step(1))).sequence).toBe(2_002)
    await plain().append(step(2))
    expect(counted).toEqual(Array.from({ length: 2_000 }, () => 'AuditForeign'))
    expect(await check()).toMatchObject({ intact: true, head: { sequence: 2_003 } })
  })

  it('in the first place leave the second to the first record', async () => {
    const { plain, objects, check } = fixture()
    objects.texts.set(1, storedForm(linkRecord({ ...linkRecord(null, step(5)), sequence: 0 }, step(6))))
    expect(await plain().append(step(0))).toMatchObject({ sequence: 2, previousHash: null })
    expect((await check()).findings.map(({ kind }) => kind)).toEqual(['inserted'])
  })

  it('are not shown among the latest records, nor taken for the last', async () => {
    const { plain, objects } = fixture()
    const first = await plain().append(step(0))
    objects.texts.set(2, storedForm(linkRecord({ ...first, hash: 'sha256:other' }, step(7))))
    await plain().append(step(1))
    objects.texts.set(4, 'garbage')
    const shown = []
    for await (const { sequence } of plain().latest()) shown.push(sequence)
    expect(shown).toEqual([3, 1])
    expect((await plain().last())?.sequence).toBe(3)
  })

  it('lose and double nothing, whenever they arrive among many writers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 4 }), { maxLength: 12 }),
        fc.infiniteStream(fc.nat({ max: 3 })),
        async (turns, waits) => {
          const { objects, markers, observer, check } = fixture()
          const slow: AuditObjects = {
            ...objects,
            read: sequence => ticks(waits.next().value).then(() => objects.read(sequence)),
            create: (sequence, text) => ticks(waits.next().value).then(() => objects.create(sequence, text)),
          }
          const writer = async (id: number) => {
            const log = auditLog(slow, markers, { observer, ...(id === 0 ? { signing: SIGNING } : {}) })
            for (let n = 0; n < 3; n += 1) await log.append(step(id * 10 + n))
          }
          const vandal = async () => {
            for (const ahead of turns) {
              await ticks(waits.next().value)
              await objects.create(Math.max(0, ...objects.texts.keys()) + 1 + (ahead > 3 ? ahead - 3 : 0), 'garbage')
            }
          }
          await Promise.all([writer(0), writer(1), writer(2), vandal()])
          const { intact, findings } = await check()
          expect({
            intact,
            kinds: [...new Set(findings.map(({ kind }) => kind))].filter(kind => kind !== 'foreign'),
          }).toEqual({ intact: true, kinds: [] })
          const keys = [...objects.texts.values()].flatMap(text => {
            const parsed = parseAuditRecord(text)
            return parsed.ok ? [parsed.value.entry.key] : []
          })
          expect(keys.sort()).toEqual([0, 1, 2].flatMap(id => [0, 1, 2].map(n => step(id * 10 + n).key)).sort())
        },
      ),
      { numRuns: Math.min(runs, 200) },
    )
  })
})

const ticks = async (count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick += 1) await Promise.resolve()
}

describe('a log of signed records', () => {
  it('signs each with its place, also when another writer took the one before', async () => {
    const { signed, plain, check } = fixture()
    await Promise.all([signed().append(step(0)), plain().append(step(1)), signed().append(step(2))])
    expect(await check()).toMatchObject({ intact: true, signatures: { records: 2 } })
    expect(isSignedRecord(await signed().append(step(3)), RING)).toBe(true)
  })

  it('appends nothing when it cannot sign', async () => {
    const { objects, markers } = fixture()
    const signer = { sign: async () => Promise.reject(new Error('KMS is down')) }
    const log = auditLog(objects, markers, { signing: { ...SIGNING, signer } })
    await expect(log.append(step(0))).rejects.toThrow('KMS is down')
    expect(objects.texts.size).toBe(0)
  })

  it('ends whole after a crash at any point, and a repeat adds what is missing', async () => {
    const calls = async (crashAt: number) => {
      const { objects, markers, check } = fixture()
      let n = 0
      const dying =
        <Given extends readonly unknown[], T>(call: (...given: Given) => Promise<T>) =>
        async (...given: Given): Promise<T> => {
          n += 1
          if (n === crashAt) throw new Error('crash before')
          const answer = await call(...given)
          n += 1
          if (n === crashAt) throw new Error('crash after')
          return answer
        }
      const dyingObjects = { ...objects, read: dying(objects.read), create: dying(objects.create) }
      const dyingMarkers: Markers = {
        getMarker: marker => dying(() => markers.getMarker(marker))(),
        putMarker: (marker, version, value) => dying(() => markers.putMarker(marker, version, value))(),
      }
      const signing = { keys: SIGNING.keys, signer: { sign: dying(SIGNING.signer.sign) } }
      objects.texts.set(2, 'garbage')
      const entries = [step(0), outcome('allowed'), step(1)]
      const time = turnTime()
      const log = auditLog(dyingObjects, dyingMarkers, { signing, ...time })
      try {
        for (const entry of entries) await log.append(entry)
      } catch {
        const next = auditLog(objects, markers, { signing: SIGNING, ...time })
        for (const entry of entries) await next.append(entry)
      }
      return { check: await check(), total: n }
    }
    const { total } = await calls(0)
    expect(total).toBeGreaterThan(30)
    for (let crashAt = 1; crashAt <= total; crashAt += 1) {
      const { check } = await calls(crashAt)
      expect([crashAt, check.intact, check.records, check.head?.sequence]).toEqual([crashAt, true, 4, 4])
    }
  })
})
