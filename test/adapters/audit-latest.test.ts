import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import { auditFolder } from '../../simulator/audit-folder.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-audit-'))
afterEach(() => rmSync(folder, { recursive: true }))

it('gives the records newest first, over more than one batch of reads', async () => {
  const log = auditFolder({ folder })
  for (let n = 0; n < 45; n += 1)
    await log.append(entryFor(sampleProposal(), { kind: 'approved', n, atMs: NOON, why: 'approved' }, 'test'))
  const sequences: number[] = []
  for await (const { sequence } of log.latest()) sequences.push(sequence)
  expect(sequences).toEqual(Array.from({ length: 45 }, (_, index) => 45 - index))
})
