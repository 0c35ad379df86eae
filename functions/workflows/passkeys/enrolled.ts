/** What `enroll` keeps of the passkeys of people: one object for each confirmation, and one for each removal. */
import {
  credentialName,
  currentKeys,
  ENROLLMENT,
  type Enrollment,
  enrolledKey,
  ledgerKey,
  type Signed,
  type StatementKind,
  signedShape,
  verified,
} from '../../domain/authority/index.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Observer } from '../../ports/observer.ts'
import type { Keys } from '../../ports/signer.ts'
import type { ObjectLedger } from '../../ports/writing/object-ledger.ts'

export type EnrolledDeps = {
  readonly ledger: Pick<ObjectLedger, 'versions' | 'read'>
  readonly keys: Keys
  readonly deploymentId: string
  readonly clock: Clock
  readonly observer: Observer
}

/** The second is another record of the same passkey, which two administrators confirmed. */
export const RECORDS = ['2', '1'] as const
const MAX_VERSIONS = 20

/** The record that counts at once, if there is one. Null: nobody enrolled it for this person, or it was removed. */
export async function enrolledPasskey(
  userId: string,
  credentialId: string,
  deps: EnrolledDeps,
): Promise<Signed<Enrollment> | null> {
  for (const record of RECORDS) {
    const found = await signedAt(ENROLLMENT, enrolledKey(deps.deploymentId, userId, credentialId, record), deps)
    if (found?.statement.userId === userId && found.statement.credentialId === credentialId)
      return (await isRemoved(found.statement, deps)) ? null : found
  }
  return null
}

/** Any object counts, as in `write`. */
export const isRemoved = async (
  key: Pick<Enrollment, 'publicKey'>,
  { ledger, deploymentId }: Pick<EnrolledDeps, 'ledger' | 'deploymentId'>,
): Promise<boolean> => (await ledger.versions(ledgerKey('revoked', deploymentId, credentialName(key)))).length > 0

/** The first version that `enroll` signed: what others put there says nothing. */
export async function signedAt<T extends { readonly deploymentId: string }>(
  kind: StatementKind<T>,
  key: string,
  { ledger, keys, deploymentId, clock, observer }: EnrolledDeps,
): Promise<Signed<T> | null> {
  const [versions, ring] = await Promise.all([ledger.versions(key), keys.ring()])
  for (const { id, isDeleteMarker } of versions.slice(0, MAX_VERSIONS)) {
    if (isDeleteMarker) continue
    const read = signedShape(kind).safeParse(jsonOf(await ledger.read(key, id)))
    if (read.success && verified(kind, read.data, currentKeys(ring, clock())).ok)
      return read.data.statement.deploymentId === deploymentId ? read.data : null
    // What a replaced key signed counts no longer.
    if (read.success && verified(kind, read.data, ring).ok) continue
    observer.log('error', 'enrollment_foreign', { key, version: id })
    observer.count('Forged')
  }
  return null
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
