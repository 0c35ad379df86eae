/** The attacker may write objects into the audit log and markers into the table, and has no key of the bot. */
import { beforeAll, describe, expect } from 'vitest'
import { type AuditLogOptions, auditLog } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import {
  bodyAfter,
  parseAuditRecord,
  recordName,
  sealed,
  storedForm,
} from '../../functions/domain/audit/audit-chain.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { AuditEntry, AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { checkpointBytes, checkpointOf } from '../../functions/domain/audit/checkpoint.ts'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { AUDIT_HEAD } from '../../functions/domain/stored/markers.ts'
import { memoryObjects } from '../fakes/memory-audit-objects.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { SIGNING, signedLog, storedIn } from '../fakes/signed-log.ts'
import { RING, signerOf } from '../fakes/signing.ts'
import { worldWith } from '../fakes/verify-world.ts'
import { approved, pressRevert } from '../verify/verify-fixture.ts'
import { attack } from './attack.ts'

let records: readonly AuditRecord[] = []
beforeAll(async () => {
  records = (await storedIn(await signedLog())).flatMap(({ text }) => {
    const parsed = parseAuditRecord(text)
    return parsed.ok ? [parsed.value] : []
  })
})

/** A chain rebuilt by somebody who can compute hashes. */
function rehashed(entries: readonly Pick<AuditRecord, 'entry' | 'signature'>[]): readonly AuditRecord[] {
  const chain: AuditRecord[] = []
  for (const { entry, signature } of entries)
    chain.push(sealed(bodyAfter(chain.at(-1) ?? null, entry), signature ?? null))
  return chain
}

function findings(chain: readonly AuditRecord[], more: object = {}): readonly string[] {
  const stored = chain.map(record => ({
    place: recordName(record.sequence),
    sequence: record.sequence,
    text: storedForm(record),
    versions: 1,
  }))
  return checkLog({ stored, head: null, findings: [], keys: RING, ...more }).findings.map(({ kind }) => kind)
}

async function checked(log: ReturnType<typeof auditLog>) {
  const stored = await storedIn(log)
  const { records, findings } = checkLog({ stored, head: await log.head(), findings: [], keys: RING })
  return { records, findings }
}

const HOUR = 3_600_000
const entry = (n: number, why: string): AuditEntry =>
  entryFor(sampleProposal(), { kind: 'proposed', n, atMs: NOON + n, why }, 'test')

function log() {
  const objects = memoryObjects()
  const markers = memoryStore()
  const counted: string[] = []
  const observer = { log() {}, count: (metric: string) => void counted.push(metric) }
  const open = (time: Pick<AuditLogOptions, 'clock' | 'sleep'> = {}) =>
    auditLog(objects, markers, { observer, signing: SIGNING, ...time })
  return { objects, markers, counted, open }
}

describe('somebody who writes the head of the audit log', () => {
  attack('T54', async () => {
    const { objects, markers, counted, open } = log()
    await open().append(entry(0, 'first'))
    const plant = async (turn: { readonly by: string; readonly untilMs: number } | null) => {
      const found = await markers.getMarker(AUDIT_HEAD)
      const { sequence = 1, hash = '' } = found?.value ?? {}
      await markers.putMarker(AUDIT_HEAD, found?.version ?? 0, { sequence, hash, ...(turn === null ? {} : { turn }) })
    }
    const now = { ms: NOON }
    const clock = () => now.ms
    const slept = (ms: number) => {
      now.ms += ms
    }
    // Once, without end.
    await plant({ by: 'mallory', untilMs: NOON + 1000 * HOUR })
    await open({ clock, sleep: async ms => slept(ms) }).append(entry(1, 'second'))
    expect(now.ms).toBe(NOON)
    // For a moment, again and again.
    const again = async () => plant({ by: 'mallory', untilMs: now.ms + 1_000 })
    await again()
    await open({ clock, sleep: ms => again().then(() => slept(ms)) }).append(entry(2, 'third'))
    expect(now.ms).toBeLessThan(NOON + 6_000)
    // Taken away from a writer, so that another one writes at the same time.
    const { create } = objects
    let isOther = true
    objects.create = async (sequence, text) => {
      if (isOther) {
        isOther = false
        await plant(null)
        await open().append(entry(4, 'fifth'))
      }
      return create(sequence, text)
    }
    now.ms += HOUR
    await open({ clock, sleep: async ms => slept(ms) }).append(entry(3, 'fourth'))
    expect(await checked(open())).toEqual({ records: 5, findings: [] })
    expect(counted).toEqual([])
  })
})

describe('somebody who writes into the audit log', () => {
  attack('A1', async () => {
    const { objects, counted, open } = log()
    await open().append(entry(0, 'first'))
    objects.texts.set(2, 'garbage')
    const next = await open().append(entry(1, 'second'))
    expect(next.sequence).toBe(3)
    expect(counted.length).toBeGreaterThan(0)
  })
  attack('A2', async () => {
    const { objects, open } = log()
    const first = await open().append(entry(0, 'first'))
    objects.texts.set(2, storedForm(sealed(bodyAfter(first, entry(1, 'planted')), null)))
    // The record of the intent precedes the write, so without it nothing is written.
    await expect(open().append(entry(1, 'as it was'))).rejects.toThrow('says something else')
  })
  attack('A3', () => {
    const [, , third] = records
    if (third === undefined) throw new Error('no record')
    const { decision: _, ...unsigned } = third.entry
    const forged = { entry: { ...unsigned, by: { id: 'U0EVE', name: 'Eve' }, key: 'p-1/approved/2' } }
    expect(findings(records)).toEqual([])
    expect(findings(rehashed([...records.slice(0, 4), forged, ...records.slice(4)]))).toContain('unsigned')
  })
  attack('A4', () => {
    const changed = records.map((record, n) =>
      n === 5 ? { ...record, entry: { ...record.entry, why: 'calm' } } : record,
    )
    expect(findings(rehashed(changed)).length).toBeGreaterThan(0)
  })
  attack('A5', async () => {
    const last = records.at(-1)
    if (last === undefined) throw new Error('no record')
    const checkpoint = checkpointOf(last, NOON)
    const checkpoints = [{ checkpoint, signature: await signerOf('audit').sign(checkpointBytes(checkpoint)) }]
    expect(findings(records, { checkpoints })).toEqual([])
    expect(findings(records.slice(0, -2), { checkpoints })).toEqual(['truncated'])
  })
  attack('A6', async () => {
    const middle = records[7]
    if (middle === undefined) throw new Error('no record')
    const checkpoint = checkpointOf(middle, NOON)
    const checkpoints = [{ checkpoint, signature: await signerOf('audit').sign(checkpointBytes(checkpoint)) }]
    const again = rehashed(records.map(({ entry: { decision: _, ...rest } }) => ({ entry: rest })))
    expect(findings(again, { checkpoints })).toContain('rewritten')
  })
  attack('A7', async () => {
    const world = await worldWith(approved())
    const proposal = await world.get()
    await world.process().apply('p-1')
    expect(await pressRevert(world)).toBe('reverted')
    const writes = world.iam.writes.length
    const stored: AuditRecord[] = []
    for await (const record of world.log.records()) stored.push(record)
    const before = stored.findIndex(record => record.entry.kind === 'revert-intended') - 1
    const old = { ...entryFor(proposal, { kind: 'applied', atMs: 0, why: 'planted' }, 'test'), proposalId: 'p-old' }
    const planted = sealed(bodyAfter(stored[before] ?? null, { ...old, key: 'p-old/applied/0' }), null)
    world.objects.texts.set(stored.length + 1, storedForm(planted))
    const now = await world.get()
    await world.store.replace(now, { ...proposal, version: now.version })
    await world.process().apply('p-1').catch(String)
    expect(world.iam.writes).toHaveLength(writes)
    expect((await world.get()).status).not.toBe('applied')
  })
})
