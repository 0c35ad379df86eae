import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { canonicalJson } from '../../../core/base/canonical-json.ts'
import {
  bodyAfter,
  linkRecord,
  recordName,
  type StoredRecord,
  sealed,
  sequenceIn,
} from '../../../functions/domain/audit/audit-chain.ts'
import type { AuditEntry, AuditRecord } from '../../../functions/domain/audit/audit-record.ts'
import { checkChain } from '../../../functions/domain/audit/verify-chain.ts'

const runs = Number(process.env['FC_RUNS'] ?? 100)

function entry(n: number): AuditEntry {
  return {
    kind: 'denial-seen',
    atMs: 1_790_000_000_000 + n,
    proposalId: `p${n}`,
    key: `p${n}/denial-seen/1`,
    by: { id: 'U0ONCALL1', name: 'Ana' },
    principal: 'arn:aws:iam::111122223333:role/deploy',
    resource: 'arn:aws:iam::111122223333:role/task',
    action: 'iam:PassRole',
    accountId: '111122223333',
    eventIds: [`e${n}`],
    requestIds: [],
    digest: null,
    changes: [],
    why: 'no identity policy allows it',
    botVersion: 'test',
  }
}

function chain(length: number): AuditRecord[] {
  const records: AuditRecord[] = []
  for (let n = 1; n <= length; n += 1) records.push(linkRecord(records.at(-1) ?? null, entry(n)))
  return records
}

const bytesOf = (record: AuditRecord | undefined) => `${canonicalJson(record)}\n`

const stored = (records: readonly AuditRecord[]): StoredRecord[] =>
  records.map(record => at(record.sequence, bytesOf(record)))

const at = (sequence: number, text: string): StoredRecord => ({
  place: recordName(sequence),
  sequence,
  text,
  versions: 1,
})

const headOf = (records: readonly AuditRecord[]) => {
  const last = records.at(-1)
  return last === undefined ? null : { sequence: last.sequence, hash: last.hash }
}

const findingsOf = (records: readonly StoredRecord[], head: Parameters<typeof checkChain>[1]) =>
  checkChain(records, head).findings.map(finding => `${finding.kind} ${finding.place}`)

describe('the check of an audit chain', () => {
  const records = chain(5)
  const head = headOf(records)

  it('finds nothing in a chain as it was written', () => {
    expect(checkChain(stored(records), head)).toEqual({
      intact: true,
      records: 5,
      head,
      endIsPinned: true,
      afterHead: 0,
      findings: [],
    })
  })

  it('finds nothing in an empty log that was never written', () => {
    expect(checkChain([], null)).toMatchObject({ intact: true, records: 0, head: null, endIsPinned: false })
  })

  it('reports a gap of any width in a line or two, whatever number a name or a head claims', () => {
    const far = { ...at(3, bytesOf(records[2])), place: '999999999999.json', sequence: 999_999_999_999 }
    expect(findingsOf([...stored(records), far], head)).toEqual(['inserted 999999999999.json'])
    const unreadable = { ...far, text: 'x' }
    expect(findingsOf([...stored(records), unreadable], head)).toEqual(['foreign 999999999999.json'])
    expect(findingsOf([...stored(records), unreadable], null)).toEqual(['unreadable 999999999999.json'])
    const linked = sealed(bodyAfter(records[4] ?? null, entry(6), 999_999_999_999), null)
    expect(findingsOf([...stored(records), at(999_999_999_999, bytesOf(linked))], head)).toEqual([
      'gap 000000000006.json',
    ])
    const [finding] = checkChain(stored(records), { sequence: 1_000_000, hash: 'sha256:x' }).findings
    expect(finding).toMatchObject({ kind: 'truncated', place: '000000000006.json' })
    expect(finding?.detail).toContain('999994 more, up to 000001000000.json')
  })

  it('names a record whose content was changed', () => {
    const tampered = stored(records)
    tampered[2] = at(3, bytesOf(records[2]).replace('no identity policy allows it', 'somebody else did it'))
    expect(findingsOf(tampered, head)).toEqual(['changed 000000000003.json'])
  })

  it('names a record that was changed and given a fresh hash', () => {
    const tampered = stored(records)
    tampered[2] = at(3, bytesOf(linkRecord(records[1] ?? null, { ...entry(3), by: null })))
    expect(findingsOf(tampered, head)).toEqual(['changed 000000000003.json'])
  })

  it('names the last record when it was changed and given a fresh hash', () => {
    const tampered = stored(records)
    tampered[4] = at(5, bytesOf(linkRecord(records[3] ?? null, { ...entry(5), by: null })))
    expect(findingsOf(tampered, head)).toEqual(['changed 000000000005.json'])
  })

  it('names a record that was removed from the middle', () => {
    expect(findingsOf(stored(records).toSpliced(1, 1), head)).toEqual(['removed 000000000002.json'])
  })

  it('names the first record when it was removed', () => {
    expect(findingsOf(stored(records).slice(1), head)).toEqual(['removed 000000000001.json'])
  })

  it('names every record that was cut off the end, by the head kept elsewhere', () => {
    expect(findingsOf(stored(records).slice(0, 3), head)).toEqual([
      'truncated 000000000004.json',
      'truncated 000000000005.json',
    ])
    expect(findingsOf([], head)).toHaveLength(5)
  })

  it('says that the end is not pinned when nobody kept the head', () => {
    expect(checkChain(stored(records).slice(0, 3), null)).toMatchObject({ intact: true, endIsPinned: false })
  })

  it('names two records that changed places', () => {
    const tampered = stored(records)
    tampered[1] = at(2, bytesOf(records[3]))
    tampered[3] = at(4, bytesOf(records[1]))
    expect(findingsOf(tampered, head)).toEqual(['re-ordered 000000000002.json', 're-ordered 000000000004.json'])
  })

  it('names a record that was put in between, with the later ones moved along', () => {
    const forged = linkRecord(records[1] ?? null, { ...entry(9), why: 'forged' })
    const tampered = [
      ...stored(records.slice(0, 2)),
      at(3, bytesOf(forged)),
      ...records.slice(2).map(record => at(record.sequence + 1, bytesOf(record))),
    ]
    const findings = findingsOf(tampered, head)
    expect(findings).toContain('inserted 000000000003.json')
    expect(findings.filter(one => one.startsWith('inserted'))).toHaveLength(1)
  })

  it('names a forged record that was added at the end', () => {
    const forged = linkRecord(records[4] ?? null, entry(6))
    const longer = checkChain([...stored(records), at(6, bytesOf(forged))], head)
    // A crash between writing a record and moving the head looks the same, so it is not an accusation.
    expect(longer).toMatchObject({ intact: true, afterHead: 1 })
    const unlinked = linkRecord(records[2] ?? null, { ...entry(6), why: 'forged' })
    expect(findingsOf([...stored(records), at(6, bytesOf(unlinked))], head)).toEqual(['inserted 000000000006.json'])
  })

  it('names a record whose content is whole and whose bytes are not those that were written', () => {
    const tampered = stored(records)
    tampered[1] = at(2, `${JSON.stringify(records[1], null, 2)}\n`)
    expect(checkChain(tampered, head).findings).toEqual([
      {
        kind: 'changed',
        place: '000000000002.json',
        sequence: 2,
        detail: 'its bytes are not those that were written, although the content is',
      },
    ])
  })

  it('names the record alone whose link back was changed, not the one that it was linked to', () => {
    const tampered = stored(records)
    tampered[2] = at(3, bytesOf({ ...(records[2] as AuditRecord), previousHash: `sha256:${'0'.repeat(64)}` }))
    expect(findingsOf(tampered, head)).toEqual(['changed 000000000003.json'])
  })

  it('names a first record that claims one before it, also if it is the only one', () => {
    const headless = linkRecord({ ...(records[1] as AuditRecord), sequence: 0 }, entry(1))
    expect(checkChain([at(1, bytesOf(headless))], null).findings).toMatchObject([
      { kind: 'changed', sequence: 1, detail: 'it is the first record, yet it names one before it' },
    ])
  })

  it('names a half-written record', () => {
    const tampered = stored(records)
    tampered[3] = at(4, bytesOf(records[3]).slice(0, 200))
    expect(findingsOf(tampered, head)).toEqual(['unreadable 000000000004.json'])
  })

  it('reports a second version under the same name and a file that is not ours', () => {
    const tampered = stored(records)
    tampered[0] = { ...at(1, bytesOf(records[0])), versions: 2 }
    tampered.push({ place: 'notes.txt', sequence: null, text: 'hello', versions: 1 })
    expect(findingsOf(tampered, head)).toEqual(['foreign notes.txt', 'stored-again 000000000001.json'])
  })

  it('of a log with a hole moves no record for each one before it', () => {
    const records = chain(300)
    const moving = vi.spyOn(Array.prototype, 'unshift')
    const { findings } = checkChain(stored(records).toSpliced(150, 1), headOf(records))
    const moves = moving.mock.calls.length
    moving.mockRestore()
    expect(findings.map(({ kind, sequence }) => [kind, sequence])).toEqual([['removed', 151]])
    expect(moves).toBe(0)
  })

  describe('over foreign objects', () => {
    const garbage = (sequence: number) => at(sequence, 'garbage')
    /** Somebody stored something under 3 and 4 before the log came that far. */
    const third = sealed(bodyAfter(records[1] ?? null, entry(3), 5), null)
    const fourth = sealed(bodyAfter(third, entry(4)), null)
    const around = [...records.slice(0, 2), third, fourth]
    const end = headOf(around)

    it('reports them and calls the log intact, as its records are chained over them', () => {
      const check = checkChain([...stored(around), garbage(3), garbage(4)], end)
      expect(check).toMatchObject({ intact: true, head: end, records: 6 })
      expect(check.findings.map(({ kind, place }) => `${kind} ${place}`)).toEqual([
        'foreign 000000000003.json',
        'foreign 000000000004.json',
      ])
    })

    it('reports a gap where nothing is stored any more', () => {
      expect(checkChain([...stored(around), garbage(4)], end)).toMatchObject({
        intact: true,
        findings: [
          { kind: 'gap', sequence: 3 },
          { kind: 'foreign', sequence: 4 },
        ],
      })
      expect(checkChain(stored(around), end).findings).toMatchObject([
        { kind: 'gap', sequence: 3, detail: expect.stringContaining('from here to 000000000004.json') },
      ])
    })

    it('reports garbage after the end that was kept elsewhere, and takes it for a damaged record where none was', () => {
      expect(checkChain([...stored(records), garbage(6)], head)).toMatchObject({
        intact: true,
        findings: [{ kind: 'foreign', sequence: 6 }],
      })
      expect(checkChain([...stored(records), garbage(6)], null)).toMatchObject({
        intact: false,
        findings: [{ kind: 'unreadable', sequence: 6 }],
      })
    })

    it('says why the storage does not give one', () => {
      const denied = { ...garbage(6), unread: 'S3 does not give its content: AccessDenied' }
      expect(checkChain([...stored(records), denied], head).findings[0]?.detail).toContain('AccessDenied')
    })

    it('takes a whole record that the chain does not lead through for an inserted one', () => {
      const planted = linkRecord(null, { ...entry(3), why: 'planted' })
      const claims = at(3, bytesOf(sealed(bodyAfter({ ...planted, sequence: 2 }, entry(3)), null)))
      expect(checkChain([...stored(around), claims, garbage(4)], end)).toMatchObject({
        intact: false,
        findings: [{ kind: 'inserted', sequence: 3 }, { kind: 'foreign' }],
      })
    })

    it('does not take a record that was overwritten with garbage for a foreign object', () => {
      for (const sequence of [1, 3, 5]) {
        const tampered = stored(records).with(sequence - 1, garbage(sequence))
        expect(checkChain(tampered, head)).toMatchObject({
          intact: false,
          findings: [{ kind: 'unreadable', sequence }],
        })
      }
    })

    it('finds the damage of a record whatever lies among the records', () => {
      const wheres = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 8 })
      fc.assert(
        fc.property(wheres, fc.integer({ min: 2, max: 8 }), fc.nat(), (foreign, length, position) => {
          const all: AuditRecord[] = []
          const free = (after: number): number => (foreign.includes(after + 1) ? free(after + 1) : after + 1)
          for (let n = 1; n <= length; n += 1) {
            const last = all.at(-1) ?? null
            all.push(sealed(bodyAfter(last, entry(n), free(last?.sequence ?? 0)), null))
          }
          const others = foreign.map(garbage)
          const whole = checkChain([...stored(all), ...others], headOf(all))
          expect(whole.intact).toBe(true)
          expect(whole.findings.map(({ kind, sequence }) => `${kind} ${sequence}`)).toEqual(
            foreign.toSorted((a, b) => a - b).map(sequence => `foreign ${sequence}`),
          )
          const without = stored(all).toSpliced(position % length, 1)
          expect(checkChain([...without, ...others], headOf(all)).intact).toBe(false)
          const overwritten = stored(all).map((one, index) =>
            index === position % length ? { ...one, text: 'x' } : one,
          )
          expect(checkChain([...overwritten, ...others], headOf(all)).intact).toBe(false)
        }),
        { numRuns: runs },
      )
    })
  })

  it('names a second record with the key of an earlier one', () => {
    const twice = [...records, linkRecord(records[4] ?? null, entry(2))]
    expect(checkChain(stored(twice), headOf(twice))).toMatchObject({
      intact: false,
      findings: [{ kind: 'duplicate', sequence: 6, detail: expect.stringContaining('record 2') }],
    })
  })

  it('finds a flipped bit anywhere', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4 }), fc.nat(), fc.nat({ max: 7 }), (index, position, bit) => {
        const bytes = Buffer.from(bytesOf(records[index]))
        const where = position % bytes.length
        bytes[where] = (bytes[where] ?? 0) ^ (1 << bit)
        const tampered = stored(records)
        tampered[index] = at(index + 1, bytes.toString('utf8'))
        expect(checkChain(tampered, head).findings.map(one => one.sequence)).toContain(index + 1)
      }),
      { numRuns: runs },
    )
  })

  it('finds any removal, with or without a renumbering of the names that follow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(), fc.boolean(), (length, position, renumber) => {
        const all = chain(length)
        const kept = stored(all).toSpliced(position % length, 1)
        const shown = renumber ? kept.map((one, index) => at(index + 1, one.text)) : kept
        expect(checkChain(shown, headOf(all)).intact).toBe(false)
      }),
      { numRuns: runs },
    )
  })
})

describe('the name of a record', () => {
  it('has twelve digits and is read back', () => {
    expect(recordName(42)).toBe('000000000042.json')
    expect(sequenceIn('audit/000000000042.json')).toBe(42)
    expect(sequenceIn('audit/42.json')).toBe(null)
    expect(sequenceIn('copy-of-000000000042.json')).toBe(null)
    expect(sequenceIn('000000000042.json.bak')).toBe(null)
  })
})
