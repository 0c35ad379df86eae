import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  bodyAfter,
  parseAuditRecord,
  recordBytes,
  recordName,
  type StoredRecord,
  sealed,
  storedForm,
} from '../../../functions/domain/audit/audit-chain.ts'
import type { AuditEntry, AuditRecord } from '../../../functions/domain/audit/audit-record.ts'
import { checkpointBytes, checkpointOf, parseCheckpoints } from '../../../functions/domain/audit/checkpoint.ts'
import { checkLog, type LogCheck } from '../../../functions/domain/audit/verify-log.ts'
import { signedDecisionSchema } from '../../../functions/domain/authority/earlier-decision.ts'
import { type KeyUse, publicKeyOf } from '../../../functions/domain/authority/statement.ts'

import { signedLog, storedIn } from '../../fakes/signed-log.ts'
import { KEYS, RING, signedBy, signerOf } from '../../fakes/signing.ts'
import { otherForm } from '../../write/other-form.ts'

const runs = Number(process.env['FC_RUNS'] ?? 100)

/** 1 denial-seen, 2 proposed, 3 and 4 approved, 5 apply-intended, 6 applied, 7 revert-intended, 8 reverted; 9 proposed, 10 rejected; 11 break-glass, 12 apply-intended, 13 apply-failed. */
let records: readonly AuditRecord[] = []
beforeAll(async () => {
  records = (await storedIn(await signedLog())).map(({ text }) => {
    const parsed = parseAuditRecord(text)
    if (!parsed.ok) throw new Error(parsed.error)
    return parsed.value
  })
})

const at = (record: AuditRecord): StoredRecord => ({
  place: recordName(record.sequence),
  sequence: record.sequence,
  text: storedForm(record),
  versions: 1,
})

/** Somebody who can write the whole log and has no key: the chain is computed again over what they want. */
function rehashed(entries: readonly Pick<AuditRecord, 'entry' | 'signature'>[]): AuditRecord[] {
  const chain: AuditRecord[] = []
  for (const { entry, signature } of entries)
    chain.push(sealed(bodyAfter(chain.at(-1) ?? null, entry), signature ?? null))
  return chain
}

function entryOf(sequence: number): AuditEntry {
  const record = records[sequence - 1]
  if (record === undefined) throw new Error(`there is no record ${sequence}`)
  return record.entry
}

const checked = (chain: readonly AuditRecord[], more: object = {}): LogCheck =>
  checkLog({ stored: chain.map(at), head: null, findings: [], keys: RING, ...more })
const named = ({ findings }: LogCheck) => findings.map(({ kind, sequence }) => `${kind} ${sequence}`)
const changed = (index: number, change: Partial<AuditEntry>) =>
  records.map((one, each) => (each === index ? { ...one, entry: { ...one.entry, ...change } } : one))

describe('the check of signatures', () => {
  it('finds them all in a log as it was written', () => {
    expect(checked(records)).toMatchObject({
      intact: true,
      findings: [],
      // Two approvals, a revert with two records, a rejection, a break-glass; two times intent and outcome, and the revert's.
      signatures: { checked: true, decisions: 6, records: 6, unsignedBefore: 0 },
    })
  })

  it('is not made without keys, and says so', () => {
    expect(checked(records, { keys: null })).toMatchObject({ intact: true, signatures: { checked: false } })
  })

  it('names an approval that somebody inserted and chained, and every signed record after it', () => {
    const { decision: _, ...entry } = entryOf(3)
    const forged = { ...entry, by: { id: 'U0EVE', name: 'Eve' }, key: 'p-1/approved/2' }
    const check = checked(rehashed([...records.slice(0, 4), { entry: forged }, ...records.slice(4)]))
    expect(check.intact).toBe(false)
    expect(check.findings[0]).toMatchObject({
      kind: 'unsigned',
      sequence: 5,
      detail: 'approved: no signed decision is with it',
    })
    expect(named(check).slice(1)).toEqual(['forged 6', 'forged 7', 'forged 8', 'forged 9', 'forged 13', 'forged 14'])
  })

  it('names one at the very end', () => {
    const { decision: _, ...entry } = entryOf(3)
    expect(
      named(checked(rehashed([...records, { entry: { ...entry, key: 'p-9/approved/0' } }]).map(keepSigned))),
    ).toEqual(['unsigned 14'])
  })

  it.each<[string, number, Partial<AuditEntry>, RegExp]>([
    ['another proposal', 9, { proposalId: 'p-1' }, /is about proposal p-2/],
    ['another person', 9, { by: { id: 'U0EVE', name: 'Eve' } }, /not by the person that the record names/],
    ['another change', 9, { digest: `sha256:${'0'.repeat(64)}` }, /about another change/],
    ['another time', 9, { atMs: 0 }, /made at another time/],
    ['another reason', 9, { why: 'it was fine' }, /gives another reason/],
    ['another kind of decision', 9, { kind: 'approved' }, /the reject by U0ONCALL2 is not a decision of this kind/],
    ['a kind that nobody decides', 9, { kind: 'expired' }, /records of this kind follow from no decision/],
  ])('names a record whose decision is about %s', (_what, index, change, why) => {
    const check = checked(rehashed(changed(index, change)))
    expect(check.findings[0]).toMatchObject({ kind: 'forged', sequence: index + 1, detail: expect.stringMatching(why) })
  })

  it.each([
    ['as it was signed', (value: string) => value],
    ['with the other form of its signature', otherForm],
  ])('counts no decision twice, %s', (_how, form) => {
    const entry = entryOf(3)
    const { decision, signature } = signedDecisionSchema.parse(entry.decision)
    const given = { decision, signature: { ...signature, value: form(signature.value) } }
    const again = { ...entry, decision: given, key: 'p-1/approved/7' }
    const check = checked([...records, sealed(bodyAfter(records[12] ?? null, again), null)])
    expect(check.findings).toMatchObject([
      { kind: 'forged', sequence: 14, detail: expect.stringContaining('record 3') },
    ])
  })

  it('names a record that was signed with the key of decide', async () => {
    const body = bodyAfter(records[12] ?? null, { ...entryOf(5), key: 'p-1/apply-intended/1' })
    const wrong = sealed(body, await signerOf('decisions').sign(recordBytes(body)))
    expect(named(checked([...records, wrong]))).toEqual(['forged 14'])
    const right = sealed(body, await signerOf('audit').sign(recordBytes(body)))
    expect(named(checked([...records, right]))).toEqual([])
  })

  it('takes no key of the attacker for one of the bot', () => {
    const others = RING.map(({ use }) => publicKeyOf(use, RING[use === 'audit' ? 0 : 1]?.publicKey ?? ''))
    expect(checked(records, { keys: others }).signatures).toMatchObject({ decisions: 0, records: 0 })
    expect(checked(records, { keys: others }).intact).toBe(false)
  })

  it('accepts records from before there were signatures, and none without one afterwards', () => {
    const older = records.map(({ entry: { decision: _, ...entry } }) => ({ entry }))
    expect(checked(rehashed(older))).toMatchObject({
      intact: true,
      signatures: { decisions: 0, records: 0, unsignedBefore: 12 },
    })
    const body = bodyAfter(rehashed(older).at(-1) ?? null, entryOf(3))
    const upgraded = [...rehashed(older), sealed({ ...body, entry: { ...body.entry, key: 'new' } }, null)]
    expect(checked(upgraded)).toMatchObject({ intact: true, signatures: { decisions: 1, unsignedBefore: 12 } })
    const { decision: _, ...unsigned } = entryOf(4)
    const after = [...upgraded, sealed(bodyAfter(upgraded.at(-1) ?? null, { ...unsigned, key: 'newer' }), null)]
    expect(named(checked(after))).toEqual(['unsigned 15'])
  })

  it('asks no signature of what the end of a grant began: no person decided', () => {
    const { decision: _, ...entry } = entryOf(7)
    const ended = { ...entry, by: { id: 'rolemedic', name: 'rolemedic' }, key: 'p-1/revert-intended/9' }
    expect(named(checked([...records, sealed(bodyAfter(records[12] ?? null, ended), null)]))).toEqual(['unsigned 14'])
    expect(checked([...records, sealed(bodyAfter(records[12] ?? null, ended), null)]).findings[0]?.detail).toBe(
      'revert-intended: it is not signed',
    )
  })

  it('names who signed by the key: verify, or apply before it', async () => {
    const applied = { ...entryOf(6), key: 'p-9/applied/0' }
    const body = bodyAfter(records[12] ?? null, applied)
    const signedAs = async (use: KeyUse) => sealed(body, await signerOf(use).sign(recordBytes(body)))
    const byVerify = await signedAs('attestations')
    expect(checked([...records, byVerify]).signatures).toMatchObject({ recordsBy: { verify: 1, apply: 6 } })
    const detail = (record: AuditRecord) => checked([...records, record]).findings[0]?.detail
    const moved = sealed({ ...body, entry: { ...applied, why: 'x' } }, byVerify.signature ?? null)
    expect(detail(moved)).toBe('applied: its signature is not one of verify over this record')
    const byApply = (await signedAs('audit')).signature ?? null
    expect(detail(sealed({ ...body, entry: { ...applied, why: 'x' } }, byApply))).toBe(
      'applied: its signature is not one of apply over this record',
    )
    expect(detail(await signedAs('decisions'))).toBe('applied: its signature is by none of the public keys of verify')
  })

  it('asks for the decision of who keeps a grant, and for none of what was only used', () => {
    const { decision: signed, ...applied } = entryOf(3)
    if (signed === undefined) throw new Error('record 3 is a decision')
    const confirmed = { ...applied, kind: 'confirmed' as const, key: 'p-1/confirmed/1' }
    const checkedWith = (life: unknown) =>
      checked([...records, sealed(bodyAfter(records[12] ?? null, { ...confirmed, life } as AuditEntry), null)])
    const decision = signedBy({ ...signed.decision, kind: 'keep' })
    expect(named(checkedWith({ kind: 'kept', decision }))).toEqual([])
    expect(checkedWith({ kind: 'kept', decision }).signatures).toMatchObject({ decisions: 7 })
    expect(named(checkedWith({ kind: 'kept' }))).toEqual(['unsigned 14'])
    expect(named(checkedWith({ kind: 'kept', decision: signed }))).toEqual(['forged 14'])
    expect(named(checkedWith({ kind: 'used', lastUsedAtMs: 1 }))).toEqual([])
    expect(named(checkedWith(undefined))).toEqual([])
  })

  it.each([null, 5, [], {}, { decision: {}, signature: {} }])('names a decision of another form: %j', decision => {
    const rest = { ...entryOf(10), key: 'p-9/rejected/0' }
    const text = storedForm(sealed(bodyAfter(records[12] ?? null, { ...rest, decision: decision as never }), null))
    const stored = [...records.map(at), { place: recordName(14), sequence: 14, text, versions: 1 }]
    const check = checkLog({ stored, head: null, findings: [], keys: RING })
    expect(check.intact).toBe(false)
    expect(check.findings[0]?.sequence).toBe(14)
  })

  it('finds any change of a signed record by somebody who computes the chain again', () => {
    const leaves = (value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]))
        : [path]
    const signed = () => records.flatMap((one, index) => (one.signature === undefined ? [] : [index]))
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.anything({ maxDepth: 0 }), (which, where, value) => {
        const index = signed()[which % signed().length] ?? 0
        const { hash: _, ...body } = structuredClone(records[index]) as AuditRecord
        const paths = leaves(body)
        const path = paths[where % paths.length] ?? []
        const before = storedForm(records[index] as AuditRecord)
        setAt(body, path, value)
        const last = path[0] === 'sequence' || path[0] === 'previousHash' || path[0] === 'schema'
        const tampered = last
          ? records.map((one, each) => (each === index ? sealed(body as AuditRecord, null) : one))
          : rehashed(records.map((one, each) => (each === index ? (body as AuditRecord) : one)))
        fc.pre(storedForm(tampered[index] as AuditRecord) !== before)
        expect(
          checkLog({
            stored: tampered.map((one, each) => ({ ...at(one), place: recordName(each + 1), sequence: each + 1 })),
            head: null,
            findings: [],
            keys: RING,
          }).intact,
        ).toBe(false)
      }),
      { numRuns: runs },
    )
  })

  it('finds any removal before a signed record by somebody who computes the chain again', () => {
    for (let index = 0; index < 12; index += 1)
      expect(checked(rehashed(records.toSpliced(index, 1))).intact).toBe(false)
  })
})

/** The last record is forged; the others are as they were. */
const keepSigned = (record: AuditRecord, index: number): AuditRecord => records[index] ?? record

function setAt(target: unknown, path: readonly (string | number)[], value: unknown): void {
  const [key = '', ...rest] = path
  const object = target as Record<string | number, unknown>
  if (rest.length === 0) object[key] = value
  else setAt(object[key], rest, value)
}

describe('a checkpoint', () => {
  const signedAt = async (sequence: number, use: KeyUse = 'attestations') => {
    const checkpoint = checkpointOf(records[sequence - 1] as AuditRecord, Date.UTC(2026, 10, 25, 6))
    return { checkpoint, signature: await signerOf(use).sign(checkpointBytes(checkpoint)) }
  }

  it('agrees with the log that it was made of, and with all that it becomes', async () => {
    for (const sequence of [1, 7, 13])
      expect(checked(records, { checkpoints: [await signedAt(sequence)] })).toMatchObject({
        intact: true,
        checkpoints: 1,
      })
  })

  it('agrees also if an earlier version signed it, with the key that is retired', async () => {
    const checkpoints = [await signedAt(13, 'audit')]
    expect(checked(records, { checkpoints })).toMatchObject({ intact: true, checkpoints: 1 })
  })

  it('finds that the end was cut off, however far', async () => {
    const checkpoints = [await signedAt(13)]
    for (let length = 0; length < 13; length += 1) {
      const check = checked(records.slice(0, length), { checkpoints })
      expect(check.intact).toBe(false)
      expect(check.findings).toMatchObject([
        {
          kind: 'truncated',
          sequence: length + 1,
          detail: `the checkpoint of 2026-11-25T06:00:00.000Z names record 13 as the last one; the log ends at ${length}`,
        },
      ])
    }
  })

  it('finds that the log was written again, also without its signatures', async () => {
    const older = rehashed(records.map(({ entry: { decision: _, ...entry } }) => ({ entry })))
    const check = checked(older, { checkpoints: [await signedAt(8)] })
    expect(check.findings).toMatchObject([{ kind: 'rewritten', sequence: 8 }])
    expect(checked(older, { checkpoints: [await signedAt(8)], keys: null }).intact).toBe(false)
  })

  it('must be signed by verify: somebody else’s is named', async () => {
    const { checkpoint, signature } = await signedAt(13)
    const moved = { checkpoint: { ...checkpoint, sequence: 12 }, signature }
    for (const wrong of [moved, await signedAt(13, 'decisions'), await signedAt(13, 'outcomes')])
      expect(checked(records, { checkpoints: [wrong] }).findings).toMatchObject([
        { kind: 'checkpoint', detail: expect.stringContaining('is not signed by verify') },
      ])
  })

  it('is read from a file of its own, or out of copied messages', async () => {
    const [one, two] = [await signedAt(5), await signedAt(13)]
    expect(parseCheckpoints(JSON.stringify(one, null, 2))).toEqual({ ok: true, value: [one] })
    const mail = `Audit log checkpoint of 2026-11-25\n\n${JSON.stringify(one)}\n--\n> ${JSON.stringify(two)} (edited)\n`
    expect(parseCheckpoints(mail)).toEqual({ ok: true, value: [one, two] })
    for (const text of ['', 'hello', '{"checkpoint":{}}', JSON.stringify({ ...one, more: 1 })])
      expect(parseCheckpoints(text)).toEqual({ ok: false, error: 'it contains no signed checkpoint' })
  })
})

it('makes no signature of one statement count for another', async () => {
  const checkpoint = checkpointOf(records[12] as AuditRecord, 0)
  const body = bodyAfter(records[12] ?? null, entryOf(5))
  const misused = sealed(body, await signerOf('audit').sign(checkpointBytes(checkpoint)))
  expect(named(checked([...records, misused])).filter(one => one.startsWith('forged'))).toEqual(['forged 14'])
  expect(await KEYS.ring()).toBe(RING)
})
