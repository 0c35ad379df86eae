/** A log that is read record by record gets the answer of one that is read at once. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  bodyAfter,
  parseAuditRecord,
  recordName,
  type StoredRecord,
  sealed,
  storedForm,
} from '../../../functions/domain/audit/audit-chain.ts'
import type { AuditRecord } from '../../../functions/domain/audit/audit-record.ts'
import { checkLog, checkWholeLog, LogStream, type LogToCheck } from '../../../functions/domain/audit/verify-log.ts'
import { signedLog, storedIn } from '../../fakes/signed-log.ts'
import { RING } from '../../fakes/signing.ts'

const runs = Number(process.env['FC_RUNS'] ?? 300)
let records: readonly AuditRecord[] = []
beforeAll(async () => {
  records = (await storedIn(await signedLog())).flatMap(({ text }) => {
    const parsed = parseAuditRecord(text)
    return parsed.ok ? [parsed.value] : []
  })
})

const at = (sequence: number, text: string): StoredRecord => ({
  place: recordName(sequence),
  sequence,
  text,
  versions: 1,
})
const FOREIGN: StoredRecord = { place: 'README', sequence: null, text: 'x', versions: 1 }

/** As a storage lists it: in the order of the names. */
const listed = (stored: readonly StoredRecord[]) => stored.toSorted((a, b) => (a.place < b.place ? -1 : 1))

function streamed({ stored, ...rules }: LogToCheck) {
  const stream = new LogStream(rules)
  const members: { readonly sequence: number; readonly isForged: boolean }[] = []
  for (const one of listed(stored)) {
    const taken = stream.take(one)
    if (taken === null) return null
    if (taken !== undefined) members.push({ sequence: taken.record.sequence, isForged: taken.isForged })
  }
  const check = stream.end(rules.ledger)
  return check === null ? null : { check, members }
}

/** The stored log with numbers left out for what others have put there. */
function logWith(foreign: readonly number[]): readonly StoredRecord[] {
  const chain: AuditRecord[] = []
  const free = (after: number): number => (foreign.includes(after + 1) ? free(after + 1) : after + 1)
  for (const { entry } of records) {
    const last = chain.at(-1) ?? null
    chain.push(sealed(bodyAfter(last, entry, free(last?.sequence ?? 0)), null))
  }
  return chain.map(one => at(one.sequence, storedForm(one)))
}

const headOf = (stored: readonly StoredRecord[]) => {
  const parsed = parseAuditRecord(stored.at(-1)?.text ?? '')
  return parsed.ok ? { sequence: parsed.value.sequence, hash: parsed.value.hash } : null
}

function expectSame(log: LogToCheck): boolean {
  const stream = streamed(log)
  if (stream === null) return false
  const whole = checkWholeLog({ ...log, stored: listed(log.stored) })
  expect(stream.check).toEqual(whole.check)
  expect(stream.members.map(({ sequence }) => sequence)).toEqual(whole.members.map(({ record }) => record.sequence))
  const forged = whole.check.findings.filter(({ kind }) => kind === 'forged' || kind === 'unsigned')
  expect(stream.members.filter(({ isForged }) => isForged).map(({ sequence }) => sequence)).toEqual([
    ...new Set(forged.map(({ sequence }) => sequence)),
  ])
  return true
}

describe('a log that is read record by record', () => {
  it('is answered without the others where it is whole', () => {
    const stored = records.map(one => at(one.sequence, storedForm(one)))
    for (const head of [null, headOf(stored)])
      for (const keys of [null, RING])
        for (const more of [[], [FOREIGN]])
          expect(expectSame({ stored: [...stored, ...more], head, findings: [], keys })).toBe(true)
    expect(checkLog({ stored, head: headOf(stored), findings: [], keys: RING }).intact).toBe(true)
  })

  it('is answered the same, or not at all, whatever was done to it', () => {
    const tamper = fc.record({
      foreign: fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 4 }),
      garbage: fc.boolean(),
      removed: fc.option(fc.nat({ max: 12 }), { freq: 1 }),
      flipped: fc.option(fc.tuple(fc.nat({ max: 12 }), fc.nat(), fc.nat({ max: 7 })), { freq: 1 }),
      versions: fc.option(fc.nat({ max: 12 }), { freq: 1 }),
      again: fc.constantFrom(true, false, false, false),
      pinned: fc.constantFrom('end', 'none', 'before', 'beyond'),
      signed: fc.boolean(),
      withKeys: fc.boolean(),
    })
    let answered = 0
    fc.assert(
      fc.property(tamper, one => {
        const whole = one.signed ? records.map(record => at(record.sequence, storedForm(record))) : logWith(one.foreign)
        let stored = [
          ...whole,
          ...(one.garbage
            ? one.foreign.filter(n => !whole.some(({ sequence }) => sequence === n)).map(n => at(n, 'x'))
            : []),
        ]
        if (one.again) {
          const parsed = parseAuditRecord(whole.at(-1)?.text ?? '')
          if (parsed.ok) {
            const copy = sealed(bodyAfter(parsed.value, records[1]?.entry ?? parsed.value.entry), null)
            stored.push(at(copy.sequence, storedForm(copy)))
          }
        }
        const { removed, flipped, versions } = one
        if (versions !== null) stored = stored.map((each, n) => (n === versions ? { ...each, versions: 2 } : each))
        if (flipped !== null)
          stored = stored.map((each, n) => {
            if (n !== flipped[0]) return each
            const bytes = Buffer.from(each.text)
            bytes[flipped[1] % bytes.length] = (bytes[flipped[1] % bytes.length] ?? 0) ^ (1 << flipped[2])
            return { ...each, text: bytes.toString('utf8') }
          })
        if (removed !== null) stored = stored.toSpliced(removed, 1)
        const heads = {
          end: headOf(whole),
          none: null,
          before: headOf(whole.slice(0, -2)),
          beyond: { sequence: 99, hash: 'sha256:x' },
        }
        if (expectSame({ stored, head: heads[one.pinned], findings: [], keys: one.withKeys ? RING : null }))
          answered += 1
      }),
      { numRuns: runs },
    )
    expect(answered).toBeGreaterThan(runs / 20)
  })
})
