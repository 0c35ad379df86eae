/** What the honest functions leave of one grant: the log, signed by `verify`, and the objects beside it as the command reads them from a bucket. */
import {
  bodyAfter,
  recordBytes,
  recordName,
  type StoredRecord,
  sealed,
  storedForm,
} from '../../functions/domain/audit/audit-chain.ts'
import type { AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import type { LedgerObject } from '../../functions/domain/audit/ledger/ledger-object.ts'
import type { MemoryLedger } from '../fakes/memory-ledger.ts'
import { signatureOf } from '../fakes/signing.ts'
import { type World, worldWith } from '../fakes/verify-world.ts'
import { approved, pressRevert } from './verify-fixture.ts'

const MINUTE = 60_000

export type LeftByBot = { readonly stored: readonly StoredRecord[]; readonly objects: readonly LedgerObject[] }

/** Approved, written and, three minutes later, reverted. */
export async function leftByBot({ isReverted = true } = {}): Promise<LeftByBot> {
  const world = await worldWith(approved())
  await world.process().apply('p-1')
  world.clock.nowMs += 3 * MINUTE
  if (isReverted) await pressRevert(world)
  return leftIn(world)
}

/** With the log signed, as it is in the cloud. */
export async function leftIn(world: World): Promise<LeftByBot> {
  const stored: StoredRecord[] = []
  let last: AuditRecord | null = null
  for await (const { entry } of world.log.records()) {
    const body = bodyAfter(last, entry)
    last = sealed(body, signatureOf('attestations', recordBytes(body)))
    const { sequence } = last
    stored.push({ place: recordName(sequence), sequence, text: storedForm(last), versions: 1 })
  }
  return { stored, objects: objectsIn(world) }
}

/** As the command reads them from a bucket. */
export const objectsIn = ({ ledger }: { readonly ledger: Pick<MemoryLedger, 'stored'> }): readonly LedgerObject[] =>
  [...ledger.stored].map(([key, versions]) => ({
    key,
    versions: versions.length,
    text: versions.find(({ isDeleteMarker }) => !isDeleteMarker)?.text ?? '',
  }))
