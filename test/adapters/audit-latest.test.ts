import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { auditLog } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import { bodyAfter, sealed, storedForm } from '../../functions/domain/audit/audit-chain.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import { AUDIT_HEAD } from '../../functions/domain/stored/markers.ts'
import { auditFolder } from '../../simulator/audit-folder.ts'
import { memoryObjects } from '../fakes/memory-audit-objects.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-audit-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('gives the records newest first, over more than one batch of reads', async () => {
  const log = auditFolder({ folder })
  for (let n = 0; n < 45; n += 1)
    await log.append(entryFor(sampleProposal(), { kind: 'approved', n, atMs: NOON, why: 'approved' }, 'test'))
  const sequences: number[] = []
  for await (const { sequence } of log.latest()) sequences.push(sequence)
  expect(sequences).toEqual(Array.from({ length: 45 }, (_, index) => 45 - index))
})

const entry = (n: number) => entryFor(sampleProposal(), { kind: 'approved', n, atMs: NOON, why: 'approved' }, 'test')

/** Five records, and a head that somebody moved to the millionth. With `planted`, an object is there. */
async function movedHead(planted: boolean) {
  const objects = memoryObjects()
  const markers = memoryStore()
  let reads = 0
  const counted = {
    ...objects,
    read: (sequence: number) => {
      reads += 1
      return objects.read(sequence)
    },
  }
  const open = () => auditLog(counted, markers)
  for (let n = 0; n < 5; n += 1) await open().append(entry(n))
  const body = { ...bodyAfter(null, entry(99), 1_000_000), previousHash: 'a'.repeat(64) }
  const record = sealed(body, null)
  if (planted) objects.texts.set(1_000_000, storedForm(record))
  const head = await markers.getMarker(AUDIT_HEAD)
  await markers.putMarker(AUDIT_HEAD, head?.version ?? 0, { sequence: 1_000_000, hash: record.hash })
  reads = 0
  return { log: open(), readsOf: () => reads }
}

it.each([false, true])('reads a bounded number of objects from a head that somebody moved: %s', async planted => {
  const { log, readsOf } = await movedHead(planted)
  const read = async () => {
    for await (const record of log.latest()) expect(record.sequence).toBe(1_000_000)
  }
  await expect(read()).rejects.toThrow('the audit log is broken')
  expect(readsOf()).toBeLessThan(200)
})
